# SPDX-License-Identifier: GPL-3.0-or-later
"""How a walk carries its head, and hips and feet where it faces aside from its way; pure.

Recorded heads roll by up to 10 degrees in nine of ten walks and look 4 to 20 degrees down (the same
ahead and backward). In sidesteps one of the two people looked at the floor, 26 to 51 degrees down;
the network learnt it for both, and nobody who asks for a sidestep asks for that. Where bodies face
aside its hips turn 4 to 8 degrees less than the way they are asked to, and closing feet come as
near as 2 cm; in recorded sidesteps ankles stay 10 cm apart.
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
    yaw,
    yaw_to_quaternion,
)
from ..maths.smoothing import lowpass, smooth_maximum
from .posture import turned_alone

if TYPE_CHECKING:
    from ..body.motion import Motion


_ROLL, _PITCH = np.radians((6.0, 9.5)), np.radians((12.0, 19.0))  # kept as it is up to, at most
_SLOW = 0.5  # seconds: the mean of a nod, and of a turn of the hips
_MOST = np.radians(12.0)  # that hips are turned
_APART, _LEG = 0.19, 0.84  # metres in the model's proportions; planting takes some of it back
_STRIDE = 0.7  # seconds to each side for which feet keep room: else planted ones would shift
_LEFT, _UP, _AHEAD = np.eye(3)
_HEAD = ("Neck", "Neck1", "Head")
_HELD = ("LowerBack", "LeftUpLeg", "RightUpLeg")  # else planted feet would slide


def level_headed(motion: Motion, pitched: bool = False) -> Motion:
    """The same motion with heads that roll no more than people's.

    pitched: and that in the mean look down no more than people's who go ahead.
    """
    body, rotations = motion.skeleton, np.array(motion.rotations)
    joints = body.down_to([body.index(name) for name in _HEAD])
    local = {joint: rotations[:, joint] for joint in joints}
    _, world = walk_down(body.parents, joints, body.offsets, local, motion.root_positions)
    head = world[body.index("Head")]
    facing = yaw_to_quaternion(yaw(head))
    up = np.array([1.0, 0.0, 0.0, 0.0])
    if pitched:
        pitch = -np.arcsin(np.clip(rotate(head, _AHEAD)[:, 1], -1.0, 1.0))
        mean = lowpass(pitch, _SLOW, motion.fps)
        up = axis_angle_to_quaternion(rotate(facing, _LEFT), _kept(mean, *_PITCH) - mean)
    roll = np.arcsin(np.clip(rotate(multiply(up, head), _LEFT)[:, 1], -1.0, 1.0))
    level = axis_angle_to_quaternion(rotate(facing, _AHEAD), _kept(roll, *_ROLL) - roll)
    turn = multiply(level, up)
    neck, above = body.index("Neck"), body.index("Head")
    for joint, share in ((neck, _half(turn)), (above, turn)):
        parent = world[body.parents[joint]]
        if joint == above:  # the neck has carried it half of the way
            parent = multiply(_half(turn), parent)
        rotations[:, joint] = multiply(conjugate(parent), multiply(share, world[joint]))
    return replace(motion, rotations=rotations)


def faced(motion: Motion, headings: np.ndarray, share: np.ndarray, scale: float = 1.0) -> Motion:
    """The same motion with hips that face the way they are asked to, and room for closing feet.

    headings: ``(T,)`` radians. share: ``(T,)`` in [0, 1], how much each frame goes. scale: of the
    body against the model's proportions.
    """
    body = motion.skeleton
    joints = body.down_to([body.index(name) for name in ("LowerBack", "LeftFoot", "RightFoot")])
    local = {joint: motion.rotations[:, joint] for joint in joints}
    _, world = walk_down(body.parents, joints, body.offsets, local, motion.root_positions)
    off = np.angle(np.exp(1j * (headings - yaw(world[0]))))
    off = share * np.clip(lowpass(off, _SLOW, motion.fps), -_MOST, _MOST)
    motion = turned_alone(motion, world, "Hips", _HELD, yaw_to_quaternion(off))
    local = {joint: motion.rotations[:, joint] for joint in joints}
    places, world = walk_down(body.parents, joints, body.offsets, local, motion.root_positions)
    facing = yaw_to_quaternion(headings)
    legs = places[body.index("LeftFoot")] - places[body.index("RightFoot")]
    missing = np.maximum(_APART * scale - np.linalg.norm(legs[:, [0, 2]], axis=-1), 0.0)
    aside = smooth_maximum(missing, _STRIDE, motion.fps)
    for sign, side in ((1.0, "Left"), (-1.0, "Right")):
        turn = axis_angle_to_quaternion(rotate(facing, _AHEAD), sign * 0.5 * aside / _LEG / scale)
        motion = turned_alone(motion, world, side + "UpLeg", (side + "Foot",), turn)
    return motion


def _kept(radians, free, most):
    """Angles ``(T,)`` as they are up to ``free`` to both sides, then bent to stay in ``most``."""
    size, room = np.abs(radians), most - free
    bent = free + room * np.tanh((size - free) / room)
    return np.sign(radians) * np.where(size > free, bent, size)


def _half(turn):
    """Half of a turn of less than half a round, ``(T, 4)``."""
    half = turn + np.array([1.0, 0.0, 0.0, 0.0])
    return half / np.linalg.norm(half, axis=-1, keepdims=True)
