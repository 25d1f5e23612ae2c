# SPDX-License-Identifier: GPL-3.0-or-later
"""Recurrent networks stepped frame by frame, pure: one sequence or a batch, as fast as NumPy is.

At batch 1 nearly all the time goes into reading weights. Three things decide the speed:
- the vector-matrix product: ``matrix_product.pick_product`` picks one of NumPy's two.
- the layout: matrices are stored ``(inputs, outputs)``, which both products read fastest.
- few calls on long vectors: all that a vector is multiplied with is one matrix. The state of a
  layer feeds its own gates of the *next* step and the next layer's (or the head's) of this one,
  so a step of L layers takes L + 1 products. Biases are the last row, against a constant 1.

Nothing is allocated in ``step``. All is float32, except for weights given in float64, for proofs.
Whoever steps for long does it in ``blas.single_threaded()``: more threads only wait for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .matrix_product import pick_product, product_by_einsum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


class Dense:
    """One linear layer: ``weight: (outputs, inputs)``, ``bias: (outputs,)``, as torch.nn.Linear.

    ``step(x)`` takes ``(inputs,)``, or ``(batch, inputs)`` when made for a batch, and returns
    a buffer of the layer: it holds until the next step, and may be changed in place.
    """

    def __init__(self, weight, bias, batch=None, product=None):
        self._feed = _Feed(_rows(batch), dense_matrix(weight, bias))
        self._product = product or pick_product([self._feed.matrix], batch)

    @property
    def input_size(self) -> int:
        """The number of input features."""
        return self._feed.x.shape[-1]

    def step(self, x: np.ndarray) -> np.ndarray:
        """``weight @ x + bias``: ``(inputs,)`` or ``(batch, inputs)`` -> the output buffer."""
        feed = self._feed
        _require_shape(x, feed.x)
        np.copyto(feed.x, x)
        return self._product(feed.source, feed.matrix, feed.out)


class StackedCells:
    """Layers of recurrent cells, each feeding the next: what ``Gru`` and ``Lstm`` share.

    A subclass has its number of ``gates``, ``make_cell(gates_in, gates_hidden, hidden)`` and
    ``gate_matrices``, which puts a layer's arrays in the form that the cell expects.
    """

    def __init__(self, arrays, prefix="", head=None, batch=None, product=None):
        layers = [self.gate_matrices(*layer) for layer in layers_of(arrays, prefix, self.gates)]
        matrices = _matrices_by_source(layers, None if head is None else dense_matrix(*head))
        self._product = product or pick_product(matrices, batch)
        feeds = [_Feed(_rows(batch), matrix) for matrix in matrices]
        self._input, self._layers = feeds[0], []
        gates_in = self._input.out
        for feed in feeds[1:]:
            gates = self.gates * feed.x.shape[-1]
            self._layers.append((self.make_cell(gates_in, feed.out[..., :gates], feed.x), feed))
            gates_in = feed.out[..., gates:]
        self._output = feeds[-1].x if head is None else gates_in
        self.state = 0.0

    @property
    def product(self) -> Callable[..., np.ndarray]:
        """The product in use, to hand to further networks of the same size."""
        return self._product

    @property
    def matrices(self) -> list[np.ndarray]:
        """All that vectors are multiplied with in a step, ``(inputs + 1, outputs)`` each."""
        return [self._input.matrix, *(feed.matrix for _, feed in self._layers)]

    @property
    def input_size(self) -> int:
        """The number of input features, I."""
        return self._input.x.shape[-1]

    @property
    def hidden_size(self) -> int:
        """The width of each layer's state, H."""
        return self._layers[0][0].hidden.shape[-1]

    @property
    def output_size(self) -> int:
        """The number of features that ``step`` returns: the head's outputs, or H."""
        return self._output.shape[-1]

    @property
    def state(self) -> np.ndarray:
        """The hidden state of every layer, a copy: ``(layers, H)`` or ``(layers, N, H)``.

        Anything that broadcasts to that shape can be assigned.
        """
        return np.stack([cell.hidden for cell, _ in self._layers])

    @state.setter
    def state(self, value: Any) -> None:
        self._set_hidden(broadcast_state(value, self.state.shape))

    def _set_hidden(self, hidden):
        """Set every layer's output, ``(layers, ...)``, and what it adds to the next gates."""
        for (cell, feed), layer in zip(self._layers, hidden, strict=True):
            np.copyto(cell.hidden, layer)
            self._product(feed.source, feed.matrix, feed.out)

    def step(self, x: np.ndarray) -> np.ndarray:
        """Advance by one frame: ``x: (I,)`` or ``(N, I)`` -> ``(H,)`` or the head's output.

        The result is a buffer of the network: it holds until the next step.
        """
        product, feed = self._product, self._input
        _require_shape(x, feed.x)
        np.copyto(feed.x, x)
        product(feed.source, feed.matrix, feed.out)
        for cell, feed in self._layers:
            cell.advance()
            product(feed.source, feed.matrix, feed.out)
        return self._output

    def run(self, sequence: np.ndarray) -> np.ndarray:
        """Advance through ``sequence: (T, I)`` or ``(T, N, I)``; every step's output, stacked."""
        outputs = np.empty((len(sequence), *self._output.shape), self._output.dtype)
        for output, x in zip(outputs, sequence, strict=True):
            output[...] = self.step(x)
        return outputs


class Gru(StackedCells):
    """Stacked GRU layers with torch's arithmetic, names and gate order (r, z, n).

    ``arrays`` holds ``<prefix>weight_ih_l0: (3H, I)``, ``weight_hh_l0: (3H, H)``,
    ``bias_ih_l0`` and ``bias_hh_l0: (3H,)``, then ``_l1`` and so on. With ``head``, a pair
    ``(weight: (outputs, H), bias: (outputs,))``, each step returns the linear head's output
    instead of the last layer's state. The state starts at zero.

    With ``batch=N``, N sequences advance together: inputs, outputs and states have an axis
    ``(N, ...)`` before the features.
    """

    gates = 3

    @staticmethod
    def make_cell(gates_in: np.ndarray, gates_hidden: np.ndarray, hidden: np.ndarray) -> _GruCell:
        """The arithmetic of one layer on these buffers.

        gates_in, gates_hidden: ``(..., 3H)``; hidden: ``(..., H)``.
        """
        return _GruCell(gates_in, gates_hidden, hidden)

    @staticmethod
    def gate_matrices(
        weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray, bias_hh: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Both products of a layer as matrices with the biases in the last row.

        Weights ``(3H, I)``, ``(3H, H)``, biases ``(3H,)``; both are ``(inputs + 1, 3H)``.
        """
        return _gate_matrices(weight_ih, weight_hh, bias_ih, bias_hh)


class BidirectionalGru:
    """Stacked bidirectional GRU over whole sequences, as torch.nn.GRU(bidirectional=True).

    The arrays are named as for ``Gru``, those of the backward direction end in ``_reverse``.
    """

    def __init__(self, arrays, prefix="", product=None):
        layers = [
            (
                _gate_matrices(*_layer_arrays(arrays, prefix, f"{layer}")),
                _gate_matrices(*_layer_arrays(arrays, prefix, f"{layer}_reverse")),
            )
            for layer in range(_count_layers(arrays, prefix))
        ]
        self._layers = [_BidirectionalLayer(*directions, product) for directions in layers]

    def run(self, sequence: np.ndarray, state: float | np.ndarray = 0.0) -> np.ndarray:
        """``sequence: (T, I)`` -> ``(T, 2H)``: forward states, then backward ones.

        state: what it starts from, ``(2 layers, H)`` as in torch: forward and backward of the
        first layer, then of the next.
        """
        states = broadcast_state(state, (2 * len(self._layers), self._layers[0].hidden_size))
        for layer, start in zip(self._layers, states.reshape(len(self._layers), -1), strict=True):
            sequence = layer.run(sequence, start)
        return sequence


class _BidirectionalLayer:
    """Both directions as one cell of 2H whose matrix is block-diagonal: half the calls."""

    def __init__(self, forward, backward, product):
        inputs, hidden = (_block_diagonal(*pair) for pair in zip(forward, backward, strict=True))
        self._input_matrix = inputs
        self._feed = _Feed((), hidden)
        self._gates_in = np.empty(hidden.shape[1], hidden.dtype)
        self._cell = _GruCell(self._gates_in, self._feed.out, self._feed.x)
        self._product = product or pick_product([hidden])

    @property
    def hidden_size(self) -> int:
        return self._cell.hidden.shape[-1] // 2

    def run(self, sequence: np.ndarray, start: np.ndarray) -> np.ndarray:
        dtype = self._input_matrix.dtype
        sequence = np.asarray(sequence, dtype)
        length, half = len(sequence), self.hidden_size
        expected = (self._input_matrix.shape[0] - 1) // 2
        if sequence.ndim != 2 or sequence.shape[1] != expected:
            raise ValueError(f"expected a sequence (T, {expected}), got {sequence.shape}")
        ones = np.ones((length, 1), dtype)
        both = np.concatenate([sequence, sequence[::-1], ones], axis=1)
        gates_in = np.empty((length, self._input_matrix.shape[1]), dtype)
        # Once for all frames: not worth a timing, and never as slow as dot without a BLAS.
        product_by_einsum(both, self._input_matrix, gates_in)
        outputs = np.empty((length, 2 * half), dtype)
        self._cell.hidden[...] = start
        for index in range(length):
            self._product(self._feed.source, self._feed.matrix, self._feed.out)
            np.copyto(self._gates_in, gates_in[index])
            self._cell.advance()
            outputs[index, :half] = self._cell.hidden[:half]
            outputs[-1 - index, half:] = self._cell.hidden[half:]
        return outputs


class _Feed:
    """A vector, the matrix of everything that it is multiplied with, and the product's buffer.

    ``source`` is the vector ``x`` with the 1 for the biases behind it.
    """

    def __init__(self, rows, matrix):
        self.matrix = matrix
        self.source = np.ones((*rows, matrix.shape[0]), matrix.dtype)
        self.x = self.source[..., :-1]
        self.out = np.empty((*rows, matrix.shape[1]), matrix.dtype)


class _GruCell:
    """The gates of one layer on fixed buffers: how its state follows from the two products.

    ``gates_in``, ``gates_hidden``: ``(..., 3H)``, the products of the input and of the state
    with the matrices of ``_gate_matrices``; ``hidden: (..., H)`` is advanced in place.
    """

    def __init__(self, gates_in, gates_hidden, hidden):
        size = hidden.shape[-1]
        self.hidden = hidden
        self._in_rz, self._in_n = gates_in[..., : 2 * size], gates_in[..., 2 * size :]
        self._hidden_rz = gates_hidden[..., : 2 * size]
        self._hidden_n = gates_hidden[..., 2 * size :]
        self._rz = np.empty((*hidden.shape[:-1], 2 * size), hidden.dtype)
        self._r, self._z = self._rz[..., :size], self._rz[..., size:]
        self._n = np.empty(hidden.shape, hidden.dtype)
        # Whole arrays: a scalar operand is converted anew in every call.
        self._ones = np.ones_like(self._rz)
        self._halves = np.full_like(self._n, 0.5)

    def advance(self) -> None:
        """One step; each ufunc's last argument is its ``out``.

        sigmoid(a) = (1 + tanh(a / 2)) / 2: the inner half is in the matrices, and so is the
        outer one of r; that of z is the line with ``_halves``.
        """
        rz, n, hidden = self._rz, self._n, self.hidden
        np.add(self._in_rz, self._hidden_rz, rz)
        np.tanh(rz, rz)
        np.add(rz, self._ones, rz)  # 2 r, 2 z
        np.multiply(self._r, self._hidden_n, n)
        np.add(n, self._in_n, n)
        np.tanh(n, n)
        np.subtract(hidden, n, hidden)
        np.multiply(hidden, self._z, hidden)
        np.multiply(hidden, self._halves, hidden)
        np.add(hidden, n, hidden)  # n + z (h - n)


def _rows(batch):
    return () if batch is None else (batch,)


def precision_of(array: np.ndarray) -> type:
    """What is computed in with weights ``(...)``: float64 if they are, else float32."""
    return np.float64 if np.asarray(array).dtype == np.float64 else np.float32


def dense_matrix(weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """``(inputs + 1, outputs)``: a linear layer, its bias as the last row."""
    dtype = precision_of(weight)
    weight, bias = np.asarray(weight, dtype), np.asarray(bias, dtype)
    if weight.ndim != 2 or bias.shape != weight.shape[:1]:
        raise ValueError(
            f"expected weight (outputs, inputs) and bias (outputs,), "
            f"got {weight.shape} and {bias.shape}"
        )
    return np.ascontiguousarray(np.vstack([weight.T, bias]))


def _gate_matrices(weight_ih, weight_hh, bias_ih, bias_hh):
    """``(I + 1, 3H)`` and ``(H + 1, 3H)``: the gates' matrices as ``_GruCell`` expects them.

    The halves of the tanh form of the sigmoids are multiplied in, which is exact.
    """
    inputs = dense_matrix(weight_ih, bias_ih)
    hidden = dense_matrix(weight_hh, bias_hh)
    size = hidden.shape[0] - 1
    inputs[:, : 2 * size] *= 0.5
    hidden *= 0.5
    return inputs, hidden


def _matrices_by_source(layers, head):
    """One matrix for the input and one for each layer's state, of all that these feed."""
    inputs = [layer[0] for layer in layers[1:]] + ([] if head is None else [head])
    for index, matrix in enumerate(inputs):
        rows = layers[index][1].shape[0]
        if matrix.shape[0] != rows:
            raise ValueError(
                f"expected the matrix after layer {index} to take {rows - 1} inputs, "
                f"got one for {matrix.shape[0] - 1}"
            )
    fed = [[hidden] for _, hidden in layers]
    for index, matrix in enumerate(inputs):
        fed[index].append(matrix)
    return [layers[0][0], *(np.ascontiguousarray(np.hstack(parts)) for parts in fed)]


def _block_diagonal(forward, backward):
    """Two directions' gate matrices ``(n + 1, 3H)`` as one ``(2n + 1, 6H)``, gate by gate."""
    size, width = forward.shape[0] - 1, forward.shape[1] // 3
    if backward.shape != forward.shape:
        raise ValueError(f"expected equal directions, got {forward.shape}, {backward.shape}")
    both = np.zeros((2 * size + 1, 3, 2, width), forward.dtype)
    for direction, matrix in enumerate((forward, backward)):
        gates = matrix.reshape(size + 1, 3, width)
        both[direction * size : (direction + 1) * size, :, direction] = gates[:-1]
        both[-1, :, direction] = gates[-1]
    return both.reshape(2 * size + 1, 6 * width)


def _count_layers(arrays, prefix):
    count = 0
    while f"{prefix}weight_ih_l{count}" in arrays:
        count += 1
    if not count:
        raise ValueError(f"expected an array {prefix}weight_ih_l0, got {len(arrays)} others")
    return count


def layers_of(arrays: Mapping[str, np.ndarray], prefix: str, gates: int) -> list[list[np.ndarray]]:
    """Every layer's ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``, shapes checked.

    With ``G`` gates: ``(G H, I)``, ``(G H, H)``, ``(G H,)``, ``(G H,)``.
    """
    count = _count_layers(arrays, prefix)
    return [_layer_arrays(arrays, prefix, str(layer), gates) for layer in range(count)]


def _layer_arrays(arrays, prefix, suffix, gates=3):
    """The four arrays of one layer and direction, their shapes checked."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    names = [f"{prefix}{kind}_l{suffix}" for kind in kinds]
    missing = [name for name in names if name not in arrays]
    if missing:
        raise ValueError(f"expected arrays {', '.join(names)}, got none named {missing[0]}")
    dtype = precision_of(arrays[names[0]])
    found = [np.asarray(arrays[name], dtype) for name in names]
    if any(array.ndim < 1 for array in found):
        raise ValueError(f"expected {names[0]} and its like to have axes, got single numbers")
    hidden = found[1].shape[-1]
    rows = gates * hidden
    shapes = [(rows, found[0].shape[-1]), (rows, hidden), (rows,), (rows,)]
    for name, array, shape in zip(names, found, shapes, strict=True):
        if array.shape != shape:
            raise ValueError(f"expected {name} of shape {shape}, got {array.shape}")
    return found


def broadcast_state(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """``value`` in this shape; ValueError says so where it does not fit."""
    try:
        return np.broadcast_to(np.asarray(value, float), shape)
    except ValueError:
        raise ValueError(f"expected a state of shape {shape}, got {np.shape(value)}") from None


def _require_shape(x, buffer):
    if x.shape != buffer.shape:
        raise ValueError(f"expected an input of shape {buffer.shape}, got {x.shape}")
