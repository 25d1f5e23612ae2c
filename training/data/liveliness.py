# SPDX-License-Identifier: GPL-3.0-or-later
"""How alive a long motion is, against recordings; pure. Thresholds are part of a measure's name.

Everything is measured on joint positions relative to the root, so that networks with and without
root motion compare. For foot skate see ``core.body.contacts``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from quaternet_addon.core.body.motion import Motion


STAGNANT_SHARE, STAGNANT_SECONDS = 0.10, 2.0
LOCKED_SHARE, LONGEST_PERIOD = 0.05, 10.0  # of the data's spread; seconds
_SHORTEST_PERIOD = 0.25  # seconds
_WHIRL, _ALIKE, _LONGEST_ROUND = 1.6, 0.07, 4.0  # rad in a second; metres; seconds
_LOOKS_ALIKE = 0.11  # metres


def body_positions(motion: Motion) -> np.ndarray:
    """Joint positions relative to the root, ``(T, J, 3)`` metres."""
    positions = motion.positions()
    return positions - positions[:, :1]


def joint_speeds(points: np.ndarray, fps: float) -> np.ndarray:
    """Mean speed of the joints between frames, ``(T - 1,)`` m/s, of points ``(T, J, 3)``."""
    return np.linalg.norm(np.diff(points, axis=0), axis=-1).mean(-1) * fps


def jerk(points: np.ndarray, fps: float) -> float:
    """Mean size of the third derivative of the joints' positions, m/s^3."""
    return float(np.linalg.norm(np.diff(points, 3, axis=0), axis=-1).mean() * fps**3)


def low_passed(points: np.ndarray, fps: float, cutoff: float) -> np.ndarray:
    """Points ``(T, ...)`` without what is faster than ``cutoff`` Hz: ``(T - fps, ...)``.

    A windowed sinc (Hamming) of one second, whose halves at both ends are cut off.
    """
    from scipy import signal  # --help need not wait for it

    half = int(round(0.5 * fps))
    if len(points) <= 2 * half:
        raise ValueError(f"expected more than {2 * half} frames, got {len(points)}")
    kernel = signal.firwin(2 * half + 1, cutoff, window="hamming", fs=fps)
    kernel = kernel.reshape(-1, *(1 for _ in np.shape(points)[1:]))
    return signal.oaconvolve(points, kernel, mode="valid", axes=0)


def spread(points: np.ndarray) -> float:
    """Root mean square distance of the joints from their mean position, metres."""
    return float(np.sqrt(((points - points.mean(0)) ** 2).sum(-1).mean()))


def stagnation_10_percent_2_s(
    points: np.ndarray, fps: float, recorded_speed: float
) -> float | None:
    """Seconds until the body stands still for 2 s, None if it never does.

    Still: the mean joint speed of 2 s is below a tenth of ``recorded_speed``, m/s.
    """
    from scipy.ndimage import uniform_filter1d

    speeds = joint_speeds(points, fps)
    width = max(1, round(STAGNANT_SECONDS * fps))
    if len(speeds) < width:
        return None
    means = uniform_filter1d(speeds, width, origin=-(width // 2))[: len(speeds) - width + 1]
    still = np.flatnonzero(means < STAGNANT_SHARE * recorded_speed)
    return float(still[0] / fps) if len(still) else None


def locked_period_5_percent(points: np.ndarray, fps: float, recorded_spread: float) -> float | None:
    """Seconds of the period in which the end of a motion repeats itself, None if it does not.

    The last three periods of a loop differ from each other by less than 5 % of
    ``recorded_spread`` (root mean square over joints and frames, metres). Periods from 0.25 s to
    10 s are tried, as far as the motion is three times as long.
    """
    longest = min(round(LONGEST_PERIOD * fps), len(points) // 3)
    for lag in range(max(1, round(_SHORTEST_PERIOD * fps)), longest + 1):
        tail = points[-2 * lag :]
        away = tail - points[-3 * lag : -lag]
        if np.sqrt((away**2).sum(-1).mean()) < LOCKED_SHARE * recorded_spread:
            return float(lag / fps)
    return None


def longest_figure_7_cm(points: np.ndarray, headings: np.ndarray, fps: float) -> float:
    """Seconds of the longest stretch in which a body turns one way, or does the same again.

    Turning: more than 1.6 rad in each second. The same: within 7 cm a joint, mean over a second,
    of what it did 0.4 to 4 s before. points: ``(T, J, 3)`` as the body faces; headings: ``(T,)``
    radians, unwrapped.
    """
    second = int(round(fps))
    if len(points) <= second:
        return 0.0
    turned = headings[second:] - headings[:-second]
    whirls = [_longest(side * turned > _WHIRL) + second for side in (1.0, -1.0)]
    same = _longest(_from_before(points, fps) < _ALIKE)
    return max(same, *(w for w in whirls if w > second), 0) / fps


def longest_repeat_11_cm(points: np.ndarray, fps: float) -> float:
    """Seconds of the longest stretch in which a body looks as if it did the same again.

    As `longest_figure_7_cm` without turning, within 11 cm: so near are rounds of one basic step.
    """
    if len(points) <= int(round(fps)):
        return 0.0
    return _longest(_from_before(points, fps) < _LOOKS_ALIKE) / fps


def _from_before(points, fps):
    """How far joints are from where they were 0.4 to 4 s before, ``(T,)``, mean over a second."""
    from scipy.ndimage import uniform_filter1d

    least = np.full(len(points), np.inf)
    for lag in range(int(0.4 * fps), min(int(_LONGEST_ROUND * fps), len(points) - 1), 2):
        away = np.sqrt(((points[lag:] - points[:-lag]) ** 2).sum(-1).mean(-1))
        away = uniform_filter1d(away, int(round(fps)), mode="constant")
        least[lag:] = np.minimum(least[lag:], away)
    return least


def _longest(mask):
    """Length of the longest run of True."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return int(np.max(changes[1::2] - changes[::2], initial=0))


def npss(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Normalised power spectrum similarity of sequences ``(N, T, D)``; 0 is equal, 1 or so is bad.

    Source: Gopalakrishnan et al., CVPR 2019, with the squared real part of the spectrum as in
    LAFAN1's published evaluation: earth mover's distance of the power over frequencies, weighted
    by the truth's power.
    """
    from scipy.fft import fft

    powers = [np.real(fft(values, axis=1)) ** 2 for values in (truth, predicted)]
    totals = [power.sum(1, keepdims=True) for power in powers]
    shares = [p / np.maximum(t, 1e-12) for p, t in zip(powers, totals, strict=True)]
    distance = np.abs(np.cumsum(shares[1] - shares[0], axis=1)).sum(1)
    weights = totals[0][:, 0]
    return float((distance * weights).sum() / max(weights.sum(), 1e-12))
