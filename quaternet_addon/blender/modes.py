# SPDX-License-Identifier: GPL-3.0-or-later
"""The modes, a row each: from it come the tab, the settings, the presets, the takes and the menus.

What a .blend file stores of a mode, and what it is called, is in `generate.take.MODES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .continuation import operators as continuation_operators
from .continuation.options import QUATERNET_PG_continuation, continuation_options
from .continuation.panel import continuation_seconds, draw_continuation
from .dance import operators as dance_operators
from .dance.options import QUATERNET_PG_dance, dance_options
from .dance.panel import dance_seconds, draw_dance
from .generate.options import common_options
from .keys.options import key_options
from .reach import operators as reach_operators
from .reach.options import QUATERNET_PG_reach, reach_options
from .reach.panel import draw_reach, reach_seconds
from .walk import operators as walk_operators
from .walk.options import walk_objects, walk_options
from .walk.panel import draw_tools, draw_walk, walk_seconds, why_no_walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import bpy


@dataclass(frozen=True)
class Mode:
    """What the rest of the add-on knows of a mode.

    operator: what the big button runs; its ``Generation`` makes the motions.
    classes: all operators of the mode, to be registered.
    options: function that gives ``{name: Blender property}`` of the mode's own options.
    objects: the same of those that are chosen as objects and told to the operator by name.
    group: the PropertyGroup that holds both, named in the settings by ``place``; None: the
    settings hold them themselves.
    draw: function of (layout, context, settings) that draws the own options.
    draw_tools: function of a layout, for what belongs to the big button; None: nothing.
    seconds: function of (context, settings): how long the motion will be; None: not known.
    why_not: function of the settings: what is still to choose, "" if nothing is.
    delay: frames from the current one to the first one that is generated.
    frames_a_second: a guess of the speed of an older machine, for the first estimate.
    """

    operator: type[bpy.types.Operator]
    classes: tuple
    options: Callable
    draw: Callable
    seconds: Callable
    frames_a_second: float
    place: str = ""
    delay: int = 0
    group: type | None = None
    objects: Callable = dict
    draw_tools: Callable | None = None
    why_not: Callable = lambda settings: ""

    @property
    def generation(self) -> type:
        """The class that makes the motions."""
        return self.operator.Generation

    def own(self, settings: Any) -> Any:
        """Where the settings keep the mode's own options."""
        return getattr(settings, self.place) if self.place else settings


MODES = {
    "CONTINUE": Mode(
        operator=continuation_operators.QUATERNET_OT_continue_motion,
        classes=continuation_operators.CLASSES,
        options=continuation_options,
        group=QUATERNET_PG_continuation,
        place="continuation",
        delay=1,
        draw=draw_continuation,
        seconds=continuation_seconds,
        frames_a_second=100.0,
    ),
    "REACH": Mode(
        operator=reach_operators.QUATERNET_OT_reach_pose,
        classes=reach_operators.CLASSES,
        options=reach_options,
        group=QUATERNET_PG_reach,
        place="reach",
        draw=draw_reach,
        seconds=reach_seconds,
        frames_a_second=100.0,
    ),
    "WALK": Mode(
        operator=walk_operators.QUATERNET_OT_generate_locomotion,
        classes=walk_operators.CLASSES,
        options=walk_options,
        objects=walk_objects,
        draw=draw_walk,
        draw_tools=draw_tools,
        seconds=walk_seconds,
        why_not=why_no_walk,
        frames_a_second=700.0,
    ),
    "DANCE": Mode(
        operator=dance_operators.QUATERNET_OT_generate_dance,
        classes=dance_operators.CLASSES,
        options=dance_options,
        group=QUATERNET_PG_dance,
        place="dance",
        draw=draw_dance,
        seconds=dance_seconds,
        frames_a_second=400.0,
    ),
}
KEY_OPTIONS, COMMON_OPTIONS = tuple(key_options()), tuple(common_options())
