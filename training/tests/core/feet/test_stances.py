# SPDX-License-Identifier: GPL-3.0-or-later
"""Corrections of stances that fade in the swings between them."""

import numpy as np

from quaternet_addon.core.feet.stances import spread
from quaternet_addon.core.maths.ragged import Ragged

FPS = 30.0


def test_a_correction_that_ends_all_at_once_does_not_throw_the_leg():
    """A knee straightened by 32 degrees, by 3 in the last frame, bent by 28 the other way."""
    contact = np.arange(40) < 20
    ragged = Ragged([40])
    vectors = np.zeros((20, 3))
    vectors[:, 0] = np.radians(32.0)
    vectors[-1, 0] = np.radians(3.0)
    out = np.degrees(spread(vectors, ragged.runs(contact), contact, FPS, np.array([False])))
    assert out[20:].min() > -14.0
    assert np.abs(out[-5:]).max() < 1e-6


def test_a_correction_goes_on_as_fast_as_it_went_where_there_is_much_of_it():
    contact = np.arange(40) < 20
    ragged = Ragged([40])
    vectors = np.zeros((20, 3))
    vectors[:, 0] = np.radians(10.0 + 2.0 * np.arange(20))
    out = np.degrees(spread(vectors, ragged.runs(contact), contact, FPS, np.array([False])))
    assert 1.2 < out[20, 0] - out[19, 0] < 2.1
