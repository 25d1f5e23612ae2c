# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings whose floor is tilted, laid level again; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import minimum_filter1d

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.maths.quaternion import between, multiply, rotate

if TYPE_CHECKING:
    from quaternet_addon.core.body.motion import Motion


_UP = np.array([0.0, 1.0, 0.0])
_WINDOW = 0.2  # seconds to each side: a ball is lowest once a step
_OUTLIER = 0.03  # metres from the plane: a low swing, not a step


def floor_normal(motion: Motion) -> np.ndarray:
    """Unit normal ``(3,)`` of the plane that the balls of the feet touch, least squares."""
    points = _lowest(toe_positions(motion), max(1, int(round(_WINDOW * motion.fps))))
    for _ in range(3):
        columns = np.column_stack([points[:, 0], points[:, 2], np.ones(len(points))])
        # A little ridge: along a straight way nothing tells how the floor tilts across it.
        scale = np.diag([0.05, 0.05, 0.0]) * len(points)
        moments = columns - [points[:, 0].mean(), points[:, 2].mean(), 0.0]
        slope = np.linalg.solve(moments.T @ moments + scale, moments.T @ points[:, 1])
        away = points[:, 1] - moments @ slope
        kept = np.abs(away - np.median(away)) < _OUTLIER
        if kept.all() or kept.sum() < 5:
            break
        points = points[kept]
    normal = np.array([-slope[0], 1.0, -slope[1]])
    return normal / np.linalg.norm(normal)


def level_floor(motion: Motion) -> Motion:
    """The motion turned about a level axis so that its floor is level."""
    turn = between(floor_normal(motion), _UP)
    rotations = np.array(motion.rotations)
    rotations[:, 0] = multiply(turn, rotations[:, 0])
    return replace(motion, rotations=rotations, root_positions=rotate(turn, motion.root_positions))


def _lowest(balls, half):
    """Places ``(n, 3)`` at which a ball is lower than ``half`` frames before and after it."""
    found = []
    for foot in range(2):
        height = balls[:, foot, 1]
        lowest = minimum_filter1d(height, 2 * half + 1, mode="nearest")
        found.append(balls[height <= lowest + 0.003, foot])
    return np.concatenate(found)
