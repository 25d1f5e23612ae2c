# SPDX-License-Identifier: GPL-3.0-or-later
"""The fast rollout and the fast sequence against nn.GRU."""

import pytest
import torch

from training.networks.gru import Gru
from training.networks.rollout import DeferredGradients
from training.walk.networks import PoseNetwork


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


def test_sequences_have_the_values_and_gradients_of_nn_gru():
    torch.manual_seed(2)
    plain = torch.nn.GRU(5, 7, 2, batch_first=True).double()
    ours = Gru(5, 7, 2).double()
    ours.load_state_dict(plain.state_dict())
    results = []
    for network in (ours, plain):
        generator = torch.Generator().manual_seed(3)
        x, state = (
            torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()
            for shape in ((3, 6, 5), (2, 3, 7))
        )
        out, last = network(x, state)
        again, _ = network(out[:, -1:, :5], last)  # goes on from its own state
        weights = torch.arange(1.0, out.numel() + 1.0, dtype=torch.float64).view_as(out)
        ((out * weights).sum() + again.square().sum()).backward()
        results.append(
            [out, last, again, x.grad, state.grad, *(p.grad for p in network.parameters())]
        )
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    assert type(results[0][0].grad_fn) is not type(results[1][0].grad_fn)


def test_sequences_without_gradients_are_those_of_nn_gru():
    ours = Gru(5, 7, 1)
    x, state = torch.randn(3, 6, 5), torch.randn(1, 3, 7)
    with torch.no_grad():
        expected = ours(x, state)
    for found, other in zip(ours(x, state), expected, strict=True):
        torch.testing.assert_close(found, other)


def test_a_second_backward_pass_through_a_sequence_is_refused():
    out, _ = Gru(3, 4, 1)(torch.ones(2, 5, 3), torch.zeros(1, 2, 4))
    out.sum().backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()
