# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground that a motion stands on, and another ground under it; pure.

The ground of a motion is where its planted balls of the feet are, less their height at rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, detect_contacts, segments, toe_positions
from ..maths.smoothing import bridged, lowpass
from .foot_lock import lock_feet, swing_clearance

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..body.motion import Motion

_HIPS_TIME = 0.2  # seconds (standard deviation) in which the hips follow the ground
_STEEPEST = np.cos(np.radians(50.0))  # a sole does not follow a steeper slope


def contacts_of(motion: Motion) -> np.ndarray:
    """The contacts of a motion, or what its feet look like over the lowest they come.

    ``(T, 2)`` bool, left and right.
    """
    if motion.contacts is not None:
        return motion.contacts
    lowest = toe_positions(motion)[..., 1].min() - _rest_heights(motion.skeleton).min()
    return detect_contacts(motion, lowest)


def stood_on(motion: Motion) -> np.ndarray:
    """Height of the ground under each foot, ``(T, 2)`` metres, eased from stand to stand."""
    contacts, balls = contacts_of(motion), toe_positions(motion)[..., 1]
    heights = balls - _rest_heights(motion.skeleton)
    for foot in range(2):
        for start, stop in segments(contacts[:, foot]):
            quarter = (stop - start) // 4  # balls roll on and off at the ends
            heights[start:stop, foot] = np.median(heights[start + quarter : stop - quarter, foot])
        heights[:, foot] = bridged(heights[:, foot], contacts[:, foot])
        if not contacts[:, foot].any():
            heights[:, foot] = np.nan
    other = heights[:, ::-1]
    heights = np.where(np.isnan(heights), other, heights)
    return np.where(np.isnan(heights), balls.min() - _rest_heights(motion.skeleton), heights)


def _rest_heights(skeleton):
    return skeleton.rest_positions[[skeleton.index(name) for name in TOES], 1]


def stand_on(motion: Motion, surface: Callable, align: bool = True) -> Motion:
    """The same motion on another ground: feet planted on it, hips at their height over it.

    surface: function of points ``(N, 2)``, metres, x and z: heights ``(N,)`` (NaN where there
    is no ground) and normals ``(N, 3)``. align: soles lie along its slopes.
    """
    contacts, own = contacts_of(motion), stood_on(motion)
    heights, _ = _under(surface, motion, own)
    rise = lowpass((heights - own).mean(axis=1), _HIPS_TIME, motion.fps)
    raised = motion.moved(rise[:, None] * [0, 1, 0])
    lift, placed = swing_clearance(motion.skeleton), raised
    for _ in range(2):  # a foot that is planted elsewhere stands on other ground
        heights, normals = _under(surface, placed, own)
        normals = normals if align else None
        placed = lock_feet(raised, contacts, heights, lift, normals=normals)
    return placed


def _under(surface, motion, own):
    """Heights ``(T, 2)`` and normals ``(T, 2, 3)`` of the surface under the balls."""
    points = toe_positions(motion)[..., [0, 2]]
    heights, normals = surface(points.reshape(-1, 2))
    heights, normals = heights.reshape(-1, 2), normals.reshape(-1, 2, 3)
    flat = np.isnan(heights) | ~(normals[..., 1] > _STEEPEST)
    normals = np.where(flat[..., None], [0.0, 1.0, 0.0], normals)
    return np.where(np.isnan(heights), own, heights), normals
