# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels bent so that they hold, at the ends of a gap, what the rig's own properties hold there.

A pose that goes from a rig to the canonical skeleton and back loses twist and what unmapped bones
do. What is lost at the two ends of a gap fades in and out over it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.maths.quaternion import (
    conjugate,
    make_continuous,
    multiply,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)
from ...core.maths.smoothing import ease
from ..keys.channels import Channel, rotation_channels, rotation_value

_JUMP = 0.1  # of a rotation's numbers: more is another sign or turn, not another pose
_LENGTHS = 0.5, 2.0  # of quaternions to which one of length 1 leads at a fairly even rate


@dataclass(frozen=True)
class Ends:
    """What a property is at the start and at the end of a gap, ``(n,)`` each; None: anything."""

    start: np.ndarray
    end: np.ndarray


def bend(channel: Channel, ends: Ends, mode: str | None) -> tuple[Channel, bool]:
    """The rows of a channel with what `Ends` say at the first and the last one, and ``jumps``.

    channel: a `Channel` whose first row is the gap's start and whose last its end. mode: of the
    bone's rotation, None for what is no rotation. Returns a Channel, and whether its last numbers
    stand for the end's pose in another sign or turn than the end's own.
    """
    values, share = (
        np.array(channel.values, float),
        ease(np.linspace(0.0, 1.0, len(channel.values))),
    )
    if mode is None:
        values += (1.0 - share)[:, None] * (ends.start - values[0])
        if ends.end is not None:
            values += share[:, None] * (ends.end - values[-1])
        return Channel(channel.path, values, channel.group, channel.interpolation), False
    turns = make_continuous(np.array([rotation_value(row, mode) for row in values]))
    turns = _bent(turns, rotation_value(ends.start, mode), 1.0 - share, 0)
    if ends.end is not None:
        turns = _bent(turns, rotation_value(ends.end, mode), share, -1)
    values = rotation_channels(turns, mode, ends.start)
    jumps = ends.end is not None and _jumps(values[-1], ends.end, mode)
    return Channel(channel.path, values, channel.group, channel.interpolation), jumps


def _jumps(values, end, mode):
    """Whether numbers of a rotation stand in another sign or turn than others of the same one."""
    if mode == "QUATERNION":
        return not _LENGTHS[0] < float(values @ end) < _LENGTHS[1]
    return bool(np.abs(values - end).max() > _JUMP)


def _bent(turns, wanted, share, row):
    """Rotations ``(T, 4)`` turned, by ``share (T,)``, by what ``wanted`` is off at one row."""
    off = quaternion_to_rotation_vector(multiply(conjugate(turns[row]), wanted))
    return multiply(turns, rotation_vector_to_quaternion(share[:, None] * off))
