# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of "reach a pose" on NumPy: a gap's description in, knots of splines out; pure."""

import numpy as np

from ..maths import elementary
from .splines import KNOTS

KIND = "reach"


def output_size(moving: int) -> int:
    """Numbers of a knot: turns of the moving joints, metres of the hips, logits of contacts."""
    return 3 * moving + 5


class ReachNetwork:
    """Layers of a model file; see training/reach/network.py, which they come from."""

    def __init__(self, arrays, mask=None):
        self._arrays = arrays
        self._mask = mask
        self.layers = sum(name.startswith("layers.") and name.endswith("bias") for name in arrays)

    def knots(self, inputs: np.ndarray) -> np.ndarray:
        """``(..., input_size) -> (..., 2 KNOTS, 3 M + 5)``."""
        a = self._arrays
        x = (inputs - a["mean"]) / a["deviation"]
        x = np.asarray(np.clip(x, -5.0, 5.0), a["first.weight"].dtype)
        x = _silu(x @ a["first.weight"].T + a["first.bias"])
        for i in range(self.layers):
            x = x + _silu(x @ a[f"layers.{i}.weight"].T + a[f"layers.{i}.bias"])
        if self._mask is not None:
            x = x * self._mask
        x = x @ a["head.weight"].T + a["head.bias"]
        x = x.reshape((*x.shape[:-1], 2 * KNOTS, -1))
        return self._decoded(x)

    def _decoded(self, x):
        a = self._arrays
        return x @ a["decode.weight"].T + a["decode.bias"]


def _silu(x):
    return x / (1.0 + elementary.exp(-x))
