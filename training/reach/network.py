# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of "reach a pose" in PyTorch; see core/reach/network.py, which runs it on NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from quaternet_addon.core.reach import network as core
from quaternet_addon.core.reach.features import input_size
from quaternet_addon.core.reach.splines import KNOTS

if TYPE_CHECKING:
    from collections.abc import Mapping


class ReachNetwork(nn.Module):
    """A gap's description to the knots of what is added to the plain way, all at once.

    The head gives each knot a few numbers (``code``), which one small layer for all knots turns
    into joints: how joints move together is learned once and not for every knot.
    """

    def __init__(self, moving, width=768, layers=3, code=48, dropout=0.0):
        super().__init__()
        self.register_buffer("mean", torch.zeros(input_size(moving)))
        self.register_buffer("deviation", torch.ones(input_size(moving)))
        self.first = nn.Linear(input_size(moving), width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.head = nn.Linear(width, 2 * KNOTS * code)
        self.decode = nn.Linear(code, core.output_size(moving))
        self.code, self.dropout = code, dropout
        with torch.no_grad():
            self.decode.weight *= 0.3
            self.decode.bias.zero_()

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """``(B, input_size) -> (B, 2 KNOTS, 3 M + 5)``."""
        x = ((inputs - self.mean) / self.deviation).clip(-5.0, 5.0)
        x = nn.functional.silu(self.first(x))
        for layer in self.layers:
            x = x + nn.functional.silu(layer(x))
        if self.dropout:
            x = nn.functional.dropout(x, self.dropout, self.training)
        x = self.head(x).unflatten(-1, (2 * KNOTS, self.code))
        return self.decode(x)

    def knots(self, inputs: torch.Tensor) -> torch.Tensor:
        """The same, in the inputs' own precision."""
        return self(inputs).to(inputs.dtype)


def load_network(arrays: Mapping[str, np.ndarray]) -> ReachNetwork:
    """The network of a model file's arrays, in their precision, for evaluation."""
    width = arrays["first.weight"].shape[0]
    outputs, code = arrays["decode.weight"].shape
    layers = sum(name.startswith("layers.") and name.endswith("bias") for name in arrays)
    network = ReachNetwork((outputs - 5) // 3, width, layers, code)
    network = network.to(torch.as_tensor(arrays["decode.bias"]).dtype)
    network.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    return network.eval()


def differences(arrays: Mapping[str, np.ndarray], moving: int) -> tuple[float, ...]:
    """Largest differences of core's knots from torch's, in float32 and in float64.

    As shares of the largest knot: inputs drawn like these, joint by joint, are no bodies, and
    make knots of many radians.
    """
    inputs = np.random.default_rng(0).normal(size=(16, input_size(moving)))
    found = []
    for kind in (np.float32, np.float64):
        weights = {name: np.asarray(array, kind) for name, array in arrays.items()}
        asked = (inputs * weights["deviation"] + weights["mean"]).astype(kind)
        with torch.no_grad():
            expected = load_network(weights).knots(torch.tensor(asked)).numpy()
        away = np.abs(core.ReachNetwork(weights).knots(asked) - expected).max()
        found.append(float(away / max(1.0, np.abs(expected).max())))
    return tuple(found)
