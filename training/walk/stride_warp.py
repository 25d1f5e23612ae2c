# SPDX-License-Identifier: GPL-3.0-or-later
"""A recorded walk at another speed: shorter steps, nearly the same rhythm; pure.

Played slower, a walk is a walk in slow motion. People who go slower take shorter steps in a
hardly slower rhythm: from 1.7 to 0.9 m/s the cadence falls with the 0.25th power of the speed.
Feet are brought together along the way; planted legs keep their bend, so hips rise as they do
in people who take short steps.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    between,
    conjugate,
    multiply,
    rotate,
)

from .root_path import fitted, root_path

if TYPE_CHECKING:
    from quaternet_addon.core.body.motion import Motion


RHYTHM = 0.3  # power of the speed with which the rhythm changes, the length of steps with the rest
_SIDES = ("Left", "Right")
_HINGE = np.array([1.0, 0.0, 0.0])
_MOST = 0.08  # metres that hips rise or sink at most
_BEFORE, _AFTER = 7, 1  # frames: from before a ball comes down, as the heel does, to its lift-off
_STRAIGHT = 0.997  # of a leg's length
_SETTLE = 0.08  # seconds over which hips follow


def at_speed(motion: Motion, factor: float) -> Motion:
    """``motion`` (with contacts) at ``factor`` times its speed."""
    short = scale_strides(motion, factor ** (1.0 - RHYTHM))
    return replace(short, fps=motion.fps * factor**RHYTHM).resample(motion.fps)


def scale_strides(motion: Motion, scale: float) -> Motion:
    """The same motion with steps ``scale`` times as long, in the same rhythm."""
    path = root_path(motion)
    velocity = fitted(np.gradient(path.positions, axis=0) * motion.fps, 0.2, motion.fps)
    heading = np.stack([np.sin(path.headings), np.cos(path.headings)], -1)
    speed = np.linalg.norm(velocity, axis=-1, keepdims=True)
    along = np.where(speed > 0.15, velocity / np.maximum(speed, 0.15), heading)
    places, turns = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)
    shift = (scale - 1.0) * (path.positions - path.positions[:1])
    legs = [_Leg(motion, side, places, turns) for side in _SIDES]
    for leg in legs:
        away = leg.ankle[:, [0, 2]] - path.positions
        closer = (scale - 1.0) * (away * along).sum(-1, keepdims=True) * along
        leg.target = leg.ankle + _level(shift + closer)
    roots = motion.root_positions + _level(shift)
    roots[:, 1] += _rise(motion, legs, _level(shift))
    rotations = np.array(motion.rotations)
    for leg in legs:
        leg.write(rotations, roots - motion.root_positions)
    return replace(motion, rotations=rotations, root_positions=roots)


class _Leg:
    """One leg of a motion: hip, knee and ankle ``(T, 3)``, world rotations of thigh, shin, foot."""

    def __init__(self, motion, side, places, turns):
        names = [side + part for part in ("UpLeg", "Leg", "Foot")]
        self.joints = [motion.skeleton.index(name) for name in names]
        self.hip, self.knee, self.ankle = (places[:, joint] for joint in self.joints)
        self.above = turns[:, motion.skeleton.parents[self.joints[0]]]
        self.thigh, self.shin, self.foot = (turns[:, joint] for joint in self.joints)
        self.length = np.linalg.norm(self.ankle - self.hip, axis=-1)
        self.target = self.ankle  # where the ankle is to be

    def rise(self, shift: np.ndarray) -> np.ndarray:
        """How far its hip rises so that the leg stays as long as it was, ``(T,)`` metres."""
        flat = (self.target - self.hip - shift)[:, [0, 2]]
        height = np.sqrt(np.maximum(self.length**2 - (flat**2).sum(-1), 1e-4))
        return self.target[:, 1] + height - self.hip[:, 1]

    def most(self, shift: np.ndarray) -> np.ndarray:
        """How far its hip can rise before it is straight, ``(T,)`` metres."""
        flat = (self.target - self.hip - shift)[:, [0, 2]]
        whole = np.linalg.norm(self.knee - self.hip, axis=-1)
        whole = _STRAIGHT * (whole + np.linalg.norm(self.ankle - self.knee, axis=-1))
        height = np.sqrt(np.maximum(whole**2 - (flat**2).sum(-1), 1e-4))
        return self.target[:, 1] + height - self.hip[:, 1]

    def write(self, rotations: np.ndarray, moved: np.ndarray) -> None:
        """In place: the leg from its hip, ``moved (T, 3)``, to its target; the foot as it was."""
        hip = self.hip + moved
        upper, lower = self.knee - self.hip, self.ankle - self.knee
        a, b = (np.linalg.norm(bone, axis=-1) for bone in (upper, lower))
        line = self.target - hip
        wanted = np.clip(np.linalg.norm(line, axis=-1), np.abs(a - b) + 0.01, 0.9985 * (a + b))
        bend = _bend(a, b, wanted) - _bend(a, b, self.length)
        turn = axis_angle_to_quaternion(rotate(self.thigh, _HINGE), bend)
        swing = between(upper + rotate(turn, lower), line)
        thigh, shin = multiply(swing, self.thigh), multiply(swing, multiply(turn, self.shin))
        world = [self.above, thigh, shin, self.foot]
        for joint, parent, own in zip(self.joints, world[:-1], world[1:], strict=True):
            rotations[:, joint] = multiply(conjugate(parent), own)


def _bend(a, b, length):
    """Angle at the knee, 0 straight, of bones ``a`` and ``b`` that span ``length``."""
    cosine = (length**2 - a**2 - b**2) / (2.0 * a * b)
    return np.arccos(np.clip(cosine, -1.0, 1.0))


def _rise(motion, legs, shift):
    """How far the hips rise, ``(T,)`` metres: as planted legs ask for, eased in between.

    Just before a foot comes down its leg has a say too: of two the one that asks for more, so
    that no leg is more bent than it was; none is stretched beyond its length.
    """
    wishes = np.stack([leg.rise(shift) for leg in legs], -1)
    limits = np.stack([leg.most(shift) for leg in legs], -1)
    asks = _near(motion.contacts)
    asked = np.where(asks, np.minimum(wishes, _MOST), -np.inf).max(-1)
    rise = np.minimum(asked, np.where(motion.contacts, limits, np.inf).min(-1))
    known = np.flatnonzero(np.isfinite(rise))
    if not len(known):
        return np.zeros(len(motion))
    rise = np.interp(np.arange(len(motion)), known, np.clip(rise[known], -_MOST, _MOST))
    return fitted(rise, _SETTLE, motion.fps)


def _near(contacts):
    """Where a contact lasts, is about to begin or has just ended, ``(T, 2)``."""
    padded = np.pad(contacts, ((_AFTER, _BEFORE), (0, 0)))
    count = len(contacts)
    return np.any([padded[shift : shift + count] for shift in range(_AFTER + _BEFORE + 1)], axis=0)


def _level(flat):
    return np.stack([flat[:, 0], np.zeros(len(flat)), flat[:, 1]], -1)
