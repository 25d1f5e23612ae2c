# SPDX-License-Identifier: GPL-3.0-or-later
"""How near feet pass each other in walks: no nearer than people's; pure.

In nine of ten recorded passes (299 in training clips, 0.4 to 1.3 m/s; `training.walk.gait.short`)
ankles are at least 7.7 cm apart from side to side. Hardly anybody was recorded under 0.7 m/s, and
slower walks of the network bring them as near as 4 cm.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import walk_down
from ..maths.quaternion import axis_angle_to_quaternion, rotate, yaw_to_quaternion
from ..maths.ragged import Ragged
from ..maths.smoothing import ease, smooth_maximum
from .turnable import Turnable

if TYPE_CHECKING:
    from ..body.motion import Motion


_LEAST, _LEG = 0.08, 0.84  # metres in the model's proportions; planting takes some of it back
_BESIDE = 0.3  # metres along the way, within which feet pass
_STRIDE = 0.45  # seconds to each side for which feet keep room: else planted ones would shift
_LEFT, _AHEAD = np.eye(3)[[0, 2]]
_FEET = ("LeftFoot", "RightFoot")


def clear_of_each_other(
    motion: Motion, headings: np.ndarray, share: np.ndarray, scale: float = 1.0
) -> Motion:
    """The same motion whose feet leave each other room where one passes the other.

    headings: ``(T,)`` radians, of the way. share: ``(T,)`` in [0, 1], how much each frame walks
    ahead. scale: of the body against the model's proportions.
    """
    skeleton = motion.skeleton
    joints = skeleton.down_to([skeleton.index(name) for name in _FEET])
    local = {joint: motion.rotations[:, joint] for joint in joints}
    places, _ = walk_down(skeleton.parents, joints, skeleton.offsets, local, motion.root_positions)
    facing = yaw_to_quaternion(headings)
    legs = places[skeleton.index(_FEET[0])] - places[skeleton.index(_FEET[1])]
    left, ahead = ((legs * rotate(facing, axis)).sum(-1) for axis in (_LEFT, _AHEAD))
    beside = ease(1.0 - np.abs(ahead) / (_BESIDE * scale))
    missing = share * beside * np.clip(_LEAST * scale - left, 0.0, _LEAST * scale)
    if not missing.any():
        return motion
    rotations = np.array(motion.rotations)
    body = Turnable([skeleton], Ragged([len(motion)]), rotations, _FEET)
    aside = smooth_maximum(missing, _STRIDE, motion.fps) / (2.0 * _LEG * scale)
    for sign, foot in zip((1.0, -1.0), _FEET, strict=True):
        turn = axis_angle_to_quaternion(rotate(facing, _AHEAD), sign * aside)
        body.turn(foot.replace("Foot", "UpLeg"), (foot,), turn)
    body.write(rotations)
    return replace(motion, rotations=rotations)
