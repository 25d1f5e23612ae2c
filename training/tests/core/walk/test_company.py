# SPDX-License-Identifier: GPL-3.0-or-later
"""Crowds: groups keep together, rows set out from the front, people stay, look and go around."""

import time

import numpy as np
import pytest

from quaternet_addon.core.walk.avoidance import Bending, Disc, inside
from quaternet_addon.core.walk.company import Company, half_width, members
from quaternet_addon.core.walk.crowd import Crowd
from quaternet_addon.core.walk.giving_way import GivingWay
from quaternet_addon.core.walk.glances import look_at_each_other
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.open_ground import OpenGround, discs_of
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model
from quaternet_addon.core.walk.way import Way


def straight(start, end):
    return Way(Path(np.array([[start[0], 0.0, start[1]], [end[0], 0.0, end[1]]], float)))


WAYS = [straight((0, 0), (0, 8)), straight((5, 0), (5, 8))]


@pytest.fixture(scope="module")
def model():
    return load_model()


def test_a_group_shares_way_pace_and_delay_and_walks_abreast():
    found = members(Company(12, group=2, stops=1.0), WAYS, cast=1)
    for first, second in zip(found[::2], found[1::2], strict=True):
        assert first.group == second.group
        assert (first.factor, first.delay) == (second.factor, second.delay)
        apart = first.way.path.points[0] - second.way.path.points[0]
        assert np.linalg.norm(apart) == pytest.approx(0.9)
        assert [t for _, t in first.way.stops] == [t for _, t in second.way.stops]
        assert len(first.way.stops) == 1
    assert len({member.factor for member in found}) == 6


def test_who_is_in_front_sets_out_first():
    found = members(Company(9, width=0.0), WAYS[:1], cast=1)
    ahead = [member.way.path.points[0, 2] for member in found]
    delays = [member.delay for member in found]
    assert np.all(np.diff(ahead) > 0.0) and np.all(np.diff(delays) <= 0.0)


def test_nobody_stops_where_that_is_not_asked():
    assert not any(member.way.stops for member in members(Company(6), WAYS, cast=1))
    asked = members(Company(6, stops=1.0), WAYS, cast=1, can_stop=False)
    assert not any(member.way.stops for member in asked)


def test_who_has_come_stands_until_all_have_and_is_not_frozen(model):
    walks = [
        Walk(model, Path(np.array([[x, 0.0, 0.0], [x, 0.0, length]])), seed=x)
        for x, length in ((1, 3.0), (3, 8.0))
    ]
    giving = GivingWay(walks, 0.6, stay=True)
    giving.run()
    short, long = Crowd(giving.walks).run()
    assert abs(len(short) - len(long)) <= 1
    end = short.slice(len(short) - 60, None)
    assert np.ptp(end.root_positions[:, [0, 2]], axis=0).max() < 0.1
    turns = np.abs(np.diff(end.rotations, axis=0)).max(axis=(1, 2))
    assert np.median(turns) > 1e-5  # it breathes


def test_two_who_stand_turn_their_heads_to_each_other(model):
    """Side by side, facing +Z: each turns its head toward the other, not away."""

    def pair():
        paths = [Path(np.array([[x, 0.0, 0.0], [x, 0.0, 2.0]])) for x in (-0.5, 0.5)]
        walks = [Walk(model, p, seed=k, itinerary=Itinerary(wait=8.0)) for k, p in enumerate(paths)]
        return walks, [motion.copy() for motion in map(heads, Crowd(walks).run())]

    def heads(motion):
        _, world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)
        q = world[:, motion.skeleton.index("Head")]
        return np.arctan2(
            2 * (q[:, 0] * q[:, 2] + q[:, 1] * q[:, 3]), 1 - 2 * (q[:, 2] ** 2 + q[:, 1] ** 2)
        )

    walks, before = pair()
    look_at_each_other(walks, [0, 0])
    turned = [heads(walk.motion)[:200] - old[:200] for walk, old in zip(walks, before, strict=True)]
    assert turned[0].max() > 0.4 and turned[0].min() > -0.1  # to the left, where +X is
    assert turned[1].min() < -0.4 and turned[1].max() < 0.1
    alone, unturned = pair()
    look_at_each_other(alone, [0, 1])
    np.testing.assert_array_equal(heads(alone[0].motion), unturned[0])


def test_who_walks_through_an_obstacle_is_told_of():
    places = np.stack([np.linspace(-3.0, 3.0, 61), np.zeros(61)], -1)[None]
    (hit,) = inside(places, [Disc((5.0, 5.0), 1.0), Disc((1.0, 0.2), 0.5)])
    assert (hit.first, hit.second) == (0, 1)
    assert hit.seconds == pytest.approx(4.0) and hit.distance == pytest.approx(-0.3)


SQUARE = np.array(
    [[[-5, 0, -5], [5, 0, -5], [5, 0, 5]], [[-5, 0, -5], [5, 0, 5], [-5, 0, 5]]], float
)


def test_ways_lie_on_the_ground_and_their_ends_apart():
    hole = Disc((0.0, 0.0), 2.0)
    ways = list(OpenGround(SQUARE + [0.0, 1.5, 0.0]).ways(8, seed=1, apart=1.0, discs=[hole]))
    ends = np.array([way.points[end] for way in ways for end in (0, -1)])
    assert np.abs(ends[:, [0, 2]]).max() <= 5.0
    np.testing.assert_allclose(np.concatenate([way.points for way in ways])[:, 1], 1.5, atol=1e-9)
    apart = np.linalg.norm(ends[:, None, [0, 2]] - ends[None, :, [0, 2]], axis=-1)
    assert (apart + 9.0 * np.eye(len(ends))).min() >= 1.0
    assert np.linalg.norm(ends[:, [0, 2]], axis=-1).min() > 2.0


def test_no_way_leaves_an_l_shaped_ground():
    arm = SQUARE * [0.2, 1.0, 1.0] + [6.0, 0.0, 0.0]
    foot = SQUARE * [1.0, 1.0, 0.2] + [2.0, 0.0, 4.0]
    ground = OpenGround(np.concatenate([arm, foot]))
    assert ground.line(np.array([6.0, 0.0, -4.0]), np.array([-2.0, 0.0, 4.0])) is None
    assert ground.line(np.array([6.0, 0.0, -4.0]), np.array([6.0, 0.0, 4.0])) is not None


def test_a_group_that_crosses_a_ground_has_it_under_all_of_its_feet():
    ground, group = OpenGround(SQUARE), 3
    ways = [Way(path) for path in ground.ways(8, 2, 1.0, beside=half_width(group))]
    walkers = members(Company(24, group=group), ways, 1)
    assert len(walkers) == 24
    assert max(np.abs(walker.way.path.points).max() for walker in walkers) < 5.0 + 1e-6


def test_a_ground_that_is_nearly_full_has_room_for_one_more():
    pillars = [Disc((0.0, 0.0), 0.5), Disc((4.0, 3.0), 0.5), Disc((-5.0, -2.0), 0.5)]
    ways = OpenGround(SQUARE * [2.0, 1.0, 2.0]).ways(32, seed=1, apart=1.8, discs=pillars)
    assert len(list(ways)) == 32  # 64 pairs of walkers in 400 m²: most places are taken


def test_a_ground_without_room_or_level_faces_is_refused():
    with pytest.raises(ValueError, match="room for 500 ways"):
        list(OpenGround(SQUARE).ways(500, seed=0, apart=1.0))
    with pytest.raises(ValueError, match="level faces"):
        OpenGround(SQUARE[..., [1, 0, 2]])


def test_discs_cover_what_they_stand_for():
    wall = np.array([[x, z] for x in np.linspace(-3.0, 3.0, 13) for z in (-0.2, 0.2)])
    for points in (wall, wall @ [[0.6, 0.8], [-0.8, 0.6]], wall * [0.1, 1.0]):
        discs = discs_of(points)
        away = np.array([np.linalg.norm(points - d.centre, axis=-1) - d.radius for d in discs])
        assert away.min(axis=0).max() < 1e-6
        assert sum(np.pi * disc.radius**2 for disc in discs) < 12.0
    assert len(discs_of(wall)) > 5 and len(discs_of(wall * [0.1, 1.0])) == 1


def test_obstacles_that_nobody_comes_near_cost_nearly_nothing():
    random = np.random.default_rng(0)
    starts, ends = random.uniform(-12.0, 12.0, (2, 100, 1, 2))
    ways = starts + (ends - starts) * np.linspace(0.0, 1.0, 150)[:, None]
    near = [Disc((0.0, 0.0), 0.4), Disc((3.0, -5.0), 0.4)]
    far = [Disc((40.0 + x, 0.0), 0.4) for x in range(1000)]
    alone, bending = Bending(ways, 0.6, near), Bending(ways, 0.6, near + far)
    begin = time.process_time()
    rounds = len(list(bending))
    seconds = time.process_time() - begin
    assert rounds == len(list(alone)) > 5
    np.testing.assert_array_equal(bending.places, alone.places)
    assert seconds < 5.0  # a look at each of them in each round: 20 s
