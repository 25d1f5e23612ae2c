# SPDX-License-Identifier: GPL-3.0-or-later
"""Knees stop at straight, or as far as their own motion went; feet stop at the floor."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.stretch import Stretch, feet_kept_up, lowest_feet
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion

JOINT = QUATERNET_SKELETON.index


def legs(*degrees, skeleton=QUATERNET_SKELETON):
    """Frames with the left knee bent by so many degrees, thighs half as much the other way."""
    angles = np.radians(np.array(degrees, float))
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(angles), len(skeleton), 1))
    for name, share in (("LeftUpLeg", -0.5), ("LeftLeg", 1.0), ("LeftFoot", -0.5)):
        turn = rotation_vector_to_quaternion(share * angles[:, None] * [1.0, 0.0, 0.0])
        rotations[:, JOINT(name)] = turn
    roots = np.tile([0.0, skeleton.root_height, 0.0], (len(angles), 1))
    return Motion(skeleton, rotations, roots, 30.0)


def put(motion, rotations):
    return replace(motion, rotations=rotations)


def test_a_leg_that_would_bend_backward_is_straight_from_hip_to_ankle():
    stretch, far = Stretch.seen_in(legs(30.0, 10.0)), legs(20.0, -40.0, -80.0)
    made = put(far, stretch.kept(far.rotations))
    places, before = made.positions(), far.positions()
    hip, ankle = (places[1:, JOINT(f"Left{part}")] for part in ("UpLeg", "Foot"))
    line, was = ankle - hip, before[1:, JOINT("LeftFoot")] - hip
    assert np.linalg.norm(line, axis=-1) == pytest.approx(0.84)  # straight
    np.testing.assert_allclose(line / 0.84, was / np.linalg.norm(was, axis=-1)[:, None], atol=1e-9)
    assert np.array_equal(made.rotations[0], far.rotations[0])  # what is possible stays
    turned, turns = made.world[1][:, JOINT("LeftFoot")], far.world[1][:, JOINT("LeftFoot")]
    assert np.abs((turned * turns).sum(-1)) == pytest.approx(1.0)  # so does the foot's turn


def test_knees_go_as_far_back_as_they_went():
    far = legs(-4.0, -10.0)
    made = Stretch.seen_in(legs(-5.0, 60.0)).kept(far.rotations)
    assert np.array_equal(made[0], far.rotations[0])
    angle = 2.0 * np.degrees(np.arcsin(made[1, JOINT("LeftLeg"), 1]))
    assert angle == pytest.approx(-5.0)


def test_a_rig_at_rest_with_bent_knees_stretches_until_they_are_straight():
    offsets = np.array(QUATERNET_SKELETON.offsets)
    offsets[JOINT("LeftLeg"), 2], offsets[JOINT("LeftFoot"), 2] = 0.043, -0.041
    rig = replace(QUATERNET_SKELETON, offsets=offsets)
    rest = 2.0 * np.arctan(0.1)  # so much are they bent
    least = Stretch.seen_in(legs(60.0, skeleton=rig)).least
    assert least == pytest.approx([-rest, 0.0])


def test_rotations_of_some_joints():
    names = ("LeftFoot", "LeftLeg", "LeftUpLeg", "RightUpLeg", "RightLeg", "RightFoot")
    far, stretch = legs(-40.0), Stretch.seen_in(legs(30.0))
    some = far.rotations[:, [JOINT(name) for name in names]]
    made = stretch.among(QUATERNET_SKELETON, names).kept(some)
    whole = stretch.kept(far.rotations)[:, [JOINT(name) for name in names]]
    np.testing.assert_allclose(made, whole, atol=1e-12)


def test_feet_that_come_through_the_floor_stop_on_it_and_the_knees_give():
    stands = legs(0.0, 0.0)
    sinks = legs(*np.zeros(8)).moved(np.linspace(0.0, -0.3, 8)[:, None] * [0.0, 1.0, 0.0])
    lowest = lowest_feet(stands, 0.0)
    made = feet_kept_up(sinks, lowest)
    feet = [JOINT("LeftFoot"), JOINT("RightToeBase")]
    np.testing.assert_allclose(
        made.positions()[:, feet], stands.positions()[:1, feet].repeat(8, 0), atol=2e-3
    )
    knee = made.positions()[-1, JOINT("LeftLeg"), 2] - made.positions()[-1, JOINT("LeftUpLeg"), 2]
    assert knee > 0.1  # forward
    assert np.array_equal(made.root_positions, sinks.root_positions)
    assert feet_kept_up(stands, lowest) is stands


def test_feet_may_be_as_low_as_they_have_been():
    low = legs(0.0).moved([0.0, -0.05, 0.0])
    assert feet_kept_up(low, lowest_feet(low, 0.0)) is low
