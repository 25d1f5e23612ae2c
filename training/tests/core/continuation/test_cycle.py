# SPDX-License-Identifier: GPL-3.0-or-later
"""Gait cycles, found where a body repeats itself and only there; the pace of a walk, kept."""

import numpy as np

from quaternet_addon.core.continuation.cycle import (
    GROWN,
    Cycle,
    KeptPace,
    find_cycle,
    leapt,
    retraced,
)
from quaternet_addon.core.maths.quaternion import (
    multiply,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)

FPS = 30.0


def points(frames, period, size=0.3, noise=0.0):
    """Five joints on closed curves of ``period`` frames, seen from the hips, ``(T, 5, 3)``."""
    random = np.random.default_rng(2)
    angle = 2.0 * np.pi * np.arange(frames)[:, None, None] / period
    curves = np.sin(angle + random.uniform(0.0, 6.0, (5, 3))) + 0.3 * np.sin(2.0 * angle + 1.0)
    return size * curves + noise * random.normal(size=(frames, 5, 3))


def frames(count):
    """Rotations, heights and steps that tell their frame: the height is its number."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (count, 5, 1))
    heights = np.arange(count, dtype=float)[:, None]
    return rotations, heights, np.tile([0.0, 0.1, 0.2, 0.3], (count, 1))


def in_place(count):
    """The same, of a body that does not leave its place."""
    rotations, heights, steps = frames(count)
    return rotations, heights, 0.0 * steps


def test_the_period_of_a_gait_is_found():
    for period in (20, 33, 40):
        cycle = find_cycle(points(61, period), FPS, *frames(61))
        assert len(cycle) == period
        assert cycle.strength == 1.0
        assert cycle.heights[-1] == 60.0  # the last cycle, not an earlier one


def test_two_cycles_that_differ_a_little_count_less():
    cycle = find_cycle(points(61, 30, noise=0.09), FPS, *frames(61))
    assert abs(len(cycle) - 30) <= 1
    assert 0.0 < cycle.strength < 1.0


def test_what_does_not_repeat_itself_has_no_cycle():
    wandering = np.random.default_rng(0).normal(size=(61, 5, 3)).cumsum(0) * 0.02
    assert find_cycle(wandering, FPS, *in_place(61)) is None
    assert find_cycle(points(61, 30, size=0.002), FPS, *in_place(61)) is None  # it breathes
    assert find_cycle(points(30, 33), FPS, *in_place(30)) is None  # less than a cycle was seen
    assert find_cycle(points(2, 33), FPS, *in_place(2)) is None


def test_a_body_on_its_way_goes_on_as_from_its_likest_frame():
    """A gait that has only just begun: the legs' first cycle is half over for the second time."""
    begun = points(41, 36)
    begun[:20] *= np.linspace(0.0, 1.0, 20)[:, None, None]
    assert find_cycle(begun, FPS, *in_place(41)) is None
    straight = np.tile([0.0, 0.0, 0.04, 0.0], (41, 1))
    cycle = find_cycle(begun, FPS, *frames(41)[:2], straight)
    assert cycle.delay == 15
    still = np.tile([1.0, 0.0, 0.0, 0.0], (5, 1)), np.array([0.0]), np.zeros(4)
    assert cycle.pull(15, *still)[1] == 0.0  # the near future is the network's
    assert cycle.pull(40, *still)[1] > 0.0


def test_who_has_not_come_round_has_no_likest_frame():
    """The latest of all is the likest one until then: 10 frames over and over are no gait."""
    straight = np.tile([0.0, 0.0, 0.04, 0.0], (24, 1))
    assert find_cycle(points(24, 36), FPS, *frames(24)[:2], straight) is None
    assert find_cycle(points(24, 36), FPS, *frames(24)[:2], 2.0 * straight) is None  # who runs


def test_walks_have_no_cycles_as_short_as_runs():
    unsure = points(31, 14, noise=0.14)
    walked, run = (
        find_cycle(unsure, FPS, *frames(31)[:2], np.tile([0.0, 0.0, step, 0.0], (31, 1)))
        for step in (0.04, 0.08)
    )
    assert (len(run), run.delay) == (14, 15)
    assert walked is None


def test_pull_grows_and_goes_round():
    cycle = find_cycle(points(61, 30), FPS, *frames(61))
    still = np.tile([1.0, 0.0, 0.0, 0.0], (5, 1)), np.array([45.0]), np.zeros(4)
    _, first, _ = cycle.pull(0, *still)
    _, later, steps = cycle.pull(GROWN, *still)
    _, around, _ = cycle.pull(GROWN + 30, *still)
    assert first == 45.0  # the near future is the network's
    target = cycle.heights[GROWN % 30]
    assert abs(later - target) < abs(45.0 - target)
    assert later == around
    assert 0.0 < steps[1] < 0.1


def test_a_body_moves_as_its_cycle_does_from_the_first_beat_on():
    rotations, heights, steps = frames(61)
    swing = 0.5 * np.sin(2.0 * np.pi * np.arange(61) / 20.0)[:, None] * [0.0, 0.0, 1.0]
    rotations[:, 3] = rotation_vector_to_quaternion(swing)
    cycle = find_cycle(points(61, 20), FPS, rotations, heights, steps)
    still = np.tile([1.0, 0.0, 0.0, 0.0], (5, 1))  # a network that stops at once
    np.testing.assert_allclose(cycle.led(0, still), still)  # without a seam
    turned, angles = rotations[-1], []
    for index in range(40):
        turned = multiply(cycle.led(index, still), turned)
        turned, *_ = cycle.pull(index, turned, heights[0], steps[0])
        angles.append(quaternion_to_rotation_vector(turned[3])[2])
    assert np.ptp(angles[:20]) > 0.7
    assert np.ptp(angles[20:]) > 0.95


def test_quick_legs_go_on_though_the_gait_is_not_sure():
    """A run into a turn takes 12 frames a stride; before half a second it would be over."""
    begun = points(31, 12)
    begun[:20] *= np.linspace(0.2, 1.0, 20)[:, None, None]
    begun += np.random.default_rng(1).normal(size=begun.shape) * 0.12
    straight = np.tile([0.0, 0.0, 0.1, 0.0], (31, 1))
    cycle = find_cycle(begun, FPS, *frames(31)[:2], straight)
    assert cycle.delay == 15  # of the way
    assert len(cycle) in range(11, 14)
    assert cycle.lead == 1.0
    assert cycle.leads == len(cycle)
    slow = points(41, 36)
    slow[:20] *= np.linspace(0.0, 1.0, 20)[:, None, None]
    assert find_cycle(slow, FPS, *frames(41)[:2], np.tile([0.0, 0.0, 0.04, 0.0], (41, 1))).lead == 0


def test_a_varied_cycle_is_as_long_a_way_in_less_time():
    cycle = Cycle(*frames(30), strength=1.0)
    varied = cycle.varied(1.25, 0.05)
    assert len(varied) == 24
    assert np.allclose(varied.steps[:, 1:3].sum(0), cycle.steps[:, 1:3].sum(0))
    assert np.isclose(varied.steps[:, 3].sum(), cycle.steps[:, 3].sum() + 24 * 0.05)
    assert np.allclose(varied.heights[:20, 0], 1.25 * np.arange(20))


def test_what_changed_during_the_cycle_stays_as_it_is_now():
    """A walk whose arm is lowered by the way: it is not raised again with the next cycle."""
    rotations, heights, steps = frames(61)
    lowered, swing = np.linspace(1.0, 0.0, 61), 0.2 * np.sin(2.0 * np.pi * np.arange(61) / 30.0)
    rotations[:, 3] = rotation_vector_to_quaternion((lowered + swing)[:, None] * [0.0, 0.0, 1.0])
    cycle = find_cycle(points(61, 30), FPS, rotations, heights, steps)
    arm = quaternion_to_rotation_vector(cycle.rotations[:, 3])[:, 2]
    np.testing.assert_allclose(arm, swing[-30:], atol=1e-6)
    np.testing.assert_allclose(cycle.heights, 60.0)


def test_a_joint_that_did_something_else_is_left_alone():
    rotations, heights, steps = frames(61)
    lowered = np.linspace(3.0, 0.0, 61)[:, None] * [0.0, 0.0, 1.0]
    rotations[:, 3] = rotation_vector_to_quaternion(lowered)
    cycle = find_cycle(points(61, 30), FPS, rotations, heights, steps)
    bent = rotation_vector_to_quaternion(np.tile([0.5, 0.0, 0.0], (5, 1)))
    pulled, _, _ = cycle.pull(GROWN, bent, heights[0], steps[0])
    turned = np.abs(pulled - bent).max(-1) > 1e-3
    assert turned.tolist() == [True, True, True, False, True]


def test_pull_takes_the_short_way_round():
    cycle = find_cycle(points(61, 30), FPS, *frames(61))
    flipped = np.tile([-1.0, 0.0, 0.0, 0.0], (5, 1))
    rotations, _, _ = cycle.pull(GROWN, flipped, np.array([45.0]), np.zeros(4))
    assert np.allclose(rotations, flipped)


def gains(speeds):
    """A kept pace's factors for these speeds, m/s."""
    pace = KeptPace(FPS)
    return [
        pace.gain(index, np.array([0.0, 0.0, speed / FPS, 0.0]))
        for index, speed in enumerate(speeds)
    ]


def test_a_walk_that_dies_down_is_strengthened():
    found = gains(np.concatenate([np.full(20, 1.2), np.linspace(1.2, 1.0, 60)]))
    assert found[:20] == [1.0] * 20
    assert found[60] == 1.02
    assert found[-1] == 1.0  # not for ever: slow drifts grow as well


def test_a_body_that_stands_or_means_to_stop_is_left_alone():
    assert set(gains(np.full(60, 0.2))) == {1.0}
    stopping = gains(np.concatenate([np.full(20, 1.2), np.linspace(1.2, 0.0, 15), np.zeros(40)]))
    assert set(stopping[-30:]) == {1.0}


def test_a_walk_that_speeds_up_is_not_held_back():
    assert set(gains(np.linspace(1.0, 2.0, 60))) == {1.0}


def test_a_motion_in_place_is_taken_back_after_a_while():
    rotations, heights, steps = frames(61)
    heights, steps = 0.01 * heights, 0.0 * steps
    cycle = retraced(rotations, heights, steps, FPS)
    still = np.tile([1.0, 0.0, 0.0, 0.0], (5, 1)), np.array([0.6]), np.zeros(4)
    assert cycle.pull(20, *still)[1] == 0.6  # the near future is the network's
    later = [cycle.pull(index, *still)[1][0] for index in (50, 70, 90)]
    assert later == sorted(later, reverse=True)
    assert later[0] < 0.6
    assert np.isclose(cycle.heights.min(), 0.0)
    assert np.isclose(cycle.heights.max(), 0.6)


def test_a_body_that_goes_away_does_not_come_back():
    rotations, heights, steps = frames(61)
    steps = np.zeros_like(steps)
    steps[:, 2] = 0.03
    assert retraced(rotations, heights, steps, FPS) is None
    there_and_back = steps * np.where(np.arange(61) < 30, 1.0, -1.0)[:, None]
    assert retraced(rotations, heights, there_and_back, FPS) is not None


def steps_of(*stretches):
    """Contacts ``(T, 2)`` of stretches ``(frames, left, right)``."""
    return np.concatenate([np.tile([[left, right]], (n, 1)) for n, left, right in stretches])


def test_a_jump_is_told_from_a_run():
    both, air, left, right = (True, True), (False, False), (True, False), (False, True)
    jump = steps_of((20, *both), (10, *air), (20, *both))
    takeoff = steps_of((20, *both), (2, *left), (6, *air))
    run = steps_of(*[(n, *foot) for foot in (left, right) * 3 for n, foot in ((7, foot), (5, air))])
    stumble = steps_of((20, *both), (2, *air), (20, *both))  # a glitch of two frames
    for contacts, is_one in ((jump, True), (takeoff, True), (run, False), (stumble, False)):
        up = np.where(contacts.any(-1), 0.0, 0.2)
        assert leapt(contacts, up) == is_one
        assert not leapt(contacts, 0.1 * up)  # feet that slide over the floor


def test_a_body_that_jumped_does_not_go_on_as_before():
    begun = points(41, 36)
    begun[:20] *= np.linspace(0.0, 1.0, 20)[:, None, None]
    given = *frames(41)[:2], np.tile([0.0, 0.0, 0.04, 0.0], (41, 1))
    assert find_cycle(begun, FPS, *given) is not None
    assert find_cycle(begun, FPS, *given, forced=False) is None
