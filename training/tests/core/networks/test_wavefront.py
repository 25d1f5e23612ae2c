# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact windows: the wavefront against an LSTM that runs every window again."""

import numpy as np
import pytest
from tiny_data import HIDDEN, INPUTS, OUTPUTS, lstm_arrays

from quaternet_addon.core.networks.lstm import Lstm
from quaternet_addon.core.networks.matrix_product import PRODUCTS
from quaternet_addon.core.networks.wavefront import Wavefront


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


def test_a_window_of_no_frames_is_refused(network):
    arrays, head, _ = network
    with pytest.raises(ValueError, match="at least one frame, got 0"):
        Wavefront(arrays, "rnn.", head, 0)


def test_threads_change_nothing():
    random = np.random.default_rng(1)
    hidden, window = 512, 128  # large enough for threads to be worth it
    arrays = lstm_arrays(random, hidden=hidden)
    head = random.normal(size=(OUTPUTS, hidden)), random.normal(size=OUTPUTS)
    frames = random.normal(size=(5, INPUTS)).astype(np.float32)
    alone, together = (
        Wavefront(arrays, "rnn.", head, window, PRODUCTS["dot"], threads) for threads in (1, 3)
    )
    for frame in frames:
        np.testing.assert_array_equal(alone.step(frame), together.step(frame))


def test_gates_beyond_float32_close_without_a_warning(network, recwarn):
    arrays, head, frames = network
    arrays = {name: 100 * array for name, array in arrays.items()}
    wavefront, plain = Wavefront(arrays, "rnn.", head, 5), Lstm(arrays, "rnn.", head=head)
    for frame in frames[:5]:
        np.testing.assert_allclose(wavefront.step(frame), plain.step(frame), atol=1e-4)
    assert not list(recwarn)
