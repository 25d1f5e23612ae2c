# SPDX-License-Identifier: GPL-3.0-or-later
"""Short recordings of steady runs, repeated until a training window fits in; pure.

A run through a capture volume is over in 1.2 s. Without these the network would know a steady
run from slowed-down ones alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.trajectory import Trajectory
from quaternet_addon.core.maths.quaternion import normalize

if TYPE_CHECKING:
    from .data import Sequence


_STRIDE = 0.55, 0.95  # seconds of a running stride
_BLEND = 5  # frames over which the end of a cycle becomes the beginning
_STEADY = 0.15  # relative change of speed within the clip


def repeated(sequence: Sequence, frames: int) -> Sequence:
    """A `Sequence` of a steady, straight run as one of at least ``frames``; others unchanged."""
    speeds = sequence.trajectory.speeds()
    if len(sequence) >= frames or sequence.gait.mean() < 0.5:
        return sequence
    if np.ptp(speeds) > _STEADY * speeds.mean() or np.ptp(sequence.trajectory.headings) > 0.35:
        return sequence
    length = _period(sequence)
    return sequence if length is None else _tiled(sequence, length, -(-frames // length))


def _period(sequence):
    """Frames of one or two strides after which the body is most alike, None if there are none."""
    fps, count = sequence.trajectory.fps, len(sequence)
    flat = sequence.rotations.reshape(count, -1)
    first, last = (int(round(seconds * fps)) for seconds in _STRIDE)
    lengths = [n for n in range(first, 2 * last + 1) if n + 2 * _BLEND <= count]
    lengths = [n for n in lengths if n <= last or n >= 2 * first]
    if not lengths:
        return None
    errors = [np.abs(flat[n:] - flat[:-n]).mean() for n in lengths]
    # Half a stride later the legs have changed sides: that is no match in these numbers.
    return lengths[int(np.argmin(errors))]


def _tiled(sequence, length, times):
    start = _BLEND
    cycle = slice(start, start + length)
    share = np.zeros(length)
    share[-_BLEND:] = (np.arange(_BLEND) + 1.0) / (_BLEND + 1.0)

    def blended(values):
        before = np.concatenate([values[cycle][: length - _BLEND], values[:start]])
        weight = share.reshape(-1, *[1] * (values.ndim - 1))
        return np.tile(
            (1.0 - weight) * values[cycle] + weight * before, (times, *[1] * (values.ndim - 1))
        )

    phase, trajectory = sequence.phase, sequence.trajectory
    rate = phase[start + length - 1] - phase[start] + (phase[start + 1] - phase[start])
    strides = max(1.0, np.round(rate / (2.0 * np.pi)))
    within = (phase[cycle] - phase[start]) * (2.0 * np.pi * strides / rate)
    turns = np.repeat(np.arange(times) * 2.0 * np.pi * strides, length)
    count = length * times
    velocity = (trajectory.positions[-1] - trajectory.positions[0]) / (len(sequence) - 1)
    positions = trajectory.positions[0] + np.arange(count)[:, None] * velocity
    headings = np.full(count, trajectory.headings.mean())
    return replace(
        sequence,
        rotations=normalize(blended(sequence.rotations)),
        hips=blended(sequence.hips),
        contacts=np.tile(sequence.contacts[cycle], (times, 1)),
        phase=phase[start] + np.tile(within, times) + turns,
        gait=np.full(count, sequence.gait.mean()),
        trajectory=Trajectory(positions, headings, trajectory.fps),
    )
