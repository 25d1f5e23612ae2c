# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet planted between poses that stay as they are; pure.

Unlike `feet.foot_lock`, which may lower hips and lay feet flat on every frame, this moves nothing
in the given frames: a foot that stands in one stays where it stands there, also up to a key. In
between, hips come down for feet that would be out of reach.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, segments
from ..body.skeleton import walk_down
from ..feet.foot_lock import SHOWN
from ..feet.two_bone import REACH, reach
from ..maths.backend import unstack
from ..maths.quaternion import conjugate, multiply, normalize
from ..maths.smoothing import ease, smooth_maximum, soft_positive
from .far import FAR
from .steps import steps_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_FARTHEST = 0.12  # metres that a planted ball is moved at most: from there on it steps
_CLEAR, _MOVES = 0.055, 0.2  # metres over the ground of a ball that moves faster than so many m/s
_SOFT = 0.05  # seconds to each side in which it rises so high
_RISES = 0.13  # seconds from where it stands until it may be up, and down to where it will
_LANDS = 0.04  # seconds: the same of steps that are the network's own or walked
_LOW = 0.05  # metres over its rest in which a standing ball is meant to be on the ground
_SHORT = 0.3  # seconds: no step fits into less, and there is nothing to lift a foot for
_SHUFFLES = 0.03  # metres over its rest under which a ball slides along rather than steps
_SINKS, _DEEPEST = 0.12, 0.15  # seconds to each side in which the hips come down; metres at most
_HELD = 0.02  # metres that a standing ball is moved at least, for hips to come down for it
_SIDES, _PARTS = ("Left", "Right"), ("UpLeg", "Leg", "Foot")


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
    offsets = np.zeros((2, len(motion), 3))
    for first, last in pairwise(given):
        rows = slice(first, last + 1)
        steps = _steps(body[0], skeleton, contacts, rows, ground, fps)
        for foot in range(2):
            floor, ball = (ground, rest[balls[foot], 1]), body[0][balls[foot]][rows]
            found = _between(ball, contacts[rows, foot], steps[foot], floor, fps)
            offsets[foot, rows], contacts[rows, foot] = found
    drop = _drop(skeleton, body[0], offsets, contacts, given, fps)
    roots = np.array(roots)
    roots[:, 1] -= drop
    for side, moves in zip(_SIDES, offsets, strict=True):
        moves[:, 1] += drop
        moved = np.flatnonzero(np.abs(moves).max(-1) > 1e-6)
        if len(moved):
            _bend(motion, rotations, body, side, moves, moved)
    return replace(motion, rotations=rotations, root_positions=roots, contacts=contacts)


def _steps(places, skeleton, contacts, rows, ground, fps):
    """`steps_between` two given rows, the ends of ``rows``; in place: contacts of such as shuffle.

    places: of the joints, in the world, by joint. Two feet that hardly leave the floor are not off
    it together: those have no steps yet, and are to make them.
    """
    balls = [places[skeleton.index(name)][rows] for name in TOES]
    hips = [places[skeleton.index(side + "UpLeg")][rows][0] for side in _SIDES]
    contact, rest = contacts[rows], skeleton.rest_positions[skeleton.index(TOES[0]), 1]
    rise = max(ball[:, 1].max() for ball in balls) - ground - rest
    way = max(np.linalg.norm(ball[-1] - ball[0]) for ball in balls)
    if rise < _SHUFFLES and way < FAR and not contact.any(axis=1).all():
        contact[:] = True
    left = (hips[0] - hips[1])[[0, 2]]
    return steps_between(balls, contact, left / max(np.linalg.norm(left), 1e-9), fps)


def _drop(skeleton, places, offsets, contacts, given, fps):
    """How far the hips come down for feet that stand out of a leg's reach, ``(T,)`` metres.

    Not at all in given rows.
    """
    need = np.zeros(len(contacts))
    for foot, side in enumerate(_SIDES):
        hip, knee, ankle = (skeleton.index(side + part) for part in _PARTS)
        whole = np.linalg.norm(skeleton.offsets[[knee, ankle]], axis=-1).sum()
        leg = places[hip] - places[ankle]
        longest = np.maximum(np.linalg.norm(leg, axis=-1), SHOWN.stretch * whole)
        longest = np.minimum(longest, REACH * whole)
        apart = leg - offsets[foot]
        level = np.sqrt(np.maximum(longest**2 - (apart[:, [0, 2]] ** 2).sum(-1), 0.0))
        share = ease(np.linalg.norm(offsets[foot], axis=-1) / _HELD)
        wanted = share * soft_positive(apart[:, 1] - level, SHOWN.soft)
        need = np.maximum(need, np.where(contacts[:, foot], wanted, 0.0))
    known = np.zeros(len(contacts), bool)
    known[list(given)] = True
    rows, before, after = _around(known)
    free = np.minimum(rows - before, after - rows) / fps  # seconds
    return smooth_maximum(np.minimum(need, _DEEPEST), _SINKS, fps) * ease(free / _SINKS)


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
        place = _come_down(target, rows, len(ball), sum(floor), fps)
        offsets[rows], known[rows] = place - ball[rows], True
    planted = known.copy()
    planted[[0, -1]] &= contact[[0, -1]]
    known[[0, -1]] = True
    offsets = _eased(offsets, known)
    offsets[:, 1] += _rise(ball + offsets, known, floor, fps, softly=step is not None)
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


def _come_down(place, rows, count, rest, fps):
    """Where a ball stands in ``rows``: one that is a little over the ground goes down to it.

    place: ``(3,)`` or ``(N, 3)``. rest: a resting ball's height.
    """
    place = np.array(np.broadcast_to(place, (len(rows), 3)))
    ends = np.minimum(rows, count - 1 - rows) / fps
    over = place[:, 1] - rest
    place[:, 1] -= np.where((over > 0.0) & (over < _LOW), over, 0.0) * ease(ends / _RISES)
    return place


def _rise(ball, known, floor, fps, softly):
    """How far to lift a ball that moves but stands nowhere, ``(T,)`` metres; none is sunk.

    softly: of a step that is made here, from zero; the network's own begin with a foot that rises.
    """
    ground, rest = floor
    step = np.linalg.norm(np.diff(ball[:, [0, 2]], axis=0), axis=-1) * fps > _MOVES
    moves = np.concatenate([[False], step]) | np.concatenate([step, [False]])
    need = np.where(moves & ~known, np.maximum(0.0, ground + _CLEAR - ball[:, 1]), 0.0)
    rows, before, after = _around(known)
    free = np.minimum(rows - before, after - rows) / fps  # seconds
    ends = np.minimum(rows, rows[::-1]) / fps
    rise = smooth_maximum(need, _SOFT, fps) * ease(free / (_RISES if softly else _LANDS))
    rise = rise * ease(ends / _RISES)
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
