# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns on the spot before and after a walk: steps, planted feet, the head first."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import measure_skate
from quaternet_addon.core.maths.quaternion import rotate, yaw
from quaternet_addon.core.walk.itinerary import Itinerary, Route
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.turning import turn_seconds
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

STRAIGHT = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]))
QUARTER = 0.5 * np.pi


@pytest.fixture(scope="module")
def model():
    return load_model()


def walked(model, seed=0, **wishes):
    walk = Walk(model, STRAIGHT, speed=1.2, seed=seed, itinerary=Itinerary(**wishes))
    walk.run()
    return walk


def heading(motion, name):
    """Of a joint, ``(T,)`` unwrapped radians."""
    world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)[1]
    ahead = rotate(world[:, motion.skeleton.index(name)], np.array([0.0, 0.0, 1.0]))
    return np.unwrap(np.arctan2(ahead[:, 0], ahead[:, 2]))


def apart(angle, wanted):
    """How far an angle is from another one, degrees."""
    return np.degrees(abs(np.angle(np.exp(1j * (angle - wanted)))))


@pytest.mark.parametrize("angle", [-np.pi, -QUARTER, 0.5 * QUARTER, QUARTER])
def test_it_stands_turned_and_goes_along_its_way(model, angle):
    motion = walked(model, turn_start=angle).motion
    facing = heading(motion, "Hips")
    assert apart(facing[0], angle) < 10.0
    assert apart(np.median(facing[len(motion) // 2 :]), 0.0) < 10.0


@pytest.mark.parametrize("angle", [-QUARTER, QUARTER, np.pi])
def test_it_turns_at_the_end_by_what_was_asked(model, angle):
    facing = heading(walked(model, turn_end=angle).motion, "Hips")
    assert apart(facing[-1], angle) < 10.0
    half = facing[len(facing) // 2]
    assert np.sign(facing[-1] - half) == np.sign(angle) or abs(angle) == np.pi


@pytest.mark.parametrize("seed", range(3))
def test_feet_step_round_and_do_not_slide(model, seed):
    walk = walked(model, seed, turn_end=QUARTER)
    motion, (turn,) = walk.motion, walk.plan.turns
    assert measure_skate(motion, motion.contacts).kimodo_ratio_5cm_20cms < 0.02
    seconds = np.arange(len(motion)) / motion.fps + walk.plan.begin
    within = (seconds > turn.first) & (seconds < turn.last)
    lifted = ~motion.contacts[within]
    assert lifted.any(0).all() and not lifted.all(1).any()  # each foot, one at a time
    assert lifted[:, 0].argmax() < lifted[:, 1].argmax()  # to the left: the left one first


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("angle", [-np.pi, QUARTER, np.pi])
def test_feet_go_round_each_other(model, seed, angle):
    walk = walked(model, seed, turn_end=angle)
    motion, (turn,) = walk.motion, walk.plan.turns
    places, world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)
    seconds = np.arange(len(motion)) / motion.fps + walk.plan.begin
    within = (seconds > turn.first) & (seconds < turn.last + 0.2)
    feet = [motion.skeleton.index(side + "Foot") for side in ("Left", "Right")]
    apart = (places[:, feet[0]] - places[:, feet[1]])[within]
    facing = yaw(world[within, 0])
    to_left = apart[:, 0] * np.cos(facing) - apart[:, 2] * np.sin(facing)
    assert to_left.min() > 0.05  # each on its own side; of five recorded turns the least is .12 m
    assert np.linalg.norm(apart, axis=-1).min() > 0.09
    for foot, outward in zip(feet, (1.0, -1.0), strict=True):
        aside = outward * np.angle(np.exp(1j * (yaw(world[within, foot]) - facing)))
        assert np.degrees(aside.max()) < 65.0  # recorded: 60 outward, 37 inward
        assert np.degrees(aside.min()) > -41.0


def test_it_turns_the_same_way_wherever_it_goes(model):
    way = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, -4.0]]))  # headings of pi, and of -pi
    back = Walk(model, way, speed=1.2, itinerary=Itinerary(turn_start=np.pi)).run()
    ahead = walked(model, turn_start=np.pi).motion
    places, expected = (
        m.skeleton.forward_kinematics(m.rotations, m.root_positions)[0] for m in (back, ahead)
    )
    np.testing.assert_allclose(places * [-1.0, 1.0, -1.0], expected, atol=0.01)


def test_the_head_is_ahead_of_the_pelvis(model):
    walk = walked(model, turn_end=QUARTER)
    motion, (turn,) = walk.motion, walk.plan.turns
    seconds = np.arange(len(motion)) / motion.fps + walk.plan.begin
    first_half = (seconds > turn.first) & (seconds < 0.5 * (turn.first + turn.last))
    ahead = np.degrees(heading(motion, "Head") - heading(motion, "Hips"))[first_half]
    assert ahead.max() > 2.5


def test_turns_take_the_time_that_the_route_says(model):
    plain, turning = Itinerary(), Itinerary(turn_start=QUARTER, turn_end=-QUARTER)
    more = Route(turning, 4.0, False, 1).stands - Route(plain, 4.0, False, 1).stands
    assert more == pytest.approx(2.0 * turn_seconds(QUARTER))
    frames = len(walked(model, turn_start=QUARTER, turn_end=-QUARTER).motion)
    assert frames - len(walked(model).motion) == pytest.approx(30.0 * more, abs=2.0)


def test_a_duration_is_kept_with_turns_in_it(model):
    motion = walked(model, duration=9.0, turn_end=QUARTER).motion
    assert (len(motion) - 1) / motion.fps == pytest.approx(9.0, abs=0.04)


def test_a_walk_without_turns_is_what_it_was(model):
    walk = walked(model)
    assert walk.plan.turns == () and turn_seconds(0.0) == 0.0
    assert yaw(walk.motion.rotations[0, 0]) == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize(
    "wishes",
    [
        {"turn_start": 4.0},
        {"turn_end": np.nan},
        {"turn_end": 1.0, "standing_end": False},
        {"turn_start": 1.0, "loop": True},
        {"turn_start": 1.0, "face": (0.0, 1.0, 5.0)},
    ],
)
def test_what_is_no_turn_is_refused(wishes):
    with pytest.raises(ValueError, match="Expected"):
        Itinerary(**wishes)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("radians", [-0.5 * np.pi, 0.75 * np.pi])
def test_bodies_stay_upright_and_no_foot_snaps(radians, seed):
    """Recorded turns: trunks lean by 7 and 6 degrees, heads look down by 27, balls go 1.7 m/s.

    The network bowed by 20 and 40 degrees, and a foot hopped to where it belongs in two frames.
    """
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]))
    wish = Itinerary(turn_start=radians)
    walk = Walk(load_model(DEFAULT_MODEL), path, speed=1.2, seed=seed, itinerary=wish)
    motion, (turn,) = walk.run(), walk.plan.turns
    seconds = np.arange(len(motion)) / motion.fps + walk.plan.begin
    within = (seconds >= turn.first) & (seconds <= turn.last + 0.2)
    places, world = (values[within] for values in motion.world)
    joint = motion.skeleton.index
    facing = yaw(world[:, 0])
    x, y, z = (places[:, joint("Neck")] - places[:, 0]).T
    ahead = np.arctan2(x * np.sin(facing) + z * np.cos(facing), y)
    aside = np.arctan2(x * np.cos(facing) - z * np.sin(facing), y)
    assert np.degrees(ahead.max()) < 9.0 and np.degrees(np.abs(aside).max()) < 9.0
    down = -rotate(world[:, joint("Head")], np.array([0.0, 0.0, 1.0]))[:, 1]
    assert np.degrees(np.arcsin(down.max())) < 27.0
    balls = places[:, [joint(side + "ToeBase") for side in ("Left", "Right")]]
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() * motion.fps < 2.0
