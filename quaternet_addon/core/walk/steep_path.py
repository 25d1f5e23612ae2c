# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that climb as nobody walks; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary

if TYPE_CHECKING:
    from .path import Path


_STEEPEST = 45.0  # degrees over the window: stairs are at 34
_WINDOW = 0.5  # of a leg's length
_POINTS = 400


def steep(name: str, path: Path, leg_length: float) -> list[str]:
    """A sentence for a path that climbs as nobody walks; none for others. leg_length: metres."""
    window = min(_WINDOW * leg_length, path.length)
    places = np.linspace(0.0, path.length - window, _POINTS)
    rise = np.abs(path.height(places + window) - path.height(places))
    angle = float(np.degrees(elementary.arctan(rise.max() / window)))
    if angle <= _STEEPEST:
        return []
    return [f"{name!r} climbs at up to {angle:.0f} degrees: nobody walks so steeply"]
