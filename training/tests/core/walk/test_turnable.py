# SPDX-License-Identifier: GPL-3.0-or-later
"""Joints turn in the world with what is below them, but for what is held."""

import numpy as np

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    normalize,
    rotation_vector_to_quaternion,
)
from quaternet_addon.core.maths.ragged import Ragged
from quaternet_addon.core.walk.turnable import Turnable

HELD = ("Neck", "LeftArm")


def test_a_joint_turns_and_what_is_held_does_not():
    random = np.random.default_rng(4)
    rotations = normalize(random.normal(size=(6, len(SKELETON), 4)))
    before = SKELETON.forward_kinematics(rotations, np.zeros((6, 3)))[1]
    body = Turnable([SKELETON, SKELETON], Ragged([2, 4]), rotations, (*HELD, "LeftFoot"))
    turn = rotation_vector_to_quaternion(random.normal(size=(6, 3)))
    body.turn("LowerBack", HELD, turn)
    after = rotations.copy()
    body.write(after)
    world = SKELETON.forward_kinematics(after, np.zeros((6, 3)))[1]
    for name, turned in (
        *(("Hips", False), ("LeftHand", False), ("Head", False), ("RightFoot", False)),
        *(("LowerBack", True), ("Spine", True), ("RightHand", True)),
    ):
        joint = SKELETON.index(name)
        expected = multiply(turn, before[:, joint]) if turned else before[:, joint]
        np.testing.assert_allclose(world[:, joint], expected, atol=1e-12)


def test_one_turn_after_the_other_is_their_product():
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (3, len(SKELETON), 1))
    body = Turnable([SKELETON], Ragged([3]), rotations, ("LeftFoot",))
    quarter = axis_angle_to_quaternion(np.array([0.0, 1.0, 0.0]), np.full(3, 0.5 * np.pi))
    body.turn("LeftUpLeg", ("LeftFoot",), quarter)
    body.turn("LeftUpLeg", ("LeftFoot",), quarter)
    out = rotations.copy()
    body.write(out)
    half = [0.0, 0.0, 1.0, 0.0]
    thigh = out[:, SKELETON.index("LeftUpLeg")]
    np.testing.assert_allclose(thigh, np.tile(half, (3, 1)), atol=1e-12)
