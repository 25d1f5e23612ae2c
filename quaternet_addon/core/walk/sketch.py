# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk while its path is being dragged: poses of an earlier one in new places; pure.

Poses are relative to the trajectory, so those of a walk along nearly the same path can be laid
along the new one: the network, most of the work, is not asked. Where it would see clearly other
things, it is. Feet are planted as ever. A sketch is to be followed by the walk itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .stepping import stepped

if TYPE_CHECKING:
    from collections.abc import Generator

    from .walk import Walk


_STRIDES = 0.25  # by which all steps together may grow or shrink: half a one more is another step
_CLOSE = 0.2  # of what the network sees, see `features.control_features`: 0.4 m, 12 degrees
_STANDING = 0.02  # radians of phase for each frame: stands are told apart by time


def sketched_or_stepped(
    walk: Walk, controls: np.ndarray, shared: int
) -> Generator[float, None, tuple[np.ndarray, list]]:
    """States and snapshots as `stepping.stepped` gives them, or of a sketch where the walk may.

    controls: ``(T, C)``. A sketch, which ``walk.is_sketch`` then says it is, has no snapshots.
    """
    states = None
    if walk.may_sketch and walk.earlier:
        states = sketched(walk, walk.earlier, controls, shared)
    walk.is_sketch = states is not None
    if states is not None:
        return states, []
    return (yield from stepped(walk, controls, shared))


def sketched(walk: Walk, earlier: Walk, controls: np.ndarray, shared: int) -> np.ndarray | None:
    """States ``(T, S)`` of a walk from those of an earlier one; None: they are too far apart.

    controls: ``(T, C)``. shared: how many of the first frames are the earlier walk's own.
    """
    mine, theirs = walk.plan.phase, earlier.plan.phase
    if abs(mine[-1] - theirs[-1]) > _STRIDES * 2.0 * np.pi:
        return None
    known, frames = earlier.reusable, _frames(mine, theirs, shared)
    before = np.minimum(frames.astype(int), len(theirs) - 2)
    share = (frames - before)[:, None]

    def there(values):
        return values[before] * (1.0 - share) + values[before + 1] * share

    if np.abs(controls - there(known.controls))[:, 2:].max() > _CLOSE:  # the first two: the phase
        return None
    return _whole(there(known.states).astype(np.float32), len(walk.model.skeleton))


def _frames(mine, theirs, shared):
    """For each frame of a walk the one of the other, fractions allowed, at the same step."""
    mine, theirs = (phase + _STANDING * np.arange(len(phase)) for phase in (mine, theirs))
    start = max(0, min(shared, len(mine) - 1, len(theirs) - 2))
    share = (mine[start:] - mine[start]) / max(mine[-1] - mine[start], 1e-9)
    wanted = theirs[start] + share * (theirs[-1] - theirs[start])
    frames = np.interp(wanted, theirs, np.arange(len(theirs)))
    return np.concatenate([np.arange(start, dtype=float), frames])


def _whole(states, joints):
    """Quaternions of unit length."""
    turns = states[:, : 4 * joints].reshape(len(states), joints, 4)
    turns /= np.sqrt((turns * turns).sum(-1, keepdims=True)) + 1e-8
    return states
