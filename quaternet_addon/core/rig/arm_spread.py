# SPDX-License-Identifier: GPL-3.0-or-later
"""Arms that hang farther from the body: wide bodies have them there; pure.

What is planned on a person's proportions lets arms hang beside a person's hips. `spread` turns
them outward while they hang, `gathered` takes that back from poses that are read from the rig.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.quaternion import axis_angle_to_quaternion, conjugate, multiply, rotate
from ..maths.smoothing import ease

if TYPE_CHECKING:
    from ..body.motion import Motion


_HANGS = elementary.cos(
    np.radians(80.0)
)  # against straight down: arms that are higher stay as they are
_ROUNDS = 8  # of `gathered`: how much an arm hangs depends on what it takes back
_NATURAL = np.radians(12.0)  # by which a person's arms hang outward anyway
_WORTH = np.radians(6.0)  # less than that is left as it is
_MOST = np.radians(55.0)
_NEAREST = 0.2  # arm lengths below the shoulder: from there on a body counts
_THICK = 0.08  # arm lengths: half of an arm's width
_SIDES = (("Left", 1.0), ("Right", -1.0))


def spread(motion: Motion, angle: float) -> Motion:
    """The motion with hanging arms ``angle`` radians farther out."""
    if not angle:
        return motion
    return _turned(motion, lambda hanging: angle * hanging)


def gathered(motion: Motion, angle: float) -> Motion:
    """Inverse of `spread`."""
    if not angle:
        return motion
    out = motion
    for _ in range(_ROUNDS):
        shares = _hanging(out)
        out = _turned(motion, lambda _, shares=shares: -angle * shares)
    return out


def _hanging(motion):
    """``(T, 2)`` 1 for an arm that hangs straight down, 0 for one that is level or higher."""
    places = motion.positions()
    ends = [[motion.skeleton.index(s + j) for s, _ in _SIDES] for j in ("Arm", "ForeArm")]
    ways = places[:, ends[1]] - places[:, ends[0]]
    down = -ways[..., 1] / np.maximum(np.linalg.norm(ways, axis=-1), 1e-9)
    return ease((down - _HANGS) / (1.0 - _HANGS))


def _turned(motion, angle_of):
    skeleton, rotations = motion.skeleton, np.array(motion.rotations, float)
    _, world = motion.world
    angles = angle_of(_hanging(motion))
    front = rotate(world[:, skeleton.index("Spine")], np.array([0.0, 0.0, 1.0])) * [1.0, 0.0, 1.0]
    front = front / np.maximum(np.linalg.norm(front, axis=-1, keepdims=True), 1e-9)
    for column, (side, sign) in enumerate(_SIDES):
        arm = skeleton.index(side + "Arm")
        turn = axis_angle_to_quaternion(front, sign * angles[:, column])
        above = world[:, skeleton.parents[arm]]
        rotations[:, arm] = multiply(conjugate(above), multiply(turn, world[:, arm]))
    return replace(motion, rotations=rotations)


def needed_spread(points: np.ndarray, shoulder: np.ndarray, length: float) -> float:
    """Radians by which arms have to hang farther out than a person's to clear a trunk.

    points: ``(N, 2)`` of the trunk's mesh: distance from the middle, height; both sides alike.
    shoulder: ``(2,)`` the same of a shoulder joint. length: of an arm. 0 for most bodies.
    """
    depth = shoulder[1] - points[:, 1]
    beside = (depth > _NEAREST * length) & (depth < length)
    if not beside.any():
        return 0.0
    out = np.abs(points[beside, 0]) + _THICK * length - shoulder[0]
    angle = float(np.quantile(elementary.arctan2(out, depth[beside]), 0.995)) - _NATURAL
    return min(angle, _MOST) if angle > _WORTH else 0.0
