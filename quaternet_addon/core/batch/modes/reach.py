# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of mode reach; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...reach.reach import Key, Reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...reach.model import ReachModel
    from ...walk.way import Way
    from ..characters import Character
    from ..job import Clip


def reach(model: ReachModel, clip: Clip, character: Character, _ways: Sequence[Way]) -> Reach:
    """The way from one frame of a file's motion into the poses on later ones, not run yet.

    ValueError for a source without a motion of its own, and for frames that it does not have.
    """
    if character.whole is None:
        raise ValueError(
            f"Expected a BVH file with a motion and poses to reach, got {character.name!r}."
        )
    motion, settings = character.whole(), dict(clip.settings)
    frames = [settings.pop("now"), *settings.pop("frames")]
    if sorted(set(frames)) != frames or frames[-1] >= len(motion):
        raise ValueError(
            f"Expected ascending frames up to {len(motion) - 1}, the first one now, got "
            f"{', '.join(map(str, frames))}."
        )
    now, *poses = frames
    keys = [Key(motion.slice(frame, frame + 1), (frame - now) / motion.fps) for frame in poses]
    options = {"seed": clip.random_seed, "fps": clip.fps, **settings}
    return Reach(model, motion.slice(0, now + 1), keys, **options)
