# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that stood still go on standing; pure.

A network that was trained on people who are about to do something makes them do it soon. Where
all that is known of a body is that it is still, or that it came to a stand and stayed there, it
stays: poses are drawn to the last one, so that it breathes and no more.
"""

from __future__ import annotations

import numpy as np

from .cycle import GROWN, PULL, ROOT_PULL, Cycle

STOOD = 0.5  # seconds that a body was still at least, of those that are known
_STILL, _KEYED = 0.35, 0.01  # m/s: fastest joint of one that stands, and of a pose that keys hold
_STRENGTH = 1.0 / (PULL * ROOT_PULL)  # with which hips stay where they are, for minutes too
_FEET, _HIPS = 0.1, 0.2  # m/s of balls and hips of a body that stands, whatever its arms do


def stood_for(points: np.ndarray, balls: np.ndarray, fps: float) -> int:
    """How many of the last frames the feet stood and the hips hardly went; points as in `held`.

    balls: ``(T, 2, 3)`` metres, world. The hips are the first joint.
    """
    hips = _speeds(points[:, 0], fps) < _HIPS
    stands = hips & (_speeds(balls, fps) < _FEET).all(axis=-1)
    return 1 + (len(stands) if stands.all() else int(np.argmin(stands[::-1])))


def held(
    points: np.ndarray, fps: float, rotations: np.ndarray, heights: np.ndarray, steps: np.ndarray
) -> Cycle | None:
    """The last given pose as a Cycle, for a body that was still lately; None for others.

    points: ``(T, J, 3)`` metres, joints in the world. Of a single one nothing else is known. The
    others are the frames as `Cycle` has them, ``(T, ...)``.
    """
    fastest = float(_speeds(points[-1 - int(STOOD * fps) :], fps).max(initial=0.0))
    if fastest > _STILL:
        return None
    delay = -GROWN if fastest < _KEYED else 0  # who lives may begin something, and takes it back
    return Cycle(rotations[-1:], heights[-1:], np.zeros_like(steps[-1:]), _STRENGTH, delay)


def _speeds(points, fps):
    """From frame to frame, ``(T - 1, ...)`` m/s."""
    return np.linalg.norm(np.diff(points, axis=0), axis=-1) * fps
