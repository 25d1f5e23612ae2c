# SPDX-License-Identifier: GPL-3.0-or-later
"""LSTM layers stepped on NumPy compute what torch computes, alone or in a batch."""

import numpy as np
import pytest

from quaternet_addon.core.networks.lstm import Lstm

torch = pytest.importorskip("torch")

# Float32 sums of these lengths in another order differ by less than this.
TOLERANCE = 1e-6
INPUTS, HIDDEN, OUTPUTS = 11, 24, 7


def torch_lstm(layers=2):
    """A torch network with random weights, and its arrays by name."""
    torch.manual_seed(0)
    module = torch.nn.LSTM(INPUTS, HIDDEN, layers)
    return module, {name: value.detach().numpy() for name, value in module.named_parameters()}


def noise(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("batch", [None, 4])
def test_steps_equal_torch_from_any_state(product, layers, batch):
    module, arrays = torch_lstm(layers)
    rows = () if batch is None else (batch,)
    sequence, start = noise(30, *rows, INPUTS), noise(2, layers, *rows, HIDDEN, seed=2)
    with torch.no_grad():
        expected, final = module(torch.from_numpy(sequence), tuple(torch.from_numpy(start)))
    network = Lstm(arrays, batch=batch, product=product)
    network.state = start
    np.testing.assert_allclose(network.run(sequence), expected.numpy(), atol=TOLERANCE)
    np.testing.assert_allclose(network.state, torch.stack(final).numpy(), atol=TOLERANCE)


def test_state_starts_at_zero_and_can_be_repeated(product):
    network = Lstm(torch_lstm()[1], product=product)
    assert not network.state.any()
    first = network.run(noise(5, INPUTS))
    network.state = 0.0
    np.testing.assert_array_equal(network.run(noise(5, INPUTS)), first)


def test_head_is_torch_linear_on_the_last_layer(product):
    module, arrays = torch_lstm()
    linear = torch.nn.Linear(HIDDEN, OUTPUTS)
    head = [value.detach().numpy() for value in (linear.weight, linear.bias)]
    sequence = noise(20, INPUTS)
    with torch.no_grad():
        expected = linear(module(torch.from_numpy(sequence))[0]).numpy()
    network = Lstm(arrays, head=head, product=product)
    np.testing.assert_allclose(network.run(sequence), expected, atol=TOLERANCE)
    assert (network.input_size, network.hidden_size, network.output_size) == (11, 24, 7)


def test_saturated_gates_raise_no_floating_point_warning(product):
    network = Lstm(torch_lstm()[1], product=product)
    with np.errstate(all="raise", under="ignore"):
        assert np.abs(network.run(1e4 * noise(20, INPUTS))).max() <= 1.0


def test_weights_of_a_gru_are_refused():
    module = torch.nn.GRU(INPUTS, HIDDEN)
    arrays = {name: value.detach().numpy() for name, value in module.named_parameters()}
    with pytest.raises(ValueError, match=r"weight_ih_l0 of shape \(96, 11\), got \(72, 11\)"):
        Lstm(arrays)
