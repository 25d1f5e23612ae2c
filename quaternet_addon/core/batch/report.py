# SPDX-License-Identifier: GPL-3.0-or-later
"""What the manifest says of a clip; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from ..body.motion import Motion
    from ..walk.path import Path


def figures(walk: Any) -> dict[str, float]:
    """Quality of one motion: its own report, and of a walk its distance from the path, metres."""
    numbers = (int, float, np.number)
    report = {k: v for k, v in walk.report.items() if isinstance(v, numbers) and np.isfinite(v)}
    if not getattr(walk, "in_place", True):
        away = path_errors(walk.motion, walk.path)
        report |= {"path_error_mean": float(away.mean()), "path_error_max": float(away.max())}
    return {name: round(float(value), 6) for name, value in report.items()}


def path_errors(motion: Motion, path: Path, step: float = 0.02) -> np.ndarray:
    """Distance on the ground of the hips from the nearest point of a path, ``(T,)`` metres."""
    samples = int(np.clip(path.length / step, 2, 20_000))
    line = path.position(np.linspace(0.0, path.length, samples + 1))[:, [0, 2]]
    hips = motion.root_positions[:, [0, 2]]
    nearest, some = np.empty(len(hips)), max(1, 200_000 // len(line))
    for first in range(0, len(hips), some):  # all at once would be gigabytes on a long walk
        here = slice(first, first + some)
        x, z = (line[:, axis] - hips[here, axis, None] for axis in range(2))
        nearest[here] = np.sqrt((x * x + z * z).min(axis=1))
    return nearest
