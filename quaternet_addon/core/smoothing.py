# SPDX-License-Identifier: GPL-3.0-or-later
"""Smooth curves through, over and between values of a clip; pure."""

import numpy as np


def ease(share):
    """The smooth step: 0 to 1 with level ends, for ``share`` in [0, 1] (clipped)."""
    share = np.clip(share, 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def smoothed(values, seconds, fps):
    """``values: (T,)`` as a weighted mean over ``seconds`` to each side (Hann window)."""
    weights = _window(seconds, fps)
    padded = np.pad(values, len(weights) // 2, mode="edge")
    return np.convolve(padded, weights, mode="valid")


def smooth_maximum(values, seconds, fps):
    """A smooth curve on or above ``values: (T,)``: a running maximum, then as wide a mean."""
    weights = _window(seconds, fps)
    padded = np.pad(values, len(weights) - 1, mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(padded, len(weights)).max(axis=-1)
    return np.convolve(highest, weights, mode="valid")


def _window(seconds, fps):
    half = max(1, int(round(seconds * fps)))
    weights = np.hanning(2 * half + 3)[1:-1]
    return weights / weights.sum()


def soft_positive(values, width):
    """Smooth ``max(values, 0)``: above it by at most 0.7 ``width``, near zero (softplus)."""
    return width * np.logaddexp(0.0, np.asarray(values) / width)


def bridged(values, known):
    """``values: (T,)`` where ``known``; eased from one known stretch to the next elsewhere."""
    index = np.flatnonzero(known)
    if not len(index):
        return np.zeros_like(values)
    frames = np.arange(len(values))
    after = np.clip(np.searchsorted(index, frames), 0, len(index) - 1)
    before = np.clip(np.searchsorted(index, frames, side="right") - 1, 0, len(index) - 1)
    left, right = index[before], index[after]
    share = ease((frames - left) / np.maximum(1, right - left))
    return values[left] + share * (values[right] - values[left])
