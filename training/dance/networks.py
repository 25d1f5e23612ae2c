# SPDX-License-Identifier: GPL-3.0-or-later
"""The dance model's two networks in torch: the prior over plans and the dancer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from quaternet_addon.core.dance.features import MOVING
from quaternet_addon.core.dance.model import as_input
from quaternet_addon.core.networks.lstm import Lstm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..networks.rollout import DeferredGradients


QUATERNIONS = 4 * len(MOVING)


class DancerNetwork(nn.Module):
    """The prior of codes and the dancer, and the constants that go with them as buffers.

    The dancer (``rnn``, ``head``) maps a frame and the plan to the next frame, both normalised
    by ``frame_mean`` and ``frame_std``; its last two outputs are logits of the contacts. The
    prior (``prior``, ``prior_head``) maps codes' vectors to logits of the next code.
    """

    def __init__(self, constants, plan, hidden, layers, prior_hidden):
        super().__init__()
        for name, value in constants.items():
            # What the half-precision file will hold, so that nothing shifts on export.
            self.register_buffer(name, torch.as_tensor(value, dtype=torch.float16).float())
        frame, (codes, vector) = len(self.frame_mean), self.code_vectors.shape
        self.rnn = nn.LSTM(frame + plan, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, frame)
        self.prior = nn.LSTM(vector, prior_hidden, batch_first=True)
        self.prior_head = nn.Linear(prior_hidden, codes)
        with torch.no_grad():
            for layer in range(layers):
                getattr(self.rnn, f"bias_ih_l{layer}")[hidden : 2 * hidden] = 1.0

    def next_codes(
        self,
        codes: torch.Tensor,
        kept: tuple[float | torch.Tensor, float | torch.Tensor] = (1.0, 1.0),
    ) -> torch.Tensor:
        """Logits ``(B, L, K)`` of the code after each of ``codes: (B, L)``.

        kept: factors on the codes' vectors and on the prior's states, for dropout.
        """
        hidden = self.prior(self.code_vectors[codes] * kept[0])[0]
        return self.prior_head(hidden * kept[1])

    def step(
        self, frame: torch.Tensor, plan: torch.Tensor, states: Any, deferred: DeferredGradients
    ) -> tuple[torch.Tensor, Any]:
        """One frame: ``(B, S)`` and ``(B, plan)`` to the raw next one and the layers' states."""
        x, after = torch.cat([frame, plan], -1), []
        for layer, state in enumerate(states):
            weight_ih, weight_hh, bias_ih, bias_hh = (
                getattr(self.rnn, f"{name}_l{layer}")
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            gates = deferred.linear(x, weight_ih, bias_ih)
            after.append(deferred.lstm_cell(gates, state, weight_hh, bias_hh))
            x = after[-1][0]
        return deferred.linear(x, self.head.weight, self.head.bias), after

    def zero_states(self, batch: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The state that a dance starts from: a pair ``(B, H)`` for every layer."""
        zero = self.head.weight.new_zeros(batch, self.rnn.hidden_size)
        return [(zero, zero) for _ in range(self.rnn.num_layers)]

    def as_input(self, raw: torch.Tensor) -> torch.Tensor:
        """A raw output ``(..., S)`` as the next step's frame: unit quaternions, contacts 0 to 1."""
        split = QUATERNIONS
        mean, std = self.frame_mean[:split], self.frame_std[:split]
        q = (raw[..., :split] * std + mean).unflatten(-1, (-1, 4))
        q = q / (q.square().sum(-1, keepdim=True) + 1e-16).sqrt()
        parts = [(q.flatten(-2) - mean) / std, raw[..., split:-2], raw[..., -2:].sigmoid()]
        return torch.cat(parts, -1)


def load_network(arrays: Mapping[str, np.ndarray]) -> DancerNetwork:
    """The torch network of a model file's arrays, in their precision."""
    parameters = {n for n in arrays if n.startswith(("rnn.", "head.", "prior"))}
    constants = {name: array for name, array in arrays.items() if name not in parameters}
    weight = arrays["rnn.weight_hh_l0"]
    layers = sum(name.startswith("rnn.weight_hh") for name in parameters)
    plan = arrays["rnn.weight_ih_l0"].shape[1] - len(arrays["frame_mean"])
    prior_hidden = arrays["prior.weight_hh_l0"].shape[1]
    network = DancerNetwork(constants, plan, weight.shape[1], layers, prior_hidden)
    network = network.to(torch.as_tensor(weight).dtype)
    network.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    return network.eval()


@torch.no_grad()
def differences(arrays: Mapping[str, np.ndarray], frames: int) -> tuple[float, float]:
    """Largest differences of core and torch in one step and in ``frames`` of own output.

    The step in float32 along what torch dances, the rest in float64; so are the prior's logits.
    """
    random, found = np.random.default_rng(0), []
    doubled = {name: np.asarray(array, np.float64) for name, array in arrays.items()}
    exact, single = load_network(doubled), load_network(arrays)
    size, inputs = len(arrays["frame_mean"]), arrays["rnn.weight_ih_l0"].shape[1]
    plan = random.normal(size=(frames, inputs - size))
    head = doubled["head.weight"], doubled["head.bias"]
    ours, own = Lstm(doubled, "rnn.", head=head), np.zeros(size)
    theirs, state, given = torch.zeros(1, size, dtype=torch.float64), None, []
    for row in plan:
        given.append(np.concatenate([theirs[0].numpy(), row]))
        raw, state = exact.rnn(torch.as_tensor(given[-1])[None, None], state)
        theirs = exact.as_input(exact.head(raw[:, 0]))
        own = as_input(
            ours.step(np.concatenate([own, row]))[None],
            doubled["frame_mean"],
            doubled["frame_std"],
        )[0]
        found.append(np.abs(own - theirs[0].numpy()).max())
    head = arrays["head.weight"], arrays["head.bias"]
    rows = np.array(given, np.float32)
    made = Lstm(arrays, "rnn.", head=head).run(rows)
    expected = single.head(single.rnn(torch.as_tensor(rows)[None])[0])[0].numpy()
    return float(np.abs(made - expected).max()), float(
        max(*found, _prior_difference(exact, doubled))
    )


def _prior_difference(network, arrays):
    codes = np.arange(8) % len(arrays["code_vectors"])
    head = arrays["prior_head.weight"], arrays["prior_head.bias"]
    made = Lstm(arrays, "prior.", head=head).run(arrays["code_vectors"][codes])
    expected = network.next_codes(torch.as_tensor(codes)[None])[0].numpy()
    return np.abs(made - expected).max()
