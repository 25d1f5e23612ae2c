# SPDX-License-Identifier: GPL-3.0-or-later
"""The body turns from its way along it, as is said at places of it."""

import numpy as np
import pytest

from quaternet_addon.core.body.states import heading
from quaternet_addon.core.walk.itinerary import Itinerary, Route
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model


def test_facings_are_linear_between_their_places_and_go_round_a_closed_path():
    wish = Itinerary(facing=0.5, facings=((2.0, 0.0), (4.0, 1.0)))
    open_way = Route(wish, 10.0, False, 1)
    assert open_way.turned([0.0, 3.0, 9.0]) == pytest.approx([0.5, 1.0, 1.5])
    closed = Route(wish, 10.0, True, 2)
    assert closed.turned([8.0, 13.0]) == pytest.approx([1.0, 1.0])


def test_who_is_turned_far_anywhere_goes_aside():
    assert not Itinerary(facings=((1.0, 0.8),)).aside
    assert Itinerary(facings=((1.0, 0.8), (2.0, 1.6))).aside
    assert not Itinerary(facing=0.9, facings=((1.0, -0.5),)).aside
    assert Itinerary(facings=((1.0, 0.0), (4.0, 2.0 * np.pi))).aside  # round once


@pytest.mark.parametrize("degrees", [-90.0, 45.0, 180.0])
def test_a_walk_turns_as_it_goes_and_plants_its_feet(degrees):
    """To the left where positive; feet slide no more than in a walk ahead once they are planted."""
    turn = np.radians(degrees)
    wish = Itinerary(facings=((2.0, 0.0), (5.0, turn)))
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 8.0]]))
    walk = Walk(load_model(DEFAULT_MODEL), path, speed=1.0, itinerary=wish)
    motion = walk.run()
    headings = np.unwrap(heading(motion.rotations[:, 0]))
    along = motion.root_positions[:, 2]
    assert abs(np.degrees(headings[along < 1.5]).mean()) < 8.0
    turned = np.degrees(headings[(along > 5.5) & (along < 7.0)]).mean()
    assert turned == pytest.approx(degrees, abs=10.0)
    assert walk.report["skate_kimodo"] < 0.01
    assert np.abs(np.diff(headings)).max() * motion.fps < np.radians(220.0)


@pytest.mark.parametrize(("degrees", "speed"), [(90.0, 0.4), (-90.0, 1.2), (180.0, 0.4)])
def test_feet_do_not_cross_where_the_facing_turns(degrees, speed):
    """Nor come nearer than people's legs do, 7.8 cm; before, they crossed by 12, 28 and 20 cm.

    `training.walk.gait.facings` measures more of them.
    """
    wish = Itinerary(facings=((2.0, 0.0), (5.0, np.radians(degrees))))
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 7.0]]))
    for seed in range(2):
        motion = Walk(load_model(DEFAULT_MODEL), path, speed=speed, seed=seed, itinerary=wish).run()
        joint, places = motion.skeleton.index, motion.positions()
        away = (places[:, joint("LeftFoot")] - places[:, joint("RightFoot")])[:, [0, 2]]
        facing = heading(motion.rotations[:, 0])
        own = (away * np.stack([np.cos(facing), -np.sin(facing)], -1)).sum(-1)
        assert own.min() > 0.03
        assert np.linalg.norm(away, axis=-1).max() < 1.0
