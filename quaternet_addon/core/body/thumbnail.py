# SPDX-License-Identifier: GPL-3.0-or-later
"""A small picture of a motion: stick figures side by side; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .motion import Motion

_COLOURS = {"L": (0.25, 0.55, 1.0), "R": (1.0, 0.5, 0.2), "": (0.85, 0.85, 0.85)}
_APART = 0.62  # of the figure's height, from one to the next
_MARGIN = 0.06  # of the picture
_WIDTH = 0.009  # of the picture: half of a line
_TRAVELS = 0.3  # of the figure's height: a motion that goes so far is seen from its side


def thumbnail(motion: Motion, size: int = 256, figures: int = 3) -> np.ndarray:
    """The picture ``(size, size, 4)`` float32 in [0, 1], red to alpha, bottom row first.

    Figures at even times of the motion, seen from the side if it travels, else from the front.
    Left limbs are blue, right ones orange.
    """
    skeleton = motion.skeleton
    frames = np.linspace(0, len(motion) - 1, figures + 2)[1:-1].round().astype(int)
    places, _ = skeleton.forward_kinematics(motion.rotations[frames], motion.root_positions[frames])
    flat = _seen(motion, places)
    low, high = flat.min(axis=(0, 1)), flat.max(axis=(0, 1))
    scale = (1.0 - 2.0 * _MARGIN) / max(np.max(high - low), 1e-6)
    flat = 0.5 + (flat - 0.5 * (low + high)) * scale
    picture = np.zeros((size, size, 4), np.float32)
    for figure in flat:
        for joint in range(1, len(skeleton)):
            colour = _COLOURS[skeleton.names[joint][0] if _is_sided(skeleton.names[joint]) else ""]
            _draw(picture, figure[skeleton.parents[joint]], figure[joint], colour)
    return picture


def _seen(motion, places):
    """Joints ``(F, J, 2)`` of the figures, right and up, side by side."""
    height = np.ptp(places[..., 1])
    travel = np.ptp(motion.root_positions[:, [0, 2]], axis=0)
    ends = motion.root_positions[[0, -1]][:, [0, 2]]
    right = np.array([1.0, 0.0])
    if np.linalg.norm(travel) > _TRAVELS * height and np.linalg.norm(np.diff(ends, axis=0)) > 1e-3:
        right = np.diff(ends, axis=0)[0] / np.linalg.norm(np.diff(ends, axis=0))
    away = (places[..., [0, 2]] - places[:, :1, [0, 2]]) @ right
    away += _APART * height * np.arange(len(places))[:, None]
    return np.stack([away, places[..., 1]], axis=-1)


def _is_sided(name):
    return name.startswith(("Left", "Right", "LHip", "RHip"))


def _draw(picture, start, end, colour):
    """A line between two points in [0, 1]."""
    size = len(picture)
    low = np.floor((np.minimum(start, end) - 3.0 * _WIDTH) * size).astype(int).clip(0, size)
    high = np.ceil((np.maximum(start, end) + 3.0 * _WIDTH) * size).astype(int).clip(0, size)
    columns, rows = (np.arange(a, b) for a, b in zip(low, high, strict=True))
    points = np.stack(np.meshgrid(columns, rows), axis=-1) / size
    along = end - start
    part = ((points - start) @ along / max(along @ along, 1e-12)).clip(0.0, 1.0)
    far = np.linalg.norm(points - start - part[..., None] * along, axis=-1)
    cover = (1.5 - far / _WIDTH).clip(0.0, 1.0)[..., None]
    there = picture[low[1] : high[1], low[0] : high[0]]
    there[:] = (1.0 - cover) * there + cover * np.array([*colour, 1.0], np.float32)
