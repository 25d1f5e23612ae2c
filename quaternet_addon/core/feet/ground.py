# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground that a motion stands on, and another ground under it; pure.

The ground of a motion is where its planted balls of the feet are, less their height at rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, detect_contacts, segments, toe_positions
from ..body.skeleton import QUATERNET_SKELETON
from ..maths.smoothing import bridged, lowpass, smooth_maximum
from .clear_swings import cleared
from .foot_lock import SHOWN, UNEVEN, lock_feet, swing_clearance
from .over_steps import ground_under, shifts_of, step_over
from .treads import JUMP, stands_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..body.motion import Motion

_LEAD = 0.08  # seconds
_HIPS_TIME = 0.2  # seconds (standard deviation) in which the hips follow the ground
_AROUND = 0.3  # seconds before and after a swing


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
    toes = [motion.skeleton.index(name) for name in TOES]
    contacts, balls = contacts_of(motion), motion.positions()[:, toes, 1]
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
    is no ground) and normals ``(N, 3)``. align: soles lie along its slopes. Where the ground has
    steps, soles stand on their treads, and swinging feet pass over their edges.
    """
    contacts = contacts_of(motion)
    motion = replace(motion, contacts=contacts)
    own = stood_on(motion)
    stands = stands_on(motion, contacts, own, surface)
    if not stands:
        return motion
    heights, swings = ground_under(motion, stands, own, surface)
    shifts, rise = shifts_of(stands, contacts), heights - own
    away = np.stack([shifts[..., 0], rise, shifts[..., 1]], -1)
    body = _body(away, heights, own, motion.fps)
    normals = _normals(motion, stands) if align else None
    placed, floor = step_over(motion.moved(body), away - body[:, None], heights, swings, normals)
    floor = _where_they_are(placed, stands, floor, surface)
    clearance, slack = swing_clearance(motion.skeleton), _slack(swings, len(motion), motion.fps)
    locked = lock_feet(placed, contacts, floor, clearance, normals=normals, slack=slack)
    return cleared(locked, swings, surface, motion)


def _where_they_are(placed, stands, floor, surface):
    """Heights ``(T, 2)`` of the ground where feet that did not reach their stands are instead."""
    balls = toe_positions(placed)[..., [0, 2]]
    places = np.array([np.median(balls[s.landed, s.foot], axis=0) for s in stands])
    heights, _ = surface(places)
    limit, floor = JUMP * placed.skeleton.leg_length / QUATERNET_SKELETON.leg_length, floor.copy()
    for stand, height in zip(stands, heights, strict=True):
        if abs(height + stand.over - stand.height) < limit:
            floor[stand.start : stand.stop, stand.foot] = height + stand.over
    return floor


def _body(away, heights, own, fps):
    """How far the hips are to be elsewhere, ``(T, 3)``; they rise before the feet."""
    body = lowpass(away.mean(axis=1), _HIPS_TIME, fps)
    before, after = (lowpass(h.mean(axis=1), _HIPS_TIME, fps) for h in (own, heights))
    frames = np.arange(len(body))
    ahead = np.interp(frames + _LEAD * fps, frames, after)
    body[:, 1] = lowpass(np.maximum(after, ahead), 0.5 * _LEAD, fps) - before
    return body


def _slack(swings, frames, fps):
    """Legs no straighter than UNEVEN around swings on uneven ground, `SHOWN` elsewhere."""
    near = np.zeros(frames)
    near[swings.frames(frames) % frames] = 1.0
    return SHOWN.towards(UNEVEN, np.tile(smooth_maximum(near, _AROUND, fps), 2))


def _normals(motion, stands):
    """Of the ground under both feet, ``(T, 2, 3)``; only those of stands count."""
    normals = np.tile([0.0, 1.0, 0.0], (len(motion), 2, 1))
    for stand in stands:
        normals[stand.start : stand.stop, stand.foot] = stand.normal
    return normals
