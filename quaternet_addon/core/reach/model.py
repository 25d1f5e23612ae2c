# SPDX-License-Identifier: GPL-3.0-or-later
"""The model file of "reach a pose"; pure."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import Skeleton
from ..networks.model_file import (
    load_weights,
    numbers_of,
    rate_of,
    reading_model,
    require_shapes,
)
from ..networks.untrusted import shown
from .features import groups_of, input_size
from .network import KIND, ReachNetwork, output_size
from .splines import KNOTS

if TYPE_CHECKING:
    from pathlib import Path


DEFAULT_MODEL = FilePath(__file__).resolve().parents[2] / "models" / "reach.npz"
CONTEXT_SECONDS = 0.5  # of the motion before, more does not count
VARIATION = 0.3  # share of the network's last cells that a seed other than 0 goes without


class ReachModel:
    """A reach model file in memory; immutable.

    fps, skeleton: what it was trained on. moving: the joints that it turns; groups: of each the
    index in `features.GROUPS`. longest: seconds of the longest gap that it was trained on. Raises
    WeightsError for a header or arrays that are not those of such a model.
    """

    def __init__(self, header, arrays):
        with reading_model("reach"):
            self.fps = rate_of(header)
            self.skeleton = Skeleton.from_header(header)
            self.moving = numbers_of(header["architecture"], "moving", len(self.skeleton))
            self.longest = _seconds(header["longest"])
            width = arrays["first.weight"].shape[0]
            require_shapes(arrays, _shapes(len(self.moving), width, arrays))
            _require_first_hips(self.moving)
            if arrays["deviation"].min() <= 0.0:
                raise ValueError("deviations that are not above 0")
            self.groups = groups_of(self.skeleton)[self.moving]
        self.header, self.width = header, width
        self._arrays = arrays

    def network(self, seed: int = 0) -> ReachNetwork:
        """The network; a seed other than 0 varies it, the same one in the same way."""
        mask = None
        if seed:
            random = np.random.default_rng(int(seed) & 0xFFFFFFFF)
            mask = (random.random(self.width) >= VARIATION) / np.float32(1.0 - VARIATION)
            mask = mask.astype(np.float32)
        return ReachNetwork(self._arrays, mask)


def _seconds(value):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0.0 < value < np.inf:
        raise ValueError(f"expected seconds above 0 as the longest gap, got {shown(value)}")
    return float(value)


def _require_first_hips(moving):
    if moving[:1] != [0] or len(set(moving)) < len(moving):
        raise ValueError(f"expected the hips first and each joint once, got {shown(moving)}")


def _shapes(moving, width, arrays):
    inputs, outputs = input_size(moving), output_size(moving)
    code = arrays["decode.weight"].shape[-1]
    shapes = {
        "mean": (inputs,),
        "deviation": (inputs,),
        "first.weight": (width, inputs),
        "first.bias": (width,),
        "head.weight": (2 * KNOTS * code, width),
        "head.bias": (2 * KNOTS * code,),
        "decode.weight": (outputs, code),
        "decode.bias": (outputs,),
    }
    layers = sum(name.startswith("layers.") and name.endswith("bias") for name in arrays)
    for layer in range(layers):
        shapes[f"layers.{layer}.weight"] = (width, width)
        shapes[f"layers.{layer}.bias"] = (width,)
    return shapes


def load_model(path: Path | str = DEFAULT_MODEL) -> ReachModel:
    """Read a reach model. WeightsError says what is wrong with any other file."""
    return ReachModel(*load_weights(path, kind=KIND))
