# SPDX-License-Identifier: GPL-3.0-or-later
"""Many walks at once: one batch through the network; pure.

In use:

    walks = GivingWay([Walk(model, path) for path in paths], distance=0.6).run()
    for fraction in Crowd(walks): ...
    motions = [walk.motion for walk in walks]

A batch reads the network's matrices once for all bodies instead of once for each, which with a
BLAS is most of the time of a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..networks.blas import single_threaded
from ..networks.steady import SteadyProduct
from .finish import finish

if TYPE_CHECKING:
    from ..body.motion import Motion


BATCH = 64  # bodies that step together: more gain little, and their states leave the caches
_SLICE = 32  # frames between two yields
_SHORTEST = 16  # frames


class Crowd:
    """Walks of one model, computed together; iterate it, then read ``motion`` of each walk.

    walks: `walk.Walk`s that were not run yet, of any lengths, on any skeletons. The same
    results as running each alone, but for the rounding of a batched product. steady: bit by bit
    the same in any other steady crowd, a crowd of one among them, which takes some processors a
    little longer.
    Iterating yields the fraction done, in (0, 1].
    """

    def __init__(self, walks, steady=False):
        self.walks, self._steady = list(walks), steady
        if not self.walks:
            raise ValueError("Expected at least one walk, got none.")
        if any(walk.model is not self.walks[0].model for walk in self.walks):
            raise ValueError("Expected walks of one and the same model, got several models.")

    def __iter__(self):
        order = sorted(range(len(self.walks)), key=lambda i: -len(self.walks[i].plan.phase))
        total, done = len(order), 0
        for start in range(0, total, BATCH):
            batch = [self.walks[i] for i in order[start : start + BATCH]]
            stepped = Batch(batch, self._steady)
            for fraction in stepped:
                yield (done + 0.5 * fraction * len(batch)) / total
            span = (done + 0.5 * len(batch)) / total, (done + len(batch)) / total
            finished = yield from finish(batch, stepped.states, span=span)
            for walk, result in zip(batch, finished, strict=True):
                walk.store(result)
            done += len(batch)

    def run(self) -> list[Motion]:
        """Compute all walks and return their motions, in the order given."""
        for _ in self:
            pass
        return [walk.motion for walk in self.walks]


class Batch:
    """The pose network's states of up to `BATCH` walks, the longest first; steady as in `Crowd`.

    Iterate it; then ``states`` is a list of ``(T, 4 J + 5)``.
    """

    def __init__(self, walks, steady=False):
        self._model = model = walks[0].model
        self._product = model.steady if steady else SteadyProduct(model.batch_product, 1)
        controls = [walk.controls() for walk in walks]
        self._lengths = np.array([len(c) for c in controls])
        rows = self._product.rows(len(walks))
        with single_threaded():
            encode = model.encode_steadily if steady else model.encode_controls
            encoded = encode(np.concatenate(controls))
            self._state, hidden = (
                _in_rows([np.tensordot(walk.style, start, 1) for walk in walks], rows)
                for start in (model.start_state, model.start_hidden)
            )
        self._encoded = np.zeros((rows, self._lengths[0], encoded.shape[-1]), np.float32)
        for row, part in enumerate(np.split(encoded, np.cumsum(self._lengths)[:-1])):
            self._encoded[row, : len(part)] = part
        self._hidden, width = np.moveaxis(hidden, 0, 1), self._state.shape[-1]
        self.states = [np.empty((frames, width), np.float32) for frames in self._lengths]

    def __iter__(self):
        total = self._lengths.sum()
        for start, stop, rows in _stretches(self._lengths):
            for frame in self._step(start, stop, rows):
                yield np.minimum(self._lengths, frame).sum() / total

    def _step(self, start, stop, rows):
        """Frames ``start`` to ``stop - 1`` of the first ``rows`` walks."""
        model, rows = self._model, self._product.rows(rows)
        with single_threaded():
            gru = model.pose_network(rows, self._product.product)
            gru.state = self._hidden[:, :rows]
        state, width = self._state[:rows], self._state.shape[-1]
        inputs = np.empty((rows, gru.input_size), np.float32)
        quaternions = state[:, : 4 * len(model.skeleton)].reshape(rows, -1, 4)
        for first in range(start, stop, _SLICE):
            last = min(first + _SLICE, stop)
            out = np.empty((rows, last - first, width), np.float32)
            with single_threaded():
                for frame in range(first, last):
                    inputs[:, :width] = state
                    inputs[:, width:] = self._encoded[:rows, frame]
                    state[:] = gru.step(inputs)
                    norms = np.sqrt(np.einsum("nji,nji->nj", quaternions, quaternions))
                    quaternions /= norms[..., None] + 1e-8
                    state[:, -2:] = 0.5 + 0.5 * np.tanh(0.5 * state[:, -2:])
                    out[:, frame - first] = state
            for row, states in enumerate(self.states[:rows]):  # beyond them nobody walks
                states[first:last] = out[row, : max(0, len(states) - first)]
            yield last
        self._hidden = gru.state


def _in_rows(values, rows):
    """``(rows, ...)`` float32: the values, then the first one over and over."""
    return np.stack([*values, *values[:1] * (rows - len(values))]).astype(np.float32)


def _stretches(lengths):
    """``(start, stop, rows)``: frames in which so many walks step; lengths: the longest first.

    Walks that are over stay in the batch until they are half of it, and for some frames at least: a
    network for fewer bodies takes as long to make as a few frames do.
    """
    start = 0
    while start < lengths[0]:
        rows = int(np.sum(lengths > start))
        stop = max(int(lengths[(rows - 1) // 2]), start + _SHORTEST)
        stop = min(stop, int(lengths[0]))
        yield start, stop, rows
        start = stop
