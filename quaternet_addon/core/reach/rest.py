# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that are held, and how a body comes to rest in one; pure.

A network has learned from motion that goes on: it arrives with a speed. Where a pose is held the
gap is filled to an earlier time, and its end is played slower and slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..body.motion import Motion


_STILL = 0.005  # of a leg's length: joints that are nearer are in one place
_SHARE, _LONGEST = 0.4, 0.6  # of a gap, seconds: so long it takes at most to come to rest


def is_held(pose: Motion, later: Motion) -> bool:
    """Whether a body is in the same pose and place, both of one frame."""
    away = later.positions()[0] - pose.positions()[0]
    return bool(np.linalg.norm(away, axis=-1).max() < _STILL * pose.skeleton.leg_length)


def moving_seconds(duration: float) -> float:
    """Seconds that a gap is to be filled for, when it is to be played to rest in ``duration``."""
    return duration - 0.5 * _slowing(duration)


def played_to_rest(times: np.ndarray, duration: float) -> np.ndarray:
    """Seconds of such a gap to show at ``times: (...)``: as fast at first, at last not at all."""
    slowing = _slowing(duration)
    share = np.clip((duration - times) / slowing, 0.0, 1.0)
    left = slowing * share**3 * (1.0 - 0.5 * share)  # the integral of a smooth step
    return np.where(share < 1.0, moving_seconds(duration) - left, times)


def _slowing(duration):
    return min(_SHARE * duration, _LONGEST)
