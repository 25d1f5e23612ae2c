# SPDX-License-Identifier: GPL-3.0-or-later
"""Stairs in the ground under a path: found, slowed down for, stepped on tread by tread."""

import numpy as np
import pytest

from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.stairs import flights, over_ground, profile, stepped_on
from quaternet_addon.core.walk.walk import Walk, load_model

RISE, DEPTH, STEPS, FOOT = 0.17, 0.29, 6, 4.0
PATH = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 10.0]]))
TREADS = FOOT + DEPTH * (np.arange(STEPS + 1) - 0.5)


def surface(height):
    def under(points):
        heights = np.asarray(height(points[:, 1]), float)
        return heights, np.tile([0.0, 1.0, 0.0], (len(points), 1))

    return under


def stair(z, rise=RISE):
    return rise * np.clip(np.floor((z - FOOT) / DEPTH) + 1.0, 0.0, STEPS)


def found(height, scale=1.0):
    return flights(*profile(PATH, surface(height)), scale)


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.mark.parametrize("rise", [RISE, -RISE])
def test_a_flight_is_found_up_and_down_where_it_is(rise):
    (flight,) = found(lambda z: stair(z, rise))
    assert flight.risers == pytest.approx(FOOT + DEPTH * np.arange(STEPS), abs=0.02)
    assert flight.treads() == pytest.approx(TREADS, abs=0.02)


@pytest.mark.parametrize(
    "height",
    [
        np.zeros_like,
        lambda z: 0.46 * np.clip(z - 3.0, 0.0, 4.0),  # a ramp of 25 degrees
        lambda z: 0.12 * (z > FOOT),  # a curb is stepped on as it comes
        lambda z: 1.2 * (z > FOOT),  # a wall
    ],
)
def test_what_is_no_stair_is_none(height):
    assert not found(height)


def test_each_step_comes_down_on_the_next_tread():
    flight = found(stair)
    places = np.linspace(0.0, 9.0, 500)
    phases = 0.4 + 7.0 * places  # of steps of 45 cm
    moved = stepped_on(phases, places, flight, 30.0)
    at = np.interp(flight[0].hips(1.0), places, moved) / np.pi
    assert at == pytest.approx(np.round(at), abs=0.1)
    assert np.diff(np.round(at)) == pytest.approx(np.ones(STEPS))
    assert (np.diff(moved) >= 0.0).all()
    assert moved[:30] == pytest.approx(phases[:30], abs=0.05)
    later = (moved - phases)[-30:] / np.pi  # feet come down as they would have, left or right
    assert later == pytest.approx(np.round(later), abs=0.02)


def test_stairs_are_walked_slower_and_that_is_told(model):
    walk = Walk(model, PATH, speed=1.2, ground=surface(stair))
    assert "stairs slow it down to 0.55 m/s: one tread a step" in walk.warnings
    speeds, places = walk.plan.trajectory.speeds(), walk.plan.places
    assert speeds[(places > FOOT) & (places < FOOT + 1.2)].max() < 0.65
    assert speeds[(places > 1.5) & (places < 2.0)].min() > 1.0
    assert not Walk(model, PATH, speed=0.5, ground=surface(stair)).warnings


def test_level_ground_and_loops_are_planned_as_without(model):
    plain = Walk(model, PATH, speed=1.2)
    level = Walk(model, PATH, speed=1.2, ground=surface(np.zeros_like))
    assert np.array_equal(plain.plan.phase, level.plan.phase)
    loop = Walk(model, PATH, speed=1.2, ground=surface(stair), itinerary=Itinerary(loop=True))
    assert loop.terrain is None


def test_ground_that_ends_is_left_to_the_path(model):
    """Half of the way has no ground: the curve's own heights hold."""
    hole = surface(lambda z: np.where(z > 5.0, np.nan, 0.0))
    request, terrain = over_ground(Walk(model, PATH, speed=1.2, ground=hole).request)
    assert terrain is None
    assert request.path is PATH
