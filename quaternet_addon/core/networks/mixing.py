# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers that mix time and channels in turn, on NumPy; pure.

Time is seen as cosines (the discrete cosine transform, as in LTD, Mao et al., ICCV 2019). A block
mixes these for each channel and then the channels for each, with norms and shortcuts (siMLPe, Guo
et al., WACV 2023; MLP-Mixer). ``training/networks/mixing.py`` has the same in PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

EPSILON = 1e-5  # of the norms over channels, as in torch


def cosines(frames: int, count: int) -> np.ndarray:
    """The first ``count`` rows of the orthonormal cosine transform of ``frames``: an array."""
    places = (np.arange(frames) + 0.5) * np.pi / frames
    rows = np.cos(np.arange(count)[:, None] * places) * np.sqrt(2.0 / frames)
    rows[0] /= np.sqrt(2.0)
    return rows


def layer(arrays: Mapping[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    """``x (..., C)`` through the linear layer ``name``."""
    return x @ arrays[f"{name}.weight"].T + arrays[f"{name}.bias"]


def norm(arrays: Mapping[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    """``x (..., C)`` with mean 0 and deviation 1 over its channels, scaled and shifted."""
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON)
    return x * arrays[f"{name}.weight"] + arrays[f"{name}.bias"]


def block(arrays: Mapping[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    """``x (..., K, C)`` through the block ``name``: K cosines mixed, then C channels.

    arrays: ``name.`` with ``norm.*`` ``(C)``, ``time.*`` ``(K, K)``, ``wide_norm.*``, ``up.*``
    ``(W, C)``, ``down.*``, each with weight and bias.
    """
    mixed = arrays[f"{name}.time.weight"] @ norm(arrays, f"{name}.norm", x)
    x = x + mixed + arrays[f"{name}.time.bias"][:, None]
    wide = layer(arrays, f"{name}.up", norm(arrays, f"{name}.wide_norm", x))
    return x + layer(arrays, f"{name}.down", wide / (1.0 + np.exp(-wide)))


def block_count(arrays: Mapping[str, np.ndarray]) -> int:
    """How many blocks these arrays are of."""
    return sum(name.endswith(".time.weight") for name in arrays)
