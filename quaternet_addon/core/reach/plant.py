# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet planted between poses that stay as they are; pure.

Unlike `feet.foot_lock`, which may lower hips and lay feet flat on every frame, this moves nothing
in the given frames: a foot that stands in one stays where it stands there, also up to a key.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, segments
from ..body.skeleton import walk_down
from ..feet.two_bone import reach
from ..maths.backend import unstack
from ..maths.quaternion import conjugate, multiply, normalize
from ..maths.smoothing import ease, smooth_maximum
from .steps import steps_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_FARTHEST = 0.12  # metres that a planted ball is moved at most: from there on it steps
_CLEAR, _MOVES = 0.055, 0.2  # metres over the ground of a ball that moves faster than so many m/s
_SOFT = 0.05  # seconds to each side in which it rises so high
_RISES = 0.13  # seconds from where it stands until it may be up, and down to where it will
_SHORT = 0.3  # seconds: no step fits into less, and there is nothing to lift a foot for
_PARTS = ("UpLeg", "Leg", "Foot")


def plant(motion: Motion, given: Sequence[int], ground: float = 0.0) -> Motion:
    """The motion with its balls of the feet still while ``motion.contacts``, ``given`` rows exact.

    motion: on a skeleton of the model's size. given: ascending row numbers, the first and the last
    row among them. ground: metres. The result's contacts are where a ball stands in the end.
    """
    fps, skeleton = motion.fps, motion.skeleton
    balls = [skeleton.index(name) for name in TOES]
    local, roots = unstack(motion.rotations, -2), motion.root_positions
    body = walk_down(skeleton.parents, skeleton.down_to(balls), skeleton.offsets, local, roots)
    rotations, contacts = np.array(motion.rotations), np.array(motion.contacts)
    rest = skeleton.rest_positions
    steps = list(_steps(body[0], skeleton, contacts, given, fps))
    for foot, side in enumerate(("Left", "Right")):
        height = rest[balls[foot], 1]
        offsets = np.zeros((len(motion), 3))
        for (first, last), step in zip(pairwise(given), steps, strict=True):
            rows = slice(first, last + 1)
            ball = body[0][balls[foot]][rows]
            found = _between(ball, contacts[rows, foot], step[foot], (ground, height), fps)
            offsets[rows], contacts[rows, foot] = found
        moved = np.flatnonzero(np.abs(offsets).max(-1) > 1e-6)
        if len(moved):
            _bend(motion, rotations, body, side, offsets, moved)
    return replace(motion, rotations=rotations, contacts=contacts)


def _steps(places, skeleton, contacts, given, fps):
    """`steps_between` each two given rows. places: of the joints, in the world, by joint."""
    hips = ("LeftUpLeg", "RightUpLeg")
    balls, hips = ([places[skeleton.index(name)] for name in names] for names in (TOES, hips))
    for first, last in pairwise(given):
        rows, left = slice(first, last + 1), hips[0][first] - hips[1][first]
        left = left / max(np.linalg.norm(left[[0, 2]]), 1e-9)
        yield steps_between([ball[rows] for ball in balls], contacts[rows], left, fps)


def _between(ball, contact, step, floor, fps):
    """How far to move a ball between two given rows, ``(T, 3)`` metres, and where it then stands.

    Nothing in the given rows, the first and the last. step: as of `steps_between`. floor: height
    of the ground, and of a resting ball over it.
    """
    known = np.zeros(len(ball), bool)
    offsets = np.zeros_like(ball)
    if len(ball) - 1 < _SHORT * fps:
        return offsets, contact
    for rows, target in _stances(ball, contact, step, sum(floor)):
        offsets[rows], known[rows] = target - ball[rows], True
    planted = known.copy()
    planted[[0, -1]] &= contact[[0, -1]]
    known[[0, -1]] = True
    offsets = _eased(offsets, known)
    offsets[:, 1] += _rise(ball + offsets, known, floor, fps)
    return offsets, planted


def _stances(ball, contact, step, rest):
    """``(rows, place)`` of each stand: rows that are near enough to where the ball then is."""
    count = len(ball)
    for start, stop in segments(contact):
        run = np.arange(start, stop)
        if start == 0 and stop == count:
            if step:
                yield run[: step[0] + 1], ball[0]
                yield run[step[1] :], ball[-1]
            else:
                yield run, ball[0] + np.linspace(0.0, 1.0, count)[:, None] * (ball[-1] - ball[0])
            continue
        middle = np.maximum(np.median(ball[run], axis=0), [-np.inf, rest, -np.inf])
        place = ball[0] if start == 0 else ball[-1] if stop == count else middle
        near = np.linalg.norm(ball[run] - place, axis=-1) < _FARTHEST
        pieces = segments(near)
        if len(pieces):
            piece = pieces[
                0 if start == 0 else -1 if stop == count else np.argmax(pieces @ [-1, 1])
            ]
            yield run[slice(*piece)], place


def _rise(ball, known, floor, fps):
    """How far to lift a ball that moves but stands nowhere, ``(T,)`` metres; none is sunk."""
    ground, rest = floor
    step = np.linalg.norm(np.diff(ball[:, [0, 2]], axis=0), axis=-1) * fps > _MOVES
    moves = np.concatenate([[False], step]) | np.concatenate([step, [False]])
    need = np.where(moves & ~known, np.maximum(0.0, ground + _CLEAR - ball[:, 1]), 0.0)
    rows, before, after = _around(known)
    free = np.minimum(rows - before, after - rows) / fps  # seconds
    rise = smooth_maximum(need, _SOFT, fps) * ease(free / _RISES)
    rise = np.maximum(rise, ground + rest - ball[:, 1])
    return np.where(known, 0.0, rise)


def _around(known):
    """All rows, and of each the known one before it and the one after, ``(T,)`` ints each."""
    rows, at = np.arange(len(known)), np.flatnonzero(known)
    return rows, at[np.searchsorted(at, rows, "right") - 1], at[np.searchsorted(at, rows)]


def _eased(values, known):
    """Between known rows an ease from the one before to the one after."""
    rows, before, after = _around(known)
    share = ease((rows - before) / np.maximum(after - before, 1))[:, None]
    return values[before] + share * (values[after] - values[before])


def _bend(motion, rotations, body, side, offsets, moved):
    """In place: the leg's rotations that move its ball by ``offsets``; the foot keeps its turn.

    body: places and turns in the world of the motion's legs, by joint.
    """
    skeleton = motion.skeleton
    joints = [skeleton.index(side + part) for part in _PARTS]
    places, turns = body
    hip, knee, ankle = (places[joint] for joint in joints)
    thigh, shin, foot = (turns[joint] for joint in joints)
    limb, target = [hip, knee, ankle], ankle + offsets
    first, second = reach(limb, thigh, target, motion.fps, frames=moved)
    new_thigh, new_shin = multiply(first, thigh[moved]), multiply(second, shin[moved])
    above = turns[skeleton.parents[joints[0]]][moved]
    for joint, parent, turned in zip(
        joints, (above, new_thigh, new_shin), (new_thigh, new_shin, foot[moved]), strict=True
    ):
        rotations[moved, joint] = normalize(multiply(conjugate(parent), turned))
