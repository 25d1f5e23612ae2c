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

from ..body.contacts import segments
from ..feet.foot_lock import SHOWN, planted
from ..feet.footing import Steps, footing_of
from ..feet.legs import UP, read_legs
from ..feet.over_floor import feet_over_floor, stands_over_floor, toes_over_floor
from ..feet.stances import bump, swing_weight
from ..feet.swing import brought
from ..feet.two_bone import REACH
from ..maths.quaternion import slerp
from ..maths.smoothing import ease, smooth_maximum, soft_positive
from .far import FAR
from .steps import steps_between
from .strides import stands_between
from .striding import RAISED, striding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from ..feet.legs import Bodies, Legs


_FARTHEST = 0.12  # metres that a planted ball is moved at most: from there on it steps
_ALONE = 0.3  # the same of one on which a body stands: both were off the floor, and it flew
# m/s at which a ball is moved at most from a given row to where it stands, or back: recorded ones
# come down after the heel at 0.4 to 1.4.
_PACE = 0.45
_CLEAR, _MOVES = 0.055, 0.2  # metres over the ground of a ball that moves faster than so many m/s
_LIFTS, _LANDS = 0.12, 0.1  # seconds from the ground until it is up so far, and back to it
_AROUND = 0.1  # seconds to each side of where it moves
_ROLLS, _PEELS = 0.13, 0.1  # seconds in which it comes down after the heel, and goes up for the toe
_HIGH = 0.04  # metres over its rest where it stands no more
_RISES = 0.13  # seconds around given rows in which neither counts
_LOW = 0.05  # metres over its rest in which a standing ball is meant to be on the ground
_CLOSES = 0.2  # seconds of the step with which a foot that slid gets to where it stands last
_SHORT = 0.3  # seconds: no step fits into less, and there is nothing to lift a foot for
_SHUFFLES = 0.03  # metres over its rest under which a ball slides along rather than steps
_SINKS, _DEEPEST = 0.14, 0.15  # seconds to each side in which the hips come down; metres at most
_STEPS = Steps(thrown=3.0)  # with 2.5 balls of who steps .7 m in 1 s pop up by 27 mm in a frame
_SPARES = 0.17  # seconds around given rows in which they do less
_HELD = 0.02  # metres that a standing ball is moved at least, for hips to come down for it


def plant(
    motion: Motion,
    given: Sequence[int],
    ground: float = 0.0,
    *,
    free: bool = False,
    left_standing: Sequence[int] = (),
) -> Motion:
    """The motion with its balls of the feet still while ``motion.contacts``, ``given`` rows exact.

    motion: on a skeleton of the model's size. given: ascending row numbers, the first and the last
    row among them. ground: metres. free: whether the legs of the last row are not asked for after
    all, only where the feet are. left_standing: those of the given rows from which a body goes out
    of a stand into one in the next. The result's contacts are where a ball stands in the end.
    """
    bodies, legs = read_legs([motion])
    rest = ground + legs.lengths.ball_rest[0]
    balls, lefts = bodies.ball.reshape(2, -1, 3), _lefts(legs)
    motion, planned = striding(motion, balls, lefts, given, left_standing, rest)
    if planned:
        bodies, legs = read_legs([motion])
    offsets, known, contacts = _wanted(motion, bodies, lefts, given, rest, planned)
    known = [replace(motion, contacts=known.T)]
    footing = footing_of(known, legs.lengths.ball_rest, [ground], [0.0], steps=_STEPS)
    kept = list(given)[: -1 if free else None]
    share = ease(np.tile(_to_given(kept, len(motion)), 2) / (_RISES * motion.fps))
    offsets, before = offsets.reshape(-1, 3), legs.to_ball()
    legs = _stand_over_floor(legs, bodies, offsets, footing, share)
    moved = offsets + (before - legs.to_ball())
    drop = hips_drop(legs, bodies, moved, contacts, given)
    legs = planted(legs, footing, bodies.ankle + moved, np.concatenate([drop, drop]))
    legs = _over_floor(_lifted(legs, footing, given), footing, share)
    done = bodies.written(legs, drop)[0]
    rotations = np.array(done.rotations)
    rotations[kept] = motion.rotations[kept]
    return replace(done, rotations=rotations, contacts=contacts.T)


def _lefts(legs):
    """The body's left over the ground in each frame, ``(T, 2)`` of length 1."""
    left, right = legs.hip.reshape(2, -1, 3)[..., [0, 2]]
    return (left - right) / np.maximum(np.linalg.norm(left - right, axis=-1), 1e-9)[:, None]


def _wanted(motion, bodies, lefts, given, rest, planned):
    """What is asked of both feet: offsets ``(2, T, 3)``, where known, and where a ball stands.

    Of rows that are known the legs are, all others follow from these. ``(2, T)`` bool each.
    """
    fps, count = motion.fps, len(motion)
    balls = bodies.ball.reshape(2, count, 3)
    contacts = np.array(motion.contacts).T
    # In a given row nothing is lowered: a ball that is raised there does not stand.
    low = balls[..., 1] <= rest + RAISED
    contacts[:, given] &= low[:, given]
    offsets, known = np.zeros_like(balls), np.zeros_like(contacts)
    for first, last in pairwise(given):
        rows = slice(first, last + 1)
        steps = planned.get(first)
        if steps is None:
            steps = _steps(balls[:, rows], lefts[first], contacts[:, rows], rest, fps)
        stood = contacts[:, rows].copy()
        for foot in range(2):
            alone = _until_alone(stood[foot], stood[1 - foot])
            found = _between(balls[foot, rows], stood[foot], steps[foot], rest, fps, alone)
            offsets[foot, rows], known[foot, rows], contacts[foot, rows] = found
    return offsets, known, contacts


def _until_alone(contact, other):
    """Frames ``(T,)`` of a foot's stances up to the last one in which the other one is off."""
    alone = np.zeros(len(contact), bool)
    for start, stop in segments(contact):
        off = np.flatnonzero(~other[start:stop])
        alone[start : start + (off[-1] + 1 if len(off) else 0)] = True
    return alone


def _steps(balls, left, contacts, rest, fps):
    """`steps_between` two given rows; in place: contacts ``(2, T)`` of such as shuffle.

    balls: ``(2, T, 3)``. Two feet that hardly leave the floor are not off it together: those have
    no steps yet, and are to make them.
    """
    rise = balls[..., 1].max() - rest
    way = np.linalg.norm(balls[:, -1] - balls[:, 0], axis=-1).max()
    if rise < _SHUFFLES and way < FAR and not contacts.any(axis=0).all():
        contacts[:] = True
    return steps_between(balls, contacts.T, left, fps)


def _stand_over_floor(legs, bodies, offsets, footing, share):
    """Feet of a known shape over the floor where balls are moved by ``offsets: (F, 3)``.

    share: ``(F,)``, none in rows that are kept: who keys a sole under the floor wants it there.
    """
    ground, fps, ragged = footing.floor - legs.lengths.ball_rest, footing.fps, footing.ragged
    ankle, ball = bodies.ankle + offsets, bodies.ball + offsets
    over = feet_over_floor(legs, ankle, ground, fps, ragged, in_one_piece=True)
    return _partly(legs, stands_over_floor(over, ball, ground, fps, ragged), share)


def _over_floor(legs, footing, share):
    """The same once more of feet in one piece, and of toes."""
    ground, fps, ragged = footing.floor - legs.lengths.ball_rest, footing.fps, footing.ragged
    over = feet_over_floor(legs, legs.limb()[2], ground, fps, ragged, in_one_piece=True)
    return _partly(legs, toes_over_floor(over, ground, fps, ragged), share)


def _partly(legs, over, share):
    """Legs whose feet are a ``share: (F,)`` of the way ``over`` the floor."""
    if over is legs:
        return legs
    feet, toes = (legs.foot, over.foot), (legs.toes, over.toes)
    foot, toe = (slerp(here, there, share) for here, there in (feet, toes))
    return replace(legs, foot=foot, toes=toe)


def hips_drop(
    legs: Legs, bodies: Bodies, moved: np.ndarray, contacts: np.ndarray, given: Sequence[int]
) -> np.ndarray:
    """How far the hips come down for feet that stand out of a leg's reach, ``(T,)`` metres.

    moved: ``(F, 3)``, how far ankles are to be moved. contacts: ``(2, T)``. None in given rows.
    """
    lengths, fps, count = legs.lengths, bodies.motions[0].fps, contacts.shape[1]
    leg = legs.hip - bodies.ankle
    longest = np.maximum(np.linalg.norm(leg, axis=-1), SHOWN.stretch * lengths.leg)
    longest = np.minimum(longest, REACH * lengths.leg)
    apart = leg - moved
    level = np.sqrt(np.maximum(longest**2 - (apart[:, [0, 2]] ** 2).sum(-1), 0.0))
    share = ease(np.linalg.norm(moved, axis=-1) / _HELD)
    wanted = share * soft_positive(apart[:, 1] - level, SHOWN.soft)
    need = np.where(contacts, wanted.reshape(2, count), 0.0).max(axis=0)
    free = _to_given(given, count) / fps  # seconds
    return smooth_maximum(np.minimum(need, _DEEPEST), _SINKS, fps) * ease(free / _SPARES)


def _to_given(given, count):
    """How many rows each one is from the nearest given one, ``(T,)``."""
    return np.abs(np.arange(count)[:, None] - np.asarray(given)).min(axis=1)


def _between(ball, contact, steps, rest, fps, alone=None):
    """What is asked of a foot between two given rows, the first and the last.

    How far to move its ball ``(T, 3)`` metres, none in these, where that is known, and where it
    stands, ``(T,)`` bool each. steps: its own of `steps_between`. rest: height of a resting ball.
    alone: ``(T,)``, of `_until_alone`.
    """
    offsets, known = np.zeros_like(ball), np.zeros(len(ball), bool)
    alone = known.copy() if alone is None else alone
    if len(ball) - 1 < _SHORT * fps:
        return offsets, ~known, contact
    for rows, target in _stances(ball, contact, steps, rest, fps, alone):
        place = _come_down(ball[rows], target, rows, len(ball), rest, fps)
        offsets[rows], known[rows] = place - ball[rows], True
    stands = known.copy()
    stands[[0, -1]] &= contact[[0, -1]]
    known[[0, -1]] = True
    return offsets, known, stands


def _stances(ball, contact, steps, rest, fps, alone):
    """``(rows, place)`` of each stand: rows that are near enough to where the ball then is.

    Where the ball does not stand in the given row, it gets there from that row, or back to it.
    """
    count = len(ball)
    for start, stop in segments(contact):
        run = np.arange(start, stop)
        if start == 0 and stop == count:
            if steps:
                yield from stands_between(ball, steps)
            else:
                yield run, ball[0] + np.linspace(0.0, 1.0, count)[:, None] * (ball[-1] - ball[0])
            continue
        middle = np.maximum(np.median(ball[run], axis=0), [-np.inf, rest, -np.inf])
        place = ball[0] if start == 0 else ball[-1] if stop == count else middle
        since = run if start > 0 else np.inf
        until = count - 1 - run if stop < count else np.inf
        most = np.where(alone[run], _ALONE, _FARTHEST)
        farthest = np.minimum(most, _PACE / fps * np.minimum(since, until))
        near = np.linalg.norm(ball[run] - place, axis=-1) < farthest
        near &= ball[run, 1] < max(place[1], rest) + _HIGH
        pieces = segments(near)
        if len(pieces):
            piece = pieces[
                0 if start == 0 else -1 if stop == count else np.argmax(pieces @ [-1, 1])
            ]
            yield run[slice(*piece)], place
            closes = round(_CLOSES * fps)
            for other in (run[: max(0, piece[0] - closes)], run[piece[1] + closes :]):
                yield from _where_it_slid(ball, other[alone[other]], rest, fps)


def _where_it_slid(ball, run, rest, fps):
    """``(rows, place)`` of where else a body stood on a foot that slid from there or to it."""
    if len(run) < _SHORT * fps:
        return
    place = np.maximum(np.median(ball[run], axis=0), [-np.inf, rest, -np.inf])
    near = np.linalg.norm(ball[run] - place, axis=-1) < _FARTHEST
    near &= ball[run, 1] < place[1] + _HIGH
    pieces = segments(near)
    if len(pieces):
        yield run[slice(*pieces[np.argmax(pieces @ [-1, 1])])], place


def _come_down(ball, place, rows, count, rest, fps):
    """Where a ball ``(N, 3)`` stands in ``rows``: a little over the ground, it goes down to it.

    place: ``(3,)`` or ``(N, 3)``. rest: a resting ball's height. After the heel the ball comes
    down, before the toe it goes up: pressed to the ground at once it would stretch the leg.
    """
    place = np.array(np.broadcast_to(place, (len(rows), 3)))
    ends = np.minimum(rows, count - 1 - rows) / fps
    over = place[:, 1] - rest
    place[:, 1] -= np.where((over > 0.0) & (over < _LOW), over, 0.0) * ease(ends / _RISES)
    lands, leaves = rows[0] > 0, rows[-1] < count - 1
    since = (rows - rows[0]) / (_ROLLS * fps) if lands else np.inf
    until = (rows[-1] - rows) / (_PEELS * fps) if leaves else np.inf
    rolled = ease(np.minimum(since, until))
    height = np.minimum(ball[:, 1], rest + RAISED)
    height = height + rolled * (place[:, 1] - height)
    place[:, 1] = np.maximum(height, np.minimum(place[:, 1], rest))
    return place


def _lifted(legs, footing, given):
    """Legs with balls raised where they move low over the ground; none in given rows."""
    limb, to_ball, fps = legs.limb(), legs.to_ball(), footing.fps
    ball = limb[2] + to_ball
    moves = footing.ragged.gradient(ball[:, [0, 2]])
    moves = np.linalg.norm(moves, axis=-1) * fps > _MOVES
    moves = smooth_maximum((moves & ~footing.contact).astype(float), _AROUND, fps, footing.ragged)
    weight, _ = swing_weight(footing.contact, footing.ragged, fps, _LIFTS, _LANDS)
    free = np.tile(_to_given(given, len(ball) // 2), 2) / fps
    weight = moves * weight * ease(free / _RISES)
    clear = _CLEAR - legs.lengths.ball_rest
    need = np.maximum(0.0, footing.floor + clear * weight - ball[:, 1])
    rise = bump(need, weight, footing.ragged, fps)
    rise = np.maximum(rise, np.where(footing.contact, 0.0, footing.floor - ball[:, 1]))
    return brought(legs, limb, limb[2] + rise[:, None] * UP, rise > 1e-9, footing)
