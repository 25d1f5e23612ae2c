# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of a foot whose shape is known goes through stairs and slopes either."""

import numpy as np
import pytest
from shod_body import TOES, body

from quaternet_addon.core.feet.ground import stand_on
from quaternet_addon.core.maths.quaternion import rotate
from quaternet_addon.core.walk.walk import Walk, load_model
from training.walk.gait.grounds import along, slope_across
from training.walk.gait.uneven import RISE, ramp, stairs

DEPTH = 0.34  # metres, of treads: a boot is .32 long
GROUNDS = {
    "stairs": along(stairs(4, RISE, DEPTH)),
    "a ramp": along(ramp(15.0, 2.5)),
    "a slope across": slope_across(15.0),
}
UNDER = 0.013  # metres: soles give by .4 cm; on the level .012


@pytest.fixture(scope="module")
def model():
    return load_model()


def points(motion):
    """Those of the shapes of both feet in all frames, ``(N, 3)``."""
    places, turns = motion.world
    found = []
    for side, shape in zip(("Left", "Right"), motion.skeleton.feet, strict=True):
        for name, part in (("Foot", shape.foot), ("ToeBase", shape.toes)):
            joint = motion.skeleton.index(side + name)
            if part is not None:
                found.append(places[:, joint, None] + rotate(turns[:, joint, None], part[None]))
    return np.concatenate([part.reshape(-1, 3) for part in found])


def deepest(places, surface):
    """How far the deepest of ``(N, 3)`` is in the ground, metres: up, or back to a lower tread."""
    up = surface(places[:, [0, 2]])[0] - places[:, 1]
    inside = np.flatnonzero(up > 0.5 * UNDER)
    for away in np.arange(-0.7 * DEPTH, 0.7 * DEPTH, 0.005):
        beside = surface(places[inside][:, [0, 2]] + [0.0, away])[0] - places[inside, 1]
        up[inside] = np.minimum(up[inside], np.maximum(beside, abs(away)))
    return float(up.max())


@pytest.mark.parametrize("name", GROUNDS)
@pytest.mark.parametrize("foot", ["a foot", "a boot"])
@pytest.mark.parametrize("without", [(), TOES])
def test_walks_stay_over_other_ground(model, name, foot, without):
    ground, (skeleton, _) = GROUNDS[name], body(foot, without)
    walk = Walk(
        model, ground.path, speed=0.8, seed=2, ground=ground.surface, skeleton=skeleton
    ).run()
    assert deepest(points(stand_on(walk, ground.surface)), ground.surface) < UNDER
