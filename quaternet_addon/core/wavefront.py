# SPDX-License-Identifier: GPL-3.0-or-later
"""An LSTM restarted from zero for every window of inputs, at a fraction of the price; pure.

The published dance network runs over its last 128 inputs, from a state of zeros, for each frame.
The windows that a new input belongs to are 128; here they are a batch that it advances by one
step, with one matrix product per layer in place of 128 vector products. Each step one window is
complete, and its row starts the next one.
"""

from .lstm import Lstm


class Wavefront:
    """``step(x)`` is what `Lstm` puts out after the last ``window`` inputs from a zero state.

    arrays, prefix, head, product: as for `Lstm`. Before there are ``window`` inputs, all of them
    count.
    """

    def __init__(self, arrays, prefix, head, window, product=None):
        if window < 1:
            raise ValueError(f"Expected a window of at least one frame, got {window}.")
        self._lstm = Lstm(arrays, prefix, head=head, batch=window, product=product, shared=True)
        self._window, self._count = window, 0

    @property
    def input_size(self):
        """The number of input features."""
        return self._lstm.input_size

    def step(self, x):
        """``x: (I,)`` to the head's output, a buffer that holds until the next step."""
        self._lstm.restart(self._count % self._window)
        self._count += 1
        return self._lstm.step(x)[self._count % self._window]
