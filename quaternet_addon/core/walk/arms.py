# SPDX-License-Identifier: GPL-3.0-or-later
"""How bodies carry trunk and arms sideways and backward, and arms in bends; pure.

In recorded sidesteps arms hang: elbows are bent by 5 to 27 degrees in the mean, hands stay 12 cm
from the lines of the thighs and 22 cm from that of the trunk, trunks lean ahead by up to 5 degrees
in the mean and 10 at most. Networks know those few takes badly and bend what goes fast: elbows by
60 degrees, trunks by 12, and a hand comes to lie on the groin. In tight bends, too, walkers carry
their arms like runners, by 85 degrees, where recorded ones have 22 to 25 in the mean and 49 at
most. Who starts to run leans ahead by 20 to 31 degrees at most (ten recorded starts), networks by
up to 35. What people do is left as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.backend import norm
from ..maths.quaternion import axis_angle_to_quaternion, cross, rotate, yaw, yaw_to_quaternion
from ..maths.ragged import Ragged
from ..maths.smoothing import smooth_maximum, smoothed
from .carriage import kept
from .turnable import Turnable

if TYPE_CHECKING:
    from ..body.motion import Motion


_LEAN, _BOW = np.radians((2.0, 5.0)), np.radians((1.5, 4.5))  # in the mean, and beyond it
_DEEP = np.radians((20.0, 31.0))  # of a run's start, and of nothing else
_ELBOW, _PUMP = np.radians((15.0, 27.0)), np.radians((10.0, 25.0))  # likewise
_IN_BENDS = np.radians((22.0, 35.0))  # in the mean: straight on nine in ten have less
_SLOW = 0.9  # seconds to each side of such a mean
_THIGH, _TRUNK = 0.135, 0.23  # metres in the model's proportions, from a wrist
_COMES = 0.25  # seconds to each side over which an arm makes room
_PASSES = 2  # an arm that makes room moves on a circle
_HELD = ("Neck", "LeftArm", "RightArm")
_SIDES = ("Left", "Right")
_LEFT, _UP, _AHEAD = np.eye(3)


def carried_aside(motion: Motion, share: np.ndarray, scale: float = 1.0) -> Motion:
    """The same motion with trunk and arms carried as in people's sidesteps.

    share: ``(T,)`` in [0, 1], how much each frame goes aside. scale: of the body against the
    model's proportions.
    """
    motion = _straightened(motion, share)
    for side in _SIDES:
        motion = _hanging(motion, side, share, _ELBOW)
        for _ in range(_PASSES):
            motion = _clear(motion, side, share, scale)
    return motion


def hanging_in_bends(motion: Motion, share: np.ndarray) -> Motion:
    """The same motion with forearms that hang as walkers' do.

    share: ``(T,)`` in [0, 1], how much each frame walks in a bend.
    """
    if share.any():
        for side in _SIDES:
            motion = _hanging(motion, side, share, _IN_BENDS)
    return motion


def no_deeper(motion: Motion, share: np.ndarray) -> Motion:
    """The same motion whose trunk leans ahead no more than those of people who start to run.

    share: ``(T,)`` in [0, 1], how much each frame goes ahead.
    """
    lean, axis = _lean(motion)
    if lean.max() <= _DEEP[0]:
        return motion
    return _turned(motion, "LowerBack", _HELD, axis, share * (kept(lean, *_DEEP) - lean))


def _straightened(motion, share):
    """Trunks that bow no further than people's."""
    lean, axis = _lean(motion)
    turn = share * _calmer(lean, _LEAN, _BOW, motion.fps)
    return _turned(motion, "LowerBack", _HELD, axis, turn)


def _lean(motion):
    """How far a trunk leans ahead, ``(T,)`` radians, and the axis of that, ``(T, 3)``."""
    places, world = motion.world
    hips, neck = (places[:, motion.skeleton.index(name)] for name in ("Hips", "Neck"))
    facing, line = yaw_to_quaternion(yaw(world[:, 0])), neck - hips
    ahead = rotate(facing, _AHEAD)
    along = line[:, 0] * ahead[:, 0] + line[:, 2] * ahead[:, 2]
    return elementary.arctan2(along, line[:, 1]), rotate(facing, _LEFT)


def _hanging(motion, side, share, mean):
    """A forearm that comes down."""
    shoulder, elbow, hand = _arm(motion, side)
    upper, lower = elbow - shoulder, hand - elbow
    axis = cross(upper, lower)
    size = norm(axis)
    bend = elementary.arctan2(size[:, 0], (upper * lower).sum(-1))
    turn = share * _calmer(bend, mean, _PUMP, motion.fps)
    return _turned(motion, side + "ForeArm", (), axis / np.maximum(size, 1e-9), turn)


def _clear(motion, side, share, scale):
    """An arm that makes room for its hand beside trunk and thighs."""
    places, world = motion.world
    shoulder, _, hand = _arm(motion, side)
    outward = 1.0 if side == "Left" else -1.0
    lines = [("Hips", "Neck", _TRUNK), *((s + "UpLeg", s + "Leg", _THIGH) for s in _SIDES)]
    missing = np.zeros(len(motion))
    for *names, room in lines:
        begin, end = (places[:, motion.skeleton.index(name)] for name in names)
        missing = np.maximum(missing, room * scale - _away(hand, begin, end))
    length = norm(hand - shoulder)[:, 0]
    aside = smooth_maximum(share * missing, _COMES, motion.fps) / np.maximum(length, 1e-6)
    ahead = rotate(yaw_to_quaternion(yaw(world[:, 0])), _AHEAD)
    return _turned(motion, side + "Arm", (), ahead, outward * aside)


def _arm(motion, side):
    """Where shoulder, elbow and hand are, ``(T, 3)`` each."""
    joints = [motion.skeleton.index(side + name) for name in ("Arm", "ForeArm", "Hand")]
    return [motion.world[0][:, joint] for joint in joints]


def _away(point, begin, end):
    """Metres ``(T,)`` from a point to the line between two others; ``(T, 3)`` each."""
    line, away = end - begin, point - begin
    share = np.clip((away * line).sum(-1) / np.maximum((line * line).sum(-1), 1e-9), 0.0, 1.0)
    return norm(away - share[:, None] * line)[:, 0]


def _calmer(radians, mean, beyond, fps):
    """What to add to angles ``(T,)``: their mean, and what is beyond it, come into their ranges."""
    slow = smoothed(radians, _SLOW, fps)
    return kept(slow, *mean) + kept(radians - slow, *beyond) - radians


def _turned(motion, name, held, axis, radians):
    """A motion whose joint is turned about ``axis: (T, 3)`` of the world."""
    rotations = np.array(motion.rotations)
    body = Turnable([motion.skeleton], Ragged([len(motion)]), rotations, (name, *held))
    body.turn(name, held, axis_angle_to_quaternion(axis, radians))
    body.write(rotations)
    return replace(motion, rotations=rotations)
