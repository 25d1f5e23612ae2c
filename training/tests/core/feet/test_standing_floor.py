# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the floor is that a body has stood on of late."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.feet.standing_floor import standing_floor
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion
from quaternet_addon.core.walk import walk
from quaternet_addon.core.walk.path import Path

WAY = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 12.0]])


@pytest.fixture(scope="module")
def run_on_the_spot():
    """Two seconds in the middle of a run in place, over a floor at 0."""
    made = walk.Walk(walk.load_model(), Path(WAY), speed=2.8, in_place=True).run()
    return made.slice(60, 121)


def seat(model, thigh):
    """A second on a seat, shins upright and soles on the floor; thighs so much longer."""
    skeleton = model.skeleton
    offsets = np.array(skeleton.offsets)
    for side in ("Left", "Right"):
        offsets[skeleton.index(side + "Leg")] *= thigh
    skeleton = replace(skeleton, offsets=offsets)
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (30, len(skeleton), 1))
    for side in ("Left", "Right"):
        for name, angle in (("UpLeg", -0.5 * np.pi), ("Leg", 0.5 * np.pi)):
            turn = axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), angle)
            rotations[:, skeleton.index(side + name)] = turn
    motion = Motion(skeleton, rotations, np.zeros((30, 3)), 30.0)
    low = toe_positions(motion)[0, 0, 1] - skeleton.rest_positions[skeleton.index("LeftToeBase"), 1]
    return motion.moved([0.0, -low, 0.0])


def test_feet_that_turn_round_in_the_air_do_not_stand_there(run_on_the_spot):
    assert standing_floor(run_on_the_spot) == pytest.approx(0.0, abs=0.02)


def test_a_run_on_the_spot_goes_on_on_the_floor(run_on_the_spot):
    """Its balls were 10 to 15 cm over it, and those of a game's run a knee's height."""
    floor = standing_floor(run_on_the_spot)
    made = Continuation(load_model(DEFAULT_MODEL), run_on_the_spot, duration=1.5, ground=floor)
    balls = toe_positions(made.run())[..., 1]
    rest = made.skeleton.rest_positions[made.skeleton.index("LeftToeBase"), 1]
    assert (balls - rest).min(axis=0).max() < 0.03  # both come down


@pytest.mark.parametrize("thigh", [0.8, 1.0, 1.3])
@pytest.mark.parametrize("height", [0.0, 0.4])
def test_bodies_of_any_proportions_sit_with_their_feet_on_the_floor(thigh, height):
    motion = seat(load_model(DEFAULT_MODEL), thigh).moved([0.0, height, 0.0])
    assert standing_floor(motion) == pytest.approx(height, abs=1e-6)


def test_who_hangs_in_the_air_tells_of_no_floor(run_on_the_spot):
    assert standing_floor(run_on_the_spot.moved([0.0, 1.0, 0.0])) == 0.0
