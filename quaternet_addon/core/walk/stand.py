# SPDX-License-Identifier: GPL-3.0-or-later
"""How people stand: feet side by side under the body, toes out a little, the trunk upright; pure.

The network learnt its stands from few people and does not always close its last step. What it
gives is kept as far as nine in ten recorded stands (56 windows of 2 s) are so; what is beyond
comes to the nearer end of their range. Feet get there in the swing that brings them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, segments
from ..body.mass import mass_centre
from ..body.skeleton import walk_down
from ..feet.placed import with_feet_away
from ..feet.soles import level_axis, pitch
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    rotate,
    yaw,
    yaw_to_quaternion,
)
from ..maths.smoothing import bridged, ease, smooth_maximum
from .posture import turned_alone

if TYPE_CHECKING:
    from ..body.motion import Motion


# From the 10th to the 90th percentile of recorded stands; metres in the model's proportions.
_TILT, _LEAN = (-5.0, 3.0), (-2.0, 3.0)  # degrees ahead, of the pelvis and of the trunk
_BEHIND = (-0.09, -0.04)  # of the ankles, ahead of the centre of mass
_ASIDE = 0.02  # of the middle of the feet, to either side of it
_OFFSET, _APART = 0.039, (0.18, 0.31)  # one foot ahead of the other; from foot to foot
_TOE_OUT = np.radians((6.0, 14.0))
_ASKEW = np.radians(3.0)  # by which both feet point elsewhere than the body faces
_ASIDE_OF_WAY = (-3.0, 3.0)  # degrees by which pelvis and trunk do
_FULL = 0.9  # of stillness: a stand without its ends
_LIST = (-0.8, 0.8)  # degrees, of the pelvis: with more one knee would be bent
_STRAIGHT = 0.9976  # of a leg's length from hip to ankle: knees of 8 degrees
_RISING, _ROLLED = 0.15, 0.2  # seconds; from a touchdown to the whole foot on the ground


@dataclass(frozen=True)
class _Stand:
    """One stand: its first and last frame (exclusive), those at full rest, and where it faces.

    weight: ``(stop - start,)``, how much each of its frames counts in a mean; smooth, so that a
    frame that is at rest by a hair changes nothing.
    """

    start: int
    stop: int
    rest: np.ndarray
    weight: np.ndarray
    heading: float


def at_ease(
    motion: Motion,
    share: np.ndarray,
    headings: np.ndarray,
    floor: np.ndarray,
    scale: float = 1.0,
) -> Motion:
    """The same motion with stands like people's, and steps that lead to them.

    motion: with contacts. share: ``(T,)`` of `idle.stillness`. headings: ``(T,)`` radians. floor:
    ``(T, 2)`` metres, under each foot. scale: of the body against the model's proportions.
    """
    stands = _stands(share, headings)
    if not stands:
        return motion
    motion = _upright(motion, share, headings, stands)
    away, aside = _feet_away(motion, stands, scale)
    turn = multiply(yaw_to_quaternion(aside), _level(motion, share, stands))
    motion = with_feet_away(motion, away, turn)
    return _raised(motion, share, floor)


def _stands(share, headings):
    found = []
    for start, stop in segments(share > 0.5):
        rest = start + np.flatnonzero(share[start:stop] >= _FULL)
        if len(rest):
            weight = ease((share[start:stop] - 0.5) / (_FULL - 0.5))
            heading = np.average(headings[start:stop], weights=weight)
            found.append(_Stand(start, stop, rest, weight, float(heading)))
    return found


class _Upper:
    """Angles of pelvis and trunk, ``(T,)`` radians; headings: ``(T,)`` of the way."""

    def __init__(self, motion, headings):
        body, self._headings = motion.skeleton, headings
        joints = body.down_to([body.index(name) for name in (*_LEGS, *_ARMS)])
        local = {joint: motion.rotations[:, joint] for joint in joints}
        places, self.world = walk_down(
            body.parents, joints, body.offsets, local, motion.root_positions
        )
        self._hips, self._chest = self.world[0], self.world[body.index("Spine")]
        self._line = places[body.index("Neck")] - places[0]

    def aside(self) -> np.ndarray:
        return _about(yaw(self._hips) - self._headings)

    def twist(self) -> np.ndarray:
        return _about(yaw(self._chest) - self._headings)

    def tilt(self) -> np.ndarray:
        return -np.arcsin(np.clip(rotate(self._hips, _AHEAD)[:, 1], -1.0, 1.0))

    def list(self) -> np.ndarray:
        return np.arcsin(np.clip(rotate(self._hips, _LEFT)[:, 1], -1.0, 1.0))

    def lean(self) -> np.ndarray:
        x, y, z = self._line.T
        return np.arctan2(x * np.sin(self._headings) + z * np.cos(self._headings), y)


_LEFT, _UP, _AHEAD = np.eye(3)
_LEGS, _ARMS = ("LeftUpLeg", "RightUpLeg"), ("Neck", "LeftArm", "RightArm")
# What is measured, its range, the axis to turn about, which joint, and what below it is held.
_RANGES = (
    (_Upper.aside, _ASIDE_OF_WAY, _UP, "Hips", _LEGS),
    (_Upper.twist, _ASIDE_OF_WAY, _UP, "LowerBack", ()),
    (_Upper.tilt, _TILT, _LEFT, "Hips", (*_LEGS, "LowerBack")),
    (_Upper.list, _LIST, _AHEAD, "Hips", (*_LEGS, "LowerBack")),
    (_Upper.lean, _LEAN, _LEFT, "LowerBack", _ARMS),
)


def _upright(motion, share, headings, stands):
    """Pelvis and trunk turned into people's range."""
    rotations = np.array(motion.rotations)
    for start, stop in segments(share > 0.0):  # one by one: a stand knows nothing of the next
        within = [s for s in stands if start <= s.start < stop]
        if within:
            here = slice(start, stop)
            part = _upright_part(
                motion.slice(start, stop), share[here], headings[here], within, start
            )
            rotations[here] = part.rotations
    return replace(motion, rotations=rotations)


def _upright_part(part, share, headings, stands, begin):
    """Frames that stand more or less, from frame ``begin`` of the motion on, as `_upright`."""
    for measure, ends, axis, name, held in _RANGES:
        upper, radians = _Upper(part, headings), np.zeros(len(part))
        angles = measure(upper)
        for stand in stands:
            here = slice(stand.start - begin, stand.stop - begin)
            own = np.average(angles[here], weights=stand.weight)
            radians[here] = np.clip(own, *np.radians(ends)) - own
        radians = share * bridged(radians, share > 0.5)
        turn = axis_angle_to_quaternion(rotate(yaw_to_quaternion(headings), axis), radians)
        part = turned_alone(part, upper.world, name, held, turn)
    return part


def _raised(motion, share, floor):
    """Hips as high over planted feet as people's are: the network learnt with bent knees."""
    body, names = motion.skeleton, ("UpLeg", "Foot", "ToeBase")
    places, world = _legs(motion)
    rise = np.full(len(motion), np.inf)
    for foot, side in enumerate(("Left", "Right")):
        hip, ankle, ball = (body.index(side + name) for name in names)
        turns, flat = yaw(world[ankle]), body.offsets[ball][[0, 2]]
        place = np.array(places[ankle])
        for start, stop in segments(motion.contacts[:, foot]):
            where, turn = _planted(places[ball][:, [0, 2]], turns, (start, stop))
            place[start:stop, [0, 2]] = where - _turned(flat, turn)
        place[:, 1] = floor[:, foot] + body.rest_positions[ankle, 1]
        length = sum(np.linalg.norm(body.offsets[body.index(side + n)]) for n in ("Leg", "Foot"))
        away = (places[hip] - place)[:, [0, 2]]
        high = np.sqrt(np.maximum((_STRAIGHT * length) ** 2 - (away * away).sum(-1), 0.0))
        need = place[:, 1] + high - places[hip][:, 1]
        rise = np.where(motion.contacts[:, foot], np.minimum(rise, need), rise)
    standing = share > 0.0
    rise = -smooth_maximum(np.where(standing & np.isfinite(rise), -rise, 0.0), _RISING, motion.fps)
    return motion.moved((share * rise)[:, None] * [0.0, 1.0, 0.0])


def _turned(flat, radians):
    """Something on the ground, x and z ``(2,)``, turned to the left."""
    cos, sin = np.cos(radians), np.sin(radians)
    return np.array([cos * flat[0] + sin * flat[1], cos * flat[1] - sin * flat[0]])


def _feet_away(motion, stands, scale):
    """How far feet are to be elsewhere, ``(T, 2, 2)`` metres, and turned, ``(T, 2)`` radians."""
    away, aside = np.zeros((len(motion), 2, 2)), np.zeros((len(motion), 2))
    places, world = _legs(motion)
    balls = [motion.skeleton.index(name) for name in TOES]
    feet = np.stack([places[ball][:, [0, 2]] for ball in balls], 1)
    yaws = np.stack([yaw(world[motion.skeleton.parents[ball]]) for ball in balls], -1)
    lengths = [np.linalg.norm(motion.skeleton.offsets[ball][[0, 2]]) for ball in balls]
    for stand in stands:
        mass = _mass(motion, stand)
        here = [_stances(motion, foot, stand) for foot in range(2)]
        if not all(here):
            continue
        own = [_planted(feet[:, f], yaws[:, f], here[f][-1]) for f in range(2)]
        wanted = _side_by_side(own, mass, stand.heading, lengths, scale)
        for foot, (place, turn) in enumerate(wanted):
            for stance in here[foot]:
                was, pointed = _planted(feet[:, foot], yaws[:, foot], stance)
                away[stance[0] : stance[1], foot] = place - was
                aside[stance[0] : stance[1], foot] = _about(turn - pointed)
    for foot in range(2):
        contact = motion.contacts[:, foot]
        away[:, foot] = bridged(away[:, foot], contact)
        aside[:, foot] = bridged(aside[:, foot], contact)
    return away, aside


def _level(motion, share, stands):
    """Turns ``(T, 2, 4)`` that lay the feet flat where they stand: the network's heels rise."""
    _, world = _legs(motion)
    frames, turns = np.arange(len(motion)), []
    for foot, side in enumerate(("Left", "Right")):
        flat = np.zeros(len(motion))
        for stand in stands:
            for start, stop in _stances(motion, foot, stand):
                since = ease((frames - start) / (_ROLLED * motion.fps)) if start else 1.0
                until = np.where(frames > stand.rest[-1], np.minimum(share / _FULL, 1.0), 1.0)
                if stop < len(frames):
                    until = until * ease((stop - frames) / (_ROLLED * motion.fps))
                flat[start:stop] = (since * until)[start:stop]
        own = world[motion.skeleton.index(side + "Foot")]
        turns.append(axis_angle_to_quaternion(level_axis(own), -flat * pitch(own)))
    return np.stack(turns, 1)


def _legs(motion):
    """Places and rotations in the world, a dict by joint each, of the legs down to the balls."""
    body = motion.skeleton
    joints = body.down_to([body.index(name) for name in TOES])
    local = {joint: motion.rotations[:, joint] for joint in joints}
    return walk_down(body.parents, joints, body.offsets, local, motion.root_positions)


def _mass(motion, stand):
    """Where the centre of mass is in the mean, x and z ``(2,)``."""
    here = slice(stand.start, stand.stop)
    places, _ = motion.skeleton.forward_kinematics(
        motion.rotations[here], motion.root_positions[here]
    )
    mass = mass_centre(motion.skeleton, places)[:, [0, 2]]
    return np.average(mass, axis=0, weights=stand.weight)


def _stances(motion, foot, stand):
    """Frames ``[(start, stop), ...]`` in which a foot is planted in a stand."""
    found = segments(motion.contacts[:, foot])
    return [(a, b) for a, b in found if a < stand.stop and b > stand.rest[0]]


def _planted(ball, yaws, stance):
    """Where a foot is in a stance, ``(2,)`` metres, and points, radians."""
    start, stop = stance
    landed = slice(start, start + max(1, (stop - start) // 4) if start else stop)
    turns = np.unwrap(yaws[start:stop])
    return np.median(ball[landed], axis=0), float(np.median(turns))


def _side_by_side(own, mass, heading, lengths, scale):
    """Place ``(2,)`` and heading of each ball in a stand like people's."""
    axes = np.array([[np.sin(heading), np.cos(heading)], [np.cos(heading), -np.sin(heading)]])
    turns = np.array([_about(turn - heading) for _, turn in own])
    ankles = np.array([_local(turn, -length) for turn, length in zip(turns, lengths, strict=True)])
    ankles += [axes @ (place - mass) for place, _ in own]
    middle, offset = ankles.mean(0), ankles[0] - ankles[1]
    middle = np.clip(
        middle, [scale * _BEHIND[0], -scale * _ASIDE], [scale * _BEHIND[1], scale * _ASIDE]
    )
    offset = np.clip(
        offset, [-scale * _OFFSET, scale * _APART[0]], [scale * _OFFSET, scale * _APART[1]]
    )
    askew, out = np.clip(turns.mean(), -_ASKEW, _ASKEW), 0.5 * (turns[0] - turns[1])
    found = []
    for sign, length in zip((1.0, -1.0), lengths, strict=True):
        turn = askew + sign * np.clip(out, *_TOE_OUT)
        ankle = middle + 0.5 * sign * offset
        found.append((mass + (ankle + _local(turn, length)) @ axes, heading + turn))
    return found


def _local(turn, length):
    """Ahead and to the left ``(2,)`` of something that points so many radians to the left."""
    return length * np.array([np.cos(turn), np.sin(turn)])


def _about(radians):
    """An angle as one from -pi to pi."""
    return (radians + np.pi) % (2.0 * np.pi) - np.pi
