# SPDX-License-Identifier: GPL-3.0-or-later
"""Usual ways to walk, as control points from a character's feet; pure.

A shape is ``(points, handles, closed)``: points ``(N, 2)`` metres, ahead and to the left of where
the character stands; handles ``(N, 2, 2)``: those of a cubic Bezier before and after each point.
Everything is for a body of human size and scales with it.
"""

import numpy as np

from ..maths import elementary

_ROUND = (
    4.0 / 3.0 * elementary.tan(np.pi / 8.0)
)  # handle of a quarter of a unit circle: 4/3 tan(angle / 4)


def straight(length: float = 6.0) -> tuple:
    """Straight ahead. length: metres."""
    return _lined([(0.0, 0.0), (length, 0.0)], closed=False)


def s_bend(length: float = 6.0) -> tuple:
    """To the left and back to the right. length: metres ahead from end to end."""
    width = 0.16 * length
    points = np.array([(0.0, 0.0), (0.5 * length, 0.0), (length, 0.0)])
    swing = np.array([(0.25 * length, width), (0.25 * length, -width), (0.25 * length, width)])
    return points, np.stack([points - swing, points + swing], 1), False


def circle(radius: float = 1.6) -> tuple:
    """Round to the left, back to the start. radius: metres."""
    angles = np.arange(4) * 0.5 * np.pi
    outward = np.stack([elementary.sin(angles), -elementary.cos(angles)], -1)
    ahead = np.stack([elementary.cos(angles), elementary.sin(angles)], -1)
    points = radius * (outward + [0.0, 1.0])
    reach = radius * _ROUND * ahead
    return points, np.stack([points - reach, points + reach], 1), True


def square(side: float = 3.0) -> tuple:
    """Four corners to the left, from the middle of the first side. side: metres."""
    half = 0.5 * side
    corners = [(0.0, 0.0), (half, 0.0), (half, side), (-half, side), (-half, 0.0)]
    return _lined(corners, closed=True)


def figure_eight(radius: float = 1.4) -> tuple:
    """Round to the left, then round to the right. radius: metres, of each round."""
    points, handles, _ = circle(radius)
    mirrored = np.array([1.0, -1.0])
    # The first point is passed twice: at the start, and between the two rounds.
    return (
        np.concatenate([points, points * mirrored]),
        np.concatenate([handles, handles * mirrored]),
        True,
    )


def _lined(points, closed):
    """Points joined by straight lines: every handle lies a third of the way to its neighbour."""
    points = np.array(points, float)
    before, after = np.roll(points, 1, 0), np.roll(points, -1, 0)
    if not closed:
        before[0], after[-1] = points[0] - (points[1] - points[0]), 2.0 * points[-1] - points[-2]
    handles = np.stack([points + (before - points) / 3.0, points + (after - points) / 3.0], 1)
    return points, handles, closed


SHAPES = {
    "STRAIGHT": straight,
    "S": s_bend,
    "CIRCLE": circle,
    "SQUARE": square,
    "EIGHT": figure_eight,
}
