# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of all sizes walk in their own time."""

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model


@pytest.fixture(scope="module")
def model():
    return load_model(DEFAULT_MODEL)


def straight():
    return Path(np.array([[1.0, 0.0, -1.0], [1.0, 0.0, 2.0]]))


def scaled(factor):
    return QUATERNET_SKELETON.scaled(factor)


@pytest.mark.parametrize("factor", [0.5, 4.0])
def test_a_child_and_a_giant_walk_in_their_own_time(model, factor):
    walks = [
        Walk(model, Path(f * straight().points), speed=1.2 * np.sqrt(f), skeleton=scaled(f))
        for f in (1.0, factor)
    ]
    usual, other = (walk.run() for walk in walks)
    assert other.duration == pytest.approx(np.sqrt(factor) * usual.duration, abs=0.05)
    steps = [walk.plan.phase[-1] - walk.plan.phase[0] for walk in walks]
    assert steps[1] == pytest.approx(steps[0], rel=1e-3)


def test_seconds_that_were_asked_for_are_the_characters_own(model):
    wish = Itinerary(duration=9.0, stops=((3.0, 1.0),))
    walk = Walk(model, Path(2.0 * straight().points), skeleton=scaled(2.0), itinerary=wish)
    assert walk.run().duration == pytest.approx(9.0, abs=0.04)
    still = np.abs(np.diff(walk.plan.distances)) < 1e-6
    assert still[30:-40].sum() / walk.plan.trajectory.fps == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_starts_and_stops_of_all_sizes_are_no_bends(model, factor):
    way = Path(4.0 * factor * (straight().points - straight().points[0]))
    walk = Walk(model, way, speed=1.3 * np.sqrt(factor), skeleton=scaled(factor))
    assert not [text for text in walk.warnings if "bends" in text]
