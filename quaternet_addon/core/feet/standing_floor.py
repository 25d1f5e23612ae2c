# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the floor is that a body has stood on of late; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import SHUFFLE, TOES, horizontal_speeds, toe_positions
from ..body.skeleton import QUATERNET_SKELETON

if TYPE_CHECKING:
    from ..body.motion import Motion

_STANDS = 0.02  # leg lengths: so near a ball is as low as the other one, and as it was just now
_SOON = 0.15  # seconds to each side: a foot that turns round in the air is lower within that time
_NEAR = 0.12  # leg lengths: a foot that was so low over the floor of the rest pose was on it


def standing_floor(motion: Motion) -> float:
    """Height of the floor over that of the rest pose, metres; 0 where nothing tells of it.

    motion: the last seconds, in the body's own proportions: in others a bent knee has its foot
    elsewhere. Slow balls tell of the floor, the lower one of two, but none that is lower a moment
    before or later: in a run on the spot, as games have it, feet are slow where they turn round
    in the air. If none is slow the lowest one tells, where it is near the rest pose's floor.
    """
    toes, leg = toe_positions(motion), motion.skeleton.leg_length
    rest = motion.skeleton.rest_positions[[motion.skeleton.index(name) for name in TOES], 1]
    heights = toes[..., 1] - rest
    speeds = horizontal_speeds(toes, motion.fps) / leg * QUATERNET_SKELETON.leg_length
    lowest = np.minimum(_soon_lowest(heights, motion.fps), heights.min(axis=-1, keepdims=True))
    stands = (speeds < SHUFFLE) & (heights <= lowest + _STANDS * leg)
    if stands.any():
        return float(np.median(heights[stands]))
    return float(heights.min()) if heights.min() < _NEAR * leg else 0.0


def _soon_lowest(heights, fps):
    """How low each ball is within `_SOON` of each frame: ``(T, 2)``."""
    frames = int(round(_SOON * fps))
    padded = np.pad(heights, ((frames, frames), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * frames + 1, axis=0).min(axis=-1)
