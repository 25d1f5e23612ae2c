# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks that go over from a pose: it is the first frame, feet step over, nothing jumps."""

import re

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    yaw_to_quaternion,
)
from quaternet_addon.core.walk.from_pose import SECONDS, heading_of
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

STRAIGHT = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]))
X, Z = np.eye(3)[[0, 2]]


@pytest.fixture(scope="module")
def model():
    return load_model()


def posed(model, heading=0.0, place=(0.0, 0.0), stride=0.0, arms=0.0):
    """One frame at rest but for its heading, legs apart fore and aft, and raised arms; radians."""
    skeleton = model.skeleton
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(skeleton), 1))
    rotations[0, 0] = yaw_to_quaternion(np.float64(heading))
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        rotations[0, skeleton.index(side + "UpLeg")] = axis_angle_to_quaternion(X, -sign * stride)
        rotations[0, skeleton.index(side + "Arm")] = axis_angle_to_quaternion(Z, sign * arms)
    height = skeleton.root_height - (1.0 - np.cos(stride)) * skeleton.leg_length
    return Motion(skeleton, rotations, np.array([[place[0], height, place[1]]]), 30.0)


def walked(model, pose, seed=0, **wishes):
    walk = Walk(model, STRAIGHT, speed=1.2, seed=seed, itinerary=Itinerary(**wishes), pose=pose)
    walk.run()
    return walk


POSES = {
    "apart": {"stride": 0.3, "arms": 0.8},
    "beside": {"place": (0.2, -0.15), "arms": -0.5},
    "turned": {"heading": 1.4, "stride": 0.2},
}


@pytest.mark.parametrize("name", POSES)
def test_the_first_frame_is_the_pose_and_nothing_jumps(model, name):
    pose = posed(model, **POSES[name])
    motion = walked(model, pose).motion
    np.testing.assert_allclose(motion.positions()[0], pose.positions()[0], atol=1e-6)
    steps = np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1).max(-1) * motion.fps
    count = int((SECONDS + 0.5) * motion.fps)
    assert steps[:count].max() < 2.5  # m/s; a stepping foot
    changes = np.abs(np.diff(motion.positions(), 2, axis=0)).max((1, 2)) * motion.fps**2
    assert changes[:count].max() < 40.0  # m/s^2


@pytest.mark.parametrize("name", ["apart", "beside"])
def test_feet_step_over_one_at_a_time_and_the_other_stays(model, name):
    motion = walked(model, posed(model, **POSES[name])).motion
    count = int(SECONDS * motion.fps)
    feet = [motion.skeleton.index(side + "Foot") for side in ("Left", "Right")]
    places = motion.positions()[:count, feet]
    moving = np.linalg.norm(np.diff(places, axis=0), axis=-1) * motion.fps > 0.05
    assert moving.any(0).all() and not moving.all(1).any()
    rises = places[..., 1].max(0) - places[[0, -1], :, 1].max(0)
    assert (rises > 0.03).all()


def test_who_faces_elsewhere_turns_on_the_spot(model):
    walk = walked(model, posed(model, heading=1.4))
    (turn,) = walk.plan.turns
    assert turn.radians == pytest.approx(-1.4, abs=0.05)
    assert heading_of(walk.motion) == pytest.approx(1.4, abs=1e-6)
    plain = walked(model, posed(model, heading=0.1))
    assert plain.plan.turns == ()


def test_the_rest_of_the_walk_is_as_without_a_pose(model):
    ours = walked(model, posed(model, stride=0.3)).motion
    plain = walked(model, None, wait=SECONDS).motion
    count = int(SECONDS * ours.fps) + 1
    assert len(ours) == len(plain)
    np.testing.assert_allclose(ours.positions()[count:], plain.positions()[count:], atol=1e-9)


@pytest.mark.parametrize(
    ("place", "wishes", "words"),
    [((0.0, 3.0), {}, "3.00 m away"), ((0.0, 0.0), {"standing_start": False}, "standing start")],
)
def test_what_cannot_be_gone_over_from_is_refused_in_words(model, place, wishes, words):
    with pytest.raises(ValueError, match=words):
        walked(model, posed(model, place=place), **wishes)


def test_a_pose_on_a_leaning_body_keeps_its_trunk_at_first(model):
    pose = posed(model)
    pose.rotations[0, 11] = multiply(axis_angle_to_quaternion(X, 0.6), pose.rotations[0, 11])
    motion = walked(model, pose).motion
    np.testing.assert_allclose(np.abs(motion.rotations[0, 11]), np.abs(pose.rotations[0, 11]))


END = {
    "apart": {"stride": 0.3, "arms": 0.8, "place": (0.0, 4.0)},
    "beside": {"place": (0.2, 3.85), "arms": -0.5},
    "turned": {"heading": -1.4, "stride": 0.2, "place": (0.05, 4.0)},
}


def ended(model, pose, seed=0, **wishes):
    wish = Itinerary(**wishes)
    walk = Walk(model, STRAIGHT, speed=1.2, seed=seed, itinerary=wish, end_pose=pose)
    walk.run()
    return walk


@pytest.mark.parametrize("name", END)
def test_the_last_frame_is_the_pose_and_nothing_jumps(model, name):
    pose = posed(model, **END[name])
    walk = ended(model, pose)
    motion, count = walk.motion, int((SECONDS + 0.5) * walk.fps)
    np.testing.assert_allclose(motion.positions()[-1], pose.positions()[0], atol=1e-6)
    places = motion.positions()[-count:]
    assert np.linalg.norm(np.diff(places, axis=0), axis=-1).max() * motion.fps < 2.5  # m/s
    assert np.abs(np.diff(places, 2, axis=0)).max() * motion.fps**2 < 40.0  # m/s^2
    assert (walk.plan.turns != ()) == (name == "turned")


@pytest.mark.parametrize("name", ["apart", "beside"])
def test_feet_step_over_into_the_last_pose_one_at_a_time(model, name):
    motion = ended(model, posed(model, **END[name])).motion
    feet = [motion.skeleton.index(side + "Foot") for side in ("Left", "Right")]
    places = motion.positions()[-int(SECONDS * motion.fps) :, feet]
    moving = np.linalg.norm(np.diff(places, axis=0), axis=-1) * motion.fps > 0.05
    assert moving.any(0).all() and not moving.all(1).any()


@pytest.mark.parametrize("name", ["apart", "beside"])
@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_stands_like_a_statue_before_the_last_pose(model, name, seed):
    """Bodies came to a stop, stood for 0.6 s and more without a move, and went over only then."""
    motion = ended(model, posed(model, **END[name]), seed).motion
    places = motion.positions()[-int(4.0 * motion.fps) :]
    moves = np.linalg.norm(np.diff(places, axis=0), axis=-1).max(-1) * motion.fps > 0.15  # m/s
    waits = np.diff(np.flatnonzero(moves)) - 1
    assert waits.max() / motion.fps < 0.4


def test_a_duration_holds_with_a_last_pose_and_both_ends_may_have_one(model):
    pose = posed(model, **END["apart"])
    walk = ended(model, pose, duration=9.0)
    assert walk.motion.duration == pytest.approx(9.0, abs=0.06)
    first = posed(model, stride=0.3)
    both = Walk(model, STRAIGHT, speed=1.2, pose=first, end_pose=pose)
    places = both.run().positions()
    np.testing.assert_allclose(places[0], first.positions()[0], atol=1e-6)
    np.testing.assert_allclose(places[-1], pose.positions()[0], atol=1e-6)


@pytest.mark.parametrize("asked", [1.2, 4.0, 30.0])
def test_a_duration_that_does_not_do_is_told_as_it_was_asked(model, asked):
    pose = posed(model, **END["apart"])
    with pytest.raises(ValueError, match=f"got {asked:.3g} s") as refused:
        ended(model, pose, duration=asked)
    least, most = map(float, re.search(r"between (\S+) and (\S+) s", str(refused.value)).groups())
    assert not least <= asked <= most
    for seconds in (least + 0.05, most - 0.1):
        walked = ended(model, pose, duration=seconds).motion
        assert walked.duration == pytest.approx(seconds, abs=0.06)
    with pytest.raises(ValueError, match="Expected a duration"):
        ended(model, pose, duration=least - 0.05)


@pytest.mark.parametrize(
    ("place", "wishes", "words"),
    [
        ((0.0, 1.0), {}, r"at \(0\.00, -1\.00\) m, got one 3\.00 m away"),
        ((0.0, 4.0), {"standing_end": False}, "standing end"),
    ],
)
def test_what_cannot_be_gone_over_into_is_refused_in_words(model, place, wishes, words):
    with pytest.raises(ValueError, match=words):
        ended(model, posed(model, place=place), **wishes)


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("aside", [-0.8, -0.3, 0.3, 0.8])
@pytest.mark.parametrize("ahead", [-0.2, 0.0])
def test_who_goes_aside_to_a_pose_does_not_cross_the_legs_nor_hover(model, at_end, aside, ahead):
    """The farther foot went first, be it the outer one or not: feet crossed by up to 57 cm."""
    pose = posed(model, place=(aside, 4.0 - ahead if at_end else ahead))
    motion = (ended if at_end else walked)(model, pose).motion
    count = int(SECONDS * motion.fps)
    motion = motion.slice(len(motion) - count, len(motion)) if at_end else motion.slice(0, count)
    joint, places = motion.skeleton.index, motion.positions()
    left, right = (places[:, joint(side + "Foot")] for side in ("Left", "Right"))
    assert (left - right)[:, 0].min() > 0.1  # both face along +Z, +X is left
    balls = [joint(side + "ToeBase") for side in ("Left", "Right")]
    above = places[:, balls, 1] - motion.skeleton.rest_positions[balls, 1]
    assert above.min(axis=1).max() < 0.015
