# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recorded starts are cut, and what a glide is."""

from dataclasses import replace

import numpy as np
import pytest
from paces import take

from training.continuation import starts
from training.data.collection import Piece


def test_a_start_is_a_walk_after_a_stand():
    (begin,) = starts.starts(take((60, 0.0), (150, 1.2)))
    assert begin == pytest.approx(60, abs=2)


@pytest.mark.parametrize(
    "speeds",
    [((60, 0.0), (40, 1.2), (60, 0.0)), ((60, 0.9), (90, 1.2)), ((60, 0.0), (90, 0.3))],
    ids=["a few steps", "went before", "hardly goes"],
)
def test_others_are_none(speeds):
    assert starts.starts(take(*speeds)) == []


def test_cuts_are_after_the_start_and_far_from_it():
    motion = take((60, 0.0), (300, 1.2))
    pieces = [Piece("a", "locomotion", motion), Piece("b", "dance", motion)]
    found = [(row, frame) for row, _, frame in starts.cuts(pieces)]
    assert len(found) > len(starts.AFTER)
    assert sum(row == "1.0 s after" for row, _ in found) == 1
    assert min(frame for row, frame in found if row == "steady") > 130


def test_who_stands_on_one_foot_does_not_glide():
    motion = take((60, 1.2))
    ball, hips = starts.glides(motion.slice(0, 30), motion.slice(30, None))
    assert ball == pytest.approx(1.2)  # legs that stand while the hips go on
    assert hips == pytest.approx(1.2)
    still = replace(motion, root_positions=np.repeat(motion.root_positions[:1], 60, 0))
    assert starts.glides(still.slice(0, 30), still.slice(30, None)) == (0.0, 0.0)
