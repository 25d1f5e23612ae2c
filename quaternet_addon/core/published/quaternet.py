# SPDX-License-Identifier: GPL-3.0-or-later
"""QuaterNet's networks as published, stepped on NumPy; pure.

Source: Pavllo, Grangier, Auli, "QuaterNet: A Quaternion-based Recurrent Model for Human Motion",
BMVC 2018. Parameter names are those of its releases, so that a state dict is what is stored.

A *frame* is ``4 J`` quaternion components (w, x, y, z; parent space) and then the network's
other outputs: none in the short-term network, offset along the path and height of the hips in
the long-term one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths.quaternion import multiply, normalize
from ..networks.recurrent import BidirectionalGru, Gru, precision_of

if TYPE_CHECKING:
    from typing import Any


LEAK = 0.05  # slope of the controls' LeakyReLU below zero


class PoseNetwork:
    """Short-term and long-term pose network: the last frame, and controls, to the next frame.

    arrays: ``h0 (L, 1, H)``; ``rnn.*`` as ``recurrent.Gru`` reads them; ``fc.weight``,
    ``fc.bias``; with controls ``fc1.*`` and ``fc2.*``. joints: J. velocity: whether the head's
    quaternions turn those of the last frame (``head * last``) or are the next ones themselves.
    With ``batch=N``, frames, controls and state have an axis ``(N, ...)`` first.

    ``raw`` is the head's output of the last step, its quaternions before product and norm.
    Raises ValueError for arrays that do not belong together.
    """

    def __init__(self, arrays, joints, velocity, batch=None, product=None):
        missing = [name for name in ("h0", "fc.weight", "fc.bias") if name not in arrays]
        if missing:
            raise ValueError(f"expected arrays of a pose network, got none named {missing[0]}")
        head = arrays["fc.weight"], arrays["fc.bias"]
        self._gru = Gru(arrays, "rnn.", head=head, batch=batch, product=product)
        self._layers = [
            (arrays[f"{name}.weight"], arrays[f"{name}.bias"])
            for name in ("fc1", "fc2")
            if f"{name}.weight" in arrays
        ]
        self.joints, self.velocity = int(joints), bool(velocity)
        self._dtype = precision_of(arrays["h0"])
        self._start = np.asarray(arrays["h0"], self._dtype)
        self._check()
        self.raw = None
        self.reset()

    def _check(self):
        encoded = self._layers[-1][0].shape[0] if self._layers else 0
        if self.frame_size < 4 * self.joints or self.frame_size + encoded != self._gru.input_size:
            raise ValueError(
                f"expected frames of at least {4 * self.joints} values and layers that take one "
                f"with {encoded} for the controls, got {self.frame_size} outputs and "
                f"{self._gru.input_size} inputs"
            )
        if self._start.shape != (len(self._gru.state), 1, self._gru.hidden_size):
            raise ValueError(
                f"expected h0 of shape ({len(self._gru.state)}, 1, {self._gru.hidden_size}), "
                f"got {self._start.shape}"
            )

    @property
    def frame_size(self) -> int:
        """Values of a frame: ``4 J`` and the other outputs."""
        return self._gru.output_size

    @property
    def control_size(self) -> int:
        """Values of a frame's controls; 0 without any."""
        return self._layers[0][0].shape[1] if self._layers else 0

    @property
    def state(self) -> np.ndarray:
        """The recurrent state, a copy: ``(L, H)`` or ``(L, N, H)``; can be assigned."""
        return self._gru.state

    @state.setter
    def state(self, value: Any) -> None:
        self._gru.state = value

    def reset(self) -> None:
        """Back to the learned start state."""
        self._gru.state = self._start if self._gru.state.ndim == 3 else self._start[:, 0]

    def encode(self, controls: np.ndarray) -> np.ndarray:
        """Controls ``(..., C)`` to what the recurrent layers read, ``(..., E)``."""
        encoded = np.asarray(controls, self._dtype)
        for weight, bias in self._layers:
            encoded = np.einsum("...i,oi->...o", encoded, weight) + bias
            encoded = np.maximum(encoded, LEAK * encoded)
        return encoded

    def step(self, frame: np.ndarray, encoded: np.ndarray | None = None) -> np.ndarray:
        """The frame after ``frame: (F,)`` or ``(N, F)``; ``encoded`` from ``encode``."""
        frame = np.asarray(frame, self._dtype)
        given = frame if encoded is None else np.concatenate([frame, encoded], -1)
        self.raw = self._gru.step(given)
        split = 4 * self.joints
        shape = (*frame.shape[:-1], self.joints, 4)
        rotations = self.raw[..., :split].reshape(shape)
        if self.velocity:
            rotations = multiply(rotations, frame[..., :split].reshape(shape))
        rotations = normalize(rotations).reshape(*frame.shape[:-1], split)
        return np.concatenate([rotations, self.raw[..., split:]], -1)

    def run(self, frames: np.ndarray, controls: np.ndarray | None = None) -> np.ndarray:
        """Predictions after each of the given ``frames: (T, ..., F)``, from the current state."""
        encoded = [None] * len(frames) if controls is None else self.encode(controls)
        return np.stack([self.step(f, c) for f, c in zip(frames, encoded, strict=True)])

    def generate(
        self, frame: np.ndarray, count: int | None = None, controls: np.ndarray | None = None
    ) -> np.ndarray:
        """``count`` frames after ``frame``, each from the one before: ``(count, ..., F)``.

        controls: ``(count, ..., C)`` where the network takes any; they then give the count.
        """
        encoded = [None] * count if controls is None else self.encode(controls)  # type: ignore[operator]  # one is given
        frames = []
        for values in encoded:
            frame = self.step(frame, values)
            frames.append(frame)
        return np.stack(frames)

    def continued(self, frames: np.ndarray, count: int) -> np.ndarray:
        """``count`` frames after the given ``frames: (T, ..., F)``, of a network without controls.

        From the learned start: ``(count, ..., F)``.
        """
        self.reset()
        first = self.run(frames)[-1]
        later = [self.generate(first, count - 1)] if count > 1 else []
        return np.concatenate([first[None], *later])


class PublishedPaceNetwork:
    """The pace network of the release: a path to how a body moves along it.

    arrays: ``h0 (2, 1, H)``, ``rnn.*`` (with ``_reverse``), ``fc.*``.
    """

    def __init__(self, arrays, product=None):
        missing = [name for name in ("h0", "fc.weight", "fc.bias") if name not in arrays]
        if missing:
            raise ValueError(f"expected arrays of a pace network, got none named {missing[0]}")
        self._gru = BidirectionalGru(arrays, "rnn.", product)
        if np.ndim(arrays["h0"]) != 3:
            raise ValueError(f"expected h0 of shape (2, 1, hidden), got {np.shape(arrays['h0'])}")
        self._start = np.asarray(arrays["h0"])[:, 0]
        self._weight, self._bias = arrays["fc.weight"], arrays["fc.bias"]

    def run(self, features: np.ndarray) -> np.ndarray:
        """``(T, inputs)``, curvature and mean speed, to ``(T, outputs)``.

        The outputs: local speed, phase rate, and cos and sin of facing minus tangent.
        """
        hidden = self._gru.run(features, self._start)
        return np.einsum("ti,oi->to", hidden, self._weight) + self._bias
