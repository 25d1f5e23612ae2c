# SPDX-License-Identifier: GPL-3.0-or-later
"""Knees that neither bend backward nor cross while the feet are apart; pure.

In 154 stretches of two seconds of training takes no knee came within 5 cm of the other's plane
while the ankles were 5 cm farther apart than the knees. Networks that are unsure put legs there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths.backend import norm
from ..maths.quaternion import axis_angle_to_quaternion, conjugate, cross, multiply, rotate
from ..maths.smoothing import ease, smooth_maximum
from .legs import read_legs
from .two_bone import HINGE, hinges

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .footing import Footing
    from .legs import Legs

_APART = 0.06  # metres, on the canonical skeleton, between knees as the hips face
_SOFT, _STARTS = 0.1, 0.2  # seconds: to each side of where they cross; from the first frame on
_MOST = 0.7  # radians that a leg turns at most about the line from hip to ankle
# Radians: a swinging knee's least bend, and how gently, and how far past that, it stops.
_STRAIGHTEST, _GIVES = 0.03, 0.015


def forward(legs: Legs, before: Legs, footing: Footing) -> Legs:
    """Legs whose swinging knees bend forward, as far at least as ``before`` or to straight.

    What planted feet ask of a knee goes on into the swing: added to one that is on its way to
    straight, it would bend it backward. Thighs stay.
    """
    axis = hinges(before.limb(), before.thigh, footing.fps, footing.ragged)
    least = np.minimum(_bend(before, axis), _STRAIGHTEST)
    axis = rotate(multiply(legs.thigh, conjugate(before.thigh)), axis)
    lack = np.where(footing.contact, 0.0, np.maximum(least - _bend(legs, axis), 0.0))
    # A parabola, then a line: what is as straight as before is left exactly as it is.
    more = np.where(lack < 2.0 * _GIVES, lack**2 / (4.0 * _GIVES), lack - _GIVES)
    turn = axis_angle_to_quaternion(axis, -more)
    return replace(legs, shin=multiply(turn, legs.shin))


def knee_bends(motion: Motion) -> np.ndarray:
    """How far both knees are bent, ``(T, 2)`` radians; backward is negative."""
    _, legs = read_legs([motion])
    return _bend(legs, rotate(legs.thigh, HINGE)).reshape(2, -1).T


def _bend(legs, axis):
    """How far knees are bent about ``axis: (F, 3)``, ``(F,)`` radians; backward is negative."""
    hip, knee, ankle = legs.limb()
    upper, lower = knee - hip, ankle - knee
    return np.arctan2((cross(lower, upper) * axis).sum(-1), (lower * upper).sum(-1))


def knees_apart(motion: Motion) -> Motion:
    """The motion with legs swung out about hip and ankle where its knees cross and its feet do not.

    Of a body of the canonical size. Hips and feet stay, and so does the first frame; a motion
    without such frames is returned as it is.
    """
    bodies, legs = read_legs([motion])
    hip, knee, ankle = legs.limb()
    left = rotate(legs.pelvis, np.array([1.0, 0.0, 0.0]))[: len(motion)]
    knees, ankles = (_between(points, left) for points in (knee, ankle))
    need = np.maximum(0.0, np.minimum(_APART, ankles) - knees)
    if not need.any():
        return motion
    start = ease(np.arange(len(motion)) / motion.fps / _STARTS)
    need = 0.5 * start * smooth_maximum(need, _SOFT, motion.fps)
    outward = np.concatenate([left, -left])
    turn = _swivel(hip, knee, ankle, outward, np.concatenate([need, need]))
    thigh, shin = multiply(turn, legs.thigh), multiply(turn, legs.shin)
    return bodies.written(replace(legs, thigh=thigh, shin=shin), np.zeros(len(motion)))[0]


def _between(points, left):
    """How far the left one is to the left of the right one, ``(T,)``; points: ``(2 T, 3)``."""
    return ((points[: len(left)] - points[len(left) :]) * left).sum(-1)


def _swivel(hip, knee, ankle, outward, need):
    """Turns about hip and ankle, ``(F, 4)``, that bring knees outward by ``need: (F,)`` metres."""
    line = ankle - hip
    axis = line / np.maximum(norm(line), 1e-9)
    arm = knee - hip
    arm = arm - (arm * axis).sum(-1, keepdims=True) * axis
    ahead, aside = (arm * outward).sum(-1), (cross(axis, arm) * outward).sum(-1)
    most = np.hypot(ahead, aside)
    wanted = np.arccos(np.clip((ahead + need) / np.maximum(most, 1e-9), -1.0, 1.0))
    now = np.arccos(np.clip(ahead / np.maximum(most, 1e-9), -1.0, 1.0))
    angle = np.where(aside < 0.0, -1.0, 1.0) * np.minimum(now - wanted, _MOST)
    return axis_angle_to_quaternion(axis, angle)
