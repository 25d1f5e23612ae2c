# SPDX-License-Identifier: GPL-3.0-or-later
"""The smoothest curve over a lower bound; pure."""

from __future__ import annotations

import functools

import numpy as np

_ROUNDS = 40
_TOLERANCE = 1e-9


def least_acceleration(before: np.ndarray, after: np.ndarray, least: np.ndarray) -> np.ndarray:
    """``(n,)`` between two values before and two after, nowhere under ``least: (n,)``.

    Of all these it has the least sum of squared second differences: a cubic spline, but where it
    touches the bound. Solved by the primal-dual active set (Hintermüller, Ito and Kunisch 2003);
    where that does not come to an end, the last curve is raised to the bound.
    """
    count = len(least)
    stiffness, fixed = _matrices(count)
    pull = -fixed @ np.concatenate([before, after])
    held = np.zeros(count, bool)
    for _ in range(_ROUNDS):
        curve, push = np.where(held, least, 0.0), np.zeros(count)
        free = ~held
        if free.any():
            rest = pull[free] - stiffness[np.ix_(free, held)] @ least[held]
            curve[free] = np.linalg.solve(stiffness[np.ix_(free, free)], rest)
        push[held] = (stiffness @ curve - pull)[held]
        now = push + (least - curve) > _TOLERANCE
        if np.array_equal(now, held):
            break
        held = now
    return np.maximum(curve, least)


@functools.lru_cache(64)
def _matrices(count):
    """Second derivatives of the sum by the values ``(n, n)`` and by the four fixed ones."""
    steps = np.diff(np.eye(count + 4), 2, axis=0)
    whole = steps.T @ steps
    inside = slice(2, count + 2)
    return whole[inside, inside], np.delete(whole[inside], np.s_[inside], axis=1)
