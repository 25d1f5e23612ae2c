# SPDX-License-Identifier: GPL-3.0-or-later
"""Gait cycles: found where a body repeats itself, only there, and drawing predictions to them."""

import numpy as np

from quaternet_addon.core.cycle import GROWN, find_cycle

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
    assert find_cycle(wandering, FPS, *frames(61)) is None
    assert find_cycle(points(61, 30, size=0.002), FPS, *frames(61)) is None  # stands and breathes
    assert find_cycle(points(30, 33), FPS, *frames(30)) is None  # less than a cycle was seen
    assert find_cycle(points(2, 33), FPS, *frames(2)) is None


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


def test_pull_takes_the_short_way_round():
    cycle = find_cycle(points(61, 30), FPS, *frames(61))
    flipped = np.tile([-1.0, 0.0, 0.0, 0.0], (5, 1))
    rotations, _, _ = cycle.pull(GROWN, flipped, np.array([45.0]), np.zeros(4))
    assert np.allclose(rotations, flipped)
