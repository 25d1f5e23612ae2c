# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded walks as examples of the pace network: a path and how the body went along it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.walk.pace_network import POINTS_PER_METRE, path_features

if TYPE_CHECKING:
    from .data import Sequence


INPUTS, OUTPUTS = 4, 4
_STILL = 0.08  # m/s: slower frames stand, they are no part of a path
_SHORTEST = 6  # path points
_AHEAD = 0.8  # mean cosine of facing to the way: the rest goes backward or sideways


def path_example(
    sequence: Sequence, *, any_facing: bool = False
) -> tuple[np.ndarray, np.ndarray] | None:
    """One sequence along its own path: features ``(N, 4)`` and targets ``(N, 4)``, or None.

    any_facing: backward and sideways too, which are left out otherwise. Targets: local speed m/s,
    phase rate rad/s, cosine and sine of facing minus tangent.
    """
    trajectory = sequence.trajectory
    speeds = trajectory.speeds()
    moving = np.flatnonzero(speeds > _STILL)
    if not len(moving):
        return None
    part = slice(moving[0], moving[-1] + 1)
    places = trajectory.positions[part]
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    distances = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-6))])
    length = distances[-1]
    count = int(length * POINTS_PER_METRE) + 1
    if count < _SHORTEST:
        return None
    points = np.linspace(0.0, length, count)
    velocity = np.gradient(places, axis=0)
    tangent = np.unwrap(np.arctan2(velocity[:, 0], velocity[:, 1]))
    facing = trajectory.headings[part] - tangent
    if not any_facing and np.cos(facing).mean() < _AHEAD:
        return None
    rate = np.gradient(sequence.phase)[part] * trajectory.fps
    along = [np.interp(points, distances, v) for v in (speeds[part], rate, facing, tangent)]
    curvature = np.gradient(along[3], points)
    seconds = len(places) / trajectory.fps
    starts, stops = speeds[part][0] < 0.25, speeds[part][-1] < 0.25
    features = path_features(curvature, points, length, _cruise(along[0]), starts, stops)
    targets = np.stack([along[0], along[1], np.cos(along[2]), np.sin(along[2])], -1)
    return (features, targets) if seconds > 0.5 else None


def _cruise(speeds):
    """Speed of the steady parts: what the user's "speed" means."""
    return float(np.percentile(speeds, 70))
