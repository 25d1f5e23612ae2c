# SPDX-License-Identifier: GPL-3.0-or-later
"""An LSTM restarted from zero for every window of inputs, at a fraction of the price; pure.

The published dance network runs over its last 128 inputs, from a state of zeros, for each frame.
The windows that a new input belongs to are 128; here they are the rows of a batch that it
advances by one step, with one matrix product per layer in place of 128 vector products. Each
step one window is complete, and its row starts the next one.

Beside `Lstm` this is bound by arithmetic, not by reading weights, so it is built otherwise: a
layer's inputs and states are one matrix, of which every part makes the gates of a few units and
turns them into those units' next states while they are still in the core's own cache. Parts
share nothing that they write, so as many threads as there are cores take them.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from .matrix_product import pick_product
from .recurrent import Dense, dense_matrix, layers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


PARTS = 4  # of a layer's units; not as many as there are cores, or it would round by them
WORTH_A_THREAD = 1 << 22  # multiplications of a part: several times what waking a thread takes


class Wavefront:
    """``step(x)`` is what `Lstm` puts out after the last ``window`` inputs from a zero state.

    arrays, prefix, head, product: as for `Lstm`. Before there are ``window`` inputs, all of them
    count. threads: how many may take part, None for the cores that this process may use; what
    comes out does not depend on it.
    """

    def __init__(self, arrays, prefix, head, window, product=None, threads=None):
        if window < 1:
            raise ValueError(f"Expected a window of at least one frame, got {window}.")
        first, *others = layers_of(arrays, prefix, gates=4)
        self._input, self._head = Dense(first[0], first[2] + first[3]), Dense(*head)
        self._layers = [_Layer(first[1], first[2], window)]  # its biases are in the input's
        for inputs, states, *biases in others:
            self._layers.append(_Layer(np.hstack([inputs, states]), sum(biases), window))
        self._window, self._count = window, 0
        matrices = [part.matrix for layer in self._layers for part in layer.parts]
        self._product = product or pick_product(matrices, window)
        worth = window * min(matrix.size for matrix in matrices) >= WORTH_A_THREAD
        self._threads = min(threads or _cores(), PARTS) if worth else 1
        self._others = ThreadPoolExecutor(self._threads - 1) if self._threads > 1 else None

    @property
    def input_size(self) -> int:
        """The number of input features."""
        return self._input.input_size

    def step(self, x: np.ndarray) -> np.ndarray:
        """``x: (I,)`` to the head's output, a buffer that holds until the next step."""
        row = self._count % self._window
        self._count += 1
        self._layers[0].set_biases(self._input.step(x))
        for layer, above in zip(self._layers, [*self._layers[1:], None], strict=True):
            layer.restart(row)
            self._advance(layer, above)
        return self._head.step(self._layers[-1].states(self._count % self._window))

    def _advance(self, layer, above):
        """Each thread takes every so many-th part of the layer."""
        shares = [layer.parts[thread :: self._threads] for thread in range(self._threads)]
        futures = [
            self._others.submit(layer.advance, share, self._product, above) for share in shares[1:]
        ]
        layer.advance(shares[0], self._product, above)
        for future in futures:
            future.result()
        layer.swap()


class _Layer:
    """One layer of all windows.

    weights: ``(4H, K - 1)``, for the states of the layer below, if any, and for its own; bias:
    ``(4H,)``. A source, ``(W, K)``, is those states and a 1 for the biases. There are two: what
    the parts read in this step, and what they fill for the next one.
    """

    def __init__(self, weights, bias, window):
        hidden, matrix = len(bias) // 4, dense_matrix(weights, bias)
        self._own = slice(matrix.shape[0] - 1 - hidden, -1)
        self._sources = np.zeros((2, window, matrix.shape[0]), matrix.dtype)
        self._sources[..., -1] = 1.0
        spans = np.array_split(np.arange(hidden), min(PARTS, hidden))
        self.parts = [_Part(matrix, units, window) for units in spans]

    def set_biases(self, values: np.ndarray) -> None:
        """``(4H,)``: what the whole batch's one input feeds takes the place of the biases."""
        for part in self.parts:
            part.set_biases(values)

    def restart(self, row: int) -> None:
        """Set one window back to a state of zeros."""
        self._sources[0, row, self._own] = 0.0
        for part in self.parts:
            part.memory[row] = 0.0

    def advance(
        self, parts: Sequence[_Part], product: Callable[..., np.ndarray], above: _Layer | None
    ) -> None:
        """Step these parts; their new states go wherever they are read next."""
        for part in parts:
            states = self._sources[1, :, self._own][:, part.units]
            part.advance(self._sources[0], product, states)
            if above is not None:
                above.take(part.units, states)

    def take(self, units: slice, states: np.ndarray) -> None:
        """``(W, n)`` of the layer below, for this step."""
        self._sources[0, :, units] = states

    def swap(self) -> None:
        """From now on what the parts have filled is read."""
        self._sources = self._sources[::-1]

    def states(self, row: int) -> np.ndarray:
        """Of one window, ``(H,)``, after `swap`."""
        return self._sources[0, row, self._own]


class _Part:
    """Some units of a layer, in all windows.

    matrix: ``(K, 4n)``, columns of their gates in the order i, f, o, g, the first three negated;
    units: a slice of the layer's; memory: ``(W, n)``.
    """

    def __init__(self, matrix, units, window):
        hidden, size = matrix.shape[1] // 4, len(units)
        i, f, g, o = (units + gate * hidden for gate in range(4))  # torch's order
        self._columns, self._signs = np.concatenate([i, f, o, g]), np.ones(4 * size, matrix.dtype)
        self._signs[: 3 * size] = -1.0
        self.matrix = np.ascontiguousarray(matrix[:, self._columns] * self._signs)
        self.units = slice(units[0], units[-1] + 1)
        self.memory = np.zeros((window, size), matrix.dtype)
        self._gates = np.empty((window, 4 * size), matrix.dtype)
        self._ifo, self._g = self._gates[:, : 3 * size], self._gates[:, 3 * size :]
        self._i, self._f, self._o = np.split(self._ifo, 3, axis=1)
        self._ones = np.ones_like(self._ifo)  # a scalar is converted anew in every call

    def set_biases(self, values: np.ndarray) -> None:
        """``(4H,)`` in torch's order."""
        np.multiply(values[self._columns], self._signs, self.matrix[-1])

    def advance(
        self, source: np.ndarray, product: Callable[..., np.ndarray], out: np.ndarray
    ) -> None:
        """One step of every window, its states into ``out (W, n)``.

        sigmoid(a) = 1 / (1 + exp(-a)): the divisions stand where the gates multiply. Beyond
        float32 the exponential is infinite and the gate 0, which is what it rounds to.
        """
        ifo, g, memory = self._ifo, self._g, self.memory
        product(source, self.matrix, self._gates)
        with np.errstate(over="ignore"):
            np.exp(ifo, ifo)
        np.add(ifo, self._ones, ifo)
        np.tanh(g, g)
        np.divide(memory, self._f, memory)
        np.divide(g, self._i, g)
        np.add(memory, g, memory)  # f c + i g
        np.tanh(memory, g)
        np.divide(g, self._o, out)  # o tanh(c)


def _cores():
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        return os.cpu_count() or 1
