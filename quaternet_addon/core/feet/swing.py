# SPDX-License-Identifier: GPL-3.0-or-later
"""Swinging feet: lifted over the ground, heels and toes kept out of it; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.foot_shape import TOE_LENGTH
from ..maths.backend import columns, norm, taken
from ..maths.quaternion import axis_angle_to_quaternion, cross, multiply, rotate
from ..maths.smoothing import ease
from .legs import UP, Legs
from .soles import bend_toes, level_axis, pitch, raise_heel
from .stances import LIFT_TIME, bump, swing_weight
from .two_bone import REACH, reach

if TYPE_CHECKING:
    from .footing import Footing

_ANKLE_MOST = 0.25  # radians
_STEEP = 0.5  # of a foot's length: one that is seen shorter from above lifts less by its ankle


def lifted(legs: Legs, footing: Footing) -> Legs:
    """Legs with balls raised where they swing too low, heels out of the ground, toes bent."""
    limb, to_ball = legs.limb(), legs.to_ball()
    ball = limb[2] + to_ball
    steps = footing.steps
    weight, share = swing_weight(
        footing.contact, footing.ragged, footing.fps, steps.lift, steps.land
    )
    need = np.maximum(0.0, footing.floor + footing.clearance * weight - ball[:, 1])
    rise = bump(need, weight, footing.ragged, footing.fps)
    sunk = np.where(footing.contact, 0.0, np.maximum(0.0, footing.floor - ball[:, 1]))
    rise = np.maximum(rise, sunk)
    turn = _ankle_turn(legs, to_ball, share * rise)
    target = ball + rise[:, None] * UP - rotate(turn, to_ball)
    legs = brought(legs.foot_turned(turn), limb, target, rise > 1e-9, footing)
    legs = _heels_raised(legs, footing)
    return _toes_bent(legs, ball[:, 1] + rise - footing.floor, footing)


def _heels_raised(legs, footing):
    """Feet turned about their balls, and legs bent with them, where heels are sunk."""
    limb, to_ball, lengths = legs.limb(), legs.to_ball(), legs.lengths
    to_heel = rotate(legs.foot, lengths.heel - lengths.offsets[2])
    ground = footing.floor - lengths.ball_rest
    if footing.lean is not None:
        up = rotate(footing.lean, UP)
        slope = up[:, [0, 2]] / np.maximum(up[:, 1:2], 0.1)
        ground = ground - (slope * to_heel[:, [0, 2]]).sum(-1)
    over = (limb[2] + to_ball + to_heel)[:, 1] - ground
    share = 1.0
    if footing.follows.any():  # the frame before the first one was not turned
        share = ease((footing.ragged.index + 1) / (LIFT_TIME * footing.fps))
    turn = raise_heel(legs.foot, to_heel, over, footing.fps, share, footing.ragged)
    target = limb[2] + to_ball - rotate(turn, to_ball)
    moved = np.abs(turn[:, 1:]).max(-1) > 1e-9
    return brought(legs.foot_turned(turn), limb, target, moved, footing)


def brought(
    legs: Legs,
    limb: list[np.ndarray],
    target: np.ndarray,
    moved: np.ndarray,
    footing: Footing,
    hinge: np.ndarray | None = None,
) -> Legs:
    """Ankles at ``target: (F, 3)`` in the frames ``moved: (F,)``, legs no straighter.

    hinge: ``(F, 3)``, about which knees bend, None to learn it from the frames around.
    """
    longest = np.maximum(norm(limb[2] - limb[0])[:, 0] / legs.lengths.leg, REACH)
    frames = np.flatnonzero(moved)
    first, second = reach(
        limb,
        legs.thigh,
        target,
        footing.fps,
        longest,
        ragged=footing.ragged,
        frames=frames,
        hinge=hinge,
    )
    return replace(
        legs,
        thigh=_turned(legs.thigh, frames, first),
        shin=_turned(legs.shin, frames, second),
    )


def _turned(rotations, frames, turns):
    """``rotations: (F, 4)``, turned by ``turns`` at ``frames``."""
    out = columns(rotations).copy(order="K")
    out[frames] = multiply(turns, taken(rotations, frames))
    return out


def _ankle_turn(legs, to_ball, rise):
    """Turn of the feet that raises their balls by about ``rise``: damped least squares."""
    axis = level_axis(legs.foot)
    ahead = -cross(axis, to_ball)[:, 1]
    damping = (_STEEP * norm(legs.lengths.offsets[2])[:, 0]) ** 2
    angle = rise * ahead / (ahead**2 + damping)
    return axis_angle_to_quaternion(axis, -_ANKLE_MOST * np.tanh(angle / _ANKLE_MOST))


def _toes_bent(legs, clear, footing):
    """Toes bent to stay over the ground; clear: ``(F,)`` metres of the balls over it."""
    length = TOE_LENGTH * norm(legs.lengths.offsets[2][:, [0, 2]])[:, 0]
    slope = footing.toes if footing.lean is None else pitch(footing.lean) + footing.toes
    turn = bend_toes(legs.toes, clear, np.maximum(length, 1e-6), slope)
    has_toes = (length > 1e-6)[:, None]
    return replace(legs, toes=np.where(has_toes, multiply(turn, legs.toes), legs.toes))
