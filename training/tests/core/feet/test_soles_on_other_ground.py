# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of a foot whose shape is known goes through stairs, slopes, or a floor it rolls on."""

import numpy as np
import pytest
from shod_body import TOES, body, points

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.feet.foot_lock import lock_feet
from quaternet_addon.core.feet.ground import stand_on
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.walk.walk import Walk, load_model

pytest.importorskip("scipy")  # that the yardstick needs, and the oldest NumPy is tested without
from training.walk.gait.grounds import along, slope_across
from training.walk.gait.uneven import RISE, ramp, stairs

DEPTH = 0.34  # metres, of treads: a boot is .32 long
GROUNDS = {
    "stairs": along(stairs(4, RISE, DEPTH)),
    "a ramp": along(ramp(15.0, 2.5)),
    "a slope across": slope_across(15.0),
}
UNDER = 0.013  # metres: soles give by .4 cm


@pytest.fixture(scope="module")
def model():
    return load_model()


def deepest(places, surface):
    """How far the deepest of ``(N, 3)`` is in the ground, metres: up, or back to a lower tread."""
    up = surface(places[:, [0, 2]])[0] - places[:, 1]
    inside = np.flatnonzero(up > 0.5 * UNDER)
    for away in np.arange(-0.7 * DEPTH, 0.7 * DEPTH, 0.005):
        beside = surface(places[inside][:, [0, 2]] + [0.0, away])[0] - places[inside, 1]
        up[inside] = np.minimum(up[inside], np.maximum(beside, abs(away)))
    return float(up.max())


def test_a_ball_just_behind_the_edge_of_a_lower_tread_goes_ahead_by_the_whole_foot():
    """So far it did not look where the tip is short, and left the heel in the riser."""
    skeleton, _ = body("a boot", TOES)
    roots = np.tile([0.0, skeleton.root_height, 0.0], (30, 1))
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (30, len(skeleton), 1))
    motion = Motion(skeleton, rotations, roots, 30.0, np.ones((30, 2), bool))
    edge = toe_positions(motion)[0, 0, 2] - 0.005

    def surface(places):
        heights = RISE * np.clip(-np.floor((places[:, 1] - edge) / DEPTH), -1.0, 1.0)
        return heights, np.tile([0.0, 1.0, 0.0], (len(places), 1))

    assert deepest(points(stand_on(motion, surface)), surface) < 0.05


@pytest.mark.parametrize("name", GROUNDS)
@pytest.mark.parametrize("foot", ["a foot", "a boot"])
@pytest.mark.parametrize("without", [(), TOES])
def test_walks_stay_over_other_ground(model, name, foot, without):
    ground, (skeleton, _) = GROUNDS[name], body(foot, without)
    walk = Walk(
        model, ground.path, speed=0.8, seed=2, ground=ground.surface, skeleton=skeleton
    ).run()
    assert deepest(points(stand_on(walk, ground.surface)), ground.surface) < UNDER


def rolled(degrees, over):
    """Two seconds of a stand on feet that float, the left one rolled by so many degrees."""
    skeleton, _ = body("a boot", without=())
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (60, len(skeleton), 1))
    angle = np.radians(degrees) * np.hanning(60)
    foot = skeleton.index("LeftFoot")
    rotations[:, foot] = rotation_vector_to_quaternion(angle[:, None] * [0.0, 0.0, 1.0])
    roots = np.tile([0.0, skeleton.root_height + over, 0.0], (60, 1))
    return Motion(skeleton, rotations, roots, 30.0)


@pytest.mark.parametrize("degrees", [15.0, -15.0])
def test_a_rolled_foot_that_is_set_down_lies_on_the_floor(degrees):
    """It was over the floor where it floated, and its edge under it once the ball was planted."""
    made = lock_feet(rolled(degrees, 0.02), np.ones((60, 2), bool))
    assert points(made)[:, 1].min() > -0.006
    assert np.ptp(toe_positions(made)[:, 0], axis=0).max() < 1e-3
