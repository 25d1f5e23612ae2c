# SPDX-License-Identifier: GPL-3.0-or-later
"""People who stand together look at each other, now and then; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths.smoothing import lowpass
from .gaze import look_at
from .idle import stillness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .walk import Walk

_LOOKS, _AWAY = (1.5, 4.0), (1.0, 3.0)  # seconds that a look at the other, or elsewhere, lasts
_CALM = 0.3  # seconds (standard deviation) over which speeds are judged


def look_at_each_other(walks: Sequence[Walk], groups: Sequence[int]) -> None:
    """Turn the heads of finished walks to one of their own group while both stand.

    groups: of each walk, the number of the group that it is in.
    """
    motions = [walk.motion for walk in walks]
    for index, walk in enumerate(walks):
        others = [k for k, group in enumerate(groups) if group == groups[index] and k != index]
        if others:
            other = min(others, key=lambda k, i=index: (k - i) % len(walks))  # type: ignore[misc]  # i: an index
            turned = _glancing(motions[index], motions[other], index)
            walk.store(replace(walk.finished, motion=turned))


def _glancing(motion, other, seed):
    """A motion with its head turned to where another one's head is."""
    share = _stands(motion) * _padded(_stands(other), len(motion)) * _spells(motion, seed)
    if not share.any():
        return motion
    head = other.positions()[:, other.skeleton.index("Head")]
    positions = motion.root_positions[:, [0, 2]]
    return look_at(motion, positions, motion.headings(), _padded(head, len(motion)), share)


def _stands(motion):
    """How much each frame stands, ``(T,)`` in [0, 1]."""
    hips = lowpass(motion.root_positions[:, [0, 2]], _CALM, motion.fps)
    return stillness(np.linalg.norm(np.gradient(hips, axis=0), axis=-1) * motion.fps, motion.fps)


def _padded(values, count):
    """The first ``count`` values; who has come stays."""
    return values[np.minimum(np.arange(count), len(values) - 1)]


def _spells(motion, seed):
    """When somebody looks at the other, ``(T,)`` 0 or 1: by turns, as long as it happens."""
    random, looks = np.random.default_rng([int(seed), 11]), np.zeros(len(motion))
    now = random.uniform(0.0, _AWAY[1])
    while now < motion.duration:
        until = now + random.uniform(*_LOOKS)
        looks[int(now * motion.fps) : int(until * motion.fps)] = 1.0
        now = until + random.uniform(*_AWAY)
    return looks
