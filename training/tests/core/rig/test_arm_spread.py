# SPDX-License-Identifier: GPL-3.0-or-later
"""Hanging arms of wide bodies: farther out, and back again where poses are read."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import angle, axis_angle_to_quaternion
from quaternet_addon.core.rig.arm_spread import gathered, needed_spread, spread

ANGLE = np.radians(25.0)


def hanging(lowered=80.0, frames=3):
    """A standing body with its arms lowered by degrees from the T-pose, turned about the way."""
    rotations = np.zeros((frames, len(QUATERNET_SKELETON), 4))
    rotations[..., 0] = 1.0
    rotations[:, 0] = axis_angle_to_quaternion(np.array([0.0, 1.0, 0.0]), np.radians(40.0))
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        arm = QUATERNET_SKELETON.index(side + "Arm")
        turn = axis_angle_to_quaternion(np.array([0.0, 0.0, 1.0]), sign * np.radians(lowered))
        rotations[:, arm] = turn
    roots = np.tile([0.0, QUATERNET_SKELETON.root_height, 0.0], (frames, 1))
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0)


def width(motion):
    places = motion.positions()
    left, right = (places[:, motion.skeleton.index(s + "Hand")] for s in ("Left", "Right"))
    return np.linalg.norm(left - right, axis=-1)


def test_hanging_arms_go_out_on_both_sides():
    motion = hanging()
    arm = np.linalg.norm(
        motion.positions()[0, motion.skeleton.index("LeftHand")]
        - motion.positions()[0, motion.skeleton.index("LeftArm")]
    )
    wider = width(spread(motion, ANGLE)) - width(motion)
    assert np.all(wider > 1.2 * arm * np.sin(0.9 * ANGLE))


@pytest.mark.parametrize("lowered", [0.0, -60.0])
def test_arms_that_are_level_or_raised_stay(lowered):
    motion = hanging(lowered)
    assert angle(spread(motion, ANGLE).rotations, motion.rotations).max() < 1e-9


@pytest.mark.parametrize("lowered", [85.0, 60.0, 30.0, 0.0])
def test_what_is_read_back_is_what_was_planned(lowered):
    motion = hanging(lowered)
    back = gathered(spread(motion, ANGLE), ANGLE)
    assert np.degrees(angle(back.rotations, motion.rotations).max()) < 1.0


def test_nothing_changes_at_no_angle():
    motion = hanging()
    assert spread(motion, 0.0) is motion and gathered(motion, 0.0) is motion


def test_a_belly_asks_for_more_than_a_person_does():
    heights = np.linspace(0.6, 1.4, 200)
    person = np.stack([np.full(200, 0.16), heights], -1)
    belly = np.stack([0.16 + 0.35 * np.sin(np.pi * (heights - 0.6) / 0.8), heights], -1)
    shoulder, length = np.array([0.18, 1.43]), 0.62
    assert needed_spread(person, shoulder, length) == 0.0
    assert np.radians(25.0) < needed_spread(belly, shoulder, length) <= np.radians(55.0)
