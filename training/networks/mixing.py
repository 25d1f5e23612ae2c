# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers that mix time and channels in turn, in PyTorch; see ``core/networks/mixing.py``."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from quaternet_addon.core.networks.mixing import EPSILON


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

    def forward(self, x, keep=None):
        """keep: what dropout leaves of the wide layer, ``(B, 1, W)``, or None for all."""
        mixed = self.time.weight @ self.norm(x)
        x = x + mixed + self.time.bias[:, None]
        wide = functional.silu(self.up(self.wide_norm(x)))
        return x + self.down(wide if keep is None else wide * keep)
