# SPDX-License-Identifier: GPL-3.0-or-later
"""Hips of who stands and moves his arms: they give the other way on the way there; pure.

Of who stands with still feet in training takes and moves a hand by 0.3 m or more in 1 to 2 s hips
leave the straight line between their places by 2 to 3 cm, those of who moves no hand by 0.6; back
by 1.4 to 2.3 times as far as the weight of the arms comes ahead, aside by 0.4 to 1.6 times. At the
key they are where they were, as in whatever is keyed there. In the model's size.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..feet.legs import read_legs
from ..feet.two_bone import HINGE, REACH, two_bone_turns
from ..maths.quaternion import conjugate, multiply, rotate, slerp
from ..maths.smoothing import ease
from .features import GROUPS
from .standing import LEGS

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .reach import Key

_AGAINST = 1.5  # metres of hips for one of the weight that arms move
_MOST = 0.05  # metres of hips
_UPPER, _LOWER = 0.028, 0.022  # of the body's weight: an upper arm; a forearm with its hand
_TRUNK = GROUPS.index("trunk")


class Shift(NamedTuple):
    """What hips do at most, ``(3,)`` metres, and legs, ``(2, 3, 4)`` turns from the right.

    joints: ``(2, 3)`` of thighs, shins and feet.
    """

    move: np.ndarray
    turns: np.ndarray
    joints: np.ndarray

    def shown(
        self, rotations: np.ndarray, roots: np.ndarray, share: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rotations ``(T, J, 4)`` and roots ``(T, 3)``, ``share: (T,)`` of the way to the key."""
        share, rotations = ease(2.0 * np.minimum(share, 1.0 - share)), np.array(rotations)
        none = np.array([1.0, 0.0, 0.0, 0.0])
        turns = slerp(none, self.turns, share[:, None, None])
        rotations[:, self.joints] = multiply(rotations[:, self.joints], turns)
        return rotations, roots + share[:, None] * self.move


def countered(key: Key, now: Motion, made: Motion, still: float) -> Shift | None:
    """The `Shift` of a body that stands and of which only arms are asked; None of others.

    now, made: the body and the key's pose with what it does not hold as now, one frame each. still:
    of hips and feet, 0 to 1.
    """
    holds = np.asarray(key.holds)
    if not still or holds[LEGS].any() or holds[_TRUNK]:
        return None
    moved = _weight(made) - _weight(now)
    move = -_AGAINST * still * moved * [1.0, 0.0, 1.0]
    move = move / np.sqrt(1.0 + (move @ move) / _MOST**2)
    bodies, legs = read_legs([now])
    hip, _, ankle = legs.limb()
    longest = np.maximum(np.linalg.norm(hip - ankle, axis=-1), REACH * legs.lengths.leg)
    apart = hip + move - ankle
    level = np.sqrt(np.maximum(longest**2 - (apart[:, [0, 2]] ** 2).sum(axis=-1), 0.0))
    move = move - [0.0, max(0.0, float((apart[:, 1] - level).max())), 0.0]
    # Seen from the hips it is the ankles that move.
    first, second = two_bone_turns(*legs.limb(), ankle - move, rotate(legs.thigh, HINGE))
    solved = replace(legs, thigh=multiply(first, legs.thigh), shin=multiply(second, legs.shin))
    joints = bodies.joints[:, :3]
    there = bodies.written(solved, np.zeros(1))[0].rotations[0, joints]
    return Shift(move, multiply(conjugate(now.rotations[0, joints]), there), joints)


def _weight(pose):
    """Where the arms' weight draws the whole body's, ``(3,)`` metres from the hips."""
    places, skeleton = pose.positions()[0] - pose.root_positions[0], pose.skeleton
    drawn = np.zeros(3)
    for side in ("Left", "Right"):
        arm, elbow, hand = (places[skeleton.index(side + n)] for n in ("Arm", "ForeArm", "Hand"))
        drawn += 0.5 * (_UPPER * (arm + elbow) + _LOWER * (elbow + hand))
    return drawn
