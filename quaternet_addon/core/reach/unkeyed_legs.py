# SPDX-License-Identifier: GPL-3.0-or-later
"""Legs that a pose does not ask for, whose hips it has lower: they stand on the floor; pure.

Who keys only the hips of a crouch has legs that a network carries through the floor. In the model's
size, over a floor at 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.states import heading
from ..feet.legs import read_legs
from ..feet.two_bone import HINGE, two_bone_turns
from ..maths.quaternion import multiply, rotate, yaw_to_quaternion
from .features import GROUPS
from .standing import LEGS

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .pieces import Past
    from .reach import Key

_SUNK = 0.01  # metres under where it is at rest from which an ankle or a ball is sunk
_STAYS = 0.15  # metres over the ground: a foot that would be so near where it stands stays there
_STANDS = 0.03  # metres over its rest: a higher ball does not stand
_BEYOND = 0.005  # metres beyond its leg's length that a foot may stay away
_SIDES = [GROUPS.index("left leg"), GROUPS.index("right leg")]


def standing_key(key: Key, past: Past, made: Motion) -> Key:
    """The key with legs over the floor where it asks for the hips' place and leaves legs to sink.

    past: where the body is before. made: what comes out at the key as it is, a Motion of one frame.
    A foot that stands stays there where it can. Hips and legs are asked for in what is returned; a
    key whose legs all are, or are on the floor or rightly over it, is returned as it is.
    """
    free = [foot for foot in range(2) if not key.holds[_SIDES[foot]]]
    if not (key.holds[0] and free):
        return key
    now = replace(made, rotations=past.rotations[None], root_positions=past.root[None])
    pose = _standing(made, now, free)
    if pose is None:
        return key
    holds = tuple(held or group in LEGS for group, held in enumerate(key.holds))
    return replace(key, pose=pose, holds=holds)


def _standing(made, now, free):
    """The pose with the legs ``free`` on the floor; None where they are so."""
    bodies, legs = read_legs([made])
    before, standing = read_legs([now])
    rest = made.skeleton.rest_positions[bodies.joints[:, 2], 1]
    ball_rest = legs.lengths.ball_rest
    over = np.minimum(bodies.ball[:, 1] - ball_rest, bodies.ankle[:, 1] - rest)
    there = np.linalg.norm(legs.hip - before.ankle, axis=-1) < legs.lengths.leg + _BEYOND
    near = np.linalg.norm((before.ball - bodies.ball)[:, [0, 2]], axis=-1) < _STAYS
    stays = there & near & (np.abs(before.ball[:, 1] - ball_rest) < _STANDS)
    off = np.isin(np.arange(2), free) & ((over < -_SUNK) | (stays & (over > _STANDS)))
    if not off.any() or legs.hip[:, 1].min() < rest.max():
        return None
    level = yaw_to_quaternion(heading(legs.foot))
    to_ball = rotate(level, legs.lengths.offsets[2])
    ankle = bodies.ball - to_ball
    ankle[:, 1] = ball_rest - to_ball[:, 1]
    ankle, foot, toes = (
        np.where(stays[:, None], here, there)
        for here, there in ((before.ankle, ankle), (standing.foot, level), (standing.toes, level))
    )
    first, second = two_bone_turns(*legs.limb(), ankle, rotate(legs.thigh, HINGE))
    thigh, shin = multiply(first, legs.thigh), multiply(second, legs.shin)
    solved = replace(legs, thigh=thigh, shin=shin, foot=foot, toes=toes)
    rotations, joints = np.array(made.rotations), bodies.joints[off]
    rotations[:, joints] = bodies.written(solved, np.zeros(1))[0].rotations[:, joints]
    return replace(made, rotations=rotations)
