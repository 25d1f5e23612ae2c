# SPDX-License-Identifier: GPL-3.0-or-later
"""Knees that neither bend backward nor cross while the feet are apart; pure.

In 154 stretches of two seconds of training takes no knee came within 5 cm of the other's plane
while the ankles were 5 cm farther apart than the knees. Networks that are unsure put legs there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.backend import norm
from ..maths.quaternion import axis_angle_to_quaternion, cross, multiply, rotate
from ..maths.smoothing import ease, smooth_maximum
from .legs import read_legs
from .swing import brought
from .two_bone import HINGE

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .footing import Footing
    from .legs import Legs

_APART = 0.06  # metres, on the canonical skeleton, between knees as the hips face
_SOFT, _STARTS = 0.1, 0.2  # seconds: to each side of where they cross; from the first frame on
_MOST = 0.7  # radians that a leg turns at most about the line from hip to ankle
_SOFT_BEND, _FOLDED = 0.05, 0.14  # radians: how softly a knee passes straight; back to at most


def forward(legs: Legs, before: Legs, footing: Footing) -> Legs:
    """Legs whose swinging knees bend forward where ``before`` they did, ankles as they are.

    What planted feet ask of a knee goes on into the swing: added to one that is on its way to
    straight, it bends it backward. A knee that does so a little bends as much forward instead, and
    one that does so a lot is nearly straight, its ankle farther down the same line.
    """
    bend, had = _bends(legs), _bends(before)
    soft = (bend**2 + _SOFT_BEND**2) / (2.0 * _SOFT_BEND)
    wanted = np.minimum(np.where(np.abs(bend) < _SOFT_BEND, soft, np.abs(bend)), _FOLDED)
    moved = ~footing.contact & (bend < _SOFT_BEND) & (bend < had)
    if not moved.any():
        return legs
    limb = legs.limb()
    upper, lower = (norm(offset)[:, 0] for offset in legs.lengths.offsets[:2])
    chord = np.sqrt(upper**2 + lower**2 + 2.0 * upper * lower * elementary.cos(wanted))
    line = limb[2] - limb[0]
    target = limb[0] + line * (chord[:, None] / np.maximum(norm(line), 1e-9))
    return brought(legs, limb, target, moved, footing, rotate(legs.thigh, HINGE))


def knee_bends(motion: Motion) -> np.ndarray:
    """How far both knees are bent, ``(T, 2)`` radians; backward is negative."""
    return _bends(read_legs([motion])[1]).reshape(2, -1).T


def _bends(legs):
    """How far knees are bent about the thighs' hinges, ``(F,)`` radians."""
    hip, knee, ankle = legs.limb()
    upper, lower = knee - hip, ankle - knee
    across = (cross(lower, upper) * rotate(legs.thigh, HINGE)).sum(-1)
    return elementary.arctan2(across, (lower * upper).sum(-1))


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
    wanted = elementary.arccos(np.clip((ahead + need) / np.maximum(most, 1e-9), -1.0, 1.0))
    now = elementary.arccos(np.clip(ahead / np.maximum(most, 1e-9), -1.0, 1.0))
    angle = np.where(aside < 0.0, -1.0, 1.0) * np.minimum(now - wanted, _MOST)
    return axis_angle_to_quaternion(axis, angle)
