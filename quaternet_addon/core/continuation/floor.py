# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor that slow feet tell of, on bodies of the model's size; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import SHUFFLE, horizontal_speeds, toe_positions
from ..feet.standing_floor import in_place, lowest_balls

if TYPE_CHECKING:
    from ..body.motion import Motion


_LEVEL = 0.02  # metres: balls at the same height


def floor_of(motion: Motion) -> float:
    """Height of the floor over the canonical rest, metres; 0 if nothing tells of it.

    In gaits in place (see `feet.standing_floor`) the lowest balls tell.
    """
    if in_place(motion):
        return lowest_balls(motion)
    toes = toe_positions(motion)
    rest = motion.skeleton.rest_positions[motion.skeleton.index("LeftToeBase"), 1]
    slow = horizontal_speeds(toes, motion.fps) < SHUFFLE
    lower = toes[..., 1] <= toes[..., 1].min(-1, keepdims=True) + _LEVEL
    heights = toes[..., 1][slow & lower]
    return float(np.median(heights) - rest) if len(heights) else 0.0
