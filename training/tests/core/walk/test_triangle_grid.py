# SPDX-License-Identifier: GPL-3.0-or-later
"""The grid finds the triangles at a place that a look at all of them finds, however many."""

import time

import numpy as np
import pytest

from quaternet_addon.core.walk.open_ground import OpenGround
from quaternet_addon.core.walk.triangle_grid import TriangleGrid


def _inside(flat, place):
    """The triangles that a place is in, by looking at each."""
    away = flat - place
    on = np.roll(away, -1, axis=1)
    sides = (away[..., 0] * on[..., 1] - away[..., 1] * on[..., 0]).T
    return np.flatnonzero((sides >= 0.0).all(axis=0) | (sides <= 0.0).all(axis=0))


def _some(random):
    return random.normal(size=(300, 1, 2)) * 5.0 + random.normal(size=(300, 3, 2))


def _one_far_away(random):
    return np.concatenate([_some(random), _some(random)[:1] + 1e6])


def _grains_on_a_square(random):
    square = np.array([[[-50, -50], [50, -50], [50, 50]], [[-50, -50], [50, 50], [-50, 50]]])
    return np.concatenate([square, 0.02 * _some(random)])


@pytest.mark.parametrize("made", [_some, _one_far_away, _grains_on_a_square])
def test_a_place_is_given_all_triangles_that_it_is_in(made):
    random = np.random.default_rng(0)
    flat = made(random)
    inner = flat.mean(axis=1)
    places = np.concatenate([inner, inner + 0.3, flat[:, 0], [[1e7, 0.0], [-1e7, 3.0]]])
    which, there = TriangleGrid(flat).near(places)
    for number, place in enumerate(places):
        found = there[which == number]
        assert (np.diff(found) > 0).all()
        assert set(_inside(flat, place)) <= set(found)


def _terrain(side, size):
    """``2 side²`` triangles of a gently rolling square, core space."""
    at = np.linspace(-0.5 * size, 0.5 * size, side + 1)
    x, z = np.meshgrid(at, at, indexing="ij")
    points = np.stack([x, 0.3 * np.sin(0.3 * x) * np.cos(0.2 * z), z], -1)
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    return np.concatenate([np.stack([a, b, c], 2), np.stack([a, c, d], 2)]).reshape(-1, 3, 3)


def test_300_ways_over_205_000_triangles_are_found_in_seconds():
    triangles = _terrain(320, 60.0)
    start = time.process_time()
    ways = list(OpenGround(triangles).ways(300, seed=1, apart=1.0))
    assert time.process_time() - start < 10.0  # a look at each triangle for each point: hours
    points = np.concatenate([way.points for way in ways])
    height = 0.3 * np.sin(0.3 * points[:, 0]) * np.cos(0.2 * points[:, 2])
    assert np.abs(points[:, 1] - height).max() < 0.02
