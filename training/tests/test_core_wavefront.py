# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact windows: the wavefront against an LSTM that runs every window again."""

import numpy as np
import pytest

from quaternet_addon.core.lstm import Lstm
from quaternet_addon.core.wavefront import Wavefront

HIDDEN, INPUTS, OUTPUTS = 6, 4, 3


def lstm_arrays(random, inputs=INPUTS, hidden=HIDDEN, prefix="rnn."):
    shapes = {
        "weight_ih_l0": (4 * hidden, inputs),
        "weight_hh_l0": (4 * hidden, hidden),
        "bias_ih_l0": (4 * hidden,),
        "bias_hh_l0": (4 * hidden,),
    }
    shapes |= {name.replace("l0", "l1"): shape for name, shape in shapes.items()}
    shapes["weight_ih_l1"] = (4 * hidden, hidden)
    return {
        prefix + name: random.normal(size=shape).astype(np.float32)
        for name, shape in shapes.items()
    }


@pytest.fixture
def network():
    random = np.random.default_rng(0)
    arrays = lstm_arrays(random)
    head = random.normal(size=(OUTPUTS, HIDDEN)), random.normal(size=OUTPUTS)
    frames = random.normal(size=(23, INPUTS)).astype(np.float32)
    return arrays, head, frames


@pytest.mark.parametrize("window", [1, 2, 7, 40])
def test_every_output_is_that_of_its_window_from_zero(network, window):
    arrays, head, frames = network
    wavefront, plain = Wavefront(arrays, "rnn.", head, window), Lstm(arrays, "rnn.", head=head)
    for index, frame in enumerate(frames):
        plain.state = 0.0
        expected = plain.run(frames[max(0, index + 1 - window) : index + 1])[-1]
        # Float32 sums in another order.
        np.testing.assert_allclose(wavefront.step(frame), expected, atol=2e-5)


def test_a_window_forgets_what_lies_before_it(network):
    arrays, head, frames = network
    outputs = []
    for first in (0.0, 5.0):
        wavefront = Wavefront(arrays, "rnn.", head, 8)
        outputs.append([wavefront.step(f).copy() for f in [frames[0] + first, *frames[1:]]])
    same = np.isclose(*outputs, atol=1e-6).all(-1)
    assert not same[:8].any() and same[8:].all()


def test_restarting_a_row_leaves_the_others(network):
    arrays, head, frames = network
    batch = Lstm(arrays, "rnn.", head=head, batch=3, shared=True)
    batch.run(frames[:5])
    before = batch.state
    batch.restart(1)
    after = batch.state
    assert not after[:, :, 1].any()
    np.testing.assert_array_equal(after[:, :, [0, 2]], before[:, :, [0, 2]])
    fresh = Lstm(arrays, "rnn.", head=head)
    np.testing.assert_allclose(batch.step(frames[5])[1], fresh.step(frames[5]), atol=1e-5)


def test_a_window_of_no_frames_is_refused(network):
    arrays, head, _ = network
    with pytest.raises(ValueError, match="at least one frame, got 0"):
        Wavefront(arrays, "rnn.", head, 0)
