# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of "continue motion" in PyTorch; see core/continuation/network.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from quaternet_addon.core.continuation.network import (
    input_size,
    motion_between,
    moved,
    network_input,
    output_size,
)

from ..networks.rollout import DeferredGradients

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy as np


_MOMENTUM = 0.8  # share of the last motion that an untrained network goes on with


class ContinuationNetwork(nn.Module):
    """Two GRU layers over poses and motions of the M moving joints and the root.

    ranges: ``(2, J, 3)``, the least and greatest rotation vectors of the data, kept for export.
    """

    def __init__(self, moving, hidden=512, ranges=None):
        super().__init__()
        self.moving = moving
        motion = 3 * moving + 4
        self.rnn = nn.GRU(input_size(moving), hidden, num_layers=2, batch_first=True)
        self.h0 = nn.Parameter(torch.zeros(2, 1, hidden))
        self.fc = nn.Linear(hidden, output_size(moving))
        self.skip = nn.Linear(motion, motion, bias=False)
        with torch.no_grad():
            self.fc.weight *= 0.1
            self.fc.bias.zero_()
            self.skip.weight.copy_(_MOMENTUM * torch.eye(motion))
        if ranges is not None:
            self.register_buffer("ranges", torch.as_tensor(ranges, dtype=torch.float32))
        self._deferred = DeferredGradients()
        self.masks = None  # what dropout leaves of inputs (B, I) and last layer (B, H)

    def forward(
        self, rotations: torch.Tensor, height: torch.Tensor, motion: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Given frames ``(B, T, M, 4)``, ``(B, T, 1)``, ``(B, T, 3 M + 4)``.

        Returns the motions and the contacts' logits after each, and the hidden state.
        """
        h0 = self.h0.expand(-1, len(rotations), -1).contiguous()
        x = network_input(rotations, height, motion)
        if self.masks is not None:
            x = x * self.masks[0][:, None]
        out, hidden = self.rnn(x, h0)
        if self.masks is not None:
            out = out * self.masks[1][:, None]
        out = self.fc(out)
        return out[..., :-2] + self.skip(motion), out[..., -2:], hidden

    def rollout(
        self,
        first: torch.Tensor,
        rotations: torch.Tensor,
        height: torch.Tensor,
        hidden: torch.Tensor,
        frames: int,
    ) -> tuple[Any, ...]:
        """``frames`` frames after a given one, each from the own one before it.

        first: motion into the first of them, as `forward` gives it after the last given frame
        ``rotations: (B, M, 4)``, ``height: (B, 1)``; hidden: the state then. Returns rotations
        ``(B, frames, M, 4)``, heights ``(B, frames, 1)``, steps ``(B, frames, 4)`` and the
        contacts' logits of all but the first. Call `flush_gradients` after the backward pass.
        """
        layers, outputs, logits = list(hidden.unbind(0)), [], []
        motion = first
        for frame in range(frames):
            rotations, height, steps = moved(motion, rotations, height)
            outputs.append((rotations, height, steps))
            if frame == frames - 1:
                break
            motion, contacts = self._step(layers, rotations, height, motion)
            logits.append(contacts)
        stacked = [torch.stack(parts, 1) for parts in zip(*outputs, strict=True)]
        return *stacked, torch.stack(logits, 1) if logits else None

    def _step(self, layers, rotations, height, motion):
        """One step on ``layers``, the hidden states, which it replaces in place."""
        deferred = self._deferred
        x = network_input(rotations, height, motion)
        if self.masks is not None:
            x = x * self.masks[0]
        x = deferred.gru_layers(self.rnn, layers, x)
        if self.masks is not None:
            x = x * self.masks[1]
        out = deferred.linear(x, self.fc.weight, self.fc.bias)
        return out[:, :-2] + self.skip(motion), out[:, -2:]

    def continued(
        self, rotations: torch.Tensor, height: torch.Tensor, steps: torch.Tensor, frames: int
    ) -> tuple[torch.Tensor, ...]:
        """``frames`` frames after given ones ``(B, T, M, 4)``, ``(B, T, 1)``, ``(B, T, 4)``.

        Returns rotations, heights, steps and contacts' logits, ``(B, frames, ...)``.
        """
        motion = given_motion(rotations, height, steps)
        after, logits, hidden = self(rotations[:, 1:], height[:, 1:], motion)
        own = self.rollout(after[:, -1], rotations[:, -1], height[:, -1], hidden, frames)
        more = [] if own[3] is None else [own[3]]
        return *own[:3], torch.cat([logits[:, -1:], *more], 1)

    def flush_gradients(self) -> None:
        """Add the weight gradients that rollouts have left out."""
        self._deferred.flush()


def given_motion(
    rotations: torch.Tensor, height: torch.Tensor, steps: torch.Tensor
) -> torch.Tensor:
    """Motions into all but the first of given frames: ``(B, T - 1, 3 M + 4)``.

    rotations ``(B, T, M, 4)``, height ``(B, T, 1)``, steps ``(B, T, 4)``. Turns and rise are those
    between the given frames, so that noise on these is in both.
    """
    rise = height[:, 1:] - height[:, :-1]
    steps = torch.cat([rise, steps[:, 1:, 1:]], -1)
    return motion_between(rotations[:, :-1], rotations[:, 1:], steps)


def load_network(arrays: Mapping[str, np.ndarray]) -> ContinuationNetwork:
    """The network of a model file's arrays, in their precision, for evaluation."""
    moving, hidden = (len(arrays["fc.bias"]) - 6) // 3, arrays["rnn.weight_hh_l0"].shape[-1]
    network = ContinuationNetwork(moving, hidden, arrays["ranges"])
    network = network.to(torch.as_tensor(arrays["h0"]).dtype)
    network.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    return network.eval()
