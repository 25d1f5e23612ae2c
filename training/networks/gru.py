# SPDX-License-Identifier: GPL-3.0-or-later
"""torch.nn.GRU with a faster backward pass on CPUs: the same parameters, values and gradients.

On a CPU, nn.GRU multiplies and adds the gradient of a layer's recurrent weights at every frame, a
product as skinny as the batch. Here a layer's frames are one autograd function that does it in
one product over all of them. GPUs have kernels of their own, and autocast its casts of weights:
they get nn.GRU's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from typing import Any


class Gru(nn.GRU):
    """Layers over ``(B, T, I)`` from the state ``(L, B, H)``; batch first, in one direction."""

    def __init__(self, inputs, hidden, layers):
        super().__init__(inputs, hidden, layers, batch_first=True)

    def forward(self, x: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The last layer's states ``(B, T, H)``, and every layer's last one ``(L, B, H)``."""
        device = x.device.type
        if device != "cpu" or torch.is_autocast_enabled(device) or not torch.is_grad_enabled():
            return super().forward(x, state)
        x, last = x.transpose(0, 1), []
        for layer, hidden in enumerate(state):
            weight_ih, weight_hh, bias_ih, bias_hh = self.all_weights[layer]
            gates = nn.functional.linear(x, weight_ih, bias_ih)
            x = _Layer.apply(gates, hidden, weight_hh, bias_hh)
            last.append(x[-1])
        return x.transpose(0, 1), torch.stack(last)


class _Layer(torch.autograd.Function):
    """All frames of a layer, ``(T, B, ...)``; gate order r, z, n and arithmetic as in nn.GRU.

    The backward pass writes over what the forward pass kept: fresh memory of this size costs as
    much as the arithmetic on it. Autograd refuses a second backward pass by itself.
    """

    @staticmethod
    def forward(
        ctx: Any,
        gates: torch.Tensor,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
    ) -> torch.Tensor:
        frames, (batch, width) = len(gates), hidden.shape
        own, passed = torch.empty_like(gates), torch.empty_like(gates)
        states = gates.new_empty(frames + 1, batch, width)
        states[0] = hidden
        transposed = weight.t()
        for t in range(frames):
            torch.addmm(bias, states[t], transposed, out=own[t])
            both, new = passed[t, :, : 2 * width], passed[t, :, 2 * width :]
            torch.add(gates[t, :, : 2 * width], own[t, :, : 2 * width], out=both).sigmoid_()
            candidate = own[t, :, 2 * width :]
            torch.addcmul(gates[t, :, 2 * width :], both[:, :width], candidate, out=new).tanh_()
            torch.lerp(new, states[t], both[:, width:], out=states[t + 1])
        ctx.save_for_backward(own, passed, states, weight)
        return states[1:]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        own, passed, states, weight = ctx.saved_tensors  # the first two become their gradients
        width = states.shape[-1]
        to_hidden = torch.zeros_like(states[0])
        for t in range(len(own) - 1, -1, -1):
            to_state = gradient[t] + to_hidden
            both, new = passed[t, :, : 2 * width], passed[t, :, 2 * width :]
            reset, update = both[:, :width], both[:, width:]
            to_new = (1.0 - update).mul_(to_state).mul_(1.0 - new.square())
            torch.mul(to_state, states[t] - new, out=own[t, :, width : 2 * width])
            torch.mul(to_new, own[t, :, 2 * width :], out=own[t, :, :width])
            torch.mul(to_new, reset, out=own[t, :, 2 * width :])
            to_hidden = to_state.mul_(update)
            own[t, :, : 2 * width].mul_(both).mul_(1.0 - both)
            both.copy_(own[t, :, : 2 * width])
            new.copy_(to_new)
            to_hidden.addmm_(own[t], weight)
        rows = own.flatten(0, 1)
        return passed, to_hidden, rows.t() @ states[:-1].flatten(0, 1), rows.sum(0)
