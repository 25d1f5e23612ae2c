# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of mode dance; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...dance.dance import Dance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...dance.model import DanceModel
    from ...walk.way import Way
    from ..characters import Character
    from ..job import Clip


def dance(model: DanceModel, clip: Clip, character: Character, _ways: Sequence[Way]) -> Dance:
    """The `Dance` of a clip, not run yet."""
    options = {"seed": clip.random_seed, "fps": clip.fps, "skeleton": character.skeleton}
    settings = {**clip.settings}
    if "start" in settings:
        settings["start"] = _with_commas(settings["start"], model)
    return Dance(model, **options, **settings)


def _with_commas(start, model):
    """A dance's start by the name that the model has for it: "salsa leading" needs no comma."""
    names = {name.replace(",", ""): name for name in (*model.starts, *model.styles)}
    return names.get(start, start)
