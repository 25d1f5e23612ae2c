# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do not walk over, found in the ground under a path and said in words; pure."""

from __future__ import annotations

import itertools

import numpy as np

from ..maths import elementary

_HIGH = 0.235  # metres in the model's proportions: over a higher step knees bend past 100 degrees
_SHORT = 0.2  # metres likewise: on shorter treads the rest of a sole is in the air
_STEEP = 28.0  # degrees
_STRETCH = 0.4  # metres likewise over which a slope counts
_GAP = 0.1  # metres likewise without ground that a foot passes over
_SAME = 0.5  # metres likewise: risers that are nearer are of one stair


def told_ground(
    places: np.ndarray, heights: np.ndarray, risers: list[tuple[float, float]], scale: float
) -> tuple[str, ...]:
    """Warnings: a step too high, treads too short, a slope too steep; none for easy ground.

    places, heights: ``(N,)`` metres, of `stairs.profile`. risers: ``[(place, rise), ...]``, of what
    is a step, metres. scale: of the body, times the model's.
    """
    return (
        *_high_steps(risers, scale),
        *_short_treads(risers, scale),
        *_steep_slopes(places, heights, risers, scale),
    )


def told_missing(places: np.ndarray, heights: np.ndarray, scale: float) -> tuple[str, ...]:
    """A warning where a path goes on without ground, or none.

    places, heights: ``(N,)`` metres, of `stairs.profile`. scale: of the body, times the model's.
    """
    bare = np.concatenate([[False], ~np.isfinite(heights), [False]])
    runs = np.flatnonzero(np.diff(bare.astype(int))).reshape(-1, 2)
    if bare[1:-1].all():
        return ("the ground is nowhere under the path: it is walked at the curve's height",)
    lengths = (runs[:, 1] - runs[:, 0]) * (places[1] - places[0])
    metres = lengths[lengths > _GAP * scale].sum()
    if not metres:
        return ()
    where = f"{metres:.2g} m of the path"
    return (f"the ground is not under {where}: it is walked at the curve's height there",)


def _high_steps(risers, scale):
    if not risers:
        return ()
    place, rise = max(risers, key=lambda riser: round(abs(riser[1]), 2))
    if abs(rise) <= _HIGH * scale:
        return ()
    cm = 100.0 * abs(rise)
    return (f"a step of {cm:.0f} cm at {place:.2g} m along the curve is too high for these legs",)


def _short_treads(risers, scale):
    treads = [
        after[0] - before[0]
        for before, after in itertools.pairwise(risers)
        if before[1] * after[1] > 0.0 and after[0] - before[0] < _SAME * scale
    ]
    if not treads or np.median(treads) >= _SHORT * scale:
        return ()
    return (f"treads of {100.0 * np.median(treads):.0f} cm are too short for these feet",)


def _steep_slopes(places, heights, risers, scale):
    step = places[1] - places[0]
    count = max(1, int(round(_STRETCH * scale / step)))
    if count >= len(places):
        return ()
    rises = np.abs(heights[count:] - heights[:-count])
    steps = np.array([place for place, _ in risers])
    middles = places[:-count] + 0.5 * count * step
    if len(steps):  # stairs are no slope
        near = np.abs(middles[:, None] - steps).min(axis=1) <= 0.5 * count * step + 2.0 * step
        rises[near] = 0.0
    steepest = int(np.argmax(rises))
    degrees = np.degrees(elementary.arctan2(rises[steepest], count * step))
    if degrees <= _STEEP:
        return ()
    place = middles[steepest]
    return (
        f"a slope of {degrees:.0f} degrees at {place:.2g} m along the curve is too steep to walk",
    )
