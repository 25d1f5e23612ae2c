# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of different lengths on one axis of frames, one after the other; pure.

What is done frame by frame needs no more than that: a hundred clips are then as one long one, and
NumPy's calls cost once what they would cost for each. What looks along time, to neighbours or over
a stretch, must not look over the border to the next clip: that is here.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


class Ragged:
    """Where clips begin and end on an axis of F frames. lengths: ``(N,)`` frames of each, > 0."""

    def __init__(self, lengths: Sequence[int] | np.ndarray) -> None:
        self.lengths = np.asarray(lengths, int)
        self.stops = np.cumsum(self.lengths)
        self.starts = self.stops - self.lengths
        self._padded: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def __len__(self):
        return int(self.stops[-1])

    @cached_property
    def of(self) -> np.ndarray:
        """The clip of each frame, ``(F,)``."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @cached_property
    def first(self) -> np.ndarray:
        """The first frame of each frame's clip, ``(F,)``."""
        return np.repeat(self.starts, self.lengths)

    @cached_property
    def stop(self) -> np.ndarray:
        """The frame after the last one of each frame's clip, ``(F,)``."""
        return np.repeat(self.stops, self.lengths)

    @cached_property
    def index(self) -> np.ndarray:
        """The number of each frame in its clip, ``(F,)``."""
        return np.arange(len(self)) - self.first

    def spread(self, values: np.ndarray) -> np.ndarray:
        """``values: (N, ...)`` of the clips for each of their frames, ``(F, ...)``."""
        return np.repeat(values, self.lengths, axis=0)

    def split(self, values: np.ndarray) -> list[np.ndarray]:
        """``values: (F, ...)`` of the frames as a list of N views."""
        ends = zip(self.starts.tolist(), self.stops.tolist(), strict=True)
        return [values[start:stop] for start, stop in ends]

    def runs(self, mask: np.ndarray) -> Runs:
        """The `Runs` of True in ``mask: (F,)``; a run ends where its clip does."""
        mask = np.asarray(mask, bool)
        before, after = np.zeros_like(mask), np.zeros_like(mask)
        before[1:], after[:-1] = mask[:-1], mask[1:]
        before[self.starts] = after[self.stops - 1] = False
        return Runs(self, np.flatnonzero(mask & ~before), np.flatnonzero(mask & ~after) + 1)

    def gradient(self, values: np.ndarray) -> np.ndarray:
        """Central differences of ``values: (F, ...)``, one-sided at the ends, for each frame."""
        frames = np.arange(len(self))
        before, after = np.maximum(frames - 1, self.first), np.minimum(frames + 1, self.stop - 1)
        steps = np.maximum(after - before, 1).reshape(-1, *[1] * (values.ndim - 1))
        return (values[after] - values[before]) / steps

    def convolved(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """``values: (F,)`` or ``(F, C)`` as weighted means; weights: an odd number, symmetric.

        Before its first and after its last frame a clip goes on as it is there.
        """
        frames, kept = self._with_ends(len(weights) // 2)
        padded = np.take(np.asarray(values).T, frames, axis=-1)
        return _weighted(padded, weights)[..., kept].T

    def highest(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The running maximum of ``values: (F,)`` over as many frames, then `convolved`."""
        width = len(weights)
        frames, kept = self._with_ends(width - 1)
        windows = np.lib.stride_tricks.sliding_window_view(np.asarray(values)[frames], width)
        return _weighted(windows.max(axis=-1), weights)[kept]

    def _with_ends(self, count):
        """Frames of all clips with ``count`` more at each end, and where a window is a frame's."""
        if count not in self._padded:
            padded = np.repeat(np.arange(len(self.lengths)), self.lengths + 2 * count)
            frames = np.arange(len(padded)) - count * (2 * padded + 1)
            frames = np.clip(frames, self.starts[padded], self.stops[padded] - 1)
            self._padded[count] = frames, np.arange(len(self)) + 2 * count * self.of
        return self._padded[count]

    def bridged(self, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The frames ``known: (F,)`` around each frame: ``(left, right, share)``.

        share: how far it is on the way between them, in [0, 1] from one to the next; beyond the
        first and the last known one both are that one. Where a clip has none, left is -1.
        """
        index, frames = np.flatnonzero(known), np.arange(len(self))
        if not len(index):
            return np.full(len(self), -1), frames, np.zeros(len(self))
        first, stop = np.searchsorted(index, self.first), np.searchsorted(index, self.stop)
        after = np.clip(np.searchsorted(index, frames), first, stop - 1)
        before = np.clip(np.searchsorted(index, frames, side="right") - 1, first, stop - 1)
        left, right = index[np.clip(before, 0, None)], index[np.clip(after, 0, None)]
        share = (frames - left) / np.maximum(1, right - left)
        return np.where(first == stop, -1, left), right, share


def _weighted(values, weights):
    """``np.convolve(values, weights, "valid")`` along the last axis, for symmetric weights.

    Added up in one order everywhere: NumPy's own asks the BLAS, which for some processors begins
    at the next even address, so that where a clip lies among others would change its last bit.
    """
    half = len(weights) // 2
    count = values.shape[-1] - 2 * half
    out = weights[half] * values[..., half : half + count]
    for away in range(1, half + 1):
        before, after = half - away, half + away
        both = values[..., before : before + count] + values[..., after : after + count]
        both *= weights[after]
        out += both
    return out


class Runs:
    """Stretches of frames that stay in their clips. start, stop: ``(n,)``, stop exclusive."""

    def __init__(self, ragged: Ragged, start: np.ndarray, stop: np.ndarray) -> None:
        self.ragged, self.start, self.stop = ragged, start, stop
        self.lengths = stop - start

    def __len__(self):
        return len(self.start)

    @cached_property
    def inside(self) -> tuple[np.ndarray, np.ndarray]:
        """Whether each begins after its clip does, and ends before: two ``(n,)`` bool."""
        ragged = self.ragged
        return self.start > ragged.first[self.start], self.stop < ragged.stop[self.stop - 1]

    @cached_property
    def of(self) -> np.ndarray:
        """The run of each frame that is in one, ``(M,)``."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @cached_property
    def frames(self) -> np.ndarray:
        """The frames that are in a run, ``(M,)``, run by run."""
        return np.arange(len(self.of)) + (self.start - self._offsets)[self.of]

    @cached_property
    def _offsets(self):
        return np.cumsum(self.lengths) - self.lengths

    def kept(self, which: np.ndarray) -> Runs:
        """Those of them that are True in ``which: (n,)``."""
        return Runs(self.ragged, self.start[which], self.stop[which])

    def ends(self, counts: np.ndarray) -> tuple[Runs, Runs]:
        """So many of the first frames of each, and of the last: ``(n,)``, as `Runs`."""
        ragged, start, stop = self.ragged, self.start, self.stop
        return Runs(ragged, start, start + counts), Runs(ragged, stop - counts, stop)

    def maximum(self, values: np.ndarray) -> np.ndarray:
        """The greatest of ``values: (M,)``, at `frames`, in each run, ``(n,)``."""
        return np.maximum.reduceat(values, self._offsets) if len(self) else np.zeros(0)

    def mean(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The mean of ``values: (M,)`` or ``(M, C)`` in each run; weights: ``(M,)``."""
        if not len(self):
            return np.zeros((0, *values.shape[1:]))
        total = np.add.reduceat(weights, self._offsets)
        if values.ndim > 1:
            weights, total = weights[:, None], total[:, None]
        return np.add.reduceat(values * weights, self._offsets, axis=0) / total

    def percentile(self, values: np.ndarray, percent: float) -> np.ndarray:
        """The percentile of ``values: (M,)`` or ``(M, C)`` in each run, linear in between."""
        if values.ndim > 1:
            return np.array([self.percentile(column, percent) for column in values.T]).T
        ordered = values[np.lexsort((values, self.of))]
        place = percent / 100.0 * (self.lengths - 1)
        lower = np.floor(place).astype(int)
        upper, part = np.minimum(lower + 1, self.lengths - 1), place - lower
        low, high = ordered[self._offsets + lower], ordered[self._offsets + upper]
        return low + part * (high - low)
