# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that animators key, built on a body that stands: a crouch, an arm up, a seat, a pick-up.

All are Motions of one frame on the canonical skeleton, which faces +Z, left is +X.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    between,
    conjugate,
    multiply,
    normalize,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quaternet_addon.core.body.motion import Motion


_SIDES = ("Left", "Right")
_LEFT = np.array([1.0, 0.0, 0.0])


def arm_up(stand: Motion) -> Motion:
    """The right arm ahead and up, nearly straight."""
    pose = _aimed(stand, "RightArm", "RightForeArm", (-0.3, 0.8, 0.5))
    return _aimed(pose, "RightForeArm", "RightHand", (-0.1, 0.9, 0.4))


def crouch(stand: Motion) -> Motion:
    """Hips 0.38 m lower over both feet, the trunk leans, the arms are ahead."""
    pose = _leaned(_lowered(stand, 0.38, 0.06), 30.0)
    for side, away in zip(_SIDES, (0.2, -0.2), strict=True):
        pose = _aimed(pose, side + "Arm", side + "ForeArm", (away, -0.7, 0.7))
        pose = _aimed(pose, side + "ForeArm", side + "Hand", (-away, -0.1, 1.0))
    return pose


def seat(stand: Motion) -> Motion:
    """On something 0.45 m high behind the feet, the trunk upright."""
    return _leaned(_lowered(stand, 0.42, 0.36), 12.0)


def pick_up(stand: Motion) -> Motion:
    """The right hand near the floor ahead of the feet: bent knees, a trunk that leans far."""
    pose = _leaned(_lowered(stand, 0.33, 0.14), 65.0)
    pose = _aimed(pose, "RightArm", "RightForeArm", (-0.1, -0.9, 0.5))
    pose = _aimed(pose, "RightForeArm", "RightHand", (0.1, -0.9, 0.5))
    return _aimed(pose, "LeftArm", "LeftForeArm", (0.3, -0.9, 0.1))


def turned(stand: Motion, degrees: float) -> Motion:
    """The same on the spot, turned to its left."""
    return stand.turned(np.radians(degrees), stand.root_positions[-1])


def _lowered(stand, down, back):
    """Hips so many metres lower and farther back, feet where and as they are, knees ahead."""
    skeleton = stand.skeleton
    places, turns = skeleton.forward_kinematics(stand.rotations, stand.root_positions)
    pose = stand.moved([0.0, -down, -back])
    for side in _SIDES:
        thigh, shin, foot = (skeleton.index(side + part) for part in ("UpLeg", "Leg", "Foot"))
        hip, ankle = places[0, thigh] - [0.0, down, back], places[0, foot]
        upper, lower = (float(np.linalg.norm(skeleton.offsets[joint])) for joint in (shin, foot))
        knee = _knee(hip, ankle, upper, lower)
        pose = _aimed(pose, side + "UpLeg", side + "Leg", knee - hip)
        pose = _aimed(pose, side + "Leg", side + "Foot", ankle - knee)
        pose = _with_world(pose, foot, turns[:, foot])
    return pose


def _knee(hip, ankle, upper, lower):
    """Where a knee is that bends ahead and a little outward, as the feet point."""
    chord = ankle - hip
    length = float(np.linalg.norm(chord))
    along = (upper**2 - lower**2 + length**2) / (2.0 * length)
    ahead = np.array([0.15 * np.sign(hip[0]), 0.0, 1.0])
    ahead = ahead - (ahead @ chord) / length**2 * chord
    out = np.sqrt(max(upper**2 - along**2, 0.0)) / np.linalg.norm(ahead)
    return hip + along / length * chord + out * ahead


def _leaned(pose, degrees):
    """The trunk leans ahead by so much, in two joints."""
    for name in ("LowerBack", "Spine"):
        joint = pose.skeleton.index(name)
        lean = axis_angle_to_quaternion(_LEFT, np.array(np.radians(0.5 * degrees)))
        _, turns = pose.skeleton.forward_kinematics(pose.rotations, pose.root_positions)
        pose = _with_world(pose, joint, multiply(lean, turns[:, joint]))
    return pose


def _aimed(pose: Motion, name: str, end: str, way: Sequence[float]) -> Motion:
    """A bone points along ``way``, turned there by the shortest turn."""
    skeleton = pose.skeleton
    places, turns = skeleton.forward_kinematics(pose.rotations, pose.root_positions)
    joint = skeleton.index(name)
    bone = places[:, skeleton.index(end)] - places[:, joint]
    turn = between(bone, np.broadcast_to(np.asarray(way, float), bone.shape))
    return _with_world(pose, joint, multiply(turn, turns[:, joint]))


def _with_world(pose, joint, turn):
    """With a joint's world rotation as told; those below it keep their rotations to it."""
    skeleton, rotations = pose.skeleton, np.array(pose.rotations)
    _, turns = skeleton.forward_kinematics(rotations, pose.root_positions)
    above = turns[:, skeleton.parents[joint]]
    rotations[:, joint] = normalize(multiply(conjugate(above), turn))
    return replace(pose, rotations=rotations)
