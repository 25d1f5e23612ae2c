# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet pass each other no nearer than people's, and wider ones are left as they are."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    yaw_to_quaternion,
)
from quaternet_addon.core.walk.passing import clear_of_each_other

FRAMES, FPS = 120, 30.0
ONES = np.ones(FRAMES)
LEFT, _, AHEAD = np.eye(3)


def going(apart, heading=0.0, scale=1.0):
    """Legs that swing once in 1.2 s, their ankles about so many metres apart when they pass."""
    skeleton = SKELETON.scaled(scale)
    swing = 0.35 * np.sin(2.0 * np.pi * np.arange(FRAMES) / 36.0)
    rotations = np.zeros((FRAMES, len(skeleton), 4))
    rotations[..., 0] = 1.0
    rotations[:, 0] = yaw_to_quaternion(np.float64(heading))
    still = Motion(skeleton, rotations, np.tile([0.0, scale, 0.0], (FRAMES, 1)), FPS)
    inward = (across(still, heading)[0] - apart * scale) / (2.0 * 0.84 * scale)
    for sign, side in ((1.0, "Left"), (-1.0, "Right")):
        ahead = axis_angle_to_quaternion(LEFT, sign * swing)
        aside = axis_angle_to_quaternion(AHEAD, np.full(FRAMES, -sign * inward))
        rotations[:, skeleton.index(side + "UpLeg")] = multiply(aside, ahead)
    return Motion(skeleton, rotations, still.root_positions, FPS)


def across(motion, heading=0.0):
    """How far the left ankle is to the left of the right one, ``(T,)`` metres."""
    places = motion.positions()
    legs = places[:, SKELETON.index("LeftFoot")] - places[:, SKELETON.index("RightFoot")]
    return legs @ np.array([np.cos(heading), 0.0, -np.sin(heading)])


PASSES = np.array([36, 54, 72, 90])  # frames


@pytest.mark.parametrize("heading", [0.0, 2.0])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_feet_that_would_touch_pass_as_wide_as_peoples(heading, scale):
    before = going(0.04, heading, scale)
    after = clear_of_each_other(before, np.full(FRAMES, heading), ONES, scale)
    assert across(before, heading)[PASSES].max() < 0.06 * scale
    assert across(after, heading)[PASSES].min() > 0.077 * scale
    assert across(after, heading)[PASSES].max() < 0.1 * scale


def test_wider_ones_and_who_does_not_walk_ahead_are_left_alone():
    wide = going(0.12)
    assert clear_of_each_other(wide, 0.0 * ONES, ONES) is wide
    near = going(0.04)
    assert clear_of_each_other(near, 0.0 * ONES, 0.0 * ONES) is near


def test_soles_keep_how_they_lie_and_planted_feet_hardly_move():
    before = going(0.06)
    after = clear_of_each_other(before, 0.0 * ONES, ONES)
    for name in ("LeftFoot", "RightFoot"):
        joint = SKELETON.index(name)
        np.testing.assert_allclose(after.world[1][:, joint], before.world[1][:, joint], atol=1e-9)
        moved = (after.positions() - before.positions())[30:90, joint]
        assert np.abs(moved[:, 0]).max() > 0.005  # metres
        assert np.abs(np.diff(moved, axis=0)).max() < 0.001  # a frame
