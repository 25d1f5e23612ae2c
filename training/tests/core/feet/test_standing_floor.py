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
    made = Continuation(load_model(DEFAULT_MODEL), run_on_the_spot, duration=1.5, ground=None)
    balls = toe_positions(made.run())[..., 1]
    rest = made.skeleton.rest_positions[made.skeleton.index("LeftToeBase"), 1]
    assert (balls - rest).min(axis=0).max() < 0.03  # both come down


@pytest.mark.parametrize("thigh", [0.8, 1.0, 1.3])
@pytest.mark.parametrize("height", [0.0, 0.4])
def test_bodies_of_any_proportions_sit_with_their_feet_on_the_floor(thigh, height):
    motion = seat(load_model(DEFAULT_MODEL), thigh).moved([0.0, height, 0.0])
    assert standing_floor(motion) == pytest.approx(height, abs=1e-6)


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_what_goes_on_has_the_floor_of_the_body_that_it_is_given(scale):
    """Long thighs: on the model's own body, where feet are elsewhere, it was 6 cm too low."""
    model = load_model(DEFAULT_MODEL)
    motion = seat(model, 1.3).moved([0.0, 0.4, 0.0])
    motion = replace(
        motion, skeleton=motion.skeleton.scaled(scale), root_positions=scale * motion.root_positions
    )
    made = Continuation(model, motion, ground=None)
    assert made.ground == pytest.approx(0.4 * scale, abs=1e-6)


def test_who_hangs_in_the_air_tells_of_no_floor(run_on_the_spot):
    assert standing_floor(run_on_the_spot.moved([0.0, 1.0, 0.0])) == 0.0


def stand(skeleton, heights, ways):
    """The rest pose so high and so far along its way in each frame, at 30 fps."""
    roots = np.stack([np.zeros(len(ways)), heights, ways], axis=-1)
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(ways), len(skeleton), 1))
    rest = toe_positions(Motion(skeleton, rotations[:1], np.zeros((1, 3)), 30.0))[0, 0, 1]
    rest -= skeleton.rest_positions[skeleton.index("LeftToeBase"), 1]
    return Motion(skeleton, rotations, roots - [0.0, rest, 0.0], 30.0)


@pytest.mark.parametrize("height", [0.0, 0.4])
def test_who_jumps_has_the_floor_that_the_jump_left(height):
    """Feet go nowhere in the air, either: most of these slow frames are there."""
    seconds = np.maximum(0.0, np.arange(-4, 11) / 30.0)
    up = seconds * (2.0 - 0.5 * 9.81 * seconds)
    motion = stand(load_model(DEFAULT_MODEL).skeleton, up + height, 0.0 * up)
    assert standing_floor(motion) == pytest.approx(height, abs=0.01)


def test_who_marches_stands_where_balls_are_slow_not_where_they_strike():
    """Balls of marches of the training takes strike 4 cm under the floor that they stand on."""
    strikes = np.arange(61) % 8 < 2
    motion = stand(load_model(DEFAULT_MODEL).skeleton, -0.04 * strikes, np.cumsum(0.1 * strikes))
    assert standing_floor(motion) == pytest.approx(0.0, abs=1e-6)
