# SPDX-License-Identifier: GPL-3.0-or-later
"""The trajectory of a recorded walk, with all of its sway left to the body; pure.

A Gaussian of 0.4 s takes a fifth of a stroll's sway, and most of a weight shift, into the path.
Here the path is a local quadratic fit (Cleveland 1979, with a Gaussian weight), wide enough for
a stride, and wider across the way where a body goes straight or stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import correlate1d, distance_transform_edt

from quaternet_addon.core.body.trajectory import Trajectory, trajectory_of
from quaternet_addon.core.maths.quaternion import rotate
from quaternet_addon.core.maths.smoothing import ease

if TYPE_CHECKING:
    from quaternet_addon.core.body.motion import Motion


ALONG, ACROSS = 0.6, 1.0  # seconds: standard deviations of the weights
_BENDS = 0.25, 0.7  # rad/s of turning: across, the wide fit up to here, the narrow one from here
_REACH = 3.5  # standard deviations to each side that count
_MOVING = 0.2  # m/s: slower bodies have no direction of travel of their own


def root_path(motion: Motion) -> Trajectory:
    """The trajectory of a recorded ``motion``; its headings are `core.trajectory`'s, calmer."""
    rough = trajectory_of(motion)
    places = motion.root_positions[:, [0, 2]]
    narrow, wide = (fitted(places, seconds, motion.fps) for seconds in (ALONG, ACROSS))
    headings = fitted(_headings(motion), ALONG, motion.fps)
    sideways, turning = _sideways(wide, rough, motion.fps)
    share = 1.0 - ease((turning - _BENDS[0]) / (_BENDS[1] - _BENDS[0]))
    across = ((wide - narrow) * sideways).sum(-1)
    return Trajectory(narrow + (share * across)[:, None] * sideways, headings, motion.fps)


def fitted(values: np.ndarray, seconds: float, fps: float) -> np.ndarray:
    """``values: (T, ...)`` replaced by the centre of a quadratic fit around each of them."""
    values = np.asarray(values, float)
    half = int(np.ceil(_REACH * seconds * fps))
    away = np.arange(-half, half + 1) / (seconds * fps)
    weights = np.exp(-0.5 * away**2)

    def moment(columns, power):
        """Of each frame: the sum of the values times weights and power of the distance."""
        return correlate1d(columns, weights * away**power, axis=0, mode="constant")

    counts = [moment(np.ones(len(values)), power) for power in range(5)]
    normal = np.stack([np.stack(counts[row : row + 3], -1) for row in range(3)], -2)
    columns = values.reshape(len(values), -1)
    right = np.stack([moment(columns, power) for power in range(3)], 1)
    solved = np.linalg.solve(normal + 1e-9 * np.eye(3), right)
    return solved[:, 0].reshape(values.shape)


def nearest_true(mask: np.ndarray) -> np.ndarray:
    """For each frame of a mask ``(T,)`` the nearest frame where it is true, which one must be."""
    return distance_transform_edt(~mask, return_distances=False, return_indices=True)[0]


def _headings(motion):
    """Headings of hips and chest, unwrapped, before any smoothing."""
    chest = motion.skeleton.index("Spine")
    turns = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)[1]
    ahead = sum(rotate(turns[:, joint], np.array([0.0, 0.0, 1.0])) for joint in (0, chest))
    return np.unwrap(np.arctan2(ahead[:, 0], ahead[:, 2]))


def _sideways(places, rough, fps):
    """Unit vectors ``(T, 2)`` across the way, and how fast the way turns, rad/s ``(T,)``."""
    velocity = np.gradient(places, axis=0) * fps
    speed = np.linalg.norm(velocity, axis=-1)
    ahead = np.stack([np.sin(rough.headings), np.cos(rough.headings)], -1)
    moving = speed > _MOVING
    if moving.any():  # a stand lies across the way that leads to it or away from it
        nearest = nearest_true(moving)
        ahead = velocity[nearest] / speed[nearest, None]
    angle = np.unwrap(np.arctan2(ahead[:, 0], ahead[:, 1]))
    turning = np.abs(fitted(np.gradient(angle) * fps, 0.3, fps)) if len(angle) > 3 else 0.0 * angle
    return np.stack([ahead[:, 1], -ahead[:, 0]], -1), turning
