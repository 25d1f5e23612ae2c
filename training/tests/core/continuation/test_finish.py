# SPDX-License-Identifier: GPL-3.0-or-later
"""Flights of a continuation: they end, and bodies that never stood are left alone."""

import numpy as np

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation.finish import come_down


def at_heights(heights):
    """A stiff body whose feet are so many metres over the floor."""
    heights = np.asarray(heights, float)
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(heights), len(QUATERNET_SKELETON), 1))
    roots = np.zeros((len(heights), 3))
    roots[:, 1] = QUATERNET_SKELETON.root_height + heights
    contacts = np.zeros((len(heights), 2), bool)
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0, contacts)


def feet(motion):
    rest = QUATERNET_SKELETON.rest_positions[QUATERNET_SKELETON.index("LeftToeBase"), 1]
    return toe_positions(motion)[..., 1].min(-1) - rest


def test_a_body_that_floats_comes_down_smoothly_and_stands():
    made = come_down(at_heights(np.minimum(np.arange(60) * 0.03, 0.4)), at_heights(np.zeros(30)))
    heights = feet(made)
    assert heights[10] > 0.25  # it jumps
    assert np.abs(heights[22:]).max() < 1e-9
    assert np.abs(np.diff(heights)).max() < 0.12  # no faster than a fall from there
    assert made.contacts[25:].all()


def test_a_jump_that_lands_in_time_is_left_as_it_is():
    jump = at_heights(np.maximum(0.0, 0.3 - 0.3 * (np.arange(40) / 6.0 - 1.0) ** 2))
    made = come_down(jump, at_heights(np.zeros(30)))
    assert np.array_equal(made.root_positions, jump.root_positions)


def test_time_in_the_air_before_counts():
    given = at_heights(np.append(np.zeros(20), np.full(12, 0.3)))
    assert feet(come_down(at_heights(np.full(30, 0.3)), given))[8] < 1e-9


def test_a_body_on_something_stays_there():
    high = at_heights(np.full(40, 0.5))
    assert np.array_equal(come_down(high, high).root_positions, high.root_positions)


def hops(count, high=0.2):
    """So many jumps of 12 frames, 10 frames on the floor after each: heights."""
    one = np.concatenate([high * np.sin(np.pi * np.arange(12) / 12.0), np.zeros(10)])
    return np.tile(one, count)


def standing(heights):
    """`at_heights`, with contacts of both feet together where they are on the floor."""
    motion = at_heights(heights)
    motion.contacts[:] = np.asarray(heights)[:, None] < 0.02
    return motion


def test_a_jump_lands_once():
    made = come_down(standing(np.append(0.0, hops(3))), standing(np.zeros(30)))
    assert feet(made)[:13].max() > 0.19
    assert feet(made)[22:].max() < 0.02
    assert np.abs(np.diff(feet(made))).max() < 0.06


def test_a_jump_that_has_just_landed_is_not_jumped_again():
    given = standing(np.concatenate([np.zeros(20), hops(1)]))
    assert feet(come_down(standing(np.append(0.0, hops(2))), given)).max() < 0.06


def test_who_hops_on_and_who_jumps_later_is_left_alone():
    again = standing(np.append(0.0, hops(2)))
    for given in (hops(3), np.concatenate([hops(1), np.zeros(30)])):
        made = come_down(again, standing(given))
        assert feet(made)[:14].max() > 0.19


def test_flights_of_a_run_are_no_jumps():
    """One foot leaves, the other one lands: never both together."""
    heights = np.append(0.0, np.tile([*(0.12 * np.sin(np.pi * np.arange(6) / 6.0)), 0, 0, 0, 0], 4))
    run, given = standing(heights), standing(np.zeros(30))
    run.contacts[:, 0] &= np.arange(len(run)) % 20 < 10
    run.contacts[:, 1] &= np.arange(len(run)) % 20 >= 10
    given.contacts[:, 1] = False
    assert np.array_equal(come_down(run, given).root_positions, run.root_positions)
