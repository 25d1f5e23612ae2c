# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that stand lower or higher than the body does: feet step there, and none is teleported."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.approach.walker import Walker
from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.knees import knee_bends
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.walk.walk import DEFAULT_MODEL
from quaternet_addon.core.walk.walk import load_model as load_walk_model

FPS = 30.0
BALL = QUATERNET_SKELETON.rest_positions[QUATERNET_SKELETON.index("LeftToeBase"), 1]


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.fixture(scope="module")
def walker():
    return Walker(load_walk_model(DEFAULT_MODEL))


def stand(frames=15, away=(0.0, 0.0, 0.0)):
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    place = np.array([0.0, QUATERNET_SKELETON.root_height, 0.0]) + away
    return Motion(QUATERNET_SKELETON, rotations, np.tile(place, (frames, 1)), FPS)


def reached(model, away, seconds, walker=None, fps=FPS):
    key = Key(stand(1, away), seconds, rests=True)
    way = Reach(model, replace(stand(), fps=FPS), [key], walker=walker, fps=fps)
    made = way.run()
    return way, made, np.concatenate([toe_positions(stand(1)), toe_positions(made)])


WAYS = [
    (0.0, -0.03, 0.0),
    (0.0, -0.05, 0.3),
    (0.0, -0.17, 0.0),
    (0.0, -0.17, 0.6),
    (0.0, -0.4, 0.0),
    (0.3, -0.3, 0.0),
    (0.0, -0.4, 0.5),
    (0.0, 0.05, 0.3),
    (0.0, 0.17, 0.4),
    (0.0, 0.4, 0.0),
]


@pytest.mark.parametrize("seconds", [1.0, 1.5, 2.5])
@pytest.mark.parametrize("away", WAYS)
def test_feet_step_up_and_down(model, away, seconds):
    """They went 16 to 48 cm in one frame."""
    way, made, balls = reached(model, away, seconds)
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() < 0.12
    assert np.abs(np.diff(balls[..., 1], axis=0)).max() < 0.09
    assert np.degrees(angle(made.rotations[1:], made.rotations[:-1])).max() < 25.0
    last = made.slice(-1, None)
    np.testing.assert_allclose(last.positions(), stand(1, away).positions(), atol=1e-6)
    assert np.degrees(angle(last.rotations, stand(1).rotations)).max() < 1e-4
    assert made.contacts.any(axis=1).all()
    assert knee_bends(made).min() > -0.02
    assert not [text for text in way.warnings if "guess" not in text]


@pytest.mark.parametrize("away", WAYS)
def test_feet_that_stand_stay(model, away):
    _, made, balls = reached(model, away, 1.5)
    contacts = np.concatenate([[[True, True]], made.contacts])
    both = contacts[1:] & contacts[:-1]
    slid = np.linalg.norm(np.diff(balls, axis=0)[..., [0, 2]], axis=-1)
    assert slid[both].max() < 0.003
    assert balls[..., 1].min() > BALL + min(0.0, away[1]) - 0.005


@pytest.mark.parametrize("down", [-0.5, 0.5, 1.0, -1.0])
def test_a_way_down_or_up_is_walked_in_steps(model, walker, down):
    way, _, balls = reached(model, (0.0, down, 3.0), 80 / FPS, walker)
    assert np.abs(np.diff(balls[..., 1], axis=0)).max() < 0.1
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() < 0.2
    assert not [text for text in way.warnings if "guess" not in text]


@pytest.mark.parametrize("down", [-0.5, 0.6, -1.0])
def test_more_than_people_step_is_said_with_the_height(model, down):
    way, _, balls = reached(model, (0.0, down, 0.0), 1.5)
    said = [text for text in way.warnings if "guess" not in text]
    assert len(said) == 1 and f"{abs(down):.2g} m" in said[0].replace("1.0", "1")
    assert np.abs(np.diff(balls[..., 1], axis=0)).max() < 0.2


def test_one_foot_down_a_stair_steps_there_and_the_other_one_stays(model):
    pose = stand(1, (0.0, -0.15, 0.1))
    rotations = np.array(pose.rotations)
    for joint, turn in (("LeftUpLeg", -0.5), ("LeftLeg", 1.0), ("LeftFoot", -0.5)):
        rotations[0, pose.skeleton.index(joint)] = rotation_vector_to_quaternion(
            np.array([turn, 0.0, 0.0])
        )
    pose = replace(pose, rotations=rotations)
    up = -(toe_positions(pose)[0, 0, 1] - BALL)
    pose = pose.moved([0.0, up, 0.0])
    made = Reach(model, stand(), [Key(pose, 1.0, rests=True)]).run()
    balls = np.concatenate([toe_positions(stand(1)), toe_positions(made)])
    assert np.abs(np.diff(balls[..., 1], axis=0)).max() < 0.05
    np.testing.assert_allclose(made.positions()[-1], pose.positions()[0], atol=1e-6)


def test_poses_on_the_stairs_follow_each_other(model):
    keys = [Key(stand(1, (0.0, -0.17 * n, 0.3 * n)), 0.9 * n, rests=True) for n in (1, 2, 3)]
    made = Reach(model, stand(), keys).run()
    balls = np.concatenate([toe_positions(stand(1)), toe_positions(made)])
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() < 0.1
    for number, key in enumerate(keys):
        row = round(0.9 * FPS * (number + 1)) - 1
        np.testing.assert_allclose(made.positions()[row], key.pose.positions()[0], atol=1e-6)


@pytest.mark.parametrize("ahead", [0.5, 0.65, 0.9])
@pytest.mark.parametrize("up", [-0.3, 0.1, 0.3])
def test_nobody_stands_half_way_up_a_box(model, up, ahead):
    """A foot stood in mid air, or in the box, at half its height for half a second."""
    _, made, balls = reached(model, (0.0, up, ahead), 1.5)
    contacts = np.concatenate([[[True, True]], made.contacts])
    still = np.linalg.norm(np.diff(balls, axis=0), axis=-1) < 1e-3
    stood = balls[1:][still & contacts[1:] & contacts[:-1]][:, 1] - BALL
    off = np.minimum(np.abs(stood), np.abs(stood - up))
    assert off.max() < 0.02
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() * FPS < 3.3
