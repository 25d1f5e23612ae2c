# SPDX-License-Identifier: GPL-3.0-or-later
"""Turning and looking to a point while walking elsewhere; pure.

The recordings have walks that go where the body faces, so the hips turn aside only a little: beyond
some 20 degrees the network's feet slide. Trunk, neck and head turn for the rest, as people do.
What lies behind the back is not looked at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.quaternion import multiply, yaw_to_quaternion
from ..maths.smoothing import ease, lowpass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from ..body.trajectory import Trajectory


_HIPS = np.radians(15.0)
_FARTHEST = np.radians(100.0)  # from the direction of the path: hips 15, trunk and head 85
_FADE_FROM, _FADE_TO = np.radians(120.0), np.radians(165.0)
_TIME = 0.25  # seconds (standard deviation) of a turn of the head
_SHARES = {"LowerBack": 0.15, "Spine": 0.25, "Neck": 0.2, "Neck1": 0.2, "Head": 0.2}


def turned_to(trajectory: Trajectory, point: Sequence[float] | np.ndarray) -> Trajectory:
    """The trajectory with headings turned to ``point`` (x, y, z), by 15 degrees at the most.

    point: metres.
    """
    aside = _angles(trajectory.positions, trajectory.headings, point, trajectory.fps)
    return replace(trajectory, headings=trajectory.headings + np.clip(aside, -_HIPS, _HIPS))


def look_at(
    motion: Motion,
    positions: np.ndarray,
    headings: np.ndarray,
    point: Sequence[float] | np.ndarray,
    share: float | np.ndarray = 1.0,
) -> Motion:
    """The motion with trunk, neck and head turned to ``point`` (x, y, z) about the vertical.

    positions, headings: where the body is and faces, ``(T, 2)`` metres and ``(T,)`` radians.
    point: metres, one or ``(T, 3)``. share: how far it is turned, ``(T,)`` in [0, 1].
    """
    aside = _angles(positions, headings, point, motion.fps, share)
    skeleton, shares = motion.skeleton, np.zeros(len(motion.skeleton))
    for joint, parent in enumerate(skeleton.parents):
        above = shares[parent] if parent >= 0 else 0.0
        shares[joint] = above + _SHARES.get(skeleton.names[joint], 0.0)
    turns = np.clip(aside, _HIPS - _FARTHEST, _FARTHEST - _HIPS)
    _, world = motion.world
    world = multiply(yaw_to_quaternion(turns[:, None] * shares), world)
    return replace(motion, rotations=skeleton.global_to_local(world)).continuous()


def _angles(positions, headings, point, fps, share=1.0):
    """Smoothed angle ``(T,)`` from each heading to the point; to 0 for what is behind."""
    away = np.asarray(point, float)[..., [0, 2]] - positions
    angles = elementary.arctan2(away[:, 0], away[:, 1]) - headings
    angles = elementary.wrapped(angles)
    behind = ease((np.abs(angles) - _FADE_FROM) / (_FADE_TO - _FADE_FROM))
    return lowpass(share * angles * (1.0 - behind), _TIME, fps)
