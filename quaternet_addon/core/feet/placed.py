# SPDX-License-Identifier: GPL-3.0-or-later
"""Legs brought to where feet are to be; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths.backend import norm
from ..maths.quaternion import multiply, rotate
from ..maths.ragged import Ragged
from .legs import read_legs
from .two_bone import REACH, reach

if TYPE_CHECKING:
    from ..body.motion import Motion


def with_feet_away(motion: Motion, away: np.ndarray, turn: np.ndarray | None = None) -> Motion:
    """The motion with legs bent so that its balls are elsewhere, as far as legs reach.

    away: ``(T, 2, 2)`` metres, x and z, of the left and of the right one. turn:
    ``(T, 2, 4)``, by which feet turn about their balls in the world, None for none.
    """
    (bodies, legs), ragged = read_legs([motion]), Ragged([len(motion)] * 2)
    target = bodies.ankle + np.concatenate([_level(away[:, foot]) for foot in range(2)])
    if turn is not None:
        both, to_ball = np.concatenate([turn[:, 0], turn[:, 1]]), legs.to_ball()
        legs = legs.foot_turned(both)
        target = target + to_ball - rotate(both, to_ball)
    # Frames of which nothing is asked stay as they are to the last bit.
    asked: np.ndarray = away.any(axis=(1, 2))  # type: ignore[assignment]  # an array of one axis
    if turn is not None:
        asked |= (turn[..., 1:] != 0.0).any(axis=(1, 2))
    frames = np.flatnonzero(np.concatenate([asked, asked]))
    if not len(frames):
        return motion
    limb = legs.limb()
    longest = np.maximum(norm(limb[2] - limb[0])[:, 0] / legs.lengths.leg, REACH)
    turns = reach(limb, legs.thigh, target, motion.fps, longest, ragged=ragged, frames=frames)
    thigh, shin = legs.thigh.copy(), legs.shin.copy()
    for bone, turned in zip((thigh, shin), turns, strict=True):
        bone[frames] = multiply(turned, bone[frames])
    placed = bodies.written(replace(legs, thigh=thigh, shin=shin), np.zeros(len(motion)))[0]
    rotations = np.where(asked[:, None, None], placed.rotations, motion.rotations)
    return replace(placed, rotations=rotations)


def _level(flat):
    """Places on level ground ``(T, 3)``, of x and z ``(T, 2)``."""
    return np.stack([flat[:, 0], np.zeros(len(flat)), flat[:, 1]], axis=-1)
