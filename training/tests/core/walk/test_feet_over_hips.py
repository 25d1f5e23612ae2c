# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks from and into poses whose feet are over the hips are refused: legs whipped round."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion
from quaternet_addon.core.walk.from_pose import SECONDS, going_over
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

STRAIGHT = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]))
X, _, Z = np.eye(3)


@pytest.fixture(scope="module")
def model():
    return load_model()


def posed(model, tilt, axis, thighs=(0.0, 0.0), shins=(0.0, 0.0), ahead=0.0):
    """One frame of a body that is tilted, and touches the floor; radians, metres."""
    skeleton = model.skeleton
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(skeleton), 1))
    rotations[0, 0] = axis_angle_to_quaternion(axis, tilt)
    for side, thigh, shin in zip(("Left", "Right"), thighs, shins, strict=True):
        rotations[0, skeleton.index(side + "UpLeg")] = axis_angle_to_quaternion(X, thigh)
        rotations[0, skeleton.index(side + "Leg")] = axis_angle_to_quaternion(X, shin)
    pose = Motion(skeleton, rotations, np.array([[0.0, 1.0, ahead]]), 30.0)
    return pose.moved([0.0, 0.03 - pose.positions()[0, :, 1].min(), 0.0])


def walked(model, **poses):
    return Walk(model, STRAIGHT, speed=1.2, **poses).run()


@pytest.mark.parametrize(
    ("tilt", "axis", "thighs"),
    [(np.pi, Z, (0.0, 0.0)), (np.pi, X, (0.1, -0.1)), (-1.4, X, (-1.2, 0.0)), (0.0, X, (-2.3, 0))],
)
def test_a_pose_with_a_foot_over_the_hips_is_refused_in_words(model, tilt, axis, thighs):
    """A head stand, twice; one who lies with a leg in the air; a high kick."""
    words = r"feet lower than the hips, got one with a foot 0\.\d+ m over them.* untick "
    with pytest.raises(ValueError, match=words + "From Current Pose"):
        walked(model, pose=posed(model, tilt, axis, thighs))
    with pytest.raises(ValueError, match=words + "End in Pose"):
        walked(model, end_pose=posed(model, tilt, axis, thighs, ahead=4.0))


@pytest.mark.parametrize("tilt", [-1.57, -0.8, 0.8, 1.57])
def test_who_leans_or_lies_walks_from_there_and_ends_so(model, tilt):
    first, last = posed(model, tilt, X), posed(model, tilt, X, ahead=4.0)
    places = walked(model, pose=first, end_pose=last).positions()
    np.testing.assert_allclose(places[[0, -1]], [first.positions()[0], last.positions()[0]])


def test_no_bone_whips_round_on_the_way_from_any_pose_that_is_let_through(model):
    random, skeleton = np.random.default_rng(5), model.skeleton
    plain = Walk(model, STRAIGHT, speed=1.2, itinerary=Itinerary(wait=SECONDS)).run()
    hips, feet = (
        [skeleton.index(side + name) for side in ("Left", "Right")] for name in ("UpLeg", "Foot")
    )
    fastest = []
    for _ in range(150):
        around = random.uniform(0.0, 2.0 * np.pi)
        axis = np.array([np.cos(around), 0.0, np.sin(around)])
        tilt, thighs = random.uniform(0.0, np.pi), random.uniform(-2.2, 0.4, 2)
        pose = posed(model, tilt, axis, thighs, random.uniform(0.0, 2.2, 2))
        heights = pose.positions()[0, :, 1]
        if (heights[feet] - heights[hips]).max() > 0.3 * skeleton.leg_length:
            continue
        motion = going_over(plain, pose, 1.0).slice(0, 50)
        _, world = skeleton.forward_kinematics(motion.rotations, motion.root_positions)
        cosines = np.abs((world[1:] * world[:-1]).sum(axis=-1))
        fastest.append(np.degrees(2.0 * np.arccos(np.clip(cosines, 0.0, 1.0))).max())
    assert len(fastest) > 50 and max(fastest) < 30.0
