# SPDX-License-Identifier: GPL-3.0-or-later
"""Smooth curves through, over and between values of a clip, or of several ones (`Ragged`); pure."""

from __future__ import annotations

import functools

import numpy as np

from . import elementary
from .ragged import Ragged


def ease(share: float | np.ndarray) -> np.ndarray:
    """The smooth step: 0 to 1 with level ends, for ``share: (...)`` in [0, 1] (clipped)."""
    share = np.clip(share, 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def smoothed(
    values: np.ndarray, seconds: float, fps: float, ragged: Ragged | None = None
) -> np.ndarray:
    """``values: (T,)`` or ``(T, C)`` as a weighted mean over ``seconds`` to each side (Hann)."""
    return (ragged or Ragged([len(values)])).convolved(values, _window(seconds, fps))


def smooth_maximum(
    values: np.ndarray, seconds: float, fps: float, ragged: Ragged | None = None
) -> np.ndarray:
    """A smooth curve on or above ``values: (T,)``: a running maximum, then as wide a mean."""
    return (ragged or Ragged([len(values)])).highest(values, _window(seconds, fps))


@functools.lru_cache(64)
def _window(seconds, fps):
    half = max(1, int(round(seconds * fps)))
    weights = np.hanning(2 * half + 3)[1:-1]
    return weights / weights.sum()


def soft_positive(values: np.ndarray, width: float | np.ndarray) -> np.ndarray:
    """Softplus, a smooth ``max(values, 0)`` of ``(...)``: above it by at most 0.7 ``width``."""
    return width * np.logaddexp(0.0, np.asarray(values) / width)


def bridged(values: np.ndarray, known: np.ndarray, ragged: Ragged | None = None) -> np.ndarray:
    """``values: (T,)`` or ``(T, C)`` where ``known``; eased between known stretches elsewhere.

    Zero where a clip has nothing known.
    """
    left, right, share = (ragged or Ragged([len(values)])).bridged(known)
    share, none = ease(share), left < 0
    if values.ndim > 1:
        share, none = share[:, None], none[:, None]
    return np.where(none, 0.0, values[left] + share * (values[right] - values[left]))


def lowpass(values: np.ndarray, seconds: float, fps: float) -> np.ndarray:
    """Low pass along axis 0 that keeps slopes and, nearly, curves: twicing of a Gaussian.

    ``2 S - S S`` (Tukey, 1977) for a Gaussian S of standard deviation ``seconds``; the ends are
    continued by point reflection, so they stay where they are (in clips longer than three sigma).
    """
    values = np.asarray(values, float)
    sigma = seconds * fps
    half = int(np.ceil(3.0 * sigma))
    if len(values) < 2 or half < 1:
        return values
    kernel = _gaussian(sigma)
    once = _convolve(values, kernel)
    return once + _convolve(values - once, kernel)


@functools.lru_cache(64)
def _gaussian(sigma):
    half = int(np.ceil(3.0 * sigma))
    kernel = elementary.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    return kernel / kernel.sum()


def _convolve(values, kernel):
    half = len(kernel) // 2
    flat = values.reshape(len(values), -1)
    steps = np.arange(1, half + 1)
    before, after = np.minimum(steps[::-1], len(flat) - 1), np.maximum(len(flat) - 1 - steps, 0)
    padded = np.concatenate([2 * flat[:1] - flat[before], flat, 2 * flat[-1:] - flat[after]])
    columns = [np.convolve(column, kernel, mode="valid") for column in padded.T]
    return np.stack(columns, -1).reshape(values.shape)
