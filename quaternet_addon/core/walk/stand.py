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

from ..body.mass import mass_centre
from ..body.skeleton import walk_down_together
from ..feet.legs import read_legs
from ..feet.placed import asked_of, legs_away
from ..feet.soles import level_axis, pitch
from ..maths import elementary
from ..maths.backend import norm
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    yaw,
    yaw_to_quaternion,
)
from ..maths.ragged import Ragged
from ..maths.smoothing import bridged, ease, smooth_maximum
from .stands import FULL, stands_of
from .upright import upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from ..feet.legs import Bodies, Legs
    from .stands import Stands


# From the 10th to the 90th percentile of recorded stands; metres in the model's proportions.
_BEHIND = (-0.09, -0.04)  # of the ankles, ahead of the centre of mass
_ASIDE = 0.02  # of the middle of the feet, to either side of it
_OFFSET, _APART = 0.039, (0.18, 0.31)  # one foot ahead of the other; from foot to foot
_TOE_OUT = np.radians((6.0, 14.0))
_ASKEW = np.radians(3.0)  # by which both feet point elsewhere than the body faces
_STRAIGHT = 0.9976  # of a leg's length from hip to ankle: knees of 8 degrees
_RISING, _ROLLED = 0.15, 0.2  # seconds; from a touchdown to the whole foot on the ground
_SIDES = np.array([1.0, -1.0])  # left, right


def at_ease(
    motions: Sequence[Motion],
    shares: Sequence[np.ndarray],
    headings: Sequence[np.ndarray],
    floors: Sequence[np.ndarray],
    scales: Sequence[float],
) -> list[Motion]:
    """The same motions with stands like people's, and steps that lead to them.

    motions: of one rate, with contacts, on skeletons of one kind. Of each: shares: ``(T,)`` of
    `idle.stillness`. headings: ``(T,)`` radians. floors: ``(T, 2)`` metres, under each foot.
    scales: of the body against the model's proportions.
    """
    out = list(motions)
    chosen = [i for i, share in enumerate(shares) if (share >= FULL).any()]
    if chosen:
        asked = ([values[i] for i in chosen] for values in (motions, shares, headings, floors))
        eased = _eased(*asked, np.array([scales[i] for i in chosen]))
        for index, motion in zip(chosen, eased, strict=True):
            out[index] = motion
    return out


def _eased(motions, shares, headings, floors, scales):
    """`at_ease` of motions that stand somewhere."""
    ragged = Ragged([len(motion) for motion in motions])
    share, headings = np.concatenate(shares), np.concatenate(headings)
    stands = stands_of(share, headings, ragged)
    motions = upright(motions, share, headings, stands)
    bodies, legs = read_legs(motions)
    feet = _Feet(bodies, legs, stands)
    away, aside = feet.away(stands, scales)
    turn = multiply(yaw_to_quaternion(aside), feet.level(legs.foot, share, stands))
    asked = asked_of(_by_foot(away), _by_foot(turn))
    legs = legs_away(bodies, legs, away, turn, np.flatnonzero(np.tile(asked, 2)))
    floor = np.concatenate(floors)
    rise = feet.rise(legs, np.concatenate([floor[:, 0], floor[:, 1]]), share)
    placed = bodies.written(legs, -share * rise)
    return [
        replace(made, rotations=np.where(own[:, None, None], made.rotations, motion.rotations))
        for made, motion, own in zip(placed, motions, ragged.split(asked), strict=True)
    ]


def _by_foot(values):
    """``(2 F, C)``, left feet and then right ones, as ``(F, 2, C)``."""
    return np.stack(np.split(values, 2), axis=1)


@dataclass(frozen=True)
class _Places:
    """Where the foot of each of n stances is, ``(n, 2)`` metres, and points, ``(n,)`` radians."""

    ball: np.ndarray
    turn: np.ndarray


class _Feet:
    """The stances of all feet, on the axis of `legs.Legs`, and which of them are in a stand.

    pairs: numbers of stands, and of stances of theirs, in this order.
    """

    def __init__(self, bodies: Bodies, legs: Legs, stands: Stands):
        motions, count = bodies.motions, len(bodies.ragged)
        self._bodies, self._fps, self._own = bodies, motions[0].fps, bodies.ragged
        self._ragged = ragged = Ragged(np.tile(bodies.ragged.lengths, 2))
        contacts = np.concatenate([motion.contacts for motion in motions])
        self._contact = np.concatenate([contacts[:, 0], contacts[:, 1]])
        self._stances = stances = ragged.runs(self._contact)
        self._foot = stances.start // count
        first, clip = stances.start % count, ragged.of[stances.start] % len(motions)
        self._pairs = np.nonzero(
            (clip == stands.of[:, None])
            & (first < stands.runs.stop[:, None])
            & (first + stances.lengths > stands.first[:, None])
        )
        self._places = self._planted(bodies.ball, legs.foot)

    def _planted(self, balls, feet):
        """The `_Places` of balls ``(2 F, 3)`` and feet ``(2 F, 4)``."""
        stances, yaws = self._stances, yaw(feet)
        quarter = np.where(stances.inside[0], np.maximum(1, stances.lengths // 4), stances.lengths)
        landed, _ = stances.ends(quarter)
        begun = yaws[stances.start]
        turned = _about(yaws[stances.frames] - begun[stances.of])
        return _Places(
            landed.percentile(balls[landed.frames][:, [0, 2]], 50.0),
            begun + stances.percentile(turned, 50.0),
        )

    def away(self, stands: Stands, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far feet are to be elsewhere, ``(2 F, 2)`` metres, and turned, ``(2 F,)`` radians."""
        (stand, stance), places = self._pairs, self._places
        last = np.full((len(stands.of), 2), -1)  # stances of each
        last[stand, self._foot[stance]] = stance
        closed = np.flatnonzero((last >= 0).all(axis=1))
        moves = np.zeros((len(self._stances), 3))
        if len(closed):
            wanted = np.zeros((len(last), 2, 3))
            wanted[closed] = self._wanted(last[closed], stands, closed, scales)
            both = np.isin(stand, closed)
            stand, stance = stand[both], stance[both]
            goal = wanted[stand, self._foot[stance]]
            moves[stance, :2] = goal[:, :2] - places.ball[stance]
            moves[stance, 2] = _about(goal[:, 2] - places.turn[stance])
        out = np.zeros((len(self._ragged), 3))
        out[self._stances.frames] = moves[self._stances.of]
        out = bridged(out, self._contact, self._ragged)
        return out[:, :2], out[:, 2]

    def _wanted(self, stances, stands, closed, scales):
        """Where balls are to be and point: x, z and radians, ``(C, 2, 3)``.

        stances: ``(C, 2)``, the last ones of the stands with these numbers.
        """
        who, headings = stands.of[closed], stands.headings[closed]
        mass, axes = _mass(self._bodies.motions, stands)[closed], _axes(headings)
        balls = self._places.ball[stances] - mass[:, None]
        balls = (axes[:, None] * balls[:, :, None]).sum(-1)
        turns = _about(self._places.turn[stances] - headings[:, None])
        ball = self._bodies.joints[:, 3]
        ahead = np.array([motion.skeleton.offsets[ball] for motion in self._bodies.motions])[who]
        lengths = norm(ahead[..., [0, 2]])[..., 0]
        balls, turns = _side_by_side(balls, turns, lengths, scales[who, None])
        balls = mass[:, None] + (axes[:, None] * balls[..., None]).sum(2)
        return np.concatenate([balls, (headings[:, None] + turns)[..., None]], axis=-1)

    def level(self, feet: np.ndarray, share: np.ndarray, stands: Stands) -> np.ndarray:
        """Turns ``(2 F, 4)`` that lay feet flat where they stand: the network's heels rise.

        feet: ``(2 F, 4)``, their rotations in the world. share: ``(F,)``.
        """
        stand, stance = self._pairs
        flat, count = np.zeros(len(self._ragged)), len(share)
        found = self._stances.kept(stance)
        frames, of = found.frames, found.of
        since = (frames - found.start[of]) / (_ROLLED * self._fps)
        since = np.where(found.inside[0][of], ease(since), 1.0)
        late = frames % count > stands.last[stand][of]
        until = np.where(late, np.minimum(share[frames % count] / FULL, 1.0), 1.0)
        before = (found.start[of] + found.lengths[of] - frames) / (_ROLLED * self._fps)
        leaves = np.where(found.inside[1][of], ease(before), 1.0)  # else it would snap off
        flat[frames] = since * until * leaves
        return axis_angle_to_quaternion(level_axis(feet), -flat * pitch(feet))

    def rise(self, legs: Legs, floor: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Hips as high over planted feet as people's are: the network learnt with bent knees.

        Metres, ``(F,)``. floor: ``(2 F,)``. share: ``(F,)``.
        """
        (hip, _, ankle), ahead = legs.limb(), legs.lengths.offsets[2][:, [0, 2]]
        places = self._planted(ankle + legs.to_ball(), legs.foot)
        frames, of = self._stances.frames, self._stances.of
        stood = places.ball[of] - _turned(ahead[frames], places.turn[of])
        ankles, motions = self._bodies.joints[:, 2], self._bodies.motions
        heights = np.array([m.skeleton.rest_positions[j, 1] for j in ankles for m in motions])
        rest = self._ragged.spread(heights)
        apart = hip[frames][:, [0, 2]] - stood
        longest = _STRAIGHT * legs.lengths.leg[frames]
        high = np.sqrt(np.maximum(longest**2 - (apart * apart).sum(-1), 0.0))
        need = np.full(len(floor), np.inf)
        need[frames] = floor[frames] + rest[frames] + high - hip[frames, 1]
        rise = np.minimum(*np.split(need, 2))
        asked = (share > 0.0) & np.isfinite(rise)
        return -smooth_maximum(np.where(asked, -rise, 0.0), _RISING, self._fps, self._own)


def _turned(flat, radians):
    """Something on the ground, x and z ``(n, 2)``, turned to the left."""
    cos, sin = elementary.cos(radians), elementary.sin(radians)
    return np.stack([cos * flat[:, 0] + sin * flat[:, 1], cos * flat[:, 1] - sin * flat[:, 0]], -1)


def _axes(headings):
    """Ahead and to the left, x and z ``(S, 2, 2)``, of who faces there."""
    sin, cos = elementary.sin(headings), elementary.cos(headings)
    return np.stack([np.stack([sin, cos], -1), np.stack([cos, -sin], -1)], 1)


def _mass(motions, stands):
    """Where the centre of mass is in the mean of each stand, x and z ``(S, 2)``."""
    starts = stands.runs.ragged.starts[stands.of]
    first, last = stands.runs.start - starts, stands.runs.stop - starts
    here = [motions[i].slice(a, b) for i, a, b in zip(stands.of, first, last, strict=True)]
    skeletons = [motion.skeleton for motion in here]
    places, _ = walk_down_together(
        skeletons,
        Ragged(stands.runs.lengths),
        range(len(skeletons[0])),
        np.concatenate([motion.rotations for motion in here]),
        np.concatenate([motion.root_positions for motion in here]),
    )
    mass = mass_centre(skeletons[0], np.stack(list(places.values()), axis=1))
    return stands.mean(mass[:, [0, 2]])


def _side_by_side(balls, turns, lengths, scales):
    """Places ``(S, 2, 2)`` and headings of the balls in stands like people's.

    Ahead and to the left of the centre of mass, radians to the left; lengths: ``(S, 2)`` metres
    from ankle to ball. scales: ``(S, 1)``.
    """
    ankles = balls - _local(turns, lengths)
    middle, offset = ankles.mean(axis=1), ankles[:, 0] - ankles[:, 1]
    middle = np.clip(middle, scales * [_BEHIND[0], -_ASIDE], scales * [_BEHIND[1], _ASIDE])
    offset = np.clip(offset, scales * [-_OFFSET, _APART[0]], scales * [_OFFSET, _APART[1]])
    askew = np.clip(turns.mean(axis=1), -_ASKEW, _ASKEW)[:, None]
    out = np.clip(0.5 * (turns[:, :1] - turns[:, 1:]), *_TOE_OUT)
    turns = askew + _SIDES * out
    ankles = middle[:, None] + 0.5 * _SIDES[:, None] * offset[:, None]
    return ankles + _local(turns, lengths), turns


def _local(turns, lengths):
    """Ahead and to the left ``(S, 2, 2)`` of what points so many radians to the left."""
    return lengths[..., None] * np.stack([elementary.cos(turns), elementary.sin(turns)], -1)


def _about(radians):
    """An angle as one from -pi to pi."""
    return (radians + np.pi) % (2.0 * np.pi) - np.pi
