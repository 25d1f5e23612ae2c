# SPDX-License-Identifier: GPL-3.0-or-later
"""The network that says how fast a path is walked, and its features; pure."""

import functools

import numpy as np

from ..maths import elementary
from ..networks.recurrent import BidirectionalGru

POINTS_PER_METRE = 5.0
_BLOCK, _CONTEXT = 10, 20  # points: 2 m at a time, 4 m before and after them
_KNOWN = 128  # answers that are remembered: a batch asks of one curve for each rig, then each seed


def path_features(
    curvature: np.ndarray,
    distances: np.ndarray,
    length: float,
    speed: float | np.ndarray,
    starts: bool,
    stops: bool,
) -> np.ndarray:
    """Inputs of the pace network at N points: ``(N, 4)``.

    curvature: ``(N,)`` 1/m. distances: ``(N,)`` metres from the start of a path of ``length``.
    speed: mean, m/s, one or ``(N,)``. starts, stops: whether it begins and ends with a stand.
    """
    return np.stack(
        [
            curvature,
            np.broadcast_to(speed, np.shape(curvature)),
            starts * elementary.exp(-distances),
            stops * elementary.exp(distances - length),
        ],
        -1,
    )


class PaceNetwork:
    """The pace network of a model file, on NumPy."""

    def __init__(self, arrays):
        self._gru = BidirectionalGru(arrays, "pace.rnn.")
        self._start = arrays["pace.h0"][:, 0]
        self._weight, self._bias = arrays["pace.fc.weight"], arrays["pace.fc.bias"]
        self._known = functools.lru_cache(_KNOWN)(self._run_all)

    def run(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """``(N, 4)`` to local speed m/s, phase rate rad/s and facing minus tangent, ``(N,)``.

        Block by block, each with what is near it only: what is far ahead changes nothing here.
        """
        features = np.ascontiguousarray(features)
        return self._known(features.tobytes(), features.shape, features.dtype.str)

    def _run_all(self, data, shape, dtype):
        features = np.frombuffer(data, dtype).reshape(shape)
        parts = [
            self._run(features[max(0, first - _CONTEXT) : first + _BLOCK + _CONTEXT])[
                min(first, _CONTEXT) :
            ][:_BLOCK]
            for first in range(0, len(features), _BLOCK)
        ]
        out = np.concatenate(parts)
        found = out[:, 0], out[:, 1], elementary.arctan2(out[:, 3], out[:, 2])
        for values in found:
            values.flags.writeable = False
        return found

    def _run(self, features):
        hidden = self._gru.run(features, self._start)
        return np.einsum("ni,oi->no", hidden, self._weight) + self._bias
