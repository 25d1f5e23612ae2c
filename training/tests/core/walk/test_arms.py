# SPDX-License-Identifier: GPL-3.0-or-later
"""Trunks and arms of bodies that go aside: as in people's sidesteps, and left alone elsewhere."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    yaw_to_quaternion,
)
from quaternet_addon.core.walk.arms import carried_aside, hanging_in_bends, no_deeper
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

FRAMES = 90
LEFT, UP, AHEAD = np.eye(3)
HANGING = {"LeftArm": (AHEAD, -75.0), "RightArm": (AHEAD, 75.0)}
"""Arms of the rest pose, which point to the sides, hang down with hands beside the thighs."""


def posed(heading=0.0, **turns):
    """A body whose joints are turned so, axis and degrees, for all frames."""
    rotations = np.zeros((FRAMES, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    for name, (axis, degrees) in {**HANGING, **turns}.items():
        rotations[:, SKELETON.index(name)] = axis_angle_to_quaternion(axis, np.radians(degrees))
    turn = yaw_to_quaternion(np.radians(heading))
    rotations[:, 0] = multiply(turn, rotations[:, 0])
    return Motion(SKELETON, rotations, np.tile([0.0, 1.0, 0.0], (FRAMES, 1)), 30.0)


def places(motion, *names):
    return [motion.positions()[:, SKELETON.index(name)] for name in names]


def angle(u, v):
    cosine = (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def elbow(motion, side):
    arm, fore, hand = places(motion, side + "Arm", side + "ForeArm", side + "Hand")
    return angle(fore - arm, hand - fore)


def lean(motion):
    hips, neck = places(motion, "Hips", "Neck")
    return angle(neck - hips, UP)


def to_thigh(motion, side):
    """Metres from a hand to the line of the thigh."""
    begin, end, hand = places(motion, side + "UpLeg", side + "Leg", side + "Hand")
    share = ((hand - begin) * (end - begin)).sum(-1) / ((end - begin) ** 2).sum(-1)
    away = hand - begin - np.clip(share, 0.0, 1.0)[:, None] * (end - begin)
    return np.linalg.norm(away, axis=-1)


EVERYWHERE = np.ones(FRAMES)


@pytest.mark.parametrize("heading", [0.0, 130.0])
@pytest.mark.parametrize("side", ["Left", "Right"])
def test_a_lifted_forearm_comes_down(side, heading):
    before = posed(heading, **{side + "ForeArm": (UP, -70.0 if side == "Left" else 70.0)})
    assert elbow(before, side).min() > 60.0
    after = carried_aside(before, EVERYWHERE)
    assert elbow(after, side).max() < 30.0
    other = "Right" if side == "Left" else "Left"
    assert elbow(after, other) == pytest.approx(elbow(before, other), abs=1e-3)


@pytest.mark.parametrize("scale", [0.6, 1.0])
def test_a_hand_on_the_thigh_makes_room(scale):
    before = posed(LeftArm=(AHEAD, -97.0), RightArm=(AHEAD, 97.0))
    small = SKELETON.scaled(scale)
    before = Motion(small, before.rotations, scale * before.root_positions, 30.0)
    after = carried_aside(before, EVERYWHERE, scale)
    for side in ("Left", "Right"):
        assert to_thigh(before, side).max() < 0.1 * scale
        assert to_thigh(after, side).min() > 0.12 * scale


def test_a_bowed_trunk_straightens_up_and_the_head_keeps_its_turn():
    before = posed(LowerBack=(LEFT, 14.0))
    after = carried_aside(before, EVERYWHERE)
    assert lean(before).min() > 9.0
    assert lean(after).max() < 6.0
    head = SKELETON.index("Head")
    np.testing.assert_allclose(after.world[1][:, head], before.world[1][:, head], atol=1e-9)


def test_who_goes_ahead_and_who_carries_them_so_is_left_as_it_is():
    lifted = posed(LeftForeArm=(UP, -70.0), LowerBack=(LEFT, 14.0))
    same = carried_aside(lifted, np.zeros(FRAMES))
    np.testing.assert_allclose(same.rotations, lifted.rotations, atol=1e-9)
    calm = posed(LeftForeArm=(UP, -10.0), RightForeArm=(UP, 5.0))
    after = carried_aside(calm, EVERYWHERE)
    assert angle(*(m.positions()[:, SKELETON.index("LeftHand")] for m in (calm, after))).max() < 0.1


def test_arms_still_swing():
    before = posed()
    rotations = before.rotations.copy()
    swing = np.radians(25.0) * np.sin(np.arange(FRAMES) * 2.0 * np.pi / 30.0)
    joint = SKELETON.index("LeftArm")
    turn = axis_angle_to_quaternion(np.broadcast_to(LEFT, (FRAMES, 3)), swing)
    rotations[:, joint] = multiply(turn, rotations[:, joint])
    before = Motion(SKELETON, rotations, before.root_positions, 30.0)
    hands = [places(m, "LeftHand")[0][:, 2] for m in (before, carried_aside(before, EVERYWHERE))]
    assert np.ptp(hands[1]) > 0.9 * np.ptp(hands[0])


@pytest.mark.parametrize("facing", ["LEFT", "RIGHT"])
def test_no_sidestep_has_bent_arms_or_hands_in_the_body(facing):
    """At 1.0 m/s elbows were bent by 60 degrees in the mean, and a hand was on the groin."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]))
    for seed in (0, 1):
        wish = Itinerary(facing=facing)
        walk = Walk(load_model(DEFAULT_MODEL), path, speed=1.0, seed=seed, itinerary=wish)
        motion = walk.run()
        for side in ("Left", "Right"):
            assert elbow(motion, side)[30:-30].mean() < 30.0
            assert to_thigh(motion, side).min() > 0.12
        assert lean(motion)[30:-30].mean() < 9.0


def test_in_bends_arms_hang_as_walkers_carry_them():
    before = posed(LeftForeArm=(UP, -85.0), RightForeArm=(UP, 20.0))
    after = hanging_in_bends(before, EVERYWHERE)
    assert elbow(after, "Left").max() < 36.0
    assert elbow(after, "Right") == pytest.approx(elbow(before, "Right"), abs=0.5)
    assert hanging_in_bends(before, np.zeros(FRAMES)) is before


def test_only_the_deepest_leans_of_a_run_come_up():
    bowed = posed(LowerBack=(LEFT, 45.0))
    assert lean(bowed).min() > 33.0
    assert 25.0 < lean(no_deeper(bowed, EVERYWHERE)).max() < 31.5
    runs = posed(LowerBack=(LEFT, 15.0))
    assert no_deeper(runs, EVERYWHERE) is runs
