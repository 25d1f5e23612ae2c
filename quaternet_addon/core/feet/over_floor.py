# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet whose shape is known are turned so far that nothing of them is under the floor; pure.

A person's heel comes up while the toes stay flat. A foot in one piece, or one with long toes or
wide edges, would go through the floor with what lies before the ball, behind the heel or beside
them: it is less steep, as in a boot. What carries it stays where it is, and so does the knee.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import QUATERNET_SKELETON
from ..maths import elementary
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    conjugate,
    cross,
    multiply,
    quaternion_to_rotation_vector,
    rotate,
    rotation_vector_to_quaternion,
)
from ..maths.ragged import Ragged
from ..maths.smoothing import smoothed
from .legs import UP, read_legs
from .soles import level_axis, levelled

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .legs import Legs

_SMOOTH = 0.03  # seconds
_ROUNDS, _STEPS = 2, 5  # smoothed ones, and steps of each: which point is deepest changes
_FARTHEST = 0.35  # radians a step
_FLAT = 0.3  # of a point's distance: nearer than this to being under the centre, a turn tells less
_NOTHING = 1e-4  # metres
_GIVES = 0.004  # metres on the canonical skeleton: how deep soles may be


@dataclass(frozen=True)
class Slopes:
    """Ground that is a plane under each foot.

    at: ``(F, 3)`` metres, a point of it. lean: ``(F, 4)`` world turns that take a level sole to it.
    """

    at: np.ndarray
    lean: np.ndarray

    def over(self, places: np.ndarray) -> np.ndarray:
        """How far places ``(F, 3)`` are over it, ``(F,)`` metres, square to it."""
        return ((places - self.at) * rotate(self.lean, UP)).sum(-1)


def feet_over_floor(
    legs: Legs,
    ankle: np.ndarray,
    ground: np.ndarray | Slopes,
    fps: float,
    ragged: Ragged,
    *,
    in_one_piece: bool = False,
) -> Legs:
    """Legs with feet turned about their ankles so that no point of them is under the ground.

    ankle: ``(F, 3)``. ground: ``(F,)`` metres, level, or `Slopes`. in_one_piece: only feet that
    are. A foot whose ankle is lower than at rest is laid flat, no more.
    """
    shapes = [
        shape.foot if shape is not None and (shape.stiff or not in_one_piece) else None
        for shape in legs.lengths.shapes
    ]
    if all(shape is None for shape in shapes):
        return legs
    return legs.foot_turned(_turns(legs, (legs.foot, ankle), shapes, ground, fps, ragged))


def stands_over_floor(
    legs: Legs, ball: np.ndarray, ground: np.ndarray | Slopes, fps: float, ragged: Ragged
) -> Legs:
    """The same of feet with toes, about their balls, ``(F, 3)`` where those are to be.

    ground: ``(F,)`` metres, level, or `Slopes`.
    """
    offsets = legs.lengths.offsets[2][ragged.starts]
    shapes = [
        None if shape is None or shape.stiff else shape.foot - offset
        for shape, offset in zip(legs.lengths.shapes, offsets, strict=True)
    ]
    if all(shape is None for shape in shapes):
        return legs
    return legs.foot_turned(_turns(legs, (legs.foot, ball), shapes, ground, fps, ragged))


def toes_over_floor(legs: Legs, ground: np.ndarray | Slopes, fps: float, ragged: Ragged) -> Legs:
    """The same of toes, about the balls. ground: ``(F,)`` metres, level, or `Slopes`."""
    shapes = [None if shape is None else shape.toes for shape in legs.lengths.shapes]
    if all(shape is None for shape in shapes):
        return legs
    ball = legs.limb()[2] + legs.to_ball()
    turn = _turns(legs, (legs.toes, ball), shapes, ground, fps, ragged)
    return replace(legs, toes=multiply(turn, legs.toes))


def over_floor(motion: Motion, ground: float) -> Motion:
    """A motion on level ground whose feet are turned so that nothing of them is under it."""
    if all(shape is None for shape in motion.skeleton.feet):
        return motion
    bodies, legs = read_legs([motion])
    floor, ragged = np.full(len(legs.hip), ground), Ragged([len(motion)] * 2)
    legs = feet_over_floor(legs, bodies.ankle, floor, motion.fps, ragged)
    legs = toes_over_floor(legs, floor, motion.fps, ragged)
    return bodies.written(legs, np.zeros(len(motion)))[0]


def _turns(legs, joint, shapes, ground, fps, ragged):
    """World turns ``(F, 4)`` about a joint. joint: its rotations ``(F, 4)``, places ``(F, 3)``."""
    rotations, places = joint
    if not isinstance(ground, Slopes):
        return _turns_on_level(legs, (rotations, places[:, 1]), shapes, ground, fps, ragged)
    away = conjugate(ground.lean)
    seen, level = (multiply(away, rotations), ground.over(places)), np.zeros(len(places))
    turn = _turns_on_level(legs, seen, shapes, level, fps, ragged)
    return multiply(ground.lean, multiply(turn, away))


def _turns_on_level(legs, joint, shapes, floor, fps, ragged):
    """The same over a floor ``(F,)``. joint: its rotations ``(F, 4)``, heights ``(F,)``."""
    (rotations, height), lengths = joint, legs.lengths
    gives = _GIVES * lengths.mean_leg / QUATERNET_SKELETON.leg_length
    total = np.tile([1.0, 0.0, 0.0, 0.0], (len(rotations), 1))
    for _ in range(_ROUNDS):
        turn = np.zeros((len(rotations), 3))
        now = multiply(total, rotations)
        for shape, start, stop in zip(shapes, ragged.starts, ragged.stops, strict=True):
            if shape is not None and len(shape):
                here = slice(start, stop)
                turn[here] = _needed(now[here], height[here], shape, floor[here], gives[start])
        if not turn.any():
            break
        turn = smoothed(turn, _SMOOTH, fps, ragged)
        total = multiply(rotation_vector_to_quaternion(turn), total)
    return total


def _needed(rotations, height, points, floor, gives):
    """Rotation vectors ``(T, 3)`` of one clip; height: ``(T,)`` of the centres, world."""
    floor = np.minimum(floor - gives, height + points[:, 1].min())
    out = np.zeros((len(rotations), 3))
    deep = np.flatnonzero(_lowest(rotations, points)[:, 1] + height < floor - _NOTHING)
    if not len(deep):
        return out
    now, over = rotations[deep], floor[deep] - height[deep]
    # Flat from side to side first, or a foot that leaves the ground over a corner would lie down.
    turn = levelled(now, (over - _lowest(now, points)[:, 1]) / gives)
    now = multiply(turn, now)
    for _ in range(_STEPS):
        step = _raising(_lowest(now, points), over, _turned_over(now, points))
        now, turn = multiply(step, now), multiply(step, turn)
    out[deep] = quaternion_to_rotation_vector(turn)
    return out


def _lowest(rotations, points):
    """The lowest of the points in each frame, ``(T, 3)`` from the centre, world."""
    places = rotate(rotations[:, None], points[None])
    return np.take_along_axis(places, np.argmin(places[..., 1], axis=1)[:, None, None], axis=1)[
        :, 0
    ]


def _turned_over(rotations, points):
    """Whether a part has gone past vertical, its tip or heel on the other side, ``(T,)`` bool."""
    upside = rotate(rotations, UP)[:, 1] < 0.0
    if not upside.any():
        return upside
    front = cross(level_axis(rotations), UP)
    ahead = (_lowest(rotations, points) * front).sum(-1)
    return upside & (ahead * (1.0 if points[:, 2].sum() > 0.0 else -1.0) < 0.0)


def _raising(point, over, turned_over):
    """Turns ``(T, 4)`` that bring points ``(T, 3)`` up to the height ``over``: ``(T,)``.

    turned_over: ``(T,)`` bool, those that are to come up on the side where they are not.
    """
    length = np.maximum(np.sqrt((point * point).sum(-1)), 1e-6)
    away = np.maximum(np.hypot(point[:, 0], point[:, 2]), 1e-6)
    height = np.maximum(point[:, 1], over)
    now, then = (elementary.arcsin(np.clip(y / length, -1.0, 1.0)) for y in (point[:, 1], height))
    angle = np.minimum(then - now, _FARTHEST) * np.minimum(1.0, away / (_FLAT * length))
    angle = np.where(turned_over, -_FARTHEST, angle)
    axis = np.stack([-point[:, 2], np.zeros(len(point)), point[:, 0]], -1) / away[:, None]
    return axis_angle_to_quaternion(axis, angle)
