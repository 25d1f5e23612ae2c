# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks lean, swing and stand as wide as the people that the network learnt from."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.feet.soles import pitch
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    rotate,
    yaw_to_quaternion,
)
from quaternet_addon.core.walk.posture import like_people

FRAMES, FPS = 120, 30.0
ONES = np.ones(FRAMES)
WALKING = ONES, 1.2 * ONES, 0.0 * ONES  # share, speed, gait
RUNNING = ONES, 3.5 * ONES, ONES
LEFT, AHEAD = np.eye(3)[[0, 2]]


def facing(heading, lean=0.0, side=0.0, sway=0.0, contacts=None):
    """A body that stands upright, its back swinging once a second; radians, metres."""
    wave = np.sin(2.0 * np.pi * np.arange(FRAMES) / FPS)
    rotations = np.zeros((FRAMES, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    rotations[:, 0] = yaw_to_quaternion(np.float64(heading))
    back = multiply(
        axis_angle_to_quaternion(LEFT, lean * wave), axis_angle_to_quaternion(-AHEAD, side * wave)
    )
    rotations[:, SKELETON.index("LowerBack")] = back
    roots = np.array([0.0, 1.0, 0.0]) + sway * wave[:, None] * left_of(heading)
    contacts = np.zeros((FRAMES, 2), bool) if contacts is None else contacts
    return Motion(SKELETON, rotations, roots, FPS, contacts)


def left_of(heading):
    return np.array([np.cos(heading), 0.0, -np.sin(heading)])


def led(motion, *asked):
    """`like_people` of one motion."""
    (made,) = like_people([motion], *([values] for values in asked))
    return made


def trunk(motion):
    """How far necks are from hips, ``(T, 3)`` metres."""
    places = motion.positions()
    return places[:, SKELETON.index("Neck")] - places[:, 0]


def gained(before, after, axis):
    """By what factor a trunk swings further along an axis, away from the ends of a clip."""
    return np.ptp(trunk(after)[40:80] @ axis) / np.ptp(trunk(before)[40:80] @ axis)


@pytest.mark.parametrize("heading", [0.0, 1.0, -2.5])
def test_the_trunk_leans_ahead_and_the_feet_part_whichever_way_it_faces(heading):
    before = facing(heading)
    after = led(before, *WALKING, np.full(FRAMES, heading))
    ahead = np.array([np.sin(heading), 0.0, np.cos(heading)])
    assert 0.010 < (trunk(after) - trunk(before))[0] @ ahead < 0.015  # 42 cm above, 1.7 degrees
    moved = (after.positions() - before.positions())[0]
    feet = [moved[SKELETON.index(side + "Foot")] @ left_of(heading) for side in ("Left", "Right")]
    np.testing.assert_allclose(feet, [0.009, -0.009], atol=2e-4)


@pytest.mark.parametrize("heading", [0.0, 2.0])
@pytest.mark.parametrize(("asked", "ahead", "left"), [(WALKING, 1.2, 1.25), (RUNNING, 1.9, 1.15)])
def test_the_trunk_swings_further(heading, asked, ahead, left):
    way = np.array([np.sin(heading), 0.0, np.cos(heading)])
    for swing, axis, factor in (
        ({"lean": 0.05}, way, ahead),
        ({"side": 0.05}, left_of(heading), left),
    ):
        before = facing(heading, **swing)
        after = led(before, *asked, np.full(FRAMES, heading))
        assert gained(before, after, axis) == pytest.approx(factor, rel=0.08)


def test_hips_sway_further_over_feet_that_stay():
    before = facing(1.0, sway=0.02)
    after = led(before, *WALKING, np.ones(FRAMES))
    hips = [np.ptp(m.root_positions[40:80] @ left_of(1.0)) for m in (before, after)]
    assert hips[1] == pytest.approx(1.16 * hips[0], rel=0.03)
    foot = SKELETON.index("LeftFoot")
    feet = [np.ptp((m.positions()[40:80, foot]) @ left_of(1.0)) for m in (before, after)]
    assert feet[1] == pytest.approx(feet[0], rel=0.03)


def test_the_pelvis_comes_forward_and_the_legs_do_not():
    before = facing(0.0)
    after = led(before, *WALKING, 0.0 * ONES)
    tilted = rotate(after.rotations[:, 0], AHEAD)[:, 1]
    np.testing.assert_allclose(np.degrees(np.arcsin(-tilted)), 2.0, atol=0.01)
    knee, hip = SKELETON.index("LeftLeg"), SKELETON.index("LeftUpLeg")
    thighs = [m.positions()[:, knee] - m.positions()[:, hip] for m in (before, after)]
    np.testing.assert_allclose(thighs[1][:, [1, 2]], thighs[0][:, [1, 2]], atol=1e-3)


def test_feet_come_down_steeper_in_walks_only():
    contacts = np.zeros((FRAMES, 2), bool)
    contacts[60:90, 0] = True
    before = facing(0.0, contacts=contacts)
    foot = SKELETON.index("LeftFoot")
    for asked, most in ((WALKING, 2.5), (RUNNING, 0.0)):
        after = led(before, *asked, 0.0 * ONES)
        up = -np.degrees(pitch(after.world[1][:, foot]) - pitch(before.world[1][:, foot]))
        assert up[60] == pytest.approx(most, abs=0.01) and np.abs(up[[50, 65, 100]]).max() < 1e-6


def test_head_and_arms_keep_how_they_are_turned():
    before = facing(0.7, lean=0.05, side=0.03)
    after = led(before, *WALKING, np.full(FRAMES, 0.7))
    for name in ("Head", "LeftHand", "RightArm"):
        joint = SKELETON.index(name)
        np.testing.assert_allclose(after.world[1][:, joint], before.world[1][:, joint], atol=1e-12)


def test_who_does_not_walk_is_left_alone():
    before = facing(0.0)
    assert led(before, 0.0 * ONES, *WALKING[1:], 0.0 * ONES) is before
    share = np.where(np.arange(FRAMES) < 60, 0.0, 1.0)
    half = led(before, share, *WALKING[1:], 0.0 * ONES)
    np.testing.assert_array_equal(half.positions()[:60], before.positions()[:60])


def test_who_runs_leans_no_more_and_steps_no_wider():
    before = facing(0.0)
    after = led(before, *RUNNING, 0.0 * ONES)
    np.testing.assert_allclose(trunk(after), trunk(before), atol=1e-3)
    foot = SKELETON.index("LeftFoot")
    moved = after.positions()[:, foot, 0] - before.positions()[:, foot, 0]
    assert np.abs(moved).max() < 1e-3
