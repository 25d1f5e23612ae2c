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
    from .legs import Bodies, Legs


def with_feet_away(motion: Motion, away: np.ndarray, turn: np.ndarray | None = None) -> Motion:
    """The motion with legs bent so that its balls are elsewhere, as far as legs reach.

    away: ``(T, 2, 2)`` metres, x and z, or ``(T, 2, 3)``, of the left and of the right one. turn:
    ``(T, 2, 4)``, by which feet turn about their balls in the world, None for none.
    """
    bodies, legs = read_legs([motion])
    asked = asked_of(away, turn)
    if not asked.any():
        return motion
    both = None if turn is None else np.concatenate([turn[:, 0], turn[:, 1]])
    moved = np.concatenate([away[:, 0], away[:, 1]])
    frames = np.flatnonzero(np.concatenate([asked, asked]))
    legs = legs_away(bodies, legs, moved, both, frames)
    placed = bodies.written(legs, np.zeros(len(motion)))[0]
    rotations = np.where(asked[:, None, None], placed.rotations, motion.rotations)
    return replace(placed, rotations=rotations)


def asked_of(away: np.ndarray, turn: np.ndarray | None = None) -> np.ndarray:
    """Frames ``(T,)`` bool of which something is asked; others stay as they are to the last bit."""
    asked: np.ndarray = away.any(axis=(1, 2))  # type: ignore[assignment]  # an array of one axis
    return asked if turn is None else asked | (turn[..., 1:] != 0.0).any(axis=(1, 2))


def legs_away(
    bodies: Bodies, legs: Legs, away: np.ndarray, turn: np.ndarray | None, frames: np.ndarray
) -> Legs:
    """The legs that reach there; ``away: (F, 2)``, ``turn: (F, 4)`` as in `with_feet_away`.

    away may be ``(F, 3)``. frames: ``(M,)`` numbers of those that are to; bodies: of one rate.
    """
    target = bodies.ankle + (away if away.shape[-1] == 3 else _level(away))
    if turn is not None:
        to_ball = legs.to_ball()
        legs = legs.foot_turned(turn)
        target = target + to_ball - rotate(turn, to_ball)
    limb, ragged = legs.limb(), Ragged(np.tile(bodies.ragged.lengths, 2))
    longest = np.maximum(norm(limb[2] - limb[0])[:, 0] / legs.lengths.leg, REACH)
    fps = bodies.motions[0].fps
    turns = reach(limb, legs.thigh, target, fps, longest, ragged=ragged, frames=frames)
    thigh, shin = legs.thigh.copy(), legs.shin.copy()
    for bone, turned in zip((thigh, shin), turns, strict=True):
        bone[frames] = multiply(turned, bone[frames])
    return replace(legs, thigh=thigh, shin=shin)


def _level(flat):
    """Places on level ground ``(T, 3)``, of x and z ``(T, 2)``."""
    return np.stack([flat[:, 0], np.zeros(len(flat)), flat[:, 1]], axis=-1)
