# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that stand lower or higher than the body does now: a curb, a stair, a ledge; pure.

All else knows one floor, at 0. So what is filled is the way to the pose as it would stand there,
and feet are planted on that floor; then each of them goes up or down in its steps, and hips go with
the foot that is lower. Metres in the model's size.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..body.contacts import segments, toe_positions
from ..feet.footing import footing_of
from ..feet.legs import UP, read_legs
from ..feet.swing import brought
from ..feet.two_bone import HINGE, two_bone_turns
from ..maths.quaternion import multiply, rotate
from ..maths.smoothing import ease, smoothed
from .plant import hips_drop
from .standing import LEGS
from .steps import steps_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .reach import Key

_SUNK, _RAISED = 0.02, 0.03  # metres that a ball in a pose is under, or over, its rest to be so
_DEEP = 0.06  # the same of one foot alone on its way through a pose: recorded ones go down by 3 cm
_RISER = 0.25  # metres of a stair at most
_FLAT, _UPRIGHT = 0.03, 0.75  # metres that a sole is off level at most; of the hips' height at rest
_AWAY = 0.3  # metres of a foot's way from which a step's share of the height is its share of that
# Metres of a foot's way, and up or down, at most, that lead over one edge, at half the way: who has
# more of them keys a pose on each.
_EDGE, _ONE = 1.0, 0.45
_LATE = 0.25  # of a step's time: who goes down is over the edge first, who goes up is up early
_HALF = 0.45  # of a foot's way: nearly half
_RISE = 0.05  # metres that a foot rises in a step in place
_SOFT, _EXACT = 0.15, 0.3  # seconds to each side in which hips follow; around given rows


class Level(NamedTuple):
    """Metres over the floor at 0 of what a body stands on: feet ``(2,)``, and the hips' own."""

    feet: np.ndarray
    hips: float


GROUND = Level(np.zeros(2), 0.0)


class _Footing(NamedTuple):
    """Feet of a key: balls ``(2, 3)``, how far these are over their rest, which soles are flat."""

    ball: np.ndarray
    over: np.ndarray
    flat: np.ndarray
    upright: bool


def levels_of(keys: Sequence[Key], foot_lock: bool = True) -> list[Level]:
    """The `Level` of now and of each key; who is asked for neither hips nor legs stays on his.

    Feet that are not planted need none: the network goes to any pose.
    """
    if not foot_lock:
        return [GROUND] * (len(keys) + 1)
    asked = [all(key.holds[group] for group in LEGS) for key in keys]
    footings = [_footing_of(key) if legs else None for key, legs in zip(keys, asked, strict=True)]
    levels = [GROUND]
    for number, (key, footing) in enumerate(zip(keys, footings, strict=True)):
        after = next((other for other in footings[number + 1 :] if other), None)
        levels.append(_level_of(key, footing, levels[-1], after) if footing else levels[-1])
    return levels


def _footing_of(key):
    skeleton = key.pose.skeleton
    bodies, legs = read_legs([key.pose])
    over = bodies.ball[:, 1] - legs.lengths.ball_rest
    ankle = skeleton.rest_positions[bodies.joints[:, 2], 1]
    flat = np.abs(bodies.ankle[:, 1] - ankle - over) < _FLAT
    hips = key.pose.root_positions[0, 1] - over.min()
    return _Footing(bodies.ball, over, flat, bool(hips > _UPRIGHT * skeleton.root_height))


def _level_of(key, footing, before, after):
    """What a pose stands on, after the `Level` before, and with the next `_Footing`, if any.

    A ball that is under the floor stands where it is. Who is upright in a pose to rest in, flat on
    both feet over the floor, stands on something, and so does who passes through one and goes on
    climbing; others with feet in the air jump. A flat foot over the floor on which the next pose
    stands as well, with the other one no lower, is on a stair.
    """
    over = footing.over
    sunk = over < -(_SUNK if key.rests or over.max() < -_SUNK else _DEEP)
    feet = np.where(sunk, over, 0.0)
    climbs = _climbs(over, before, after)
    flat = footing.flat.all() if key.rests else climbs and footing.flat.any()
    if footing.upright and flat and over.min() > _RAISED:
        feet = over
    elif footing.upright and climbs and after is not None:
        stays = np.linalg.norm(after.ball - footing.ball, axis=-1) < _RAISED
        passed = after.over[::-1] > over - _RAISED
        feet = np.where(stays & passed & footing.flat & (over > _RAISED), over, feet)
    return Level(feet, float(feet.max()))


def _climbs(over, before, after):
    """Whether the lower foot of the next pose is no lower; of the last, a stair on at most."""
    if after is not None:
        return after.over.min() > over.min() - _RAISED
    lowest, highest = before.feet.min() - _RAISED, before.feet.max() + _RISER
    return bool(before.feet.any()) and lowest < over.min() < highest


def levelled(key: Key, level: Level) -> Key:
    """The key as its pose would stand on the floor at 0."""
    pose = key.pose
    if not level.feet.any():
        return key
    bodies, legs = read_legs([pose.moved(-level.hips * UP)])
    ankle = bodies.ankle - (level.feet - level.hips)[:, None] * UP
    first, second = two_bone_turns(*legs.limb(), ankle, rotate(legs.thigh, HINGE))
    solved = replace(legs, thigh=multiply(first, legs.thigh), shin=multiply(second, legs.shin))
    made, apart = bodies.written(solved, np.zeros(1))[0], level.feet != level.hips
    rotations, joints = np.array(pose.rotations), bodies.joints[apart]
    rotations[:, joints] = made.rotations[:, joints]
    return replace(key, pose=replace(made, rotations=rotations))


def keyed_legs(
    rotations: np.ndarray, rows: Sequence[int], levels: Sequence[Level], poses: Sequence[Motion]
) -> np.ndarray:
    """The rotations ``(T, J, 4)`` with legs as in ``poses`` where `levelled` has bent them.

    rows, levels: of these.
    """
    for row, level, pose in zip(rows, levels, poses, strict=True):
        apart = read_legs([pose])[0].joints[level.feet != level.hips]
        here, there = rotations[row, apart], pose.rotations[0, apart]
        same = (here * there).sum(axis=-1, keepdims=True) >= 0.0
        rotations[row, apart] = np.where(same, there, -there)
    return rotations


def climbed(motion: Motion, rows: Sequence[int], levels: Sequence[Level]) -> Motion:
    """A motion over the floor at 0 that stands on ``levels`` in the given ``rows``.

    rows: ascending, the first and the last of the motion among them, in which legs are left as they
    are. Contacts end where a foot steps that stood all the time.
    """
    if not any(level.feet.any() for level in levels):
        return motion
    floors, contacts = np.zeros((2, len(motion))), np.array(motion.contacts).T
    hips, rises = np.zeros(len(motion)), np.zeros((2, len(motion)))
    for (first, last), (here, there) in zip(pairwise(rows), pairwise(levels), strict=True):
        part, change = slice(first, last + 1), there.feet - here.feet
        shares, steps = _shares(motion.slice(first, last + 1), contacts[:, part], change)
        floors[:, part] = here.feet[:, None] + change[:, None] * shares
        rises[:, part] = steps
        goes = shares[change != 0.0] if change.any() else shares
        share = goes.max(axis=0) if there.hips < here.hips else goes.min(axis=0)
        hips[part] = here.hips + (there.hips - here.hips) * share
    hips = _followed(hips, rows, motion.fps)
    risen = replace(motion.moved(hips[:, None] * UP), contacts=contacts.T)
    return _on(risen, floors + rises - hips, rows)


def _shares(motion, contacts, change):
    """How much of the ``change: (2,)`` each foot has gone, and how far it rises: ``(2, T)`` each.

    In place: contacts ``(2, T)`` of feet that stand all the time, and have to step.
    """
    balls = np.moveaxis(toe_positions(motion), 1, 0)
    windows = _windows(balls, contacts, change, motion.fps)
    shares, rises = np.zeros(contacts.shape), np.zeros(contacts.shape)
    for foot, made in enumerate(windows):
        if not made:
            known = _known(balls[foot], contacts[foot], abs(change[foot]) <= _ONE)
        else:
            begin, end = made[0].begin, made[0].end
            known = {begin: 0.0, end: 1.0}
            contacts[foot, begin + 1 : end] = False
            part = (np.arange(begin, end + 1) - begin) / (end - begin)
            rises[foot, begin : end + 1] = _RISE * (4.0 * part * (1.0 - part)) ** 2
        shares[foot] = _between(known, contacts.shape[1], change[foot] < 0.0)
    return shares, rises


def _windows(balls, contacts, change, fps):
    """From which row to which a foot has to step that stands all the time: its `Step`, if any."""
    apart = np.array(balls)
    apart[:, -1, 1] = apart[:, 0, 1] + change
    apart[change == 0.0, -1] = apart[change == 0.0, 0]
    left = (balls[0, 0] - balls[1, 0])[[0, 2]]
    left = left / max(float(np.linalg.norm(left)), 1e-9)
    return steps_between(apart, contacts.T, left, fps)


def _known(ball, contact, one):
    """The share in rows where it is known: of stands, by their places or times.

    one: whether the height is one step's: nothing is there to stand on in between.
    """
    last, way = len(ball) - 1, (ball[-1] - ball[0]) * [1.0, 0.0, 1.0]
    length, known, most = float(np.linalg.norm(way)), {0: 0.0}, 0.0
    for start, stop in segments(contact):
        if length > _AWAY:
            place = np.median(ball[start:stop], axis=0) - ball[0]
            share = float(place @ way) / length**2
            share = float(share > _HALF) if one and length < _EDGE else share
        else:
            share = 0.5 * (start + stop - 1) / last
        most = share = 0.0 if start == 0 else 1.0 if stop == last + 1 else np.clip(share, most, 1.0)
        known[start] = known[stop - 1] = share
    known[last] = 1.0
    return known


def _between(known, count, down):
    """Shares ``(T,)`` that go from known rows, a dict, to the next ones as feet do in a step."""
    rows, made = sorted(known), np.ones(count)
    made[: rows[0]] = known[rows[0]]
    for begin, end in pairwise(rows):
        part = (np.arange(begin, end + 1) - begin) / (end - begin)
        part = (part - _LATE if down else part) / (1.0 - _LATE)
        made[begin : end + 1] = known[begin] + (known[end] - known[begin]) * ease(part)
    return made


def _followed(heights, rows, fps):
    """The hips' heights ``(T,)``, smooth, and as they are in the given rows."""
    made = smoothed(heights, _SOFT, fps)
    off = (heights - made)[list(rows)]
    for (first, last), (before, after) in zip(pairwise(rows), pairwise(off), strict=True):
        since = np.arange(last - first + 1)
        reach = max(1.0, min(_EXACT * fps, last - first))
        fade = [before * (1.0 - ease(since / reach)), after * (1.0 - ease(since[::-1] / reach))]
        made[first : last + 1] += fade[0] + fade[1]
        if last != rows[-1]:
            made[last] -= after  # it is added once more from the next one
    return made


def _on(motion, moved, rows):
    """Ankles ``moved: (2, T)`` metres up; hips come down for feet that are out of reach."""
    bodies, legs = read_legs([motion])
    moved = moved.reshape(-1, 1) * UP
    footing = footing_of([motion], legs.lengths.ball_rest, [0.0], [0.0])
    everywhere = np.ones((2, len(motion)), bool)
    drop = hips_drop(legs, bodies, moved, everywhere, rows)
    lower = replace(legs, hip=legs.hip - np.tile(drop, 2)[:, None] * UP)
    free = np.ones(len(motion), bool)
    free[list(rows)] = False
    off = np.abs(moved[:, 1] + np.tile(drop, 2)) > 1e-9
    made = brought(lower, lower.limb(), bodies.ankle + moved, np.tile(free, 2) & off, footing)
    return replace(bodies.written(made, drop)[0], contacts=motion.contacts)
