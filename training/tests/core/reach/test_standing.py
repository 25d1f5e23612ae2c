# SPDX-License-Identifier: GPL-3.0-or-later
"""Who stands stays where none is asked to go, goes evenly, and starts and stops like people."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.approach.walker import Walker
from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.reach.features import GROUPS
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.pieces import looked_up
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.reach.standing import stillness
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model

FPS = 30.0
LEGS = ("UpLeg", "Leg")
ARM = tuple(name == "left arm" for name in GROUPS)


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.fixture(scope="module")
def walk_model():
    return load_walk_model(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def walks(walk_model):
    """A body that walks 6 m at 1.3 m/s and stands in the end."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 6.0]]))
    return Walk(walk_model, path, speed=1.3).run()


@pytest.fixture(scope="module")
def stand(walks):
    return walks.slice(-30, None)


def arm_up(pose):
    rotations = np.array(pose.rotations)
    arm = pose.skeleton.index("LeftArm")
    rotations[:, arm] = rotation_vector_to_quaternion(np.array([0.0, 0.0, 1.2]))
    return replace(pose, rotations=rotations)


def lower(pose, down):
    """Hips so much lower, straight down, on legs that are bent by the model's lengths."""
    skeleton, rotations = pose.skeleton, np.array(pose.rotations)
    bend = np.arccos(1.0 - down / skeleton.leg_length)
    for side in ("Left", "Right"):
        for joint, turn in (("UpLeg", -bend), ("Leg", 2.0 * bend), ("Foot", -bend)):
            rotations[:, skeleton.index(side + joint)] = rotation_vector_to_quaternion(
                np.array([turn, 0.0, 0.0])
            )
    return Motion(skeleton, rotations, pose.root_positions - [0.0, down, 0.0], FPS)


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.0, 4.0])
def test_a_stand_of_which_an_arm_is_asked_stays_on_its_feet(model, stand, seconds):
    """Hips and feet: within a millimetre a frame; 35 cm away in 4 s before."""
    key = Key(arm_up(stand.slice(-1, None)), seconds, ARM, rests=True)
    made = Reach(model, stand, [key], ground=0.0).run()
    hips = np.linalg.norm(made.root_positions - stand.root_positions[-1], axis=-1)
    feet = np.linalg.norm(toe_positions(made) - toe_positions(stand)[-1], axis=-1)
    assert hips.max() < 0.01 and feet.max() < 0.01


def test_the_arm_goes_up(model, stand):
    pose = arm_up(stand.slice(-1, None))
    made = Reach(model, stand, [Key(pose, 1.0, ARM, rests=True)], ground=0.0).run()
    hand = made.skeleton.index("LeftHand")
    risen = made.positions()[-1, hand, 1] - stand.positions()[-1, hand, 1]
    assert risen > 0.2


@pytest.mark.parametrize("seconds", [2.0, 3.0, 4.0])
def test_a_crouch_does_not_wait_half_way(model, stand, seconds):
    """Hips go down all the time; they went down by 6 cm, up by 3, and then down."""
    key = Key(lower(stand.slice(-1, None), 0.35), seconds, rests=True)
    made = Reach(model, stand, [key], ground=0.0).run()
    depth = (stand.root_positions[-1, 1] - made.root_positions[:, 1]) / 0.35
    assert np.diff(depth).min() > -1e-3
    between = (depth > 0.06) & (depth < 0.85)
    rates = np.gradient(depth, 1.0 / FPS)[between] * seconds
    assert rates.min() > 0.2  # -0.5 before in 3 s
    half = np.flatnonzero(depth > 0.5)[0] / len(depth)
    assert 0.25 < half < 0.7


@pytest.mark.parametrize(("ahead", "seconds"), [(1.5, 1.0), (0.5, 0.5), (1.0, 1.0)])
def test_a_step_out_of_a_stand_does_not_start_in_one_frame(model, stand, ahead, seconds):
    """1.5 m in 1 s had 36 m/s², 0.5 m in 0.5 s 39; an even rate takes 6 and 8."""
    key = Key(stand.slice(-1, None).moved([0.0, 0.0, ahead]), seconds, rests=True)
    made = Reach(model, stand, [key], ground=0.0).run().root_positions
    roots = np.concatenate([stand.root_positions[-3:], made, made[-1:], made[-1:]])
    assert np.linalg.norm(np.diff(roots, 2, axis=0), axis=-1).max() * FPS**2 < 22.0


@pytest.mark.parametrize("seconds", [2.0, 3.0, 4.0])
def test_who_walks_and_is_asked_for_an_arm_walks_on(model, walk_model, walks, seconds):
    """At his speed; in 4 s the hips jumped by a metre before."""
    going = walks.slice(60, 90)
    key = Key(arm_up(going.slice(-1, None)), seconds, ARM)
    made = Reach(model, going, [key], ground=0.0, walker=Walker(walk_model)).run()
    roots = np.concatenate([going.root_positions[-3:], made.root_positions])
    speeds = np.diff(roots[:, 2]) * FPS
    assert speeds.min() > 0.7 and speeds.max() < 2.0
    assert np.abs(np.diff(speeds)).max() * FPS < 10.0
    arm = made.skeleton.index("LeftArm")
    np.testing.assert_allclose(made.rotations[-1, arm], key.pose.rotations[0, arm], atol=1e-7)


def test_a_far_stand_is_walked_to_where_the_turn_of_the_hips_is_not_keyed(model, walk_model, stand):
    holds = tuple(name != "turn" for name in GROUPS)
    key = Key(stand.slice(-1, None).moved([0.0, 0.0, 3.0]), 3.0, holds, rests=True)
    walker = Walker(walk_model)
    alone, both = (Reach(model, stand, [key], ground=0.0, walker=w).run() for w in (None, walker))
    assert np.abs(both.rotations - alone.rotations).max() > 0.05
    np.testing.assert_allclose(both.root_positions[-1], key.pose.root_positions[0], atol=1e-7)


def test_a_way_aside_is_gone_in_steps_and_not_in_one_lunge(model, walk_model, stand):
    """1 m in 2 s: feet were 1.19 m apart, and hips 21 cm lower."""
    key = Key(stand.slice(-1, None).moved([1.0, 0.0, 0.0]), 2.0, rests=True)
    made = Reach(model, stand, [key], ground=0.0, walker=Walker(walk_model)).run()
    balls = toe_positions(made)
    assert np.linalg.norm(balls[:, 0] - balls[:, 1], axis=-1).max() < 0.9
    assert made.root_positions[:, 1].min() > stand.root_positions[-1, 1] - 0.12


@pytest.mark.parametrize(("way", "seconds"), [(2.0, 3.0), (4.0, 4.0), (1.5, 2.5), (1.0, 2.5)])
def test_who_walks_from_a_stand_into_a_stand_has_a_foot_on_the_floor(
    model, walk_model, stand, way, seconds
):
    """The foot that stands slides where a walk begins and ends: both were off for 20 frames."""
    key = Key(stand.slice(-1, None).moved([0.0, 0.0, way]), seconds, rests=True)
    made = Reach(model, stand, [key], ground=0.0, walker=Walker(walk_model)).run()
    lower = toe_positions(made)[..., 1].min(axis=1)
    assert np.sum(lower > lower.min() + 0.025) <= 4


def test_stillness_tells_stands_from_walks(stand, walks):
    for motion, still in ((stand, 1.0), (walks.slice(60, 90), 0.0)):
        past = looked_up(motion.rotations, motion.root_positions)
        assert stillness(past, motion.skeleton) == (still, still)


@pytest.mark.parametrize("rise", [0.1, 0.2])
@pytest.mark.parametrize("speed", [0.6, 1.0])
def test_who_glides_to_a_pose_on_a_step_leaves_the_floor_he_glides_on(model, speed, rise):
    """No foot is slow there: the floor was taken from the pose, and legs snapped up on to it."""
    frames = np.arange(40)
    places = np.stack([0.0 * frames, 1.0 + 0.0 * frames, speed / FPS * frames], -1)
    still = np.tile([1.0, 0.0, 0.0, 0.0], (40, len(model.skeleton), 1))
    glides = Motion(model.skeleton, still, places, FPS)
    there = replace(glides.slice(39, 40), root_positions=places[-1:] + [0.0, rise, 0.6])
    made = Reach(model, glides, [Key(there, 1.0, rests=True)], fps=FPS).run()
    legs = [model.skeleton.index(side + joint) for side in ("Left", "Right") for joint in LEGS]
    rotations = np.concatenate([still[-1:], made.rotations])[:, legs]
    degrees = np.degrees(angle(rotations[1:], rotations[:-1]))
    assert degrees[:10].max() < 20.0  # in a frame, as of who glides slowly; it were 45 to 65
