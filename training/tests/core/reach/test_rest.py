# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a pose has come to rest in it; who goes on arrives with a speed."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.reach.features import GROUPS
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.reach.rest import is_held
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model

FPS = 30.0


@pytest.fixture(scope="module")
def model():
    return load_model()


def standing(down=0.0, ahead=0.0, frames=1):
    """A stand; a squat by metres with feet that stay; some metres ahead."""
    skeleton = QUATERNET_SKELETON
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(skeleton), 1))
    bend = np.arccos(1.0 - down / skeleton.leg_length)
    for side in ("Left", "Right"):
        for joint, angle in (("UpLeg", -bend), ("Leg", 2.0 * bend), ("Foot", -bend)):
            turn = rotation_vector_to_quaternion(np.array([angle, 0.0, 0.0]))
            rotations[:, skeleton.index(side + joint)] = turn
    roots = np.tile([0.0, skeleton.root_height - down, ahead], (frames, 1))
    return Motion(skeleton, rotations, roots, FPS)


CASES = [(0.35, 0.0, 0.5), (0.35, 0.0, 1.0), (0.35, 0.0, 3.0), (0.0, 1.5, 1.0)]


@pytest.mark.parametrize(("down", "ahead", "seconds"), CASES)
def test_a_body_comes_to_rest_in_a_pose_that_is_held(model, down, ahead, seconds):
    """Its hips slow down over several frames, where they stopped dead in one."""
    context, pose = standing(frames=15), standing(down, ahead)
    stops, last = {}, {}
    for rests in (False, True):
        made = Reach(model, context, [Key(pose, seconds, rests=rests)]).run()
        np.testing.assert_allclose(made.root_positions[-1], pose.root_positions[0], atol=1e-7)
        roots = np.concatenate([made.root_positions, pose.root_positions])
        steps = np.diff(roots, axis=0)[-round(0.25 * seconds * FPS) - 1 :] * FPS
        stops[rests] = np.linalg.norm(np.diff(steps, axis=0), axis=-1).max() * FPS
        last[rests] = np.linalg.norm(steps[-2])
    assert last[False] > 0.2 and last[True] < 0.05  # m/s
    assert stops[True] < 0.4 * stops[False]


def test_the_first_of_two_equal_keys_is_rested_in(model):
    pose, other = standing(0.35), standing(0.2)
    for then, rests in ((pose, True), (other, False)):
        way = Reach(model, standing(frames=15), [Key(pose, 1.0), Key(then, 1.4)]).run()
        speed = np.linalg.norm(way.root_positions[29] - way.root_positions[28]) * FPS
        assert (speed < 0.05) == rests


def test_a_body_does_not_stop_where_only_an_arm_is_held(model):
    """An arm up twice, by someone who walks: the hips go on, where they went back to the start."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 8.0]]))
    walks = Walk(load_walk_model(DEFAULT_MODEL), path, speed=1.2).run().slice(50, 80)
    pose, holds = standing(ahead=1.0), tuple(name == "left arm" for name in GROUPS)
    keys = [Key(pose, seconds, holds) for seconds in (0.6, 1.2)]
    made = Reach(model, walks, keys).run().root_positions
    speed = np.diff(made[:, 2]) * FPS  # -0.6 before
    assert speed.min() > 0.9 and np.abs(np.diff(speed)).max() < 0.15


def test_legs_that_are_not_asked_for_do_not_snap_in_the_last_frame(model):
    """Straight legs on the floor give a little; the last frame gives as the one before."""
    pose, holds = standing(), tuple(name == "left arm" for name in GROUPS)
    made = Reach(model, standing(frames=15), [Key(pose, 1.0, holds, rests=True)]).run()
    knees = made.positions()[:, [made.skeleton.index(f"{s}Leg") for s in ("Left", "Right")]]
    steps = np.linalg.norm(np.diff(knees, axis=0), axis=-1)
    assert (steps[-1] < 1.5 * steps[-2] + 0.0005).all()  # 9 and 13 mm before


def test_poses_are_held_that_stay_where_they_are():
    assert is_held(standing(0.3), standing(0.3))
    assert not is_held(standing(0.3), standing(0.29))
    assert not is_held(standing(), standing(ahead=0.01))
