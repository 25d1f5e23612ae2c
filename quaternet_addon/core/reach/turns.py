# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation vectors for NumPy and torch alike, with gradients near zero; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..maths import elementary
from ..maths.backend import namespace

if TYPE_CHECKING:
    import numpy as np


def exponential(vectors: np.ndarray) -> np.ndarray:
    """Unit quaternions ``(..., 4)`` of rotation vectors ``(..., 3)`` radians."""
    xp = namespace(vectors)
    angle = xp.sqrt((vectors * vectors).sum(-1)[..., None] + 1e-12)
    return xp.concatenate(
        (elementary.cos(0.5 * angle), elementary.sin(0.5 * angle) / angle * vectors), -1
    )


def logarithm(q: np.ndarray) -> np.ndarray:
    """Rotation vectors ``(..., 3)`` of unit quaternions, the shorter way round."""
    xp = namespace(q)
    q = xp.where(q[..., :1] < 0.0, -q, q)
    sine = xp.sqrt((q[..., 1:] * q[..., 1:]).sum(-1)[..., None] + 1e-14)
    return 2.0 * elementary.arctan2(sine, q[..., :1]) / sine * q[..., 1:]
