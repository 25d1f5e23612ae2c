# SPDX-License-Identifier: GPL-3.0-or-later
"""How far footprints were moved by hand, as text and back, within what a body can follow; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping


FARTHEST = 0.4  # of the leg's length: a footprint is moved no farther, or the body could not follow


def moves_of(text: str) -> dict[tuple[int, int], np.ndarray]:
    """What `text_of` wrote: metres ``(2,)`` of each; ValueError for anything else."""
    moves = {}
    for part in filter(None, text.split(";")):
        try:
            which, x, z = part.split()
            foot, number, away = "LR".index(which[0]), int(which[1:]), np.array([x, z], float)
        except ValueError as error:
            raise ValueError(
                f"Expected footprints as 'L3 0.1 -0.2; R4 0 0.1', got {part!r}."
            ) from error
        if number < 0 or not np.isfinite(away).all():
            raise ValueError(f"Expected numbers of footprints and metres, got {part!r}.")
        moves[foot, number] = away
    return moves


def text_of(moves: Mapping[tuple[int, int], np.ndarray]) -> str:
    """Moves as text: "L3 0.1 -0.2; R4 0 0.1", foot and number, metres along x and z."""
    parts = (f"{'LR'[foot]}{n} {x:.4g} {z:.4g}" for (foot, n), (x, z) in sorted(moves.items()))
    return "; ".join(parts)


def within_reach(away: np.ndarray, leg_length: float) -> np.ndarray:
    """A footprint's move ``(2,)`` or ``(n, 2)`` in metres, x and z, as far as a body can follow."""
    away = np.asarray(away, float)
    far = np.linalg.norm(away, axis=-1, keepdims=True)
    return away * np.minimum(1.0, FARTHEST * leg_length / np.maximum(far, 1e-9))
