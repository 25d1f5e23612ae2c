# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands and what they hold stay over the floor, smoothly, and only they are touched."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.maths.quaternion import IDENTITY, axis_angle_to_quaternion, rotate
from quaternet_addon.core.rig.hand_clearance import clear_of_floor, floor_under

FRAMES = 60


def standing(arms=85.0, swing=0.0, floor=0.0):
    """A person who stands on a floor with hanging arms that swing by degrees."""
    rotations = np.tile(IDENTITY, (FRAMES, len(SKELETON), 1))
    phase = np.sin(np.linspace(0.0, 2.0 * np.pi, FRAMES))
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        arm = axis_angle_to_quaternion(np.array([0.0, 0.0, 1.0]), np.radians(sign * arms))
        turn = axis_angle_to_quaternion(
            np.tile([0.0, sign, 0.0], (FRAMES, 1)), np.radians(swing) * phase
        )
        rotations[:, SKELETON.index(side + "Arm")] = arm
        rotations[:, SKELETON.index(side + "ForeArm")] = turn
    places = np.zeros((FRAMES, 3))
    places[:, 1] = SKELETON.root_height + floor
    return Motion(SKELETON, rotations, places, 30.0)


def lowest(motion, side, points):
    places, world = SKELETON.forward_kinematics(motion.rotations, motion.root_positions)
    hand = SKELETON.index(side + "Hand")
    return (places[:, hand, None] + rotate(world[:, hand, None], points[None]))[..., 1].min(1)


AXE = np.array([[1.1, 0.0, 0.1], [0.5, 0.05, 0.0], [0.0, 0.0, 0.0]])  # along the hand, left


@pytest.mark.parametrize("floor", [0.0, 3.0, -1.0])
@pytest.mark.parametrize("length", [0.9, 1.1, 1.6])
def test_what_a_hand_holds_stays_over_the_floor(floor, length):
    motion, held = standing(swing=20.0, floor=floor), {"LeftHand": AXE * length}
    assert lowest(motion, "Left", held["LeftHand"]).min() < floor - 0.05
    done = clear_of_floor(motion, held)
    assert lowest(done, "Left", held["LeftHand"]).min() > floor - 1e-6


def test_arms_that_are_longer_than_legs_are_bent():
    """The hand is as long as an arm: the wrist alone cannot help."""
    motion, held = (
        standing(),
        {"RightHand": np.array([[-0.2, 0, 0], [-1.0, 0.5, 0], [-1.0, -0.5, 0]])},
    )
    held["RightHand"] = np.vstack([held["RightHand"], [[-0.6, 0.0, 0.7], [-0.6, 0.0, -0.7]]])
    done = clear_of_floor(motion, held)
    assert lowest(done, "Right", held["RightHand"]).min() > -1e-6
    changed = np.abs(done.rotations - motion.rotations).max(axis=(0, 2)) > 1e-9
    assert {SKELETON.names[i] for i in np.flatnonzero(changed)} <= {
        "RightHand",
        "RightForeArm",
        "RightArm",
    }


def test_a_hand_in_parts_is_lifted_by_the_elbow_and_stays_together():
    """Palms beside the hand's own hang on the forearm: turned at the wrist it would come apart."""
    held = {"LeftForeArm": AXE + SKELETON.offsets[SKELETON.index("LeftHand")]}
    motion, arm, hand = standing(swing=20.0), *map(SKELETON.index, ("LeftForeArm", "LeftHand"))
    motion.rotations[:, hand] = axis_angle_to_quaternion(np.array([0.0, 0.0, 1.0]), 0.3)
    done = clear_of_floor(motion, held)
    np.testing.assert_array_equal(done.rotations[:, hand], np.tile(IDENTITY, (FRAMES, 1)))
    places, world = SKELETON.forward_kinematics(done.rotations, done.root_positions)
    points = places[:, arm, None] + rotate(world[:, arm, None], held["LeftForeArm"][None])
    assert points[..., 1].min() > -1e-6


def test_hands_that_touch_nothing_are_left_alone():
    motion = standing()
    assert clear_of_floor(motion, {"LeftHand": AXE * 0.3, "RightHand": np.zeros((0, 3))}) is motion


@pytest.mark.parametrize("swing", [10.0, 25.0, 40.0])
def test_nothing_jumps(swing):
    """A tip that swings past straight down is no faster than a few times what it was."""
    motion = standing(swing=swing)
    done = clear_of_floor(motion, {"LeftHand": AXE})
    before, after = (np.diff(tip(m), axis=0) for m in (motion, done))
    assert np.abs(after).max() < 2.0 * np.abs(before).max()
    assert np.abs(np.diff(after, axis=0)).max() < 0.03  # metres a frame squared


def tip(motion):
    places, world = SKELETON.forward_kinematics(motion.rotations, motion.root_positions)
    hand = SKELETON.index("LeftHand")
    return places[:, hand] + rotate(world[:, hand], np.tile(AXE[0], (FRAMES, 1)))


def test_the_floor_is_where_the_lower_foot_stands():
    assert np.allclose(floor_under(standing(floor=2.0)), 2.0, atol=0.02)
