# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the motion of a clip, by its mode; pure."""

from __future__ import annotations

import functools
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..walk.crowd import Crowd
from ..walk.glances import look_at_each_other
from . import crowds
from .modes.table import MODES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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
        self._models: dict[Any, Any] = {}
        self.say = say

    def model(self, mode: str) -> Any:
        """The shipped model of a mode."""
        if mode not in self._models:
            self._models[mode] = MODES[mode].model.load_model(model_files(mode)[""])
        return self._models[mode]

    def _imported(self, clip):
        """What makes a clip with the networks that its job names; ValueError says why it cannot."""
        known = MODES[clip.mode].imported
        files = model_files(clip.mode, clip.model)
        key = (clip.mode, *files.items())
        if key not in self._models:
            try:
                self._models[key] = known.load(*(files[name] for name in known.files))
            except (ValueError, OSError) as error:
                named = ", ".join(map(str, files.values()))
                raise ValueError(f"The model of {named} cannot be used: {error}") from error
        return functools.partial(known.make, self._models[key])

    def generator(
        self, clip: Clip, character: Character, ways: Sequence[Way], **member: Any
    ) -> Any:
        """What makes the motion of one character, not run yet; ValueError where it cannot be.

        member: what a crowd asks of this one beside the clip, see `modes.walk.walk`.
        """
        if clip.model is not None:
            return self._imported(clip)(clip, character, ways)
        return MODES[clip.mode].make(self.model(clip.mode), clip, character, ways, **member)

    def rehearse(self, clip: Clip, characters: Sequence[Character], ways: Sequence[Way]) -> None:
        """Make what would make the motions, and no motion. ValueError for what is refused."""
        if clip.crowd is None:
            self.generator(clip, characters[0], ways)
            return
        self._members(clip, characters, ways)

    def _members(self, clip, characters, ways):
        """Who is in a crowd, and their walks, not run yet."""
        who = crowds.members(clip, len(characters), ways)
        options = [{"factor": m.factor, "delay": m.delay, "seed": m.seed} for m in who]
        return who, [
            self.generator(clip, characters[member.cast], [member.way], **option)
            for member, option in zip(who, options, strict=True)
        ]

    def crowd(
        self, clip: Clip, characters: Sequence[Character], ways: Sequence[Way]
    ) -> tuple[Sequence[Walk], dict[str, Any], list[str]]:
        """All walks of a crowd, run, facts on how they keep apart, and warnings."""
        who, walks = self._members(clip, characters, ways)
        giving = crowds.giving_way(clip, walks)
        _do(giving, f"{clip.stem}: finds ways", self.say)
        _do(Crowd(giving.walks), f"{clip.stem}: walks", self.say)
        look_at_each_other(giving.walks, [member.group for member in who])
        facts = {"timetable": crowds.facts(giving, who)}
        return giving.walks, facts, crowds.warnings(giving)


def _do(work, what, say):
    """Do some work that yields the share done; say how far it is every few seconds."""
    told = time.monotonic()
    for share in work:
        if time.monotonic() - told > _SILENCE:
            told = time.monotonic()
            say(f"{what}, {share:.0%}")


def model_files(mode: str, imported: Mapping[str, str] | None = None) -> dict[str, Path]:
    """The model files of a mode's clips by their names in a job, "" for the only one.

    imported: a clip's ``model``; None: the shipped one.
    """
    if imported is None:
        return {"": MODES[mode].model.DEFAULT_MODEL}
    return {name: Path(file) for name, file in imported.items()}
