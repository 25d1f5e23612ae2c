# SPDX-License-Identifier: GPL-3.0-or-later
"""Knees between poses do not bend backward; where a pose has them so, they go there smoothly."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_data import kick

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion, concatenate
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.knees import knee_bends
from quaternet_addon.core.maths.quaternion import (
    angle,
    multiply,
    rotation_vector_to_quaternion,
)
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach


@pytest.fixture(scope="module")
def model():
    return load_model()


def stand(frames=1, bend=8.0):
    """On both balls, knees bent by so many degrees: a Motion."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    for side in ("Left", "Right"):
        for part, share in (("UpLeg", -0.5), ("Leg", 1.0), ("Foot", -0.5)):
            turn = rotation_vector_to_quaternion(np.radians(share * bend) * np.array([1.0, 0, 0]))
            rotations[:, QUATERNET_SKELETON.index(side + part)] = turn
    roots = np.tile([0.0, QUATERNET_SKELETON.root_height, 0.0], (frames, 1))
    motion = Motion(QUATERNET_SKELETON, rotations, roots, 30.0)
    lowest = toe_positions(motion)[..., 1].min() - toe_positions(_at_rest())[..., 1].min()
    return motion.moved([0.0, -lowest, 0.0])


def _at_rest():
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(QUATERNET_SKELETON), 1))
    return Motion(
        QUATERNET_SKELETON, rotations, np.array([[0.0, QUATERNET_SKELETON.root_height, 0.0]]), 30.0
    )


def overstretched(pose, degrees, side="Left"):
    """The pose with a shin that points forward from the knee by so much; the thigh as it was."""
    joint, rotations = QUATERNET_SKELETON.index(side + "Leg"), np.array(pose.rotations)
    bend = np.degrees(knee_bends(pose))[0, ("Left", "Right").index(side)]
    turn = rotation_vector_to_quaternion(-np.radians(bend + degrees) * np.array([1.0, 0.0, 0.0]))
    rotations[:, joint] = multiply(rotations[:, joint], turn)
    return replace(pose, rotations=rotations)


def bends_of(*motions):
    return np.degrees(knee_bends(concatenate(motions)))


@pytest.mark.parametrize("foot_lock", [False, True])
@pytest.mark.parametrize("seconds", [0.3, 0.5, 1.0])
def test_a_knee_that_stretches_fast_stops_at_straight(model, seconds, foot_lock):
    """Carried on at its speed it bent backward where feet are not planted."""
    way = Reach(model, kick(), [Key(stand(), seconds)], ground=0.0, foot_lock=foot_lock)
    assert bends_of(way.run()).min() > -0.1


@pytest.mark.parametrize("ahead", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("degrees", [8.0, 20.0, 40.0])
def test_an_overstretched_knee_is_kept_and_no_knee_flips_beside_it(model, degrees, ahead):
    """Before, it went from 8 degrees forward to as many backward as keyed, and back, in a frame."""
    before, there = stand(30), stand().moved([0.0, 0.0, ahead])
    pose = overstretched(there, degrees)
    way = Reach(model, before, [Key(pose, 1.0, rests=True), Key(there, 2.0)], ground=0.0)
    made = way.run()
    assert np.degrees(angle(made.rotations[29], pose.rotations[0])).max() < 1e-4
    bends = bends_of(before.slice(-1, None), made)[:, 0]
    assert bends[30] == pytest.approx(-degrees, abs=0.1) and bends.min() > -degrees - 0.1
    near = slice(19, 42)  # what comes before and after it in a step is the step's
    assert np.abs(np.diff(bends[near])).max() < 10.0 + 0.2 * degrees
    turns = np.diff(np.sign(np.diff(bends[20:31]))) != 0
    assert turns.sum() <= 2  # there in one go, maybe after a step's last bend


def test_a_foot_under_an_overstretched_knee_stays_where_it_stands(model):
    before, there = stand(30), stand()
    pose = overstretched(there, 10.0)
    made = Reach(model, before, [Key(pose, 1.0, rests=True)], ground=0.0).run()
    balls = toe_positions(made)[:, 0]
    moved = np.abs(toe_positions(pose)[0, 0] - toe_positions(there)[0, 0]).max()
    low = min(balls[0, 1], balls[-1, 1])
    assert moved < 0.2 and balls[15:, 1].min() > low - 0.01


def test_legs_that_stand_backward_in_both_poses_stay_so(model):
    """Knees that are a little overstretched all the time do not bend and come back."""
    posed = stand(bend=-6.0)
    before = concatenate([posed] * 30)
    arm, rotations = QUATERNET_SKELETON.index("RightArm"), np.array(posed.rotations)
    rotations[:, arm] = rotation_vector_to_quaternion(np.array([0.0, 0.0, 1.0]))
    key = Key(replace(posed, rotations=rotations), 1.0, rests=True)
    bends = bends_of(Reach(model, before, [key], ground=0.0).run())
    assert bends.max() < 1.0 and bends.min() > -6.2  # hips come down for legs that are straight
    assert np.abs(np.diff(bends, axis=0)).max() < 2.0
