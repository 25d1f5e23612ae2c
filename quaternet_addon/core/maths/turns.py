# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns: rotations between frames as three numbers; for NumPy or torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .backend import namespace
from .quaternion import conjugate, multiply, normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

TURN_SCALE = 10.0


def turn_between(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Turns ``(..., 3)`` that lead from quaternions ``before`` to ``after``: ``(..., 4)``."""
    turn = multiply(after, conjugate(before))
    xp = namespace(turn)
    side = xp.where(turn[..., :1] < 0.0, -2.0 * TURN_SCALE, 2.0 * TURN_SCALE)
    return side * turn[..., 1:]


def turned(turns: np.ndarray, rotations: np.ndarray) -> np.ndarray:
    """Quaternions ``(..., 4)`` after further ``turns: (..., 3)``, of unit length."""
    xp = namespace(turns)
    half = turns * (0.5 / TURN_SCALE)
    ones = xp.ones_like(half[..., :1])
    return normalize(multiply(xp.concatenate((ones, half), -1), rotations))


def mirror_image(values: np.ndarray, order: Sequence[int] | np.ndarray) -> np.ndarray:
    """Rotations ``(..., M, 4)`` or turns ``(..., M, 3)`` of the body seen in a mirror.

    order: ``(M,)``, for each joint the one on the other side, itself where there is none. It is
    reflected at the plane x = 0.
    """
    parts = values[..., order, :]
    kept, turned_over = parts[..., :-2], parts[..., -2:]
    return namespace(values).concatenate((kept, -turned_over), -1)


def on_side_of(q: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """``q: (..., 4)`` or its negative, whichever is nearer to ``reference``. NumPy only."""
    return np.where((q * reference).sum(-1, keepdims=True) < 0.0, -q, q)
