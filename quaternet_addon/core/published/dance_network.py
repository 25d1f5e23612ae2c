# SPDX-License-Identifier: GPL-3.0-or-later
"""The dance network stepped on NumPy: LSTM layers, dense layers, the next frame; pure.

The published tutorial restarts the LSTM at zero for every frame and runs it over a window of the
last frames (``predict`` and ``generate``). Stepping it without restarts (``step``) is tens of
times faster; after a window's length the two differ by what the network remembers from before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths.quaternion import normalize
from ..networks.lstm import Lstm
from ..networks.recurrent import precision_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class DanceNetwork:
    """The last frames to the next one.

    arrays: ``rnn.*`` as ``lstm.Lstm`` reads them; ``dense.0.weight``, ``dense.0.bias`` and so on,
    with ReLU between dense layers. joints: J. A frame is ``4 J`` quaternion components (parent
    space) and whatever else the last dense layer puts out. With ``batch=N``, frames and state
    have an axis ``(N, ...)`` first. Raises ValueError for arrays that do not belong together.
    """

    def __init__(self, arrays, joints, batch=None, product=None):
        self._dense, count = [], 0
        while f"dense.{count}.weight" in arrays:
            self._dense.append((arrays[f"dense.{count}.weight"], arrays[f"dense.{count}.bias"]))
            count += 1
        if not self._dense:
            raise ValueError("expected arrays of a dance network, got none named dense.0.weight")
        self._lstm = Lstm(arrays, "rnn.", head=self._dense[0], batch=batch, product=product)
        self.joints, self._dtype = int(joints), precision_of(self._dense[0][0])
        outputs = self._dense[-1][0].shape[0]
        if outputs != self._lstm.input_size or outputs < 4 * self.joints:
            raise ValueError(
                f"expected as many outputs as inputs and {4 * self.joints} of them for rotations, "
                f"got {outputs} and {self._lstm.input_size}"
            )

    @property
    def frame_size(self) -> int:
        """Values of a frame."""
        return self._lstm.input_size

    @property
    def state(self) -> np.ndarray:
        """The recurrent state, a copy: ``(2, L, H)`` or ``(2, L, N, H)``; can be assigned."""
        return self._lstm.state

    @state.setter
    def state(self, value: Any) -> None:
        self._lstm.state = value

    def reset(self) -> None:
        """Back to the start, a state of zeros."""
        self._lstm.state = 0.0

    def step(self, frame: np.ndarray) -> np.ndarray:
        """What follows ``frame: (I,)`` or ``(N, I)``, its quaternions not yet of unit length."""
        out = self._lstm.step(np.asarray(frame, self._dtype))
        for weight, bias in self._dense[1:]:
            out = np.einsum("...i,oi->...o", np.maximum(out, 0.0), weight) + bias
        return out.copy() if len(self._dense) == 1 else out

    def unit(self, raw: np.ndarray) -> np.ndarray:
        """A raw output as a frame: quaternions of unit length, the rest as it is.

        raw: ``(..., I)``, as is the result.
        """
        split = 4 * self.joints
        rotations = raw[..., :split].reshape(*raw.shape[:-1], self.joints, 4)
        rotations = normalize(rotations).reshape(*raw.shape[:-1], split)
        return np.concatenate([rotations, raw[..., split:]], -1)

    def predict(self, window: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
        """The raw frame after ``window: (W, ..., I)``, from a state of zeros."""
        self.reset()
        for frame in window:
            raw = self.step(frame)
        return raw

    def stream(self, window: np.ndarray | Sequence[np.ndarray], count: int) -> np.ndarray:
        """``count`` frames after ``window: (W, ..., I)``, without restarts: ``(count, ..., I)``."""
        raw, frames = self.predict(window), []
        for _ in range(count):
            frames.append(self.unit(raw))
            raw = self.step(frames[-1])
        return np.stack(frames)

    def generate(self, window: np.ndarray | Sequence[np.ndarray], count: int) -> np.ndarray:
        """``count`` frames after ``window``, which slides on by one each time: ``(count, ..., I)``.

        Exactly the published procedure: W steps for every frame.
        """
        frames = list(np.asarray(window, self._dtype))
        width = len(frames)
        for _ in range(count):
            frames.append(self.unit(self.predict(frames[-width:])))
        return np.stack(frames[width:])
