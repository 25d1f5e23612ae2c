# SPDX-License-Identifier: GPL-3.0-or-later
"""LSTM layers stepped frame by frame, pure; see ``recurrent`` for what makes them fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .recurrent import StackedCells, broadcast_state, dense_matrix

if TYPE_CHECKING:
    from typing import Any


class Lstm(StackedCells):
    """Stacked LSTM layers with torch's arithmetic, names and gate order (i, f, g, o).

    ``arrays`` holds ``<prefix>weight_ih_l0: (4H, I)``, ``weight_hh_l0: (4H, H)``,
    ``bias_ih_l0`` and ``bias_hh_l0: (4H,)``, then ``_l1`` and so on. ``head``, ``batch`` and
    ``step`` are those of ``Gru``. The state starts at zero.
    """

    gates = 4

    @staticmethod
    def make_cell(gates_in: np.ndarray, gates_hidden: np.ndarray, hidden: np.ndarray) -> _LstmCell:
        """The arithmetic of one layer on these buffers.

        gates_in, gates_hidden: ``(..., 4H)``; hidden: ``(..., H)``.
        """
        return _LstmCell(gates_in, gates_hidden, hidden)

    @staticmethod
    def gate_matrices(
        weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray, bias_hh: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """``(I + 1, 4H)`` and ``(H + 1, 4H)``: the sigmoids' inner halves multiplied in."""
        matrices = dense_matrix(weight_ih, bias_ih), dense_matrix(weight_hh, bias_hh)
        size = matrices[1].shape[0] - 1
        for matrix in matrices:
            matrix[:, : 2 * size] *= 0.5
            matrix[:, 3 * size :] *= 0.5
        return matrices

    @property
    def state(self) -> np.ndarray:
        """Hidden and cell state of every layer, a copy: ``(2, layers, H)``, ``(2, layers, N, H)``.

        Anything that broadcasts to that shape can be assigned; torch's pair ``(h, c)`` does.
        """
        cells = [cell for cell, _ in self._layers]
        return np.stack([[cell.hidden for cell in cells], [cell.memory for cell in cells]])

    @state.setter
    def state(self, value: Any) -> None:
        hidden, memories = broadcast_state(value, self.state.shape)
        for (cell, _), memory in zip(self._layers, memories, strict=True):
            np.copyto(cell.memory, memory)
        self._set_hidden(hidden)


class _LstmCell:
    """The gates of one layer on fixed buffers: how its state follows from the two products.

    ``gates_in``, ``gates_hidden``: ``(..., 4H)``, the products of the input and of the state
    with the matrices of ``Lstm.gate_matrices``; ``hidden`` and ``memory``, ``(..., H)``, are
    advanced in place.
    """

    def __init__(self, gates_in, gates_hidden, hidden):
        size = hidden.shape[-1]
        self.hidden, self.memory = hidden, np.zeros(hidden.shape, hidden.dtype)
        self._in, self._hidden = gates_in, gates_hidden
        self._all = np.empty(gates_in.shape, gates_in.dtype)
        self._if, self._o = self._all[..., : 2 * size], self._all[..., 3 * size :]
        self._i, self._f = self._if[..., :size], self._if[..., size:]
        self._g = self._all[..., 2 * size : 3 * size]
        # Whole arrays: a scalar operand is converted anew in every call.
        self._ones = np.ones_like(self._if)
        self._one, self._halves = np.ones_like(self._g), np.full_like(self._g, 0.5)

    def advance(self) -> None:
        """One step; each ufunc's last argument is its ``out``.

        sigmoid(a) = (1 + tanh(a / 2)) / 2: the inner halves are in the matrices, the outer ones
        are the lines with ``_halves``.
        """
        memory, hidden = self.memory, self.hidden
        np.add(self._in, self._hidden, self._all)
        np.tanh(self._all, self._all)
        np.add(self._if, self._ones, self._if)  # 2 i, 2 f
        np.add(self._o, self._one, self._o)  # 2 o
        np.multiply(self._f, memory, memory)
        np.multiply(self._i, self._g, self._g)
        np.add(memory, self._g, memory)
        np.multiply(memory, self._halves, memory)  # f c + i g
        np.tanh(memory, hidden)
        np.multiply(hidden, self._o, hidden)
        np.multiply(hidden, self._halves, hidden)  # o tanh(c)
