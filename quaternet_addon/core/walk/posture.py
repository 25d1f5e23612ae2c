# SPDX-License-Identifier: GPL-3.0-or-later
"""What walks of the network lack against the people it learnt from, made good; pure.

Between 0.8 and 2.8 m/s its trunks lean back by 1.7 to 3 degrees more than the median person of the
training clips (held-out ones were not looked at), faster by 0.6 to 1.2; in walks its feet are
1.2 to 2.3 cm closer together. The least of each is added.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import walk_down
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    conjugate,
    multiply,
    rotate,
    yaw_to_quaternion,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_LEAN = np.radians((1.7, 0.6))
_FAST = 2.5, 3.2  # m/s: from the one to the other
_WIDER = 0.006 / 0.84  # radians of each thigh: 1.2 cm of step width in the model's proportions
_LEFT, _AHEAD = np.eye(3)[[0, 2]]
_HELD = ("Neck", "LeftArm", "RightArm")


def like_people(
    motion: Motion,
    share: np.ndarray,
    speeds: np.ndarray,
    gait: np.ndarray,
    headings: np.ndarray,
) -> Motion:
    """The same motion, trunk a little further ahead and feet a little further apart.

    share: ``(T,)`` in [0, 1], how much each frame goes ahead. speeds: ``(T,)`` m/s in the model's
    proportions. gait: ``(T,)``, 0 walks, 1 runs. headings: ``(T,)`` radians.
    """
    if not np.any(share > 0.0):
        return motion
    body, facing = motion.skeleton, yaw_to_quaternion(headings)
    joints = body.down_to([body.index(name) for name in (*_HELD, "LeftFoot", "RightFoot")])
    local = {joint: motion.rotations[:, joint] for joint in joints}
    _, world = walk_down(body.parents, joints, body.offsets, local, motion.root_positions)
    lean = share * np.interp(speeds, _FAST, _LEAN)
    turn = axis_angle_to_quaternion(rotate(facing, _LEFT), lean)
    motion = turned_alone(motion, world, "LowerBack", _HELD, turn)
    aside = share * (1.0 - gait) * _WIDER
    for sign, side in ((1.0, "Left"), (-1.0, "Right")):
        turn = axis_angle_to_quaternion(rotate(facing, _AHEAD), sign * aside)
        motion = turned_alone(motion, world, side + "UpLeg", (side + "Foot",), turn)
    return motion


def turned_alone(
    motion: Motion, world: dict, name: str, held: Sequence[str], turn: np.ndarray
) -> Motion:
    """A joint turned in the world by ``turn: (T, 4)``; the joints ``held`` below it keep theirs.

    world: joint -> rotations ``(T, 4)`` before that, of those and of all between them.
    """
    parents, joint = motion.skeleton.parents, motion.skeleton.index(name)
    rotations, turned = np.array(motion.rotations), multiply(turn, world[joint])
    above = parents[joint]
    rotations[:, joint] = turned if above < 0 else multiply(conjugate(world[above]), turned)
    for below in (motion.skeleton.index(name) for name in held):
        over = multiply(turn, world[parents[below]])
        rotations[:, below] = multiply(conjugate(over), world[below])
    return replace(motion, rotations=rotations)
