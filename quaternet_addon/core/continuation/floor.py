# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor that a body goes on, told by its feet; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import SHUFFLE, horizontal_speeds, toe_positions

if TYPE_CHECKING:
    from ..body.motion import Motion


_LEVEL = 0.02  # metres: balls at the same height
_LOWEST = 0.15  # of the frames: in these the lower ball is on the floor if any is
_GOES = 0.5  # share of the speed of these balls that hips go at least, but for gaits in place
_STANDS = 0.15  # of the frames have a slow lower ball at least, but there; recordings have .37


def floor_of(motion: Motion) -> float:
    """Height of the floor over the canonical rest, metres; 0 if nothing tells of it.

    Slow feet do; in gaits `in_place`, where feet are slow in the air, as they turn, the lowest do.
    motion: on a body of the model's size.
    """
    balls = _Balls(motion)
    heights = balls.lowest if in_place(motion) else balls.heights[balls.slow]
    rest = motion.skeleton.rest_positions[motion.skeleton.index("LeftToeBase"), 1]
    return float(np.median(heights) - rest) if len(heights) else 0.0


def in_place(motion: Motion) -> bool:
    """Whether it is a gait on the spot, as loops of games are: planted feet slide back under it.

    motion: on a body of the model's size.
    """
    balls = _Balls(motion)
    hips = motion.root_positions[[0, -1]][:, [0, 2]]
    goes = np.linalg.norm(hips[1] - hips[0]) * motion.fps / max(1, len(motion) - 1)
    stands = balls.slow.any(-1).mean()
    return bool(balls.slides > SHUFFLE and goes < _GOES * balls.slides and stands < _STANDS)


class _Balls:
    """The balls of the feet of a motion.

    heights: ``(T, 2)``. slow: ``(T, 2)``, the lower ones that are slow. lowest: ``(n,)`` heights.
    slides: how fast the lowest usually go, m/s.
    """

    def __init__(self, motion):
        points = toe_positions(motion)
        speeds, self.heights = horizontal_speeds(points, motion.fps), points[..., 1]
        lower = self.heights <= self.heights.min(-1, keepdims=True) + _LEVEL
        self.slow = (speeds < SHUFFLE) & lower
        rows, side = np.arange(len(points)), np.argmin(self.heights, axis=-1)
        low = self.heights[rows, side]
        found = np.argsort(low, kind="stable")[: max(1, round(_LOWEST * len(rows)))]
        self.lowest, self.slides = low[found], float(np.median(speeds[rows, side][found]))
