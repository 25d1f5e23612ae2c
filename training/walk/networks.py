# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks in PyTorch: thin, with the parameter names that `core` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from quaternet_addon.core.maths.quaternion import normalize
from quaternet_addon.core.walk.features import split_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..networks.rollout import DeferredGradients


class PoseNetwork(nn.Module):
    """Autoregressive pose network: two GRU layers over the last state and the controls.

    QuaterNet's long-term network (Pavllo et al., BMVC 2018), absolute variant, with hips and
    foot contacts among its outputs.
    """

    def __init__(self, joints, controls, hidden=256, control_hidden=64):
        super().__init__()
        self.joints, self.hidden = joints, hidden
        state = 4 * joints + 5
        self.fc1 = nn.Linear(controls, control_hidden)
        self.fc2 = nn.Linear(control_hidden, control_hidden)
        self.rnn = nn.GRU(state + control_hidden, hidden, num_layers=2, batch_first=True)
        self.fc = nn.Linear(hidden, state)
        self.h0 = nn.Parameter(torch.zeros(2, 1, hidden))
        with torch.no_grad():  # start near the rest pose: identity quaternions
            self.fc.weight *= 0.1
            self.fc.bias[: 4 * joints : 4] += 1.0

    def controls(self, features: torch.Tensor) -> torch.Tensor:
        """Control features ``(B, T, C)`` to what the recurrent layers read."""
        leaky = nn.functional.leaky_relu
        return leaky(self.fc2(leaky(self.fc1(features), 0.05)), 0.05)

    def head(self, hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Hidden ``(..., H)`` to raw quaternions ``(..., J, 4)``, hips, contact logits."""
        return split_state(self.fc(hidden), self.joints)

    def state(self, head: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """The head's outputs as the next input: unit quaternions, contact probabilities."""
        raw, hips, logits = head
        unit: torch.Tensor = normalize(raw)
        return torch.cat([unit.flatten(-2), hips, torch.sigmoid(logits)], -1)

    def warm_up(
        self, states: torch.Tensor, controls: torch.Tensor
    ) -> tuple[tuple[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]:
        """Teacher-forced prefix ``(B, T, ...)``: heads of all its frames and the hidden state."""
        h0 = self.h0.expand(-1, len(states), -1).contiguous()
        out, hidden = self.rnn(torch.cat([states, controls], -1), h0)
        return self.head(out), hidden

    def rollout(
        self,
        state: torch.Tensor,
        controls: torch.Tensor,
        hidden: torch.Tensor,
        deferred: DeferredGradients,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Own outputs fed back for the frames of ``controls`` (B, T, ...); stacked heads.

        deferred: DeferredGradients; its ``flush`` belongs after the backward pass. It computes in
        the weights' own precision: steps are too small to gain from another.
        """
        with torch.autocast(state.device.type, enabled=False):
            dtype = self.fc.weight.dtype
            return self._rollout(state, controls.to(dtype), hidden.to(dtype), deferred)

    def _rollout(self, state, controls, hidden, deferred):
        rnn, size = self.rnn, state.shape[1]
        # What the controls add to the first layer's gates is known for all frames beforehand.
        from_controls = controls @ rnn.weight_ih_l0[:, size:].t()
        layers, outputs = list(hidden.unbind(0)), []
        # Unbound: the gradient of a slice would be as large as the whole, for every frame.
        for added in from_controls.unbind(1):
            gates = deferred.linear(state, rnn.weight_ih_l0, rnn.bias_ih_l0) + added
            layers[0] = deferred.gru_cell(gates, layers[0], rnn.weight_hh_l0, rnn.bias_hh_l0)
            gates = deferred.linear(layers[0], rnn.weight_ih_l1, rnn.bias_ih_l1)
            layers[1] = deferred.gru_cell(gates, layers[1], rnn.weight_hh_l1, rnn.bias_hh_l1)
            out = deferred.linear(layers[1], self.fc.weight, self.fc.bias)
            outputs.append(out)
            state = self.state(split_state(out, self.joints))
        return split_state(torch.stack(outputs, 1), self.joints)


class PaceNetwork(nn.Module):
    """Bidirectional GRU over the points of a path (QuaterNet's pace network)."""

    def __init__(self, inputs, outputs, hidden=30):
        super().__init__()
        self.rnn = nn.GRU(inputs, hidden, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * hidden, outputs)
        self.h0 = nn.Parameter(torch.zeros(2, 1, hidden))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Path features ``(B, N, inputs)`` to ``(B, N, outputs)``."""
        h0 = self.h0.expand(-1, len(features), -1).contiguous()
        return self.fc(self.rnn(features, h0)[0])


def load_pose_network(arrays: Mapping[str, np.ndarray]) -> PoseNetwork:
    """The `PoseNetwork` of a model file's arrays, in their precision."""
    encoded, controls = arrays["pose.fc1.weight"].shape
    state, hidden = arrays["pose.fc.weight"].shape
    return _loaded(PoseNetwork((state - 5) // 4, controls, hidden, encoded), arrays, "pose.")


def load_pace_network(arrays: Mapping[str, np.ndarray]) -> PaceNetwork:
    """The `PaceNetwork` of a model file's arrays, in their precision."""
    inputs, hidden = arrays["pace.rnn.weight_ih_l0"].shape[1], arrays["pace.h0"].shape[-1]
    return _loaded(PaceNetwork(inputs, len(arrays["pace.fc.bias"]), hidden), arrays, "pace.")


def _loaded(network, arrays, prefix):
    weights = {
        name.removeprefix(prefix): torch.tensor(np.asarray(array, _precision(array)))
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
    network.to(weights["fc.weight"].dtype).load_state_dict(weights)
    return network


def _precision(array):
    return np.float64 if np.asarray(array).dtype == np.float64 else np.float32
