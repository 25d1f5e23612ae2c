# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet in one piece come up less steeply than those whose toes bend, as in a boot; pure.

A person's heel rises over the ball while the toes stay flat. A foot in one piece rises over its
tip, which is farther from the ankle: at the same height of the ankle it is less steep. It is so
in the whole step, as it would snap where it leaves the ground if only the ground held it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import QUATERNET_SKELETON
from ..maths import elementary
from ..maths.quaternion import axis_angle_to_quaternion, multiply
from ..maths.smoothing import ease
from .legs import read_legs
from .soles import level_axis, levelled, pitch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .legs import Legs

_FROM, _LEVEL = np.radians(10.0), np.radians(20.0)  # pitches at which it is less steep, and level
_LONG = 1.3  # people's balls: with toes, a foot whose ball is farther from the ankle is less steep
_BALL = QUATERNET_SKELETON.offsets[QUATERNET_SKELETON.index("LeftToeBase"), 2]


def in_one_piece(motions: Sequence[Motion]) -> list[Motion]:
    """Motions as a model makes them, with the feet that are in one piece less steep.

    The skeletons differ in nothing but proportions. Once for each motion: it does not see whether
    it was done.
    """
    shapes = [shape for motion in motions for shape in motion.skeleton.feet]
    if all(shape is None for shape in shapes):
        return list(motions)
    bodies, legs = read_legs(motions)
    turned = legs.foot_turned(_turns(legs))
    toes = np.where(legs.lengths.stiff[:, None], turned.toes, legs.toes)
    return bodies.written(replace(turned, toes=toes), np.zeros(len(legs.hip) // 2))


def _turns(legs: Legs) -> np.ndarray:
    """World turns of the feet ``(F, 4)``.

    At one height of the ankle the sines of both pitches are as the ways from the ankle to where
    the feet roll. The root of that does for where the ankle is higher; `over_floor` sees to the
    rest, where the ground asks for it.
    """
    lengths, axis = legs.lengths, level_axis(legs.foot)
    farthest = _BALL * np.where(lengths.stiff, 1.0, _LONG)
    ball = farthest * lengths.mean_leg / QUATERNET_SKELETON.leg_length
    share = np.sqrt(np.minimum(1.0, ball / np.maximum(lengths.offsets[2][:, 2], 1e-6)))
    down = np.maximum(pitch(legs.foot), 0.0)
    less = ease(down / _FROM) * (down - elementary.arcsin(share * elementary.sin(down)))
    level = levelled(legs.foot, lengths.stiff * down / _LEVEL)
    return multiply(axis_angle_to_quaternion(axis, -less), level)
