# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks lean and stand as wide as the people that the network learnt from."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.maths.quaternion import yaw_to_quaternion
from quaternet_addon.core.walk.posture import like_people

ONES = np.ones(4)
WALKING = ONES, 1.2 * ONES, 0.0 * ONES  # share, speed, gait


def facing(heading):
    rotations = np.zeros((4, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    rotations[:, 0] = yaw_to_quaternion(np.float64(heading))
    return Motion(SKELETON, rotations, np.tile([0.0, 1.0, 0.0], (4, 1)), 30.0)


def led(motion, *asked):
    """`like_people` of one motion."""
    (made,) = like_people([motion], *([values] for values in asked))
    return made


@pytest.mark.parametrize("heading", [0.0, 1.0, -2.5])
def test_the_trunk_leans_ahead_and_the_feet_part_whichever_way_it_faces(heading):
    before = facing(heading)
    after = led(before, *WALKING, np.full(4, heading))
    moved = (after.positions() - before.positions())[0]
    ahead = np.array([np.sin(heading), 0.0, np.cos(heading)])
    left = np.array([np.cos(heading), 0.0, -np.sin(heading)])
    assert 0.010 < moved[SKELETON.index("Neck")] @ ahead < 0.015  # 42 cm above, 1.7 degrees
    feet = [moved[SKELETON.index(side + "Foot")] @ left for side in ("Left", "Right")]
    np.testing.assert_allclose(feet, [0.006, -0.006], atol=1e-4)


def test_head_arms_and_soles_keep_how_they_are_turned():
    before = facing(0.7)
    after = led(before, *WALKING, np.full(4, 0.7))
    worlds = [
        SKELETON.forward_kinematics(m.rotations, m.root_positions)[1] for m in (before, after)
    ]
    for name in ("Head", "LeftHand", "RightArm", "LeftFoot", "RightToeBase"):
        joint = SKELETON.index(name)
        np.testing.assert_allclose(worlds[1][:, joint], worlds[0][:, joint], atol=1e-12)


def test_who_does_not_walk_is_left_alone():
    before = facing(0.0)
    assert led(before, 0.0 * ONES, *WALKING[1:], 0.0 * ONES) is before
    half = led(before, np.array([0.0, 1.0, 0.0, 0.5]), *WALKING[1:], 0.0 * ONES)
    np.testing.assert_array_equal(half.positions()[0], before.positions()[0])


def test_who_runs_fast_leans_less_and_steps_no_wider():
    before, neck = facing(0.0), SKELETON.index("Neck")
    slow, fast = (
        led(before, ONES, speed * ONES, ONES, 0.0 * ONES).positions() - before.positions()
        for speed in (2.2, 4.0)
    )
    assert slow[0, neck, 2] > 2.0 * fast[0, neck, 2] > 0.0
    assert np.abs(fast[:, SKELETON.index("LeftFoot")]).max() < 1e-12
