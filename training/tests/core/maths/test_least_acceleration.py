# SPDX-License-Identifier: GPL-3.0-or-later
"""The smoothest curve over a bound: a spline where it is free, on the bound where it must be."""

import numpy as np
import pytest

from quaternet_addon.core.maths.least_acceleration import least_acceleration

FREE = np.full(12, -1e9)


def whole(before, least, after):
    return np.concatenate([before, least_acceleration(before, after, least), after])


def test_without_a_bound_a_line_goes_on_and_a_curve_is_a_cubic():
    line = np.arange(16.0)
    assert least_acceleration(line[:2], line[-2:], FREE) == pytest.approx(line[2:-2])
    curve = whole(np.array([0.0, 0.0]), FREE, np.array([1.0, 1.0]))
    assert np.diff(curve, 4)[1:-1] == pytest.approx(0.0, abs=1e-9)


def test_it_is_on_or_over_the_bound_and_smoother_than_any_other_that_is():
    random = np.random.default_rng(0)
    for _ in range(40):
        ends, least = random.normal(size=(2, 2)), random.normal(size=12)
        curve = whole(ends[0], least, ends[1])
        assert (curve[2:-2] >= least - 1e-9).all()
        best = (np.diff(curve, 2) ** 2).sum()
        for _ in range(20):
            other = curve.copy()
            other[2:-2] = np.maximum(least, curve[2:-2] + 0.1 * random.normal(size=12))
            assert (np.diff(other, 2) ** 2).sum() >= best - 1e-9


def test_a_jump_of_the_bound_is_no_jump_of_the_curve():
    """The bound goes from 0 to 1 in one frame, as a nosing under toes; the curve takes its time."""
    least = np.where(np.arange(12) >= 5, 1.0, 0.0)
    curve = whole(np.zeros(2), least, np.ones(2))
    assert np.abs(np.diff(curve)).max() < 0.35
    assert np.abs(np.diff(curve, 2)).max() < 0.2
