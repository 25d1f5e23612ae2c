# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the floor is that a body has stood on of late; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import SHUFFLE, TOES, horizontal_speeds, toe_positions
from ..body.skeleton import QUATERNET_SKELETON

if TYPE_CHECKING:
    from ..body.motion import Motion

_STANDS = 0.02  # leg lengths: so near a ball is as low as the other one
_DIPS = 0.08  # leg lengths: so much lower it is where it strikes and pushes off; in marches .07
_SOON = 0.15  # seconds to each side: a foot that turns round in the air is lower within that time
_LOWEST = 0.15  # of the frames: in these the lower ball of a gait in place is on the floor
_GOES = 0.5  # share of the speed of these balls that hips go at least, but for gaits in place
# of the frames have a slow lower ball at least, but there, and where such balls are high; of two
# seconds of recordings .37 and .62
_PLANTED = 0.25, 0.45
_TURNS = 0.1  # metres, of a body of the model's size: so high feet turn round, or higher
_NEAR = 0.12  # leg lengths: a foot that was so low over the floor of the rest pose was on it
_BOX = 1.0  # leg lengths: what goes in place lower than that goes on a box, higher it hangs


def standing_floor(motion: Motion) -> float:
    """Height of the floor over that of the rest pose, metres; 0 where nothing tells of it.

    motion: the last seconds, in the body's own proportions: in others a bent knee has its foot
    elsewhere. Slow balls tell of the floor, the lower one of two, but none that is far lower a
    moment before or later: in jumps feet are slow in the air. So they are in gaits `in_place`,
    where they turn round: there the lowest balls tell, on a box, too. If none is slow the lowest
    one tells, where it is near the rest pose's floor.
    """
    toes, leg = toe_positions(motion), motion.skeleton.leg_length
    heights = _over_rest(motion)
    speeds = horizontal_speeds(toes, motion.fps) / leg * QUATERNET_SKELETON.leg_length
    lower = heights <= heights.min(axis=-1, keepdims=True) + _STANDS * leg
    stays = heights <= _soon_lowest(heights, motion.fps) + _DIPS * leg
    stands = (speeds < SHUFFLE) & lower & stays
    if in_place(motion):
        found, highest = float(np.median(_lowest(motion)[0])), _BOX
    elif stands.any():
        return float(np.median(heights[stands]))
    else:
        found, highest = float(heights.min()), _NEAR
    return found if found < highest * leg else 0.0


def in_place(motion: Motion) -> bool:
    """Whether it is a gait on the spot, as loops of games are: planted feet slide back under it."""
    lowest, slides = _lowest(motion)
    toes, size = toe_positions(motion), _size(motion)
    level = _STANDS * motion.skeleton.leg_length
    lower = toes[..., 1] <= toes[..., 1].min(-1, keepdims=True) + level
    slow = (horizontal_speeds(toes, motion.fps) < SHUFFLE * size) & lower
    hips = motion.root_positions[[0, -1]][:, [0, 2]]
    goes = np.linalg.norm(hips[1] - hips[0]) * motion.fps / max(1, len(motion) - 1)
    if slides <= SHUFFLE * size or goes >= _GOES * slides:
        return False
    stands = slow.any(-1).mean()
    high = stands > 0.0 and np.median(_over_rest(motion)[slow]) > np.median(lowest) + _TURNS * size
    return bool(stands < (_PLANTED[1] if high else _PLANTED[0]))


def _lowest(motion):
    """Heights over the rest ``(n,)`` of the lower ball where that is lowest; how fast it goes."""
    toes, heights = toe_positions(motion), _over_rest(motion)
    rows, lower = np.arange(len(toes)), np.argmin(heights, axis=-1)
    low, speeds = heights[rows, lower], horizontal_speeds(toes, motion.fps)[rows, lower]
    found = np.argsort(low, kind="stable")[: max(1, round(_LOWEST * len(rows)))]
    return low[found], float(np.median(speeds[found]))


def _over_rest(motion):
    """Heights of the balls over where they are at rest ``(T, 2)``, metres."""
    rest = motion.skeleton.rest_positions[[motion.skeleton.index(name) for name in TOES], 1]
    return toe_positions(motion)[..., 1] - rest


def _size(motion):
    return motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length


def _soon_lowest(heights, fps):
    """How low each ball is within `_SOON` of each frame: ``(T, 2)``."""
    frames = int(round(_SOON * fps))
    padded = np.pad(heights, ((frames, frames), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * frames + 1, axis=0).min(axis=-1)
