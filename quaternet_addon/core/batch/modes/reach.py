# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of mode reach; pure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ...approach.walker import Walker
from ...reach.reach import Key, Reach
from ...walk.model import DEFAULT_MODEL, load_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...reach.model import ReachModel
    from ...walk.way import Way
    from ..characters import Character
    from ..job import Clip


@functools.cache
def _walker():
    """Goes to far poses with the shipped walk, which is loaded once."""
    return Walker(load_model(DEFAULT_MODEL))


def reach(model: ReachModel, clip: Clip, character: Character, _ways: Sequence[Way]) -> Reach:
    """The way from one frame of a file's motion into the poses on later ones, not run yet.

    ValueError for a source without a motion of its own, and for frames that it does not have.
    """
    if character.whole is None:
        raise ValueError(
            f"Expected a source with a motion and poses to reach, got {character.name!r}."
        )
    motion, settings, first = character.whole(), dict(clip.settings), character.first
    frames = [settings.pop("now"), *settings.pop("frames")]
    if sorted(set(frames)) != frames or frames[0] < first or frames[-1] - first >= len(motion):
        raise ValueError(
            f"Expected ascending frames from {first} to {first + len(motion) - 1}, the first one "
            f"now, got {', '.join(map(str, frames))}."
        )
    now = frames[0] - first
    keys = [_key(character, motion, frame, frames[0]) for frame in frames[1:]]
    options = {"seed": clip.random_seed, "fps": clip.fps, "walker": _walker(), **settings}
    return Reach(model, motion.slice(0, now + 1), keys, **options)


def _key(character, motion, frame, now):
    """The `Key` of the source's pose on a frame, by the file's numbers."""
    row, seconds = frame - character.first, (frame - now) / motion.fps
    pose = motion.slice(row, row + 1)
    if character.holds is None:
        return Key(pose, seconds)
    return Key(pose, seconds, character.holds(frame))
