# SPDX-License-Identifier: GPL-3.0-or-later
"""Fast backpropagation through own outputs: one weight gradient for the whole rollout.

Stepping nn.GRU frame by frame multiplies and adds a skinny weight gradient at every frame. Here
the frames only keep ``(input, gradient)`` pairs; `DeferredGradients.flush` turns each weight's
pairs into one matrix product. Values and gradients are those of nn.GRU, nn.LSTM and nn.Linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from typing import Any

    from torch import nn


class DeferredGradients:
    """The pairs of one backward pass, by parameter."""

    def __init__(self):
        self._pairs = {}

    def linear(self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """``x @ weight.T + bias`` for ``x: (B, in)`` whose weight gradient waits for `flush`.

        Of a wider weight the first ``in`` columns count; the others are somebody else's.
        """
        if not x.requires_grad:  # or autograd would never call for the weight's gradient
            x = x.detach().requires_grad_()
        columns = weight.detach()[:, : x.shape[1]]
        return _Linear.apply(x, columns, bias.detach(), self._store(weight, bias))

    def gru_layers(self, rnn: nn.GRU, layers: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        """A step of a torch.nn.GRU on ``layers``, its hidden states, in place: the top one.

        x: ``(B, I)``.
        """
        for index in range(len(layers)):
            weights = [
                getattr(rnn, f"{name}_l{index}")
                for name in ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
            ]
            gates = self.linear(x, *weights[:2])
            x = layers[index] = self.gru_cell(gates, layers[index], *weights[2:])
        return x

    def gru_cell(
        self, gates: torch.Tensor, hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        """One GRU step: input gates ``(B, 3 H)`` and hidden ``(B, H)`` to the next hidden."""
        if not gates.requires_grad and not hidden.requires_grad:
            hidden = hidden.detach().requires_grad_()
        store = self._store(weight, bias)
        return _GruCell.apply(gates, hidden, weight.detach(), bias.detach(), store)

    def lstm_cell(
        self,
        gates: torch.Tensor,
        state: tuple[torch.Tensor, torch.Tensor],
        weight: torch.Tensor,
        bias: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One LSTM step: input gates ``(B, 4 H)``, hidden and cell to the next of each."""
        if not gates.requires_grad and not state[0].requires_grad:
            state = state[0].detach().requires_grad_(), state[1]
        store = self._store(weight, bias)
        return _LstmCell.apply(gates, *state, (weight.detach(), bias.detach()), store)

    def _store(self, weight, bias):
        return self._pairs.setdefault((weight, bias), []).append

    def flush(self) -> None:
        """Add the collected gradients to the parameters' ``grad``; call it after backward."""
        for (weight, bias), pairs in self._pairs.items():
            inputs = torch.cat([x for x, _ in pairs])
            gradients = torch.cat([g for _, g in pairs])
            for parameter in (weight, bias):
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
            weight.grad[:, : inputs.shape[1]].addmm_(gradients.t(), inputs)
            bias.grad.add_(gradients.sum(0))
            pairs.clear()  # the graph still holds this list: free the graph's tensors at once
        self._pairs.clear()


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, store: Any
    ) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.store = store
        return torch.addmm(bias, x, weight.t())

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        ctx.store((x.detach(), gradient))
        return gradient @ weight, None, None, None


class _GruCell(torch.autograd.Function):
    """Gate order r, z, n as in torch.nn.GRU; the backward pass is the chain rule by hand."""

    @staticmethod
    def forward(
        ctx: Any,
        gates: torch.Tensor,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        store: Any,
    ) -> torch.Tensor:
        own = torch.addmm(bias, hidden, weight.t())
        width = hidden.shape[1]
        both = torch.sigmoid(gates[:, : 2 * width] + own[:, : 2 * width])
        reset, update = both[:, :width], both[:, width:]
        candidate = own[:, 2 * width :]
        new = torch.tanh(gates[:, 2 * width :] + reset * candidate)
        ctx.save_for_backward(both, candidate, new, hidden, weight)
        ctx.store = store
        return torch.lerp(new, hidden, update)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        both, candidate, new, hidden, weight = ctx.saved_tensors
        width = hidden.shape[1]
        reset, update = both[:, :width], both[:, width:]
        to_new = gradient * (1.0 - update) * (1.0 - new * new)
        to_both = torch.cat([to_new * candidate, gradient * (hidden - new)], 1)
        to_both = to_both * both * (1.0 - both)
        to_own = torch.cat([to_both, to_new * reset], 1)
        ctx.store((hidden.detach(), to_own))
        to_hidden = torch.addcmul(to_own @ weight, gradient, update)
        return torch.cat([to_both, to_new], 1), to_hidden, None, None, None


class _LstmCell(torch.autograd.Function):
    """Gate order i, f, g, o as in torch.nn.LSTM; the backward pass is the chain rule by hand."""

    @staticmethod
    def forward(
        ctx: Any,
        gates: torch.Tensor,
        hidden: torch.Tensor,
        memory: torch.Tensor,
        layer: tuple[torch.Tensor, torch.Tensor],
        store: Any,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        weight, bias = layer
        width = hidden.shape[1]
        own = torch.addmm(bias, hidden, weight.t()).add_(gates)
        both, out = own[:, : 2 * width].sigmoid(), own[:, 3 * width :].sigmoid()
        new = own[:, 2 * width : 3 * width].tanh()
        kept = both[:, width:] * memory + both[:, :width] * new
        squashed = kept.tanh()
        ctx.save_for_backward(both, new, out, squashed, hidden, memory, weight)
        ctx.store = store
        return out * squashed, kept

    @staticmethod
    def backward(
        ctx: Any, to_hidden: torch.Tensor, to_kept: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        both, new, out, squashed, hidden, memory, weight = ctx.saved_tensors
        width = hidden.shape[1]
        to_out = to_hidden * squashed * out * (1.0 - out)
        to_kept = to_kept + to_hidden * out * (1.0 - squashed * squashed)
        to_both = torch.cat([to_kept * new, to_kept * memory], 1) * both * (1.0 - both)
        to_new = to_kept * both[:, :width] * (1.0 - new * new)
        to_gates = torch.cat([to_both, to_new, to_out], 1)
        ctx.store((hidden.detach(), to_gates))
        return to_gates, to_gates @ weight, to_kept * both[:, width:], None, None
