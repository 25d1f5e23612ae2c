# SPDX-License-Identifier: GPL-3.0-or-later
"""Walking phase and gait from foot contacts; pure."""

import numpy as np
from scipy.ndimage import convolve1d

from quaternet_addon.core.body.contacts import segments

_SLOWEST, _FASTEST = 1.2, 12.0  # rad/s: a step in 2.6 s, a step in 0.26 s


def foot_strikes(contacts: np.ndarray) -> list[tuple[int, int]]:
    """Frames at which a foot comes down after a swing, as (frame, foot), in order of time."""
    strikes = [
        (start, foot) for foot in range(2) for start, _ in segments(contacts[:, foot]) if start > 0
    ]
    return sorted(strikes)


def phase_from_contacts(contacts: np.ndarray, fps: float) -> np.ndarray:
    """Unwrapped phase ``(T,)``: 0 (mod 2 pi) at left strikes, pi at right ones, pi per step.

    Between strikes linear, before the first and after the last at the neighbouring rate.
    """
    frames, phases = [], []
    for frame, foot in foot_strikes(contacts):
        target = np.pi * foot
        if phases:
            turns = np.floor((phases[-1] - target) / (2 * np.pi)) + 1.0
            target += 2 * np.pi * turns
            if frame == frames[-1]:
                continue
        frames.append(frame)
        phases.append(target)
    times = np.arange(len(contacts), dtype=float)
    if len(frames) < 2:
        rate = 5.5 / fps
        anchor, phase = (frames[0], phases[0]) if frames else (0, 0.0)
        return phase + (times - anchor) * rate
    rates = np.diff(phases) / np.diff(frames)
    limited = np.clip(rates[[0, -1]], _SLOWEST / fps, _FASTEST / fps)
    inner = np.interp(times, frames, phases)
    before = phases[0] + (times - frames[0]) * limited[0]
    after = phases[-1] + (times - frames[-1]) * limited[1]
    return np.where(times < frames[0], before, np.where(times > frames[-1], after, inner))


def gait_from_contacts(contacts: np.ndarray, fps: float) -> np.ndarray:
    """How much each frame runs, ``(T,)`` in [0, 1]: the share of flight within half a second.

    Walking has none; at a quarter of the time in the air a body runs outright.
    """
    flight = (~contacts).all(axis=1).astype(float)
    half = max(1, int(round(0.33 * fps)))
    window = np.hanning(2 * half + 3)[1:-1]
    share = convolve1d(flight, window / window.sum(), mode="nearest")
    return np.clip((share - 0.05) / 0.2, 0.0, 1.0)
