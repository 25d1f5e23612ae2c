# SPDX-License-Identifier: GPL-3.0-or-later
"""The root under a walk: loops close, who stays in place has one that stands still."""

import numpy as np
import pytest

from quaternet_addon.core.feet.root_track import root_track
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model


@pytest.fixture(scope="module")
def model():
    return load_model()


def track_of(walk):
    motion = walk.run()
    rest = np.array([0.0, motion.skeleton.root_height, 0.0])
    return motion, root_track(motion, rest, 0.0)


def straight(model, **options):
    return Walk(model, Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]])), **options)


def test_a_loop_under_its_root_ends_as_it_begins(model):
    walk = straight(model, itinerary=Itinerary(loop=True, strides=1))
    motion, track = track_of(walk)
    seen = track.remove(motion)
    np.testing.assert_allclose(
        seen.root_positions[-1], seen.root_positions[0], atol=1e-4
    )  # medians of cut stances
    np.testing.assert_allclose(seen.rotations[-1], seen.rotations[0], atol=1e-6)
    np.testing.assert_allclose(track.positions[-1] - track.positions[0], walk.travel, atol=1e-4)


def test_the_root_of_a_walk_in_place_stands_still(model):
    walk = straight(model, in_place=True, itinerary=Itinerary(loop=True, strides=1))
    motion, track = track_of(walk)
    assert np.ptp(track.positions, axis=0).max() == 0.0
    assert np.ptp(track.turns, axis=0).max() == 0.0
    assert np.ptp(track.remove(motion).root_positions, axis=0).max() > 0.01


def test_the_root_of_a_walk_travels_with_the_hips(model):
    motion, track = track_of(straight(model))
    away = track.positions[:, [0, 2]] - motion.root_positions[:, [0, 2]]
    assert np.linalg.norm(away, axis=-1).max() < 0.15
    np.testing.assert_allclose(track.positions[:, 1], 0.0, atol=0.02)
