# SPDX-License-Identifier: GPL-3.0-or-later
"""A locomotion model file in memory, and its pose network stepped frame by frame; pure."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import Skeleton
from ..networks.matrix_product import pick_product
from ..networks.model_file import (
    load_weights,
    numbers_of,
    rate_of,
    reading_model,
    require_shapes,
    texts_of,
)
from ..networks.recurrent import Dense, Gru, dense_matrix
from ..networks.steady import BLOCK, SteadyProduct, pick_steady
from .features import control_count
from .pace_network import PaceNetwork
from .people import read_people

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


DEFAULT_MODEL = FilePath(__file__).resolve().parents[2] / "models" / "locomotion.npz"
KIND = "locomotion"
_CONTROL_LAYERS = ("fc1", "fc2")
_BLOCK = 48  # frames through the control layers at a time, where their number is not to matter


class LocomotionModel:
    """A locomotion model file in memory: pace network, pose network, skeleton, start states.

    Immutable; every Walk makes its own stepping state. Raises WeightsError for a header or
    arrays that are not those of such a model.
    """

    def __init__(self, header, arrays):
        with reading_model("locomotion"):
            self.fps = rate_of(header)
            self.skeleton = Skeleton.from_header(header)
            self.styles = texts_of(header, "styles")
            chosen = {"default_style": [header["default_style"]]}
            (self.default_style,) = numbers_of(chosen, "default_style", len(self.styles))
            self.people = read_people(header)
            self.hips_mean, self.hips_std = arrays["hips_mean"], arrays["hips_std"]
            self.lowest, self.highest = arrays["range_lowest"], arrays["range_highest"]
            self.start_state, self.start_hidden = arrays["start_state"], arrays["start_hidden"]
            require_shapes(arrays, _shapes(arrays, len(self.skeleton), len(self.styles)))
            self.pace = PaceNetwork(arrays)
        self.header = header
        self._arrays = arrays
        self._product = None  # of the network for one body
        self._idle = []  # networks for one body that nobody steps now

    def mixed_style(self, jitter: np.ndarray) -> np.ndarray:
        """Weights ``(S,)`` of the styles: the default one, with a share of the others by chance.

        jitter: normally distributed numbers; zeros: the default style alone.
        """
        count = len(self.styles)
        weights = np.eye(count)[self.default_style]
        if np.any(jitter):
            others = np.abs(np.resize(jitter, count)) * (1.0 - weights)
            weights = weights + 0.6 * others / max(others.sum(), 1.0)
        return weights / weights.sum()

    @cached_property
    def batch_product(self) -> Callable[..., np.ndarray]:
        """The product of many bodies at once, found once on the model's own matrices."""
        return pick_product(self.pose_network().matrices, BLOCK)

    @cached_property
    def steady(self) -> SteadyProduct:
        """The same for bodies or frames that are to get the same bits, whoever is beside them."""
        layers = [dense_matrix(*self._control_layer(name)) for name in _CONTROL_LAYERS]
        return pick_steady([*self.pose_network().matrices, *layers])

    def pose_network(
        self, batch: int | None = None, product: Callable[..., np.ndarray] | None = None
    ) -> Gru:
        """A fresh Gru of the pose network, its head included, without the control layers.

        batch: number of bodies that step together, None for one without that axis. product: of
        a batch.
        """
        arrays = self._arrays
        gru = Gru(
            arrays,
            "pose.rnn.",
            head=(arrays["pose.fc.weight"], arrays["pose.fc.bias"]),
            batch=batch,
            product=self._product if batch is None else product or self.batch_product,
        )
        if batch is None:
            self._product = gru.product  # timed once, on the model's own matrices
        return gru

    def borrow(self) -> Gru:
        """The pose network for one body, in any state; see `give_back`: making it takes time."""
        return self._idle.pop() if self._idle else self.pose_network()

    def give_back(self, network: Gru) -> None:
        """A borrowed network that is not used any more."""
        self._idle[:] = [network]

    def encode_controls(self, features: np.ndarray) -> np.ndarray:
        """Control features ``(T, C)`` through the two control layers, all frames at once."""
        hidden = features.astype(self.start_state.dtype)
        for name in _CONTROL_LAYERS:
            weight, bias = self._control_layer(name)
            hidden = _leaky(Dense(weight, bias, batch=len(hidden)).step(hidden))
        return hidden

    def encode_steadily(self, features: np.ndarray) -> np.ndarray:
        """The same of many walks' frames ``(F, C)``: each as it would be among any others."""
        hidden, size = features.astype(self.start_state.dtype), self.steady.rows(_BLOCK)
        for name in _CONTROL_LAYERS:
            weight, bias = self._control_layer(name)
            layer = Dense(weight, bias, batch=size, product=self.steady.product)
            out = np.empty((len(hidden), len(bias)), hidden.dtype)
            block = np.zeros((size, layer.input_size), hidden.dtype)
            for first in range(0, len(hidden), size):
                part = hidden[first : first + size]
                block[: len(part)] = part
                out[first : first + size] = layer.step(block)[: len(part)]
            hidden = _leaky(out)
        return hidden

    def _control_layer(self, name):
        """Weight and bias of a control layer."""
        return tuple(self._arrays[f"pose.{name}.{part}"] for part in ("weight", "bias"))


def _leaky(values):
    return np.where(values > 0.0, values, 0.05 * values)


def _shapes(arrays, joints, styles):
    """What arrays of a model with these joints and styles must look like, the GRUs' apart."""
    state, hidden = 4 * joints + 5, arrays["pose.rnn.weight_hh_l0"].shape[-1]
    encoded = len(arrays["pose.fc1.bias"])
    pace = arrays["pace.rnn.weight_hh_l0"].shape[-1]
    return {
        "pace.h0": (2, 1, pace),
        "pace.rnn.weight_ih_l0": (3 * pace, 4),
        "pace.fc.weight": (4, 2 * pace),
        "pace.fc.bias": (4,),
        "pose.rnn.weight_ih_l0": (3 * hidden, state + encoded),
        "pose.fc.weight": (state, hidden),
        "pose.fc.bias": (state,),
        "pose.fc1.weight": (encoded, control_count(styles)),
        "pose.fc2.weight": (encoded, encoded),
        "pose.fc2.bias": (encoded,),
        "hips_mean": (3,),
        "hips_std": (3,),
        "range_lowest": (joints, 3),
        "range_highest": (joints, 3),
        "start_state": (styles, state),
        "start_hidden": (styles, 2, hidden),
    }


def load_model(path: Path | str = DEFAULT_MODEL) -> LocomotionModel:
    """Read a locomotion model. WeightsError says what is wrong with any other file."""
    return LocomotionModel(*load_weights(path, kind=KIND))


class PoseStepper:
    """The pose network fed with its own output, frame by frame."""

    def __init__(self, model, style):
        self._model, self._gru = model, model.borrow()
        self._joints = len(model.skeleton)
        precision = model.start_state.dtype
        self._state = np.array(np.tensordot(style, model.start_state, 1), precision)
        self._gru.state = np.tensordot(style, model.start_hidden, 1)
        self._input = np.empty(self._gru.input_size, precision)
        self._quaternions = self._state[: 4 * self._joints].reshape(-1, 4)
        self._lengths = np.empty((self._joints, 1), precision)
        # Whole arrays: a scalar operand is converted anew in every call.
        self._least = np.full_like(self._lengths, 1e-8)
        self._feet, self._halves = self._state[-2:], np.full(2, 0.5, precision)

    def close(self) -> None:
        """Give the network back to the model; there is no next step."""
        self._model.give_back(self._gru)
        self._gru = None

    def snapshot(self) -> tuple[np.ndarray, np.ndarray]:
        """All that the next step depends on, for `restore`.

        State ``(4 J + 5,)`` and hidden state ``(layers, H)``.
        """
        return self._state.copy(), self._gru.state

    def restore(self, snapshot: tuple[np.ndarray, np.ndarray]) -> None:
        """Go on from a snapshot: state ``(4 J + 5,)`` and hidden state ``(layers, H)``."""
        self._state[:], self._gru.state = snapshot

    def step(self, encoded: np.ndarray) -> np.ndarray:
        """The next state ``(4 J + 5,)`` for the frame's encoded controls; a buffer."""
        state, count = self._state, len(self._state)
        self._input[:count] = state
        self._input[count:] = encoded
        state[:] = self._gru.step(self._input)
        q, lengths = self._quaternions, self._lengths
        np.einsum("ji,ji->j", q, q, out=lengths[:, 0])
        np.sqrt(lengths, lengths)
        np.add(lengths, self._least, lengths)
        np.divide(q, lengths, q)
        feet, halves = self._feet, self._halves
        np.multiply(feet, halves, feet)
        np.tanh(feet, feet)
        np.multiply(feet, halves, feet)
        np.add(feet, halves, feet)
        return state
