# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recorded stops are cut, and which frames are of a body that goes on."""

import pytest
from paces import take

from training.continuation import stops
from training.data.collection import Piece


def test_a_stop_is_a_stand_after_a_walk():
    (stand,) = stops.stops(take((90, 1.2), (40, 0.0), (60, 1.2)))
    assert stand == pytest.approx(90, abs=2)


@pytest.mark.parametrize(
    "speeds",
    [((90, 1.2), (12, 0.0), (60, 1.2)), ((90, 0.4), (40, 0.0)), ((30, 1.2), (40, 0.0))],
    ids=["a pause", "hardly walked", "hardly seen"],
)
def test_others_are_none(speeds):
    assert stops.stops(take(*speeds)) == []


def test_who_goes_on_walks_before_and_after():
    found = stops.goes_on(take((150, 1.2), (40, 0.0)))
    assert found
    assert max(found) <= 90
    assert not stops.goes_on(take((60, 1.2), (60, 0.5), (60, 1.2)))


def test_dances_are_left_out_and_each_row_counts_its_cuts(monkeypatch):
    walk = take((150, 1.2), (40, 0.0))
    pieces = [Piece("a", "locomotion", walk), Piece("b", "dance", walk)]
    monkeypatch.setattr(stops, "stays", lambda model, cut: cut.before is not None)
    found = stops.figures(None, pieces)
    assert found["0.0 s before it stands"] == [True]
    assert len(found["1.5 s before it stands"]) == 1
    assert found["goes on"]
    assert not any(found["goes on"])
    assert len(found["at 0.55 of its speed"]) > len(found["goes on"])
