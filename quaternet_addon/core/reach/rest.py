# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that are held, and bodies that stand; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..body.motion import Motion


_STILL = 0.005  # of a leg's length: joints that are nearer are in one place


def is_held(pose: Motion, later: Motion) -> bool:
    """Whether a body is in the same pose and place, both of one frame."""
    away = later.positions()[0] - pose.positions()[0]
    return bool(np.linalg.norm(away, axis=-1).max() < _STILL * pose.skeleton.leg_length)
