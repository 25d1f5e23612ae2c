# SPDX-License-Identifier: GPL-3.0-or-later
"""The modes of batches, a row each; pure.

From it come what a job file may say (`settings_schema` writes the schema), what a clip needs, and
what makes its motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...continuation import model as continuation_model
from ...continuation import options as continuation_options
from ...dance import model as dance_model
from ...dance import options as dance_options
from ...options import COMMON
from ...reach import model as reach_model
from ...walk import model as walk_model
from ...walk import options as walk_options
from . import dance as dances
from . import imported
from .continuation import continuation
from .reach import reach
from .walk import several_walks, walk, without_effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from ...options import Option


@dataclass(frozen=True)
class BatchMode:
    """What a batch knows of a mode.

    model: module with ``load_model`` and the file ``DEFAULT_MODEL``. make: function of the model,
    a clip, a character and the clip's ways that gives what makes the motion, not run yet; it
    raises ValueError for what is refused. options: the mode's own, those of job files among them.
    curved: whether it goes along a curve, so that a crowd can too. reads_motion: whether it begins
    with the last seconds of the source's own motion. fingers: whether its motions turn fingers.
    imported: what it knows of imported networks in place of the model, None where there are
    none. several: function of an iterator of what
    ``make`` gives: the first of them, run, as many as are worth making in one go, each with the
    same bits in any company; None where one after the other is as fast. without_effect: function
    of a clip's settings and ways that gives warnings of what means nothing, None: nothing does.
    faults: function of a task's settings that gives ``(field, message)`` of those that the shipped
    model does not know, which no schema can tell; None: there are no such.
    """

    model: Any
    make: Callable[..., Any]
    options: tuple[Option, ...] = COMMON
    curved: bool = False
    reads_motion: bool = False
    fingers: bool = False
    imported: imported.Imported | None = None
    several: Callable[..., Any] | None = None
    without_effect: Callable[..., list[str]] | None = None
    faults: Callable[..., Iterator[tuple[str, str]]] | None = None

    def begins_with_motion(self, settings: Mapping[str, Any]) -> bool:
        """Whether a clip with these settings begins with the source's own motion."""
        return self.reads_motion or bool(settings.get("from_pose"))


MODES = {
    "walk": BatchMode(
        walk_model,
        walk,
        (*walk_options.OPTIONS, *COMMON),
        curved=True,
        imported=imported.WALK,
        several=several_walks,
        without_effect=without_effect,
    ),
    "continue": BatchMode(
        continuation_model,
        continuation,
        (*continuation_options.OPTIONS, *COMMON),
        reads_motion=True,
        fingers=True,
        imported=imported.CONTINUATION,
    ),
    "reach": BatchMode(reach_model, reach, fingers=True),
    "dance": BatchMode(
        dance_model,
        dances.dance,
        (*dance_options.OPTIONS, *COMMON),
        imported=imported.DANCE,
        without_effect=dances.without_effect,
        faults=dances.faults,
    ),
}
