# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own short-term network in PyTorch: ten frames at once, without recurrence.

The idea is that of siMLPe (Guo et al., WACV 2023): a cosine transform over time, and layers over
time with norms and shortcuts. Ours sees and gives rotations, as turns from the last pose, and
its blocks mix the channels too (as MLP-Mixer does), which few takes need: with layers over time
alone it underfits. It starts as the baseline that stands still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from quaternet_addon.core.maths.cosines import cosines
from quaternet_addon.core.maths.turns import mirror_image, turned
from quaternet_addon.core.published.time_mixing import EPSILON, channels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy as np


class Block(nn.Module):
    """Mixes ``(B, K, C)``: first the K cosines of each channel, then the channels of each."""

    def __init__(self, coefficients, width, wide, dropout):
        super().__init__()
        self.norm, self.wide_norm = (nn.LayerNorm(width, EPSILON) for _ in range(2))
        self.time = nn.Linear(coefficients, coefficients)
        self.up, self.down = nn.Linear(width, wide), nn.Linear(wide, width)
        self.dropout = dropout
        with torch.no_grad():  # near nothing at first
            self.time.weight *= 0.1
            self.down.weight *= 0.1
            self.time.bias.zero_()
            self.down.bias.zero_()

    def forward(self, x: torch.Tensor, keep: torch.Tensor | None = None) -> torch.Tensor:
        """keep: what dropout leaves of the wide layer, ``(B, 1, W)``, or None for all."""
        mixed = self.time.weight @ self.norm(x)
        x = x + mixed + self.time.bias[:, None]
        wide = functional.silu(self.up(self.wide_norm(x)))
        return x + self.down(wide if keep is None else wide * keep)


class TimeMixingNetwork(nn.Module):
    """The last T rotations of the M moving joints to the next F."""

    def __init__(
        self,
        moving,
        *,
        history,
        horizon,
        coefficients,
        layers,
        width=0,
        wide=128,
        dropout=0.0,
        mirror=None,
    ):
        super().__init__()
        width = width or 3 * moving
        self.mirror = mirror
        self.moving, self.history, self.horizon = moving, history, horizon
        self.wide, self.dropout = wide, dropout
        transform = torch.tensor(cosines(history, coefficients), dtype=torch.float32)
        self.register_buffer("transform", transform, persistent=False)
        self.into = nn.Linear(6 * moving, width)
        self.blocks = nn.ModuleList(
            Block(coefficients, width, wide, dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width, EPSILON)
        self.after = nn.Linear(coefficients, horizon)
        self.out = nn.Linear(width, 3 * moving)
        self.skip = nn.Parameter(torch.zeros(horizon, coefficients))
        with torch.no_grad():
            self.out.weight *= 0.05
            self.out.bias.zero_()

    def masks(self, batch: int, generator: torch.Generator) -> torch.Tensor:
        """What dropout leaves in a training step, drawn on the CPU: ``(B, L, 1, W)``."""
        keep = 1.0 - self.dropout
        shape = batch, len(self.blocks), 1, self.wide
        return (torch.rand(shape, generator=generator) < keep) / keep

    def forward(self, rotations: torch.Tensor, masks: torch.Tensor | None = None) -> torch.Tensor:
        """The F poses after ``rotations: (B, T, M, 4)``, continuous in time: ``(B, F, M, 4)``."""
        return self._after(rotations, self._turns(rotations, masks))

    def poses(self, rotations: torch.Tensor) -> torch.Tensor:
        """The same of the body and of its mirror image, where there is one, and their mean."""
        turns = self._turns(rotations)
        if self.mirror is not None:
            image = self._turns(mirror_image(rotations, self.mirror))
            turns = 0.5 * (turns + mirror_image(image, self.mirror))
        return self._after(rotations, turns)

    def continued(self, rotations: torch.Tensor, frames: int) -> torch.Tensor:
        """``frames`` poses after ``rotations``, own ones seen in turn: ``(B, frames, M, 4)``."""
        seen = rotations
        for _ in range(0, frames, self.horizon):
            seen = torch.cat([seen, self.poses(seen[:, -self.history :])], 1)
        return seen[:, rotations.shape[1] :][:, :frames]

    def _after(self, rotations, turns):
        last = rotations[:, -1:]
        return turned(turns, last.expand(-1, self.horizon, -1, -1))

    def _turns(self, rotations, masks=None):
        """Turns from the last pose to each of the next ones: ``(B, F, M, 3)``."""
        near = torch.where(rotations[:, -1:, :, :1] < 0.0, -rotations, rotations)
        whole = torch.autocast(rotations.device.type, enabled=False)
        with whole:  # small turns are differences of large rotations: bfloat16 would lose them
            read = channels(self.transform, near)
        x = self.into(read).to(read.dtype)
        for index, block in enumerate(self.blocks):
            x = block(x, None if masks is None else masks[:, index])
        with whole:
            x = self.after.weight @ self.norm(x) + self.after.bias[:, None]
            turns = self.out(x) + self.skip @ read[..., : 3 * self.moving]
        return turns.unflatten(-1, (self.moving, 3))


def arrays_to_time_mixing(
    header: dict[str, Any], arrays: Mapping[str, np.ndarray]
) -> TimeMixingNetwork:
    """The torch network of a model file; sizes and precision are the arrays'."""
    sizes = header["architecture"]
    horizon, coefficients = arrays["skip"].shape
    network = TimeMixingNetwork(
        len(sizes["moving"]),
        history=sizes["history"],
        horizon=horizon,
        coefficients=coefficients,
        layers=sum(name.endswith(".time.weight") for name in arrays),
        width=arrays["into.weight"].shape[0],
        wide=arrays["blocks.0.up.weight"].shape[0],
        mirror=sizes.get("mirror"),
    )
    network.to(torch.as_tensor(arrays["skip"]).dtype)
    network.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    return network.eval()
