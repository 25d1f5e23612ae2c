# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans go from stand to stand along their path, at the asked speed, as fast as a body can."""

import numpy as np
import pytest

from quaternet_addon.core.walk.itinerary import START, STOP
from quaternet_addon.core.walk.pace_network import path_features
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.plan import Plan, plan_walk

FPS = 30.0


class SteadyNetwork:
    """Stands in for the pace network: the same answer everywhere."""

    def __init__(self, speed=None, rate=6.0, facing=0.0):
        self.speed, self.rate, self.facing = speed, rate, facing

    def run(self, features):
        asked = features[:, 1] if self.speed is None else np.full(len(features), self.speed)
        return asked, np.full(len(asked), self.rate), np.full(len(asked), self.facing)


def straight(length=8.0):
    return Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))


def corner():
    return Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 6.0], [6.0, 0.0, 6.0]]))


def ring(radius=2.0):
    angle = np.linspace(0.0, 2.0 * np.pi, 120, endpoint=False)
    x, z = radius * (1.0 - np.cos(angle)), radius * np.sin(angle)
    return Path(np.stack([x, 0.0 * x, z], -1), closed=True)


def plan(path, speed=1.3, network=None, **options):
    return plan_walk(network or SteadyNetwork(), path, speed, FPS, **options)


PATHS = {"straight": straight(), "corner": corner(), "ring": ring(), "one step": straight(0.6)}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("speed", [0.4, 1.3, 3.0])
def test_a_plan_goes_from_a_stand_at_the_start_to_a_stand_at_the_end(name, speed):
    path = PATHS[name]
    made = plan(path, speed)
    assert isinstance(made, Plan)
    lengths = {len(made.trajectory), len(made.distances), len(made.phase), len(made.gait)}
    assert lengths == {len(made.distances)}
    assert made.distances[0] == 0.0
    assert (np.diff(made.distances) >= 0.0).all()
    # The smoothed path is a little shorter: a rounded corner, a ring that shrinks by 1 %.
    assert 0.95 * path.length < made.distances[-1] <= path.length + 1e-9
    ends = made.trajectory.positions[[0, -1]]
    expected = path.position(np.array([0.0, path.length]))[:, [0, 2]]
    if path.closed:  # the ring shrinks by sigma^2 / 2 r, 2.3 cm
        np.testing.assert_allclose(ends, expected, atol=0.03)
    else:
        np.testing.assert_allclose(ends, expected, atol=1e-9)
    still = made.trajectory.speeds()
    assert still[0] < 0.05 * speed and still[-1] < 0.05 * speed


@pytest.mark.parametrize("speed", [0.5, 1.3, 2.2, 4.0])
def test_a_straight_walk_takes_the_time_that_its_speed_means(speed):
    made = plan(straight(12.0), speed)
    assert made.arrival - made.start == pytest.approx(made.asked, rel=0.03)
    assert made.asked == pytest.approx(12.0 / speed + 0.5 / START + 0.5 / STOP)
    middle = np.median(made.trajectory.speeds()[made.distances.searchsorted([4.0, 8.0])])
    assert middle == pytest.approx(speed, rel=0.06)


def test_start_and_arrival_are_the_seconds_of_the_paths_ends():
    made = plan(straight())
    seconds = np.arange(len(made.distances)) / FPS
    assert (made.distances[seconds < made.start] == 0.0).all()
    assert (made.distances[seconds > made.arrival + 1e-9] == made.distances[-1]).all()
    assert made.distances[seconds < made.arrival - 1.0 / FPS].max() < made.distances[-1]
    assert seconds[-1] - made.arrival > 0.5  # it is seen to stand


@pytest.mark.parametrize("speed", [1.3, 3.0])
def test_speeds_change_no_faster_than_a_body_can(speed):
    made = plan(corner(), speed)
    change = np.diff(made.trajectory.speeds()) * FPS
    # Rounding the corner shortens it, and so slows a little down on top.
    assert 0.5 * START * speed < change.max() < 1.2 * START * speed
    assert 0.5 * STOP * speed < -change.min() < 1.3 * STOP * speed


def test_a_runner_slows_down_for_a_corner_and_a_stroller_does_not():
    run, stroll = plan(corner(), 4.0), plan(corner(), 0.7)
    for made, slowest in ((run, 0.8), (stroll, 0.9)):
        speeds = np.diff(made.distances) * FPS
        at = made.distances.searchsorted([3.0, made.distances[-1] / 2])
        if made is run:
            assert speeds[at[1]] < slowest * speeds[at[0]]
        else:
            assert speeds[at[1]] > slowest * speeds[at[0]]


@pytest.mark.parametrize("network", [SteadyNetwork(speed=100.0), SteadyNetwork(speed=-5.0)])
def test_a_network_that_errs_in_speed_is_held_to_the_asked_one(network):
    made = plan(straight(12.0), 1.3, network)
    # No slower than half of it, raised by 1.3 for the sake of the arrival.
    assert 0.9 < (made.arrival - made.start) / made.asked < 1.0 / (0.5 * 1.3)


@pytest.mark.parametrize("rate", [-50.0, 0.0, 6.0, 400.0])
def test_phase_runs_forward_at_the_rate_of_steps_whatever_the_network_says(rate):
    made = plan(straight(12.0), 1.3, SteadyNetwork(rate=rate))
    steps = np.diff(made.phase) * FPS
    assert steps.min() > 2.0 and steps.max() < 13.0


def test_phase_starts_where_it_is_told_to():
    first, second = plan(straight()), plan(straight(), phase=np.pi)
    np.testing.assert_allclose(second.phase - first.phase, np.pi, atol=1e-12)


def test_walks_walk_and_runs_run():
    assert plan(straight(12.0), 1.3).gait.max() < 0.01
    run = plan(straight(20.0), 3.0)
    assert run.gait[run.distances.searchsorted(10.0)] > 0.99
    assert run.gait[0] < 0.05 and run.gait[-1] < 0.05


def test_the_body_faces_along_the_path_plus_what_the_network_says():
    ahead, aside = plan(ring()), plan(ring(), network=SteadyNetwork(facing=0.3))
    np.testing.assert_allclose(
        aside.trajectory.headings - ahead.trajectory.headings, 0.3, atol=1e-9
    )
    velocity = np.gradient(ahead.trajectory.positions, axis=0)
    moving = ahead.trajectory.speeds() > 0.5
    tangent = np.unwrap(np.arctan2(velocity[:, 0], velocity[:, 1])[moving])
    away = ahead.trajectory.headings[moving] - tangent
    assert np.abs(np.angle(np.exp(1j * away))).max() < 0.1


def test_laps_go_round_a_closed_path_and_not_along_an_open_one():
    one, two = plan(ring()), plan(ring(), laps=2)
    assert two.distances[-1] == pytest.approx(2.0 * one.distances[-1])
    turned = two.trajectory.headings[-1] - two.trajectory.headings[0]
    assert turned == pytest.approx(4.0 * np.pi, abs=0.1)
    assert plan(straight(), laps=3).distances[-1] == pytest.approx(8.0)


def test_the_same_path_at_another_rate_takes_the_same_seconds():
    slow, fast = (plan_walk(SteadyNetwork(), straight(), 1.3, fps) for fps in (30.0, 60.0))
    assert len(fast.distances) == pytest.approx(2 * len(slow.distances), abs=3)
    assert fast.arrival == pytest.approx(slow.arrival, abs=1e-9)


def test_path_features_mark_the_ends_only_where_it_stands_there():
    points = np.linspace(0.0, 5.0, 26)
    curvature = np.sin(points)
    both = path_features(curvature, points, 5.0, 1.3, True, True)
    neither = path_features(curvature, points, 5.0, 1.3, False, False)
    assert both.shape == (26, 4)
    np.testing.assert_array_equal(both[:, 0], curvature)
    np.testing.assert_array_equal(both[:, 1], 1.3)
    assert both[0, 2] == both[-1, 3] == 1.0 and both[-1, 2] == pytest.approx(np.exp(-5.0))
    np.testing.assert_array_equal(neither[:, 2:], 0.0)
