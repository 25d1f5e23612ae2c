# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of a foot whose shape is known goes through the floor on the way to a pose."""

import numpy as np
import pytest
from shod_body import TOES, body, points

from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.walk import walk
from quaternet_addon.core.walk.path import Path
from training.measure import key_poses

WAY = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 3.0]]))
ASIDE = [1.0, 0.0, 0.0]
POSES = {
    "a crouch": key_poses.crouch,
    "a turn": lambda stand: key_poses.turned(stand, 90.0),
    "1 m aside": lambda stand: stand.moved(ASIDE),
}
UNDER = 0.008  # metres: soles give by .4 cm


@pytest.fixture(scope="module")
def walk_model():
    return walk.load_model(walk.DEFAULT_MODEL)


@pytest.mark.parametrize("without", [(), TOES])
@pytest.mark.parametrize("name", POSES)
def test_the_way_to_a_pose_stays_over_the_floor(walk_model, name, without):
    skeleton, _ = body("a boot", without)
    made = walk.Walk(walk_model, WAY, speed=1.3, skeleton=skeleton).run()
    stand = made.slice(-30, None)
    key = Key(POSES[name](stand.slice(-1, None)), 1.5, rests=True)
    way = Reach(load_model(), stand, [key], ground=0.0)
    assert points(way.run())[:, 1].min() > -UNDER
    np.testing.assert_allclose(way.motion.rotations[-1], key.pose.rotations[0], atol=1e-9)
