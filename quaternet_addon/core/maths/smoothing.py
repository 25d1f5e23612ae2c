# SPDX-License-Identifier: GPL-3.0-or-later
"""Smooth curves through, over and between values of a clip, or of several `Clips`; pure."""

import functools

import numpy as np

from .ragged import Clips


def ease(share):
    """The smooth step: 0 to 1 with level ends, for ``share`` in [0, 1] (clipped)."""
    share = np.clip(share, 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def smoothed(values, seconds, fps, clips=None):
    """``values: (T,)`` or ``(T, C)`` as a weighted mean over ``seconds`` to each side (Hann)."""
    return (clips or Clips([len(values)])).convolved(values, _window(seconds, fps))


def smooth_maximum(values, seconds, fps, clips=None):
    """A smooth curve on or above ``values: (T,)``: a running maximum, then as wide a mean."""
    return (clips or Clips([len(values)])).highest(values, _window(seconds, fps))


@functools.lru_cache(64)
def _window(seconds, fps):
    half = max(1, int(round(seconds * fps)))
    weights = np.hanning(2 * half + 3)[1:-1]
    return weights / weights.sum()


def soft_positive(values, width):
    """Smooth ``max(values, 0)``: above it by at most 0.7 ``width``, near zero (softplus)."""
    return width * np.logaddexp(0.0, np.asarray(values) / width)


def bridged(values, known, clips=None):
    """``values: (T,)`` or ``(T, C)`` where ``known``; eased between known stretches elsewhere.

    Zero where a clip has nothing known.
    """
    left, right, share = (clips or Clips([len(values)])).bridged(known)
    share, none = ease(share), left < 0
    if values.ndim > 1:
        share, none = share[:, None], none[:, None]
    return np.where(none, 0.0, values[left] + share * (values[right] - values[left]))
