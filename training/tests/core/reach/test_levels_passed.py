# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses up a stair that are passed through: feet stand on the treads, and hips do not sink."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion, concatenate
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.legs import read_legs
from quaternet_addon.core.feet.two_bone import HINGE, two_bone_turns
from quaternet_addon.core.maths.quaternion import multiply, rotate
from quaternet_addon.core.reach.levels import levels_of
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach

FPS, RISER, TREAD = 30.0, 0.17, 0.3


def stand(frames=1, away=(0.0, 0.0, 0.0)):
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    place = np.array([0.0, QUATERNET_SKELETON.root_height, 0.0]) + away
    return Motion(QUATERNET_SKELETON, rotations, np.tile(place, (frames, 1)), FPS)


def stride(number):
    """On stair ``number`` and the one below it, the left foot on those that are odd."""
    pose = stand(1, (0.0, -0.25, 0.0))
    ankles = np.array(read_legs([stand()])[0].ankle)
    ankles[1 - number % 2] += [0.0, 0.0, 0.5 * TREAD]
    ankles[number % 2] -= [0.0, RISER, 0.5 * TREAD]
    bodies, legs = read_legs([pose])
    first, second = two_bone_turns(*legs.limb(), ankles, rotate(legs.thigh, HINGE))
    solved = replace(legs, thigh=multiply(first, legs.thigh), shin=multiply(second, legs.shin))
    made = bodies.written(solved, np.zeros(1))[0]
    return made.moved([0.0, RISER * number, TREAD * (number - 0.5)])


def climbing(name, seconds):
    """Keys on stairs, one after the other, of which none is held."""
    if name == "strides":
        return [Key(stride(n), seconds * n) for n in (1, 2, 3, 4)]
    poses = [stand(1, (0.0, RISER * n, TREAD * n)) for n in (1, 2, 3)]
    return [Key(pose, seconds * (n + 1)) for n, pose in enumerate(poses)]


@pytest.mark.parametrize("seconds", [0.6, 0.9])
@pytest.mark.parametrize("name", ["strides", "stands"])
def test_who_passes_through_poses_on_stairs_climbs_these(name, seconds):
    """Hips sank by up to 41 cm between them, and feet went up at 4.6 m/s."""
    keys = climbing(name, seconds)
    way = Reach(load_model(), stand(15), keys, ground=0.0)
    made = concatenate([stand(), way.run()])
    heights = made.root_positions[:, 1]
    rows = [0, *(round(key.seconds * FPS) for key in keys)]
    for begin, end in pairwise(rows):
        assert heights[begin : end + 1].min() > min(heights[begin], heights[end]) - 0.06
    balls = toe_positions(made)
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() * FPS < 3.3
    for row, key in zip(rows[1:], keys, strict=True):
        np.testing.assert_allclose(made.positions()[row], key.pose.positions()[0], atol=1e-6)
    assert not [text for text in way.warnings if "guess" not in text]


def test_feet_of_poses_on_stairs_stand_on_their_treads():
    levels = [level.feet for level in levels_of(climbing("strides", 0.9))]
    treads = np.array([[0, 0], [1, 0], [1, 2], [3, 2], [3, 4]]) * RISER
    np.testing.assert_allclose(levels, treads, atol=0.01)


def test_who_comes_down_again_jumps():
    up = [Key(stand(1, (0.0, height, 0.3)), 0.4) for height in (0.25, 0.4)]
    keys = [*up, Key(stand(1, (0.0, 0.0, 0.6)), 0.8, rests=True)]
    assert not levels_of(keys[1:])[1].feet.any()
    assert not levels_of([keys[0], keys[2]])[1].feet.any()
    assert not levels_of(keys[:1])[1].feet.any()
