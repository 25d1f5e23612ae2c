# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of mode dance; pure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ...approach.standing_end import StandingEnd, require_time
from ...dance.dance import Dance, start_index
from ...dance.model import DEFAULT_MODEL, load_model
from ...dance.options import STYLES
from ...reach import model as reach_model
from ...walk import model as walk_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

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
    style = STYLES[settings.pop("style", "FREE")]
    settings["start"] = _with_commas(settings.get("start", style), model)
    made = Dance(model, **options, **settings)
    if ending is not None:
        require_time(made.duration)
    made.ending = ending
    return made


def faults(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """``(field, message)`` of starts in a task's settings that the shipped model does not have."""
    asked = settings.get("start", [])
    for index, start in enumerate(asked if isinstance(asked, list) else [asked]):
        field = f"start[{index}]" if isinstance(asked, list) else "start"
        model = _shipped()
        try:
            start_index(model, _with_commas(start, model), 0)
        except ValueError as error:
            yield field, str(error)


def without_effect(settings: Mapping[str, Any], _ways: Sequence[Way]) -> list[str]:
    """A warning of a style that means nothing beside a start."""
    idle = "start" in settings and settings.get("style", "FREE") != "FREE"
    return ["without effect beside the other options: style"] if idle else []


@functools.cache
def _shipped():
    return load_model(DEFAULT_MODEL)


def _with_commas(start, model):
    """A dance's start by the name that the model has for it: "salsa leading" needs no comma."""
    names = {name.replace(",", ""): name for name in (*model.starts, *model.styles)}
    return names.get(start, start)
