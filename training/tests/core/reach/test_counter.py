# SPDX-License-Identifier: GPL-3.0-or-later
"""Who stands and moves his arms gives in the hips, against these; feet stay, and the key is met."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion, concatenate
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import yaw_to_quaternion
from quaternet_addon.core.reach.counter import countered
from quaternet_addon.core.reach.features import GROUPS
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach

FPS = 30.0
ARMS = tuple(name.endswith("arm") for name in GROUPS)


def stand(frames=15, heading=0.0):
    """Upright, the arms down, the knees a little bent: a Motion."""
    skeleton = QUATERNET_SKELETON
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(skeleton), 1))
    rotations[:, 0] = yaw_to_quaternion(np.float64(heading))
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        rotations[:, skeleton.index(side + "Arm")] = turned(sign * 1.4, 2)
        for joint, angle in (("UpLeg", -0.2), ("Leg", 0.4), ("Foot", -0.2)):
            rotations[:, skeleton.index(side + joint)] = turned(angle, 0)
    drop = (1.0 - np.cos(0.2)) * skeleton.leg_length
    roots = np.tile([0.0, skeleton.root_height - drop, 0.0], (frames, 1))
    return Motion(skeleton, rotations, roots, FPS)


def turned(angle, axis):
    return np.array([np.cos(0.5 * angle), *(np.sin(0.5 * angle) * np.eye(3)[axis])])


def raised(pose, angle, axis):
    """Both arms turned out of a T, about Y (1) so much ahead, about Z (2) down."""
    rotations = np.array(pose.rotations)
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        rotations[:, pose.skeleton.index(side + "Arm")] = turned(sign * angle, axis)
    return replace(pose, rotations=rotations)


def made(pose, seconds, heading=0.0, fps=FPS, context=None):
    context = context or stand(heading=heading)
    way = Reach(load_model(), context, [Key(pose, seconds, ARMS, rests=True)], ground=0.0, fps=fps)
    return concatenate([replace(context.slice(-1, None), fps=fps), way.run()])


@pytest.mark.parametrize("fps", [12.0, 30.0, 60.0])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("heading", [0.0, 2.0])
def test_hips_go_back_as_arms_come_ahead_and_are_where_they_were_at_the_key(seconds, heading, fps):
    """They and all below them did not move at all; recorded ones leave the line by 2 to 3 cm."""
    pose = raised(stand(1, heading), 1.5, 1)
    motion = made(pose, seconds, heading=heading, fps=fps)
    ahead = np.array([np.sin(heading), 0.0, np.cos(heading)])
    gone = (motion.root_positions - motion.root_positions[0]) @ ahead
    assert -0.04 < gone.min() < -0.015 and gone.max() < 1e-4
    np.testing.assert_allclose(motion.root_positions[-1], motion.root_positions[0], atol=1e-9)
    balls = toe_positions(motion)
    assert np.linalg.norm(balls - balls[0], axis=-1).max() < 0.002
    assert np.linalg.norm(np.diff(motion.root_positions, 2, axis=0), axis=-1).max() * fps**2 < 3.0


def test_hips_stay_with_arms_that_go_to_both_sides():
    motion = made(raised(stand(1), 0.0, 2), 1.0)
    assert np.abs(motion.root_positions - motion.root_positions[0]).max() < 0.002


@pytest.mark.parametrize("name", ["trunk", "left leg"])
def test_where_more_than_arms_is_asked_nothing_is_given(name):
    holds = tuple(held or group == name for held, group in zip(ARMS, GROUPS, strict=True))
    pose = raised(stand(1), 1.5, 1)
    assert countered(Key(pose, 1.0, holds), stand(1), pose, 1.0) is None


def test_who_walks_gives_nothing():
    key = Key(raised(stand(1), 1.5, 1), 1.0, ARMS)
    assert countered(key, stand(1), key.pose, 0.0) is None
    some, much = (countered(key, stand(1), key.pose, still) for still in (0.5, 1.0))
    assert 0.0 < -some.move[2] < -much.move[2] < 0.04
