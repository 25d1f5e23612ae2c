# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bend does to the speed is told."""

import numpy as np
import pytest

from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model


@pytest.fixture(scope="module")
def model():
    return load_model(DEFAULT_MODEL)


def ring(radius):
    angle = np.linspace(0.0, 2.0 * np.pi, 60, endpoint=False)
    return Path(radius * np.stack([np.cos(angle), 0.0 * angle, np.sin(angle)], -1), closed=True)


def straight(length=8.0):
    return Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))


def test_a_narrow_circle_says_how_fast_it_is_walked(model):
    walk = Walk(model, ring(0.5), speed=3.5, laps=3)
    (warning,) = walk.warnings
    told = float(warning.split("down to ")[1].split(" m/s")[0])
    reached = np.median(walk.plan.trajectory.speeds()[60:-60])
    assert told == pytest.approx(reached, rel=0.25)


@pytest.mark.parametrize("speed", [0.5, 0.7, 0.9])
def test_a_circle_of_a_metre_is_walked_as_fast_as_was_asked_where_people_go_faster(model, speed):
    """They go 0.95 m/s there; it was a tenth slower than asked."""
    walk = Walk(model, ring(1.0), speed=speed, laps=2)
    assert not walk.warnings
    assert walk.plan.arrival - walk.plan.start == pytest.approx(walk.plan.asked, rel=0.02)


def test_a_spiral_that_nobody_walks_is_no_speed(model):
    angle = 0.5 * np.arange(200)
    spiral = Path(0.1 * np.stack([np.cos(angle), 0.0 * angle, np.sin(angle)], -1))
    (warning,) = (text for text in Walk(model, spiral).warnings if "bends" in text)
    assert "bends bring it to a stand, as at" in warning


@pytest.mark.parametrize(("size", "remedy"), [(1.0, "Choose a speed between"), (0.02, "Check the")])
def test_a_speed_that_is_refused_names_the_scale_only_where_that_is_odd(model, size, remedy):
    skeleton = model.skeleton.scaled(size)
    with pytest.raises(ValueError, match=f"m/s for a character .* {remedy}"):
        Walk(model, straight(), speed=0.05 if size == 1.0 else 2.0, skeleton=skeleton)


def test_a_way_as_fast_as_asked_says_nothing(model):
    assert not Walk(model, straight(), speed=1.4).warnings
    assert not Walk(model, ring(3.0), speed=1.2).warnings


def test_stops_and_slower_parts_that_were_asked_for_are_no_surprise(model):
    wish = Itinerary(stops=((4.0, 1.0),), factors=((0.0, 1.0), (3.0, 0.5), (6.0, 1.0)))
    assert not Walk(model, straight(), speed=1.4, itinerary=wish).warnings


def test_what_bends_cost_is_not_run_in_on_the_straights_but_told(model):
    u = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0], [0.8, 0.0, 4.0], [0.8, 0.0, 0.0]])
    walk = Walk(model, Path(u), speed=1.4)
    assert walk.plan.trajectory.speeds().max() < 1.2 * 1.4  # it was 1.8 m/s
    (warning,) = Walk(model, Path(u), speed=2.5).warnings
    assert "longer than the speed means" in warning
    narrow = Walk(model, ring(0.5), speed=3.5, laps=3)
    percent = float(narrow.warnings[0].split("takes ")[1].split(" %")[0])
    took = narrow.plan.arrival - narrow.plan.start
    assert percent == pytest.approx(100.0 * (took / narrow.plan.asked - 1.0), abs=2.0)
