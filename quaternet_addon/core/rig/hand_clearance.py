# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands, and what they hold, stay over the floor; pure.

A plan for a person's hands knows nothing of axes, shields and arms that are longer than legs.
Where something of a hand would go through the floor, the wrist turns it up; what a wrist cannot do,
the elbow does by bending forward and the shoulder by lifting the arm sideways.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.quaternion import IDENTITY, axis_angle_to_quaternion, conjugate, multiply, rotate
from ..maths.smoothing import smooth_maximum, smoothed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..body.motion import Motion

_UP, _FRONT = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
_OVER = 0.01  # leg lengths that are left between the floor and what is lowest
_BEFORE = 0.25  # seconds: so long before it would touch, a hand begins to turn
_STANDS = 0.5  # seconds to each side: over so long a foot is on the floor, even in a jump
_MOST = {"Hand": np.radians(60.0), "ForeArm": np.radians(80.0), "Arm": np.radians(70.0)}
_PARTS = ("Hand", "ForeArm", "Arm")
_SIDES = (("Left", 1.0), ("Right", -1.0))


def clear_of_floor(motion: Motion, held: Mapping[str, np.ndarray]) -> Motion:
    """The motion with arms raised where points of the hands would go through its floor.

    motion: in the world, feet planted; the floor is where its lower foot stands. held: joint, a
    hand or a forearm whose hand is no one piece -> ``(N, 3)`` points against it in the skeleton's
    rest, metres, of all that it carries. A wrist stays straight that would turn only a part of a
    hand. The same object where nothing touches the floor and all hands are in one piece.
    """
    both = [(side, part, sign) for side, sign in _SIDES for part in _PARTS]
    hands = [(side, part, sign) for side, part, sign in both if len(held.get(side + part, ()))]
    if not hands:
        return motion
    floor = floor_under(motion)
    for side, part, sign in hands:
        motion = _straight(motion, side) if part == "ForeArm" else motion
        for joint in _PARTS[_PARTS.index(part) :]:
            motion = _raised(motion, (side, part, joint), (held[side + part], floor, sign))
    return motion


def floor_under(motion: Motion) -> np.ndarray:
    """Height of the floor ``(T,)``: of the lower sole, the lowest for a while around each frame."""
    skeleton = motion.skeleton
    feet = [skeleton.index(side + "Foot") for side, _ in _SIDES]
    ankles = skeleton.rest_positions[feet, 1]
    soles = (motion.positions()[:, feet, 1] - ankles).min(axis=1)
    lowest = -smooth_maximum(-soles, _STANDS, motion.fps)
    return np.minimum(smoothed(soles, _STANDS, motion.fps), lowest)


def _straight(motion, side):
    """The motion with a hand as it is at rest against its forearm."""
    rotations = np.array(motion.rotations, float)
    rotations[:, motion.skeleton.index(side + "Hand")] = IDENTITY
    return replace(motion, rotations=rotations)


def _raised(motion, arm, of_hand):
    """The motion with one joint turned so far as the points below it ask for and it can."""
    (side, part, joint), (points, floor, sign) = arm, of_hand
    skeleton = motion.skeleton
    places, world = motion.world
    hand, pivot = skeleton.index(side + part), skeleton.index(side + joint)
    carried = places[:, hand, None] + rotate(world[:, hand, None], points[None])
    away = carried - places[:, pivot, None]
    front = rotate(world[:, skeleton.index("Spine")], _FRONT) * [1.0, 0.0, 1.0]
    front = front / np.maximum(np.linalg.norm(front, axis=-1, keepdims=True), 1e-9)
    toward = {"Hand": _lengthwise(away, front), "ForeArm": front}
    toward["Arm"] = sign * np.cross(_UP, front)
    room = places[:, pivot, 1] - floor - _OVER * skeleton.leg_length
    angles = _needed(away, toward[joint], room)
    if not (angles > 0.0).any():
        return motion
    angles = np.minimum(smooth_maximum(angles, _BEFORE, motion.fps), _MOST[joint])
    turn = axis_angle_to_quaternion(np.cross(-_UP, toward[joint]), angles)
    rotations, above = np.array(motion.rotations, float), world[:, skeleton.parents[pivot]]
    rotations[:, pivot] = multiply(conjugate(above), multiply(turn, world[:, pivot]))
    return replace(motion, rotations=rotations)


def _lengthwise(away, front):
    """Level direction ``(T, 3)`` in which a hand's longest part mostly points, seen by the body.

    One for the whole motion: what swings past straight down would else be turned to and fro.
    """
    way = away[:, np.argmax(np.linalg.norm(away[0], axis=-1))]
    side = np.cross(_UP, front)
    ahead, aside = (np.einsum("tk,tk->t", way, axis).mean() for axis in (front, side))
    level = (ahead + 0.2 * np.linalg.norm(way[0])) * front + aside * side
    return level / np.maximum(np.linalg.norm(level, axis=-1, keepdims=True), 1e-9)


def _needed(away, toward, room):
    """Radians ``(T,)`` from down toward a level direction that lift all points over the floor.

    away: ``(T, N, 3)`` from the pivot. room: ``(T,)`` of the pivot over the floor. A point at
    r (cos a, sin a) of down and ``toward`` comes to the floor at a + angle = acos(room / r).
    """
    down, level = -away[..., 1], np.einsum("tnk,tk->tn", away, toward)
    radius = np.maximum(np.hypot(down, level), 1e-9)
    wanted = elementary.arccos(np.clip(room[:, None] / radius, -1.0, 1.0)) - elementary.arctan2(
        level, down
    )
    under = down > room[:, None]
    return np.where(under, np.maximum(wanted, 0.0), 0.0).max(axis=1)
