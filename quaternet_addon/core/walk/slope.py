# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaning into a climb, and back a little on the way down; pure.

The network knows level ground only. On a treadmill that climbs people lean forward by about half
of the slope, downhill they straighten up by a little (Leroux et al. 2002, from memory). On stairs
no more than on such a treadmill: who leans back above bent knees looks as if to sit down.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.quaternion import axis_angle_to_quaternion, multiply
from ..maths.smoothing import lowpass

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .path import Path


_UPHILL, _DOWNHILL = 0.5, 0.15  # degrees of lean for a degree of slope
_MOST, _BACK = np.radians(14.0), np.radians(2.0)
_TIME = 0.3  # seconds
_STEP = 0.25  # metres to each side over which a slope counts: a stair is a ramp to the trunk
_SHARES = {"LowerBack": 0.6, "Spine": 0.4}
_LEVEL = np.radians(0.5)


def leaning(
    motion: Motion, path: Path, along: np.ndarray, scale: float = 1.0, facing: float = 0.0
) -> Motion:
    """The motion with its trunk leant for the slope of ``path`` at ``along: (T,)`` metres.

    facing: radians that the body is turned from its way: who climbs backward leans backward.
    """
    step = _STEP * scale
    rise = path.height(along + step) - path.height(along - step)
    slope = elementary.arctan2(np.where(np.isfinite(rise), rise, 0.0), 2.0 * step)
    if np.abs(slope).max() < _LEVEL:
        return motion
    lean = np.where(slope > 0.0, _UPHILL * slope, np.maximum(_DOWNHILL * slope, -_BACK))
    lean = lean * elementary.cos(facing)
    lean = lowpass(np.clip(lean, -_MOST, _MOST), _TIME, motion.fps)
    rotations = np.array(motion.rotations)
    for name, share in _SHARES.items():
        joint = motion.skeleton.index(name)
        turn = axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), share * lean)
        rotations[:, joint] = multiply(turn, rotations[:, joint])
    return replace(motion, rotations=rotations)
