# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures of motion, on motions whose measure is known."""

import numpy as np
import pytest

from training.data.liveliness import jerk, low_passed


def test_low_pass_keeps_what_is_slow_and_drops_what_is_fast():
    times = np.arange(300) / 30.0
    slow, fast = np.sin(2.0 * np.pi * times), np.sin(2.0 * np.pi * 9.0 * times)
    passed = low_passed((slow + fast)[:, None, None] * np.ones((1, 2, 3)), 30.0, 5.0)
    assert passed.shape == (270, 2, 3)
    np.testing.assert_allclose(passed[:, 1, 2], slow[15:-15], atol=0.01)
    with pytest.raises(ValueError, match="more than 30 frames, got 30"):
        low_passed(np.zeros((30, 2, 3)), 30.0, 5.0)


def test_jerk_is_that_of_a_cubic():
    times = np.arange(60)[:, None, None] / 30.0
    assert jerk(times**3 * [[0.0, 2.0, 0.0]], 30.0) == pytest.approx(12.0)
