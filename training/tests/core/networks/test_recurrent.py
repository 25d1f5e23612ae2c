# SPDX-License-Identifier: GPL-3.0-or-later
"""The stepped networks compute what torch computes, with either product, alone or in a batch."""

import numpy as np
import pytest

from quaternet_addon.core.networks.recurrent import BidirectionalGru, Dense, Gru

torch = pytest.importorskip("torch")

# Float32 sums of these lengths in another order differ by less than this.
TOLERANCE = 1e-6
INPUTS, HIDDEN, OUTPUTS = 11, 24, 7


def torch_gru(layers=2, seed=0, **options):
    """A torch network with random weights, and its arrays by name."""
    torch.manual_seed(seed)
    module = torch.nn.GRU(INPUTS, HIDDEN, layers, **options)
    return module, {name: value.detach().numpy() for name, value in module.named_parameters()}


def torch_outputs(module, sequence, state=None):
    """``(outputs, final state)`` of a torch module as arrays; ``(T, I)`` or ``(T, N, I)``."""
    state = None if state is None else torch.from_numpy(state)
    with torch.no_grad():
        outputs, final = module(torch.from_numpy(sequence), state)
    return outputs.numpy(), final.numpy()


def noise(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_steps_equal_torch_from_any_state(product, layers):
    module, arrays = torch_gru(layers)
    sequence, start = noise(40, INPUTS), np.tanh(noise(layers, HIDDEN, seed=2))
    expected, final = torch_outputs(module, sequence, start)
    network = Gru(arrays, product=product)
    network.state = start
    np.testing.assert_allclose(network.run(sequence), expected, atol=TOLERANCE)
    np.testing.assert_allclose(network.state, final, atol=TOLERANCE)


def test_state_starts_at_zero_as_in_torch(product):
    module, arrays = torch_gru()
    sequence = noise(3, INPUTS)
    expected, _ = torch_outputs(module, sequence)
    np.testing.assert_allclose(Gru(arrays, product=product).run(sequence), expected, atol=1e-6)


def test_batch_equals_torch_row_by_row(product):
    module, arrays = torch_gru()
    sequence, start = noise(20, 5, INPUTS), np.tanh(noise(2, 5, HIDDEN, seed=2))
    expected, final = torch_outputs(module, sequence, start)
    network = Gru(arrays, batch=5, product=product)
    network.state = start
    np.testing.assert_allclose(network.run(sequence), expected, atol=TOLERANCE)
    np.testing.assert_allclose(network.state, final, atol=TOLERANCE)


@pytest.mark.parametrize("batch", [None, 4])
def test_head_is_torch_linear_on_the_last_layer(product, batch):
    module, arrays = torch_gru()
    linear = torch.nn.Linear(HIDDEN, OUTPUTS)
    head = [value.detach().numpy() for value in (linear.weight, linear.bias)]
    sequence = noise(*(20, INPUTS) if batch is None else (20, batch, INPUTS))
    with torch.no_grad():
        expected = linear(module(torch.from_numpy(sequence))[0]).numpy()
    network = Gru(arrays, head=head, batch=batch, product=product)
    np.testing.assert_allclose(network.run(sequence), expected, atol=TOLERANCE)
    assert (network.input_size, network.hidden_size, network.output_size) == (11, 24, 7)


def test_saturated_gates_raise_no_floating_point_warning(product):
    network = Gru(torch_gru()[1], product=product)
    with np.errstate(all="raise", under="ignore"):
        outputs = network.run(1e4 * noise(20, INPUTS))
    assert np.abs(outputs).max() <= 1.0


def test_state_read_and_set_again_repeats_the_future(product):
    network = Gru(torch_gru()[1], product=product)
    network.run(noise(5, INPUTS))
    saved, future = network.state, noise(5, INPUTS, seed=3)
    first = network.run(future)
    network.state = saved
    np.testing.assert_array_equal(network.run(future), first)


def test_one_state_sets_every_row_of_a_batch():
    network = Gru(torch_gru()[1], batch=3)
    start = np.tanh(noise(2, 1, HIDDEN))
    network.state = start
    np.testing.assert_array_equal(network.state, np.repeat(start, 3, axis=1))


def test_step_allocates_no_arrays(product, monkeypatch):
    network = Gru(torch_gru()[1], product=product)
    x = noise(INPUTS)
    first = network.step(x)
    assert network.step(x) is first
    for name in ("empty", "zeros", "ones", "stack", "concatenate", "array"):
        monkeypatch.delattr(np, name)
    network.step(x)


def test_prefix_selects_one_of_several_networks():
    _, arrays = torch_gru(seed=4)
    _, others = torch_gru(seed=5)
    both = {f"pose.{name}": value for name, value in arrays.items()}
    both.update({f"pace.{name}": value for name, value in others.items()})
    sequence = noise(4, INPUTS)
    np.testing.assert_array_equal(Gru(both, "pose.").run(sequence), Gru(arrays).run(sequence))


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("length", [1, 50])
def test_bidirectional_sequences_equal_torch(product, layers, length):
    module, arrays = torch_gru(layers, bidirectional=True)
    sequence = noise(length, INPUTS)
    expected, _ = torch_outputs(module, sequence)
    network = BidirectionalGru(arrays, product=product)
    np.testing.assert_allclose(network.run(sequence), expected, atol=TOLERANCE)
    np.testing.assert_allclose(network.run(sequence), expected, atol=TOLERANCE)


def test_bidirectional_states_start_where_they_are_told(product):
    module, arrays = torch_gru(2, bidirectional=True)
    sequence, start = noise(20, INPUTS), np.tanh(noise(4, HIDDEN, seed=2))
    expected, _ = torch_outputs(module, sequence, start)
    outputs = BidirectionalGru(arrays, product=product).run(sequence, start)
    np.testing.assert_allclose(outputs, expected, atol=TOLERANCE)


def test_backward_half_of_a_reversed_sequence_is_the_forward_half():
    _, arrays = torch_gru(1)
    arrays.update({f"{name}_reverse": value for name, value in list(arrays.items())})
    network, sequence = BidirectionalGru(arrays), noise(30, INPUTS)
    there, back = network.run(sequence), network.run(sequence[::-1])
    np.testing.assert_allclose(there[:, :HIDDEN], back[::-1, HIDDEN:], atol=TOLERANCE)


def test_empty_sequences_give_empty_outputs():
    assert Gru(torch_gru()[1]).run(noise(0, INPUTS)).shape == (0, HIDDEN)
    network = BidirectionalGru(torch_gru(bidirectional=True)[1])
    assert network.run(noise(0, INPUTS)).shape == (0, 2 * HIDDEN)


@pytest.mark.parametrize("batch", [None, 4])
def test_dense_equals_torch_linear(product, batch):
    linear = torch.nn.Linear(INPUTS, OUTPUTS)
    x = noise(*(INPUTS,) if batch is None else (batch, INPUTS))
    weight, bias = (value.detach().numpy() for value in (linear.weight, linear.bias))
    layer = Dense(weight, bias, batch=batch, product=product)
    with torch.no_grad():
        expected = linear(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(layer.step(x), expected, atol=TOLERANCE)


def test_float64_weights_are_computed_in_float64_as_torch_does():
    gru, arrays = torch_gru()
    doubled = {name: value.astype(np.float64) for name, value in arrays.items()}
    sequence = noise(20, INPUTS).astype(np.float64)
    with torch.no_grad():
        expected = gru.double()(torch.from_numpy(sequence))[0].numpy()
    np.testing.assert_allclose(Gru(doubled).run(sequence), expected, atol=1e-14)


def test_float64_inputs_of_float32_weights_are_taken():
    _, arrays = torch_gru()
    x = noise(INPUTS)
    expected = Gru(arrays).step(x)
    assert expected.dtype == np.float32
    np.testing.assert_array_equal(Gru(arrays).step(x.astype(np.float64)), expected)


def test_missing_or_misshapen_arrays_are_named():
    _, arrays = torch_gru()
    with pytest.raises(ValueError, match=r"expected an array pose\.weight_ih_l0"):
        Gru(arrays, "pose.")
    with pytest.raises(ValueError, match="got none named bias_hh_l1"):
        Gru({name: value for name, value in arrays.items() if name != "bias_hh_l1"})
    with pytest.raises(ValueError, match=r"bias_hh_l1 of shape \(72,\), got \(71,\)"):
        Gru({**arrays, "bias_hh_l1": arrays["bias_hh_l1"][1:]})
    with pytest.raises(ValueError, match="after layer 1 to take 24 inputs, got one for 23"):
        Gru(arrays, head=(noise(7, 23), noise(7)))
    with pytest.raises(ValueError, match=r"got \(7, 24\) and \(6,\)"):
        Gru(arrays, head=(noise(7, 24), noise(6)))


def test_inputs_and_states_of_another_shape_are_refused():
    network = Gru(torch_gru()[1])
    with pytest.raises(ValueError, match=r"input of shape \(11,\), got \(1,\)"):
        network.step(noise(1))
    with pytest.raises(ValueError, match=r"state of shape \(2, 24\), got \(3, 24\)"):
        network.state = noise(3, HIDDEN)
    with pytest.raises(ValueError, match=r"sequence \(T, 11\), got \(5, 12\)"):
        BidirectionalGru(torch_gru(bidirectional=True)[1]).run(noise(5, 12))
