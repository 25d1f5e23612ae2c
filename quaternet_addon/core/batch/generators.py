# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the motion of a clip, by its mode; pure."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..walk.crowd import Crowd
from ..walk.giving_way import GivingWay
from . import crowds
from .modes.table import MODES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from ..walk.walk import Walk
    from ..walk.way import Way
    from .characters import Character
    from .job import Clip


_SILENCE = 5.0  # seconds without a word


def unheard(text: str) -> None:
    """Say something to nobody."""


class Generators:
    """Makes what makes motions, with the shipped models kept in memory.

    say: function that is told how far a long work is.
    """

    def __init__(self, say: Callable[[str], Any] = unheard):
        self._models: dict[str, Any] = {}
        self.say = say

    def model(self, mode: str) -> Any:
        """The shipped model of a mode."""
        if mode not in self._models:
            self._models[mode] = MODES[mode].model.load_model(model_file(mode))
        return self._models[mode]

    def generator(
        self, clip: Clip, character: Character, ways: Sequence[Way], **member: Any
    ) -> Any:
        """What makes the motion of one character, not run yet; ValueError where it cannot be.

        member: what a crowd asks of this one beside the clip, see `modes.walk.walk`.
        """
        return MODES[clip.mode].make(self.model(clip.mode), clip, character, ways, **member)

    def rehearse(self, clip: Clip, characters: Sequence[Character], ways: Sequence[Way]) -> None:
        """Make what would make the motions, and no motion. ValueError for what is refused."""
        if clip.crowd is None:
            self.generator(clip, characters[0], ways)
            return
        for member in crowds.members(clip, characters, ways):
            self._member(clip, member)

    def crowd(
        self, clip: Clip, characters: Sequence[Character], ways: Sequence[Way]
    ) -> tuple[Sequence[Walk], dict[str, Any], list[str]]:
        """All walks of a crowd, run, facts on how they keep apart, and warnings."""
        who = crowds.members(clip, characters, ways)
        giving = GivingWay(
            [self._member(clip, member) for member in who],
            clip.crowd.get("distance", crowds.DISTANCE),  # type: ignore[union-attr]  # it is a crowd
            longest_delay=clip.crowd.get("longest_delay", crowds.LONGEST_DELAY),  # type: ignore[union-attr]  # it is a crowd
            discs=crowds.discs(clip),
        )
        _do(giving, f"{clip.stem}: finds ways", self.say)
        _do(Crowd(giving.walks), f"{clip.stem}: walks", self.say)
        facts = {"timetable": crowds.facts(giving, who)}
        return giving.walks, facts, crowds.warnings(giving)

    def _member(self, clip, member):
        options = {"factor": member.factor, "delay": member.delay, "seed": member.seed}
        return self.generator(clip, member.character, [member.way], **options)


def _do(work, what, say):
    """Do some work that yields the share done; say how far it is every few seconds."""
    told = time.monotonic()
    for share in work:
        if time.monotonic() - told > _SILENCE:
            told = time.monotonic()
            say(f"{what}, {share:.0%}")


def model_file(mode: str) -> Path:
    """The file of a mode's shipped model."""
    return MODES[mode].model.DEFAULT_MODEL
