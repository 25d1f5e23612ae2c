# SPDX-License-Identifier: GPL-3.0-or-later
"""Footprints that were moved by hand: the foot stands there, and the body comes along; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import segments
from ..maths.quaternion import slerp
from ..maths.smoothing import bridged, lowpass, smooth_maximum
from .foot_lock import lock_feet, swing_clearance
from .footprint_moves import within_reach
from .ground import contacts_of, stood_on
from .placed import with_feet_away

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..body.motion import Motion


_HIPS_TIME = 0.25  # seconds (standard deviation) in which the hips follow the feet
_PASSING = 0.5  # seconds in which the rest of the motion passes into what was moved
_NOTHING = 1e-5  # metres


def move_footprints(motion: Motion, moves: Mapping[tuple[int, int], np.ndarray]) -> Motion:
    """The motion with some of its footprints elsewhere on the ground.

    motion: with contacts. moves: (foot, number) -> metres ``(2,)``, x and z in the world; foot 0 is
    the left one, number counts its contacts from the motion's start. Numbers that the motion does
    not have mean nothing. Moves are kept `within_reach`.
    """
    away = _of_frames(motion, moves) if moves else np.zeros(1)
    if not away.any():
        return motion
    hips = lowpass(away.mean(axis=1), _HIPS_TIME, motion.fps)
    shifted = motion.moved(_level(hips))
    placed = with_feet_away(shifted, away - hips[:, None])
    clearance = swing_clearance(motion.skeleton)
    locked = lock_feet(placed, contacts_of(motion), stood_on(motion), clearance)
    touched = (np.abs(away).max(axis=(1, 2)) > 0.0) | (np.abs(hips).max(axis=1) > _NOTHING)
    return _there(motion, locked, smooth_maximum(touched.astype(float), _PASSING, motion.fps))


def _there(motion, moved, share):
    """The moved motion where ``share: (T,)`` is 1, the old one where it is 0."""
    part, same = share[:, None], share == 0.0
    rotations = slerp(motion.rotations, moved.rotations, part)
    rotations = np.where(same[:, None, None], motion.rotations, rotations)
    roots = (1.0 - part) * motion.root_positions + part * moved.root_positions
    return replace(motion, rotations=rotations, root_positions=roots)


def _of_frames(motion, moves):
    """How far each foot is to be elsewhere, ``(T, 2, 2)``: in stances as asked, eased between."""
    away = np.zeros((len(motion), 2, 2))
    for foot in range(2):
        contact = motion.contacts[:, foot]
        for number, (start, stop) in enumerate(segments(contact)):
            move = moves.get((foot, number))
            if move is not None:
                away[start:stop, foot] = within_reach(move, motion.skeleton.leg_length)
        away[:, foot] = bridged(away[:, foot], contact)
    return away


def _level(flat):
    """Places on level ground ``(T, 3)``, of x and z ``(T, 2)``."""
    return np.stack([flat[:, 0], np.zeros(len(flat)), flat[:, 1]], axis=-1)
