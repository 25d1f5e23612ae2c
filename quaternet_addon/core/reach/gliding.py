# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether both feet glide over the floor in a finished way to a pose; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import SHUFFLE, TOES, horizontal_speeds, toe_positions
from ..body.skeleton import QUATERNET_SKELETON

if TYPE_CHECKING:
    from ..body.motion import Motion

_LOW = 0.037  # leg lengths over their rest: so low both balls are as good as on the floor
_LONG = 0.2  # seconds; of 133 typical ways those that last longer are told beforehand


def glide(motion: Motion, ground: float) -> tuple[int, int] | None:
    """First frame of the longest glide and the one after its last; None where it is short.

    ground: height of the floor, metres.
    """
    toes, leg = toe_positions(motion), motion.skeleton.leg_length
    rest = motion.skeleton.rest_positions[[motion.skeleton.index(name) for name in TOES], 1]
    speeds = horizontal_speeds(toes, motion.fps) / leg * QUATERNET_SKELETON.leg_length
    glides = ((toes[..., 1] - ground - rest < _LOW * leg) & (speeds > SHUFFLE)).all(axis=-1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], glides, [False]])))
    starts, stops = edges[::2], edges[1::2]
    if not len(starts):
        return None
    longest = int(np.argmax(stops - starts))
    start, stop = int(starts[longest]), int(stops[longest])
    return (start, stop) if stop - start > _LONG * motion.fps else None


def told_glide(motion: Motion, ground: float) -> tuple[str, ...]:
    """A sentence of a glide, or none."""
    found = glide(motion, ground)
    if found is None:
        return ()
    start, stop = ((frame + 1) / motion.fps for frame in found)
    text = (
        f"Both feet glide over the floor for {stop - start:.1f} s, {start:.1f} s after this "
        "frame: give the body more time there, or key a step between."
    )
    return (text,)
