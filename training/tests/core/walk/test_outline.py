# SPDX-License-Identifier: GPL-3.0-or-later
"""What a panel says of a walk's length is near what the plan of the walk makes of it."""

import numpy as np
import pytest

from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.outline import outline
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.way import Way

ZIGZAG = [(0, 0), (0, 4), (0.15, 4), (0.15, 0), (0.3, 0), (0.3, 4)]


def way(points, **own):
    return Way(Path(np.array([(x, 0.0, z) for x, z in points], float)), **own)


def test_each_turn_back_takes_its_time():
    straight = outline(way([(0, 0), (0, 12.3)]), Itinerary(), 1, 1.0).seconds(1.4)
    turning = outline(way(ZIGZAG), Itinerary(), 1, 1.0).seconds(1.4)
    assert 2 * 2.0 < turning - straight < 2 * 5.0
    looking = outline(way(ZIGZAG), Itinerary(), 1, 1.0, turns=False).seconds(1.4)
    assert looking == pytest.approx(straight, abs=0.1)


def test_speed_is_the_inverse_of_seconds_for_any_size():
    for scale in (0.5, 1.0, 4.0):
        found = outline(way(ZIGZAG), Itinerary(), 1, scale)
        for speed in (0.8, 1.4, 3.0):
            assert found.speed(found.seconds(speed)) == pytest.approx(speed)


def test_a_giant_on_a_giants_way_takes_a_giants_time():
    like = outline(way(ZIGZAG), Itinerary(), 1, 1.0).seconds(1.4)
    large = [(4.0 * x, 4.0 * z) for x, z in ZIGZAG]
    assert outline(way(large), Itinerary(), 1, 4.0).seconds(2.8) == pytest.approx(2.0 * like)


def test_stops_and_slow_stretches_of_the_way_count():
    plain = outline(way([(0, 0), (0, 9)]), Itinerary(), 1, 1.0).seconds(1.4)
    stop = outline(way([(0, 0), (0, 9)], stops=((4.0, 2.0),)), Itinerary(), 1, 1.0).seconds(1.4)
    assert 3.0 < stop - plain < 5.0
    slow = outline(way([(0, 0), (0, 9)], factors=((0.0, 0.5),)), Itinerary(), 1, 1.0).seconds(1.4)
    assert slow > 1.5 * plain
