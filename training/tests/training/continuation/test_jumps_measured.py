# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of jumps that are cut, and which recorded ones are."""

import numpy as np
import pytest

from quaternet_addon.core.continuation.model import load_model
from training.continuation import jumps
from training.continuation.keyed_jump import LANDED, heights, jump
from training.data.collection import Piece


def test_knees_and_feet_are_measured():
    given = jump(LANDED)
    found = jumps.figures(given.slice(0, 40), given.slice(40, None))
    assert found["turn"] == pytest.approx(44.0, abs=2.0)  # as it stretches
    assert found["backward"] < 0.1
    assert found["drift"] < 0.1
    low = jumps.figures(given, given.moved([0.0, -0.05, 0.0]))
    assert low["under"] == pytest.approx(5.0, abs=0.2)


def test_the_keyed_jump_is_cut_in_four_places_with_the_lock_and_without():
    found = jumps.keyed(load_model())
    assert len(found) == 8
    for row in found.values():
        assert row["backward"] < 1.0
        assert row["under"] < 0.3
    assert found["touchdown, lock"]["turn"] < 23.0


def test_recorded_jumps_are_cut_around_both_ends(monkeypatch):
    take = jump(LANDED)
    first, after = np.flatnonzero(heights()[-61:] > jumps.RAISED)[[0, -1]] + [0, 1]
    monkeypatch.setattr(jumps, "jumps", lambda motion: [(int(first), int(after))])
    found = list(jumps.cuts([Piece("a", "action", take)]))
    assert len(found) == 11
    assert [frame for name, _, frame in found if name == "touchdown"][2] == after
    assert [frame for name, _, frame in found if name == "take-off"][2] == first - 1
