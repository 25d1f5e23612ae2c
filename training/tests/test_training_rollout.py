# SPDX-License-Identifier: GPL-3.0-or-later
"""The fast rollout against nn.GRU stepped frame by frame."""

import torch

from training.networks import PoseNetwork
from training.rollout import DeferredGradients


def _plain_rollout(network, state, controls, hidden):
    heads = []
    for frame in range(controls.shape[1]):
        x = torch.cat([state, controls[:, frame]], -1)[:, None]
        out, hidden = network.rnn(x, hidden)
        head = network.head(out[:, 0])
        state = network.state(head)
        heads.append(head)
    return [torch.stack(parts, 1) for parts in zip(*heads, strict=True)]


def _inputs(network):
    torch.manual_seed(1)
    state = torch.randn(5, 4 * network.joints + 5)
    features = torch.randn(5, 7, network.fc1.in_features)
    return state, network.controls(features), torch.randn(2, 5, network.hidden)


def test_deferred_rollout_has_the_values_and_gradients_of_nn_gru():
    torch.manual_seed(0)
    network = PoseNetwork(joints=3, controls=6, hidden=8, control_hidden=4).double()
    state, controls, hidden = (x.double() for x in _inputs(network.float()))
    network.double()
    gradients, heads = [], []
    for roll in ("deferred", "plain"):
        network.zero_grad()
        controls = network.controls(torch.ones(5, 7, 6).double())
        if roll == "deferred":
            deferred = DeferredGradients()
            out = network.rollout(state, controls, hidden, deferred)
        else:
            out = _plain_rollout(network, state, controls, hidden)
        sum((part**2).sum() for part in out).backward()
        if roll == "deferred":
            deferred.flush()
        heads.append(out)
        gradients.append({n: p.grad.clone() for n, p in network.named_parameters() if n != "h0"})
    for ours, theirs in zip(*heads, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)
    for name, gradient in gradients[1].items():
        torch.testing.assert_close(gradients[0][name], gradient, rtol=1e-8, atol=1e-10)
