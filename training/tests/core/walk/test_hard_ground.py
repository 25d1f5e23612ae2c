# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do not walk over is said; what they do walk over is not."""

import numpy as np
import pytest

from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

PATH = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 9.0]]))


@pytest.fixture(scope="module")
def model():
    return load_model()


def warnings(model, height, size=1.0, speed=0.5, **asked):
    def ground(points):
        heights = np.asarray(height(points[:, 1]), float)
        return heights, np.tile([0.0, 1.0, 0.0], (len(points), 1))

    skeleton = model.skeleton.scaled(size)
    return Walk(model, PATH, speed=speed, ground=ground, skeleton=skeleton, **asked).warnings


def stair(rise, depth):
    return lambda z: rise * np.clip(np.floor((z - 3.0) / depth) + 1.0, 0.0, 6.0)


def ramp(degrees):
    return lambda z: np.tan(np.radians(degrees)) * np.clip(z - 3.0, 0.0, 3.0)


@pytest.mark.parametrize(
    "height", [np.zeros_like, stair(0.17, 0.29), stair(0.2, 0.25), ramp(25.0), ramp(-25.0)]
)
def test_what_people_walk_on_is_not_spoken_of(model, height):
    assert not warnings(model, height)


@pytest.mark.parametrize(
    ("height", "said"),
    [
        (stair(0.3, 0.29), "a step of 30 cm at 3 m along the curve is too high for these legs"),
        (lambda z: 1.0 * (z > 4.0), "a step of 100 cm at 4 m along the curve is too high"),
        (stair(0.17, 0.12), "treads of 12 cm are too short for these feet"),
        (ramp(40.0), "a slope of 40 degrees at"),
        (ramp(-40.0), "a slope of 40 degrees at"),
    ],
)
def test_what_they_do_not_is_said(model, height, said):
    assert any(text.startswith(said) for text in warnings(model, height))


def test_a_child_is_told_of_stairs_for_grown_ups(model):
    said = warnings(model, stair(0.17, 0.29), size=0.6, speed=0.4)
    assert any("17 cm" in text and "too high" in text for text in said)


def hole(begin, end):
    return lambda z: np.where((z > begin) & (z < end), np.nan, 0.5)


@pytest.mark.parametrize(
    ("height", "said"),
    [
        (
            hole(3.0, 5.1),
            ["the ground is not under 2.1 m of the path: it is walked"],
        ),
        (hole(8.0, 20.0), ["the ground is not under 1 m of the path"]),
        (hole(-1.0, 20.0), ["the ground is nowhere under the path: it is walked at the curve's"]),
        (hole(3.0, 3.05), []),
        (hole(8.95, 20.0), []),
    ],
)
@pytest.mark.parametrize("loop", [False, True])
def test_where_no_ground_is_under_the_path_is_said(model, height, said, loop):
    told = warnings(model, height, itinerary=Itinerary(loop=loop))
    assert len(told) == len(said)
    assert all(text.startswith(begin) for text, begin in zip(told, said, strict=True))


def test_a_hole_before_the_start_is_not_walked_over(model):
    assert not warnings(model, hole(1.0, 2.0), itinerary=Itinerary(start=3.0))
