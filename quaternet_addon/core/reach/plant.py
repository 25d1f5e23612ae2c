# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet planted between poses that stay as they are; pure.

Unlike `feet.foot_lock`, which may lower hips and lay feet flat on every frame, this moves nothing
in the given frames: a foot that stands in one stays where it stands there, also up to a key.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..body.contacts import TOES, segments, toe_positions
from ..feet.two_bone import reach
from ..maths.quaternion import conjugate, multiply, normalize
from ..maths.smoothing import ease

_FARTHEST = 0.15  # metres that a foot is moved at most: farther, the contact was none
_SLID = 0.02  # metres between two given poses that a standing foot may slide unseen
_LIFT, _MOST_LIFT = 0.3, 0.06  # of the way of a foot that has to step after all; metres
_PARTS = ("UpLeg", "Leg", "Foot")


def plant(motion, given, ground=0.0):
    """The motion with its balls of the feet still while ``motion.contacts``, ``given`` rows exact.

    motion: on a skeleton of the model's size. given: ascending row numbers, the first and the last
    row among them. ground: metres.
    """
    toes = toe_positions(motion)
    rotations = np.array(motion.rotations)
    rest = motion.skeleton.rest_positions
    for foot, side in enumerate(("Left", "Right")):
        floor = ground + rest[motion.skeleton.index(TOES[foot]), 1]
        offsets = _offsets(toes[:, foot], motion.contacts[:, foot], given, floor)
        moved = np.flatnonzero(np.abs(offsets).max(-1) > 1e-6)
        if len(moved):
            _bend(motion, rotations, side, offsets, moved)
    return replace(motion, rotations=rotations)


def _offsets(ball, contact, given, floor):
    """How far to move a ball in each row, ``(T, 3)`` metres; nothing in the given ones."""
    offsets = np.zeros_like(ball)
    for first, last in pairwise(given):
        rows = slice(first, last + 1)
        offsets[rows] = _between(ball[rows], contact[rows], floor)
    return offsets


def _between(ball, contact, floor):
    """`_offsets` between two given rows: the first and the last."""
    count, known = len(ball), np.zeros(len(ball), bool)
    out, lift = np.zeros_like(ball), np.zeros(count)
    known[[0, -1]] = True
    for start, stop in segments(contact):
        run = np.arange(start, stop)
        at_start, at_end = start == 0, stop == count
        if at_start and at_end:
            way = np.linalg.norm(ball[-1] - ball[0])
            share = np.linspace(0.0, 1.0, count)
            if way > _SLID:  # it has to step: for a third of the gap
                share = ease(3.0 * share - 1.0)
                lift = min(_MOST_LIFT, _LIFT * way) * np.sin(np.pi * share) ** 2
            target = ball[:1] + share[:, None] * (ball[-1:] - ball[:1])
        else:
            middle = np.maximum(np.median(ball[run], axis=0), [-np.inf, floor, -np.inf])
            target = ball[0] if at_start else ball[-1] if at_end else middle
        offset = target - ball[run]
        if (at_start and at_end) or np.linalg.norm(offset, axis=-1).max() < _FARTHEST:
            out[run], known[run] = offset, True
    out = _eased(out, known)
    out[:, 1] += lift
    return _above(ball, out, floor)


def _eased(values, known):
    """Between known rows an ease from the one before to the one after."""
    rows, at = np.arange(len(known)), np.flatnonzero(known)
    before = at[np.searchsorted(at, rows, "right") - 1]
    after = at[np.searchsorted(at, rows)]
    share = ease((rows - before) / np.maximum(after - before, 1))[:, None]
    return values[before] + share * (values[after] - values[before])


def _above(ball, offsets, floor):
    """The offsets so that no ball is under the floor, less so next to the given rows."""
    sunk = np.maximum(0.0, floor - ball[:, 1] - offsets[:, 1])
    rows = np.arange(len(ball))
    near = np.minimum(rows, rows[::-1]) / 4.0
    offsets[:, 1] += sunk * np.minimum(near, 1.0)
    return offsets


def _bend(motion, rotations, side, offsets, moved):
    """In place: the leg's rotations that move its ball by ``offsets``; the foot keeps its turn."""
    skeleton = motion.skeleton
    joints = [skeleton.index(side + part) for part in _PARTS]
    places, turns = skeleton.forward_kinematics(rotations, motion.root_positions)
    hip, knee, ankle = (places[:, joint] for joint in joints)
    thigh, shin, foot = (turns[:, joint] for joint in joints)
    limb, target = [hip, knee, ankle], ankle + offsets
    first, second = reach(limb, thigh, target, motion.fps, frames=moved)
    new_thigh, new_shin = multiply(first, thigh[moved]), multiply(second, shin[moved])
    above = turns[moved, skeleton.parents[joints[0]]]
    for joint, parent, turned in zip(
        joints, (above, new_thigh, new_shin), (new_thigh, new_shin, foot[moved]), strict=True
    ):
        rotations[moved, joint] = normalize(multiply(conjugate(parent), turned))
