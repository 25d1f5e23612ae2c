# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns on the spot where a path turns back on itself, and at stops in bends."""

import numpy as np
import pytest

from quaternet_addon.core.maths.quaternion import rotate
from quaternet_addon.core.walk.hairpins import with_hairpins
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

BACK = Path(np.array([[0.0, 0, 0], [0, 0, 3], [0.02, 0, 3], [0.02, 0, 0]]))
VEE = Path(np.array([[0.0, 0, 0], [0, 0, 3], [1.2, 0, 0.5]]))
CORNER = Path(np.array([[0.0, 0, 0], [0, 0, 3], [-3, 0, 3]]))
LOOP = Path(np.array([[0.0, 0, 0], [0, 0, 3], [-0.9, 0, 3], [-0.9, 0, 0]]))  # 90 cm apart


@pytest.fixture(scope="module")
def model():
    return load_model()


def head_roll(motion, frames):
    world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)[1]
    side = rotate(world[:, motion.skeleton.index("Head")], np.array([1.0, 0.0, 0.0]))
    return np.degrees(np.abs(np.arcsin(side[frames, 1]))).max()


def facing(motion, name="Hips"):
    world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)[1]
    ahead = rotate(world[:, motion.skeleton.index(name)], np.array([0.0, 0.0, 1.0]))
    return np.unwrap(np.arctan2(ahead[:, 0], ahead[:, 2]))


@pytest.mark.parametrize(("path", "degrees"), [(BACK, 180.0), (VEE, 154.0)])
@pytest.mark.parametrize("seed", range(2))
def test_a_path_that_turns_back_is_turned_on_the_spot(model, path, degrees, seed):
    walk = Walk(model, path, speed=1.1, seed=seed)
    motion = walk.run()
    (turn,) = walk.plan.turns
    assert np.degrees(abs(turn.radians)) == pytest.approx(degrees, abs=6.0)
    quarters = abs(turn.radians) / (0.5 * np.pi)
    assert 0.4 <= (turn.last - turn.first) / quarters <= 1.65
    assert 1.4 <= turn.steps / quarters <= 3.8
    first, last = (int(round(t * motion.fps)) for t in (turn.first, turn.last))
    angle, head = facing(motion), facing(motion, "Head")
    assert abs(angle[first] - angle[0]) < 0.35  # it has not begun before it stands,
    assert abs(angle[-1] - angle[last]) < 0.55  # and is nearly through when it goes on
    assert np.sign(turn.radians) * (head - angle)[first : (first + last) // 2].max() > 0.04
    assert head_roll(motion, slice(first, last)) <= 10.0
    assert np.ptp(motion.root_positions[first:last, [0, 2]], axis=0).max() < 0.2  # on the spot
    jumps = np.linalg.norm(np.diff(motion.positions(), 2, axis=0), axis=-1) * motion.fps**2
    assert jumps.max() < 60.0  # m/s^2; with a jump of the phase: 130
    assert walk.report["skate_kimodo"] < 0.03


def test_a_stop_in_a_corner_is_long_enough_to_turn_and_turned_in(model):
    walk = Walk(model, CORNER, speed=1.1, itinerary=Itinerary(stops=((3.0, 0.5),)))
    (turn,) = walk.plan.turns
    assert np.degrees(turn.radians) == pytest.approx(-90.0, abs=12.0)
    angle, plan = facing(walk.run()), walk.plan
    way = plan.at(np.arange(len(angle)) / walk.fps, plan.trajectory.headings)
    first, last = (int(round(t * walk.fps)) for t in (turn.first, turn.last))
    assert abs(way[first]) < 0.32  # the rounding of the corner begins before it
    assert np.abs(angle - way)[[first, last]].max() < 0.15
    assert abs(angle[last] + 0.5 * np.pi) < 0.3


@pytest.mark.parametrize(("speed", "seed"), [(0.8, 0), (1.2, 3)])
def test_hips_do_not_jump_where_a_stop_becomes_a_turn(model, speed, seed):
    """Stands raise them by 2 cm; where that ended at once, they moved at 18 m/s^2."""
    walk = Walk(model, CORNER, speed=speed, seed=seed, itinerary=Itinerary(stops=((3.0, 1.0),)))
    hips = walk.run().root_positions
    assert np.linalg.norm(np.diff(hips, 2, axis=0), axis=-1).max() * walk.fps**2 < 9.0


@pytest.mark.parametrize("path", [CORNER, LOOP, Path(BACK.points[:2])])
def test_bends_that_can_be_walked_are_walked(path):
    assert with_hairpins(Itinerary(), path) == (Itinerary(), ())


def test_who_walks_a_loop_or_looks_at_something_does_not_turn():
    wish = Itinerary(face=(1.0, 0.0, 1.0))
    assert with_hairpins(wish, BACK) == (wish, ())
    loop = Itinerary(loop=True)
    assert with_hairpins(loop, Path(BACK.points, closed=True)) == (loop, ())


def test_a_duration_holds_with_a_hairpin(model):
    walk = Walk(model, BACK, itinerary=Itinerary(duration=12.0))
    assert walk.run().duration == pytest.approx(12.0, abs=0.05)
