# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths by arc length: true lengths, headings and curvatures, however the points were set."""

import time

import numpy as np
import pytest

from quaternet_addon.core.walk.path import CORNER, WINDOW, Path

TURN = 2.0 * np.pi


def ring(points=64, radius=2.0, laps=1.0, endpoint=False):
    """A left-hand circle that starts at the origin along +Z, ``(N, 3)``."""
    angle = np.linspace(0.0, laps * TURN, points, endpoint=endpoint)
    x, z = radius * (1.0 - np.cos(angle)), radius * np.sin(angle)
    return np.stack([x, np.zeros_like(x), z], -1)


def figure_eight(points=400, size=2.0):
    angle = np.linspace(0.0, TURN, points, endpoint=False)
    x, z = size * np.sin(2.0 * angle) / 2.0, size * np.sin(angle)
    return np.stack([x, np.zeros_like(x), z], -1)


def polyline(*corners):
    """Ground points ``(x, z)`` at height zero."""
    return np.array([(x, 0.0, z) for x, z in corners], float)


def numeric_curvature(path, s, step=1e-4):
    return (path.heading(s + step) - path.heading(s - step)) / (2.0 * step)


def test_straight_line_has_its_length_and_no_curvature():
    path = Path(polyline((0, 0), (3, 4)))
    s = np.linspace(0.0, 5.0, 11)
    assert path.length == pytest.approx(5.0)
    np.testing.assert_allclose(path.position(s), s[:, None] * [0.6, 0.0, 0.8], atol=1e-12)
    np.testing.assert_allclose(path.tangent(s), np.tile([0.6, 0.0, 0.8], (11, 1)), atol=1e-9)
    np.testing.assert_allclose(path.heading(s), np.arctan2(3, 4), atol=1e-9)
    np.testing.assert_allclose(path.curvature(s), 0.0, atol=1e-9)


def test_heading_grows_to_the_left_from_z_to_x():
    assert Path(polyline((0, 0), (0, 1))).heading(0.5) == pytest.approx(0.0)
    assert Path(polyline((0, 0), (1, 0))).heading(0.5) == pytest.approx(np.pi / 2)
    assert Path(polyline((0, 0), (0, 1), (1, 2))).curvature(1.0) > 0.0
    assert Path(polyline((0, 0), (0, 1), (-1, 2))).curvature(1.0) < 0.0


@pytest.mark.parametrize("points", [24, 48, 400, 20_000])
@pytest.mark.parametrize("radius", [0.5, 2.0])
@pytest.mark.parametrize("closed", [True, False])
def test_circle_has_curvature_one_over_radius_within_two_percent(points, radius, closed):
    path = Path(ring(points, radius, endpoint=not closed), closed)
    s = np.linspace(0.0, path.length, 777)
    # Half of an end segment has no neighbour to turn to: it is straight, 2 cm of it at least.
    margin = 0.0 if closed else WINDOW + max(0.5 * path.length / points, 0.02)
    inner = s[(s >= margin) & (s <= path.length - margin)]
    np.testing.assert_allclose(path.curvature(inner), 1.0 / radius, rtol=0.02)
    # A chord stands for its arc: relative (TURN / 23)² / 24 at most.
    assert path.length == pytest.approx(TURN * radius, rel=0.004)
    # A polyline cannot know better than half the angle of a chord, which spans 2 cm at least.
    chord = max(TURN / points, 0.02 / radius)
    np.testing.assert_allclose(path.heading(s), s / radius, atol=0.52 * chord + 0.01)


def test_unevenly_sampled_circle_keeps_its_curvature():
    random = np.random.default_rng(0)
    angle = np.sort(random.uniform(0.0, TURN, 200))
    points = 2.0 * np.stack([np.sin(angle), 0.0 * angle, np.cos(angle)], -1)
    path = Path(points, closed=True)
    s = np.linspace(0.0, path.length, 500)
    np.testing.assert_allclose(path.curvature(s), 0.5, rtol=0.05)


def test_rounding_errors_of_closely_set_points_do_not_reach_heading_or_curvature():
    # 100,000 points, 0.1 mm apart, in float32 at 100 m from the origin: errors of 4 µm.
    points = (ring(100_000, 2.0) + 100.0).astype(np.float32)
    path = Path(points, closed=True)
    s = np.linspace(0.0, path.length, 1001)
    np.testing.assert_allclose(path.heading(s), s * TURN / path.length, atol=2e-3)
    np.testing.assert_allclose(path.curvature(s), 0.5, rtol=0.02)


def test_closed_circle_goes_on_lap_after_lap():
    path = Path(ring(200), closed=True)
    s = np.linspace(0.0, path.length, 50, endpoint=False)
    for laps in (-1, 1, 3):
        later = s + laps * path.length
        np.testing.assert_allclose(path.position(later), path.position(s), atol=1e-9)
        np.testing.assert_allclose(path.heading(later), path.heading(s) + laps * TURN, atol=1e-9)
        np.testing.assert_allclose(path.curvature(later), path.curvature(s), atol=1e-9)


@pytest.mark.parametrize(
    "path",
    [
        Path(ring(40), closed=True),
        Path(figure_eight(), closed=True),
        Path(polyline((0, 0), (3, 0), (3, 3), (0, 3)), closed=True),
        Path(polyline((0, 0), (0, 2), (2, 2), (2, 0.5))),
    ],
    ids=["circle", "eight", "square", "angles"],
)
def test_heading_has_no_jump_and_curvature_is_its_derivative(path):
    s = np.linspace(-0.2, (1.5 if path.closed else 1.0) * path.length + 0.2, 4000)
    slope = np.abs(path.curvature(s)).max()
    assert np.abs(np.diff(path.heading(s))).max() <= 1.01 * slope * (s[1] - s[0])
    inside = s if path.closed else s[(s > 0.01) & (s < path.length - 0.01)]
    np.testing.assert_allclose(
        path.curvature(inside), numeric_curvature(path, inside), atol=0.01 * slope
    )


def test_figure_eight_turns_both_ways_and_back_to_where_it_began():
    path = Path(figure_eight(), closed=True)
    curvature = path.curvature(np.linspace(0.0, path.length, 500))
    assert curvature.max() == pytest.approx(-curvature.min(), rel=0.01)
    assert path.heading(path.length) == pytest.approx(path.heading(0.0), abs=1e-9)
    np.testing.assert_allclose(path.position(path.length), path.position(0.0), atol=1e-9)


def test_right_angle_turns_by_ninety_degrees_around_the_corner_only():
    path = Path(polyline((0, 0), (0, 5), (5, 5)))
    reach = CORNER + WINDOW
    np.testing.assert_allclose(path.heading([0.0, 5.0 - reach]), 0.0, atol=1e-9)
    np.testing.assert_allclose(path.heading([5.0 + reach, 10.0]), np.pi / 2, atol=1e-9)
    assert path.heading(5.0) == pytest.approx(np.pi / 4)
    assert np.abs(path.curvature([1.0, 9.0])).max() < 1e-9
    assert path.curvature(5.0) == pytest.approx(np.pi / 2 / (2 * CORNER))
    np.testing.assert_allclose(
        path.position([4.9, 5.0, 5.1])[:, [0, 2]], [[0, 4.9], [0, 5], [0.1, 5]]
    )


def test_turning_back_is_half_a_turn():
    path = Path(polyline((0, 0), (0, 2), (0, 1)))
    assert path.length == pytest.approx(3.0)
    assert abs(path.heading(3.0) - path.heading(0.0)) == pytest.approx(np.pi)


def test_open_path_stops_at_its_ends():
    path = Path(polyline((0, 1), (0, 3)))
    np.testing.assert_array_equal(path.position([-5.0, 99.0])[:, 2], [1.0, 3.0])
    np.testing.assert_allclose(path.heading([-5.0, 99.0]), 0.0, atol=1e-9)


def test_scalars_and_grids_of_distances_keep_their_shape():
    path = Path(ring(), closed=True)
    for s in (1.0, np.ones(4), np.ones((2, 3))):
        shape = np.shape(s)
        assert path.position(s).shape == (*shape, 3)
        assert path.tangent(s).shape == (*shape, 3)
        for value in (path.heading(s), path.curvature(s), path.height(s)):
            assert np.shape(value) == shape


def test_slopes_are_measured_on_the_ground_and_keep_their_height():
    path = Path([(0.0, 0.0, 0.0), (0.0, 3.0, 4.0)])
    assert path.length == pytest.approx(4.0)
    assert path.height(2.0) == pytest.approx(1.5)
    np.testing.assert_allclose(path.position(2.0), [0.0, 1.5, 2.0])
    np.testing.assert_allclose(path.tangent(2.0), [0.0, 0.0, 1.0], atol=1e-9)


@pytest.mark.parametrize("closed", [True, False])
def test_duplicate_points_change_nothing(closed):
    points = ring(30)
    doubled = np.repeat(points, 3, axis=0)
    doubled[1::3] += 1e-8
    if closed:
        doubled = np.concatenate([doubled, points[:1], points[:1]])
    path, again = Path(points, closed), Path(doubled, closed)
    s = np.linspace(0.0, path.length, 100)
    assert again.length == pytest.approx(path.length)
    np.testing.assert_allclose(again.position(s), path.position(s), atol=1e-6)
    np.testing.assert_allclose(again.heading(s), path.heading(s), atol=1e-5)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((0, 3)), "at least two points, got none"),
        (np.zeros((5, 2)), r"shape \(N, 3\), got \(5, 2\)"),
        (np.zeros((1, 3)), "two different points on the ground, got 1 in one place"),
        (np.ones((7, 3)), "two different points on the ground, got 7 in one place"),
        ([(0, 0, 0), (0, 5, 0)], "two different points on the ground, got 2 in one place"),
        ([(0, 0, 0), (1, 0, np.nan)], r"got \[ 1\.  0\. nan\] at point 1"),
        ([(0, 0, 0), (1, np.inf, 0)], "at point 1"),
    ],
    ids=["none", "2D", "one", "equal", "vertical", "NaN", "infinite"],
)
@pytest.mark.parametrize("closed", [True, False])
def test_points_that_are_no_path_are_refused(points, message, closed):
    with pytest.raises(ValueError, match=message):
        Path(points, closed)


def test_path_neither_follows_nor_allows_later_changes_of_its_points():
    points = polyline((0, 0), (0, 1))
    path = Path(points)
    points[1] = 7.0
    assert path.length == pytest.approx(1.0)
    with pytest.raises(ValueError, match="read-only"):
        path.points[0] = 1.0


def test_smoothing_keeps_ends_and_straight_lines():
    line = Path(polyline((0, 0), (0, 4))).smoothed(0.3)
    assert line.length == pytest.approx(4.0)
    angle = Path(polyline((0, 0), (0, 4), (4, 4)))
    smooth = angle.smoothed(0.3)
    np.testing.assert_allclose(smooth.points[[0, -1]], angle.points[[0, -1]], atol=1e-12)
    assert smooth.heading(0.0) == pytest.approx(0.0, abs=1e-6)
    # The corner is cut by 2 sigma / sqrt(2 pi) along each leg's normal at most.
    nearest = np.linalg.norm(smooth.points - [0.0, 0.0, 4.0], axis=1).min()
    assert 0.05 < nearest < 0.3


def test_smoothing_takes_noise_away_and_leaves_the_circle():
    noisy = ring(400) + np.random.default_rng(0).normal(scale=0.01, size=(400, 3))
    path = Path(noisy, closed=True)
    smooth = path.smoothed(0.3)
    s = np.linspace(0.0, smooth.length, 300)
    assert np.abs(path.curvature(s) - 0.5).max() > 1.0
    np.testing.assert_allclose(smooth.curvature(s), 0.5, atol=0.1)
    # The circle itself shrinks by 0.3² / (2 2²) = 1.1 %.
    radius = np.linalg.norm(smooth.position(s)[:, [0, 2]] - [2.0, 0.0], axis=1)
    np.testing.assert_allclose(radius, 1.978, atol=0.01)
    assert smooth.closed


def test_smoothing_is_off_at_zero_and_bounded_for_huge_sigma():
    path = Path(polyline((0, 0), (0, 1), (1, 1)))
    assert path.smoothed(0.0) is path
    np.testing.assert_allclose(path.smoothed(1e9).points[[0, -1]], path.points[[0, -1]], atol=1e-9)
    circle = Path(ring(), closed=True)
    assert circle.smoothed(1e9).length < 0.01 * circle.length
    for sigma in (-1.0, np.nan):
        with pytest.raises(ValueError, match="sigma of 0 m or more"):
            path.smoothed(sigma)


def test_a_hundred_thousand_points_take_a_fraction_of_a_second():
    points, s = ring(100_000, 50.0), np.linspace(0.0, 300.0, 10_000)
    start = time.perf_counter()
    path = Path(points, closed=True)
    path.position(s), path.heading(s), path.curvature(s), path.smoothed(0.3)
    # Measured 0.03 s; a loop over the points would take seconds.
    assert time.perf_counter() - start < 0.5
