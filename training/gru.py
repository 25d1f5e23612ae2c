# SPDX-License-Identifier: GPL-3.0-or-later
"""torch.nn.GRU with a faster backward pass on CPUs: the same parameters, values and gradients.

On a CPU, nn.GRU multiplies and adds the gradient of a layer's recurrent weights at every frame, a
product as skinny as the batch. Here a layer's frames are one autograd function that does it in
one product over all of them. GPUs have kernels of their own, and autocast its casts of weights:
they get nn.GRU's.
"""

import torch
from torch import nn


class Gru(nn.GRU):
    """Layers over ``(B, T, I)`` from the state ``(L, B, H)``; batch first, in one direction."""

    def __init__(self, inputs, hidden, layers):
        super().__init__(inputs, hidden, layers, batch_first=True)

    def forward(self, x, state):
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
    """All frames of a layer, ``(T, B, ...)``; gate order r, z, n and arithmetic as in nn.GRU."""

    @staticmethod
    def forward(ctx, gates, hidden, weight, bias):
        frames, batch, width = len(gates), *hidden.shape
        own = gates.new_empty(frames, batch, 3 * width)
        both = gates.new_empty(frames, batch, 2 * width)
        new = gates.new_empty(frames, batch, width)
        states = gates.new_empty(frames + 1, batch, width)
        states[0] = hidden
        transposed = weight.t()
        for t in range(frames):
            torch.addmm(bias, states[t], transposed, out=own[t])
            torch.add(gates[t, :, : 2 * width], own[t, :, : 2 * width], out=both[t]).sigmoid_()
            reset, update = both[t, :, :width], both[t, :, width:]
            candidate = own[t, :, 2 * width :]
            torch.addcmul(gates[t, :, 2 * width :], reset, candidate, out=new[t]).tanh_()
            torch.lerp(new[t], states[t], update, out=states[t + 1])
        ctx.save_for_backward(own[..., 2 * width :], both, new, states, weight)
        return states[1:]

    @staticmethod
    def backward(ctx, gradient):
        candidates, both, new, states, weight = ctx.saved_tensors
        frames, batch, width = new.shape
        to_own = new.new_empty(frames, batch, 3 * width)
        to_new = torch.empty_like(new)
        to_hidden = torch.zeros_like(new[0])
        for t in range(frames - 1, -1, -1):
            to_state = gradient[t] + to_hidden
            reset, update = both[t, :, :width], both[t, :, width:]
            torch.mul(to_state, 1.0 - update, out=to_new[t]).mul_(1.0 - new[t].square())
            torch.mul(to_new[t], candidates[t], out=to_own[t, :, :width])
            torch.mul(to_state, states[t] - new[t], out=to_own[t, :, width : 2 * width])
            to_own[t, :, : 2 * width].mul_(both[t]).mul_(1.0 - both[t])
            torch.mul(to_new[t], reset, out=to_own[t, :, 2 * width :])
            to_hidden = torch.addmm(to_state * update, to_own[t], weight)
        rows, before = to_own.flatten(0, 1), states[:-1].flatten(0, 1)
        to_gates = torch.cat([to_own[..., : 2 * width], to_new], -1)
        return to_gates, to_hidden, rows.t() @ before, rows.sum(0)
