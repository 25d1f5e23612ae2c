# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of "continue motion" in PyTorch; see core/continuation/network.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from quaternet_addon.core.continuation.features import (
    HORIZON,
    describe,
    input_size,
    led_to,
    output_size,
    put_out,
)
from quaternet_addon.core.maths.cosines import cosines

if TYPE_CHECKING:
    from collections.abc import Mapping

_FADES = (6.0, 20.0)  # frames in which joints and body go on as they did, untrained


class ContinuationNetwork(nn.Module):
    """The last frames of the M moving joints and the body to all frames of the next second.

    ranges: ``(2, J, 3)``, the least and greatest rotation vectors of the data, kept for export.
    """

    def __init__(self, moving, width=768, layers=3, code=48, waves=12, ranges=None):
        super().__init__()
        size = input_size(moving)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))
        rows = torch.tensor(cosines(HORIZON, waves).T * HORIZON**0.5, dtype=torch.float32)
        self.register_buffer("cosines", rows, persistent=False)
        self.first = nn.Linear(size, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.head = nn.Linear(width, waves * code)
        self.decode = nn.Linear(code, output_size(moving))
        self.fades = nn.Parameter(torch.tensor(_FADES))
        if ranges is not None:
            self.register_buffer("ranges", torch.as_tensor(ranges, dtype=torch.float32))
        with torch.no_grad():
            self.decode.weight *= 0.2
            self.decode.bias.zero_()

    def forward(
        self,
        rotations: torch.Tensor,
        roots: torch.Tensor,
        headings: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The next second: rotations ``(B, F, M, 4)``, places ``(B, F, 4)``, contacts' logits.

        rotations ``(B, T, M, 4)``, roots ``(B, T, 3)``, headings ``(B, T)`` of the last frames.
        mask: what dropout leaves of the last layer's cells, ``(B, W)``; None for all.
        """
        inputs = describe(rotations, roots, headings)
        x = ((inputs - self.mean) / self.deviation).clip(-5.0, 5.0)
        x = functional.silu(self.first(x))
        for layer in self.layers:
            x = x + functional.silu(layer(x))
        if mask is not None:
            x = x * mask
        code = self.head(x).unflatten(-1, (self.cosines.shape[1], -1))
        outputs = self.decode(code).to(inputs.dtype)
        with torch.autocast(rotations.device.type, enabled=False):
            return put_out(self.cosines @ outputs, inputs, rotations[:, -1], self.fades)


def went_on(
    seen: tuple[torch.Tensor, ...], made: tuple[torch.Tensor, ...]
) -> tuple[torch.Tensor, ...]:
    """Rotations, roots and headings with a second's own frames behind them, as many as before."""
    roots, headings = led_to(made[1], seen[1][:, -1:], seen[2][:, -1:])
    frames = seen[0].shape[1]
    parts = zip(seen, (made[0], roots, headings), strict=True)
    return tuple(torch.cat(part, 1)[:, -frames:] for part in parts)


def load_network(arrays: Mapping[str, np.ndarray]) -> ContinuationNetwork:
    """The network of a model file's arrays, in their precision, for evaluation."""
    width = arrays["first.weight"].shape[0]
    outputs, code = arrays["decode.weight"].shape
    layers = sum(name.startswith("layers.") and name.endswith("bias") for name in arrays)
    waves = arrays["head.bias"].size // code
    moving = (outputs - output_size(0)) // 3
    network = ContinuationNetwork(moving, width, layers, code, waves, arrays["ranges"])
    dtype = torch.as_tensor(arrays["first.weight"]).dtype
    network.cosines = torch.tensor(cosines(HORIZON, waves).T * HORIZON**0.5)
    network = network.to(dtype)
    network.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    return network.eval()


def differences(arrays: Mapping[str, np.ndarray], moving: int) -> tuple[float, float]:
    """Core beside torch: the largest difference of a second in float32, and of own ones in float64.

    The frames given are random ones that drift a little.
    """
    from quaternet_addon.core.continuation.network import ContinuationNetwork as Core

    random = np.random.default_rng(1)
    rotations = 0.03 * random.normal(size=(60, moving, 4)).cumsum(0)
    rotations[..., 0] += 3.0
    rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)
    roots = 0.01 * random.normal(size=(60, 3)).cumsum(0) + [0.0, 0.9, 0.0]
    headings = 0.01 * random.normal(size=60).cumsum()
    found = []
    for dtype in (np.float32, np.float64):
        weights = {name: np.asarray(array, dtype) for name, array in arrays.items()}
        given = rotations, roots, headings
        twin = load_network(weights)
        seen = tuple(torch.tensor(part)[None] for part in given)
        largest = 0.0
        for _ in range(1 if dtype == np.float32 else 3):
            with torch.no_grad():
                made = twin(*(part.to(torch.as_tensor(weights["mean"]).dtype) for part in seen))
            ours = Core(weights).second(*(part[0].numpy() for part in seen))
            pairs = zip(ours, made, strict=True)
            largest = max(largest, *(np.abs(a - b[0].numpy()).max() for a, b in pairs))
            seen = went_on(seen, made)
        found.append(float(largest))
    return found[0], found[1]
