# SPDX-License-Identifier: GPL-3.0-or-later
"""Hips that are keyed lower, without legs: knees bend, and feet stay over the floor."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.knees import knee_bends
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.reach.features import GROUPS
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach

FPS = 30.0
PLACE = tuple(name == "place" for name in GROUPS)
HIPS = tuple(name in ("place", "turn") for name in GROUPS)
BALL = QUATERNET_SKELETON.rest_positions[QUATERNET_SKELETON.index("LeftToeBase"), 1]
ANKLE = QUATERNET_SKELETON.rest_positions[QUATERNET_SKELETON.index("LeftFoot"), 1]


@pytest.fixture(scope="module")
def model():
    return load_model()


def stand(frames=15, away=(0.0, 0.0, 0.0)):
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    place = np.array([0.0, QUATERNET_SKELETON.root_height, 0.0]) + away
    return Motion(QUATERNET_SKELETON, rotations, np.tile(place, (frames, 1)), FPS)


def reached(model, *keys):
    made = Reach(model, stand(), keys).run()
    return made, np.concatenate([toe_positions(stand(1)), toe_positions(made)])


def heights(made, name):
    return made.positions()[:, [made.skeleton.index(side + name) for side in ("Left", "Right")], 1]


@pytest.mark.parametrize("seconds", [0.5, 0.7, 1.0, 2.0])
@pytest.mark.parametrize("down", [0.05, 0.1, 0.15, 0.25, 0.4])
@pytest.mark.parametrize("holds", [PLACE, HIPS])
def test_feet_stay_over_the_floor_in_a_crouch_of_the_hips(model, holds, down, seconds):
    """They were as much under it as the hips came down, and snapped there."""
    key = Key(stand(1, (0.0, -down, 0.0)), seconds, holds, rests=True)
    made, balls = reached(model, key)
    assert np.abs(balls - balls[0]).max() < 0.02
    assert heights(made, "Foot").min() > ANKLE - 0.02
    np.testing.assert_allclose(made.root_positions[-1], key.pose.root_positions[0], atol=1e-7)
    assert knee_bends(made)[-1].min() > 0.2


@pytest.mark.parametrize("away", [(0.5, -0.1, 0.0), (0.0, -0.2, 0.5), (0.0, -0.2, 1.0)])
def test_feet_that_step_into_a_crouch_of_the_hips_snap_nowhere(model, away):
    _, balls = reached(model, Key(stand(1, away), 1.0, HIPS, rests=True))
    assert balls[..., 1].min() > BALL - 0.01
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() < 0.16


def test_a_leg_that_is_keyed_stays_exact_beside_one_that_is_not(model):
    pose = stand(1, (0.0, -0.25, 0.0))
    rotations = np.array(pose.rotations)
    for joint, turn in (("LeftUpLeg", -1.1), ("LeftLeg", 1.9)):
        rotations[0, pose.skeleton.index(joint)] = rotation_vector_to_quaternion(
            np.array([turn, 0.0, 0.0])
        )
    holds = tuple(name in ("place", "turn", "left leg") for name in GROUPS)
    key = Key(replace(pose, rotations=rotations), 0.7, holds, rests=True)
    made, balls = reached(model, key)
    legs = [made.skeleton.index("Left" + part) for part in ("UpLeg", "Leg", "Foot", "ToeBase")]
    np.testing.assert_allclose(made.rotations[-1, legs], key.pose.rotations[0, legs], atol=1e-7)
    assert balls[:, 1, 1].min() > BALL - 0.01


def test_who_crouches_and_comes_up_stays_over_the_floor(model):
    keys = [
        Key(stand(1, (0.0, -0.25, 0.0)), 0.8, HIPS),
        Key(stand(1), 1.6, HIPS, rests=True),
    ]
    _, balls = reached(model, *keys)
    assert balls[..., 1].min() > BALL - 0.01
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() < 0.03
