# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dance has done for too long wears: codes of a round, turns of a whirl."""

import numpy as np
import pytest

from quaternet_addon.core.dance.dance import load_model
from quaternet_addon.core.dance.repeats import Repeats


@pytest.fixture(scope="module")
def dancer():
    return load_model()


def test_a_round_that_goes_on_wears_its_codes_and_no_other_poses(dancer):
    book = dancer.book
    repeats, around = Repeats(book, dancer.fps, 1), dancer.start_codes[0]  # 2.1 s
    seen = [(repeats.see(around[[step % 8]]), repeats.worn()[0])[1] for step in range(40)]
    unlike = np.argmax(book.away[around].min(0))
    assert not seen[14].any()  # 4 s
    assert seen[39][around].min() > 0.9 and seen[39][unlike] < 0.1


def test_who_does_something_else_is_not_said_to_repeat(dancer):
    repeats = Repeats(dancer.book, dancer.fps, 2)
    starts = [dancer.start_codes[index] for index in dancer.unlike_starts[:6]]
    for step in range(48):
        other = starts[step // 8][step % 8]
        repeats.see(np.array([starts[0][step % 8], other]))
    assert repeats.repeated[0] > 6.0 and repeats.repeated[1] < 3.0


def test_who_whirls_for_long_turns_that_way_no_more(dancer):
    turns = dancer.book.steps[:, 2]
    repeats = Repeats(dancer.book, dancer.fps, 2)
    left, right = np.argsort(-turns)[:32], np.argsort(turns)[:32]
    for pair in zip(left, right, strict=True):
        repeats.see(np.array(pair))
    assert (np.diagonal(repeats.whirled) > 5.0).all()
    turned = repeats.worn() - repeats._worn  # without what poses wear
    assert turned[0, left].min() > 0.5 and turned[1, right].min() > 0.5
    assert not turned[0, right].any() and not turned[1, left].any()
