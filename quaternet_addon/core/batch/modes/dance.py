# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of mode dance; pure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ...approach.standing_end import StandingEnd, require_time
from ...dance.dance import Dance
from ...reach import model as reach_model
from ...walk import model as walk_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...dance.model import DanceModel
    from ...walk.way import Way
    from ..characters import Character
    from ..job import Clip


@functools.cache
def _ending():
    """Brings dances to a stand with the shipped models, which are loaded once."""
    return StandingEnd(reach_model.load_model(), walk_model.load_model())


def dance(model: DanceModel, clip: Clip, character: Character, _ways: Sequence[Way]) -> Dance:
    """The `Dance` of a clip, not run yet. ValueError for one that cannot be danced or ended."""
    options = {"seed": clip.random_seed, "fps": clip.fps, "skeleton": character.skeleton}
    settings = {**clip.settings}
    ending = _ending() if settings.pop("standing_end", False) else None
    if "start" in settings:
        settings["start"] = _with_commas(settings["start"], model)
    made = Dance(model, **options, **settings)
    if ending is not None:
        require_time(made.duration)
    made.ending = ending
    return made


def _with_commas(start, model):
    """A dance's start by the name that the model has for it: "salsa leading" needs no comma."""
    names = {name.replace(",", ""): name for name in (*model.starts, *model.styles)}
    return names.get(start, start)
