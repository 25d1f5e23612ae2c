# SPDX-License-Identifier: GPL-3.0-or-later
"""Swings over uneven ground: knees bend and stretch as smoothly as the ground lets them; pure.

A foot that is lifted by what it would sink into goes up in the frame in which a nosing comes under
its toes, and near its full length a leg makes a jump of the knee out of centimetres. So the bend
of the knee is what is planned here: the curve of least acceleration, over the bend that the
ground asks for, from the planted leg before to the planted leg after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import QUATERNET_SKELETON
from ..maths import elementary
from ..maths.backend import norm
from ..maths.least_acceleration import least_acceleration
from ..maths.quaternion import multiply
from ..maths.ragged import Ragged
from ..maths.smoothing import lowpass
from .foot_lock import swing_clearance
from .legs import read_legs
from .over_steps import dense_soles, flies
from .sole_points import soles_of
from .stances import swing_weight
from .two_bone import REACH, reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..body.motion import Motion
    from .legs import Legs
    from .over_steps import Swings

_BEFORE, _AFTER = 0.14, 0.17  # seconds of the stances around a swing in which the knee may differ
_LATER = (1.0, 1.2, 1.4, 1.6, 1.9, 2.2)  # powers of a swing's time: how late it goes ahead
_LOOKED_AT = 2  # of these
_STEP = 0.01  # metres on the canonical skeleton, of a profile
# Of the lift of a walking foot: how far soles stay over the ground; those of runs fly anyway.
_EDGE, _SLOPE, _RUN = 0.4, 0.5, 0.25
_GIVE = 0.002  # metres on the canonical skeleton: so much soles give
_GIVE_ASIDE = 0.03  # of a sole: so much nearer to its ball a riser may be
_LESS = 0.4  # radians that a swinging knee may bend less than it did on its own ground
_FLAT = 0.85  # sine of the steepest that a leg goes out from the vertical
_SEEN = 0.06  # seconds (standard deviation) over which a runner's knee sees the slope
_OWN = 2.0  # frames at the ends of a swing in which it is not bent as it was
# What is chosen: the least of the greatest change of the knee's speed, radians a frame, and of so
# much of its speed (seconds), of the ankle's acceleration (a metre) and of the bend over _MOST.
_RATE, _PATH, _OVER = 9.0, 2.0, 3.0
_MOST = np.radians(93.0)


def cleared(motion: Motion, swings: Swings, surface: Callable, own: Motion) -> Motion:
    """The motion with its swings over the ground, knees bent no faster than that takes.

    motion: with planted feet, which stay planted. swings: of `over_steps.ground_under`. surface: as
    in `ground.stand_on`. own: the motion on its own ground: swinging knees bend nearly as far.
    """
    spans = [(*swing, True) for swing in swings.edges] + [(*s, False) for s in swings.slopes]
    if not spans:
        return motion
    (bodies, legs), count = read_legs([motion]), len(motion)
    over = _Over(motion, legs, surface, read_legs([own])[1])
    planned = np.zeros(2 * count, bool)
    for span in sorted(spans, key=lambda span: span[0] % count):
        swing = over.swing(*span)
        planned[swing.frames] = True
        over.ankle[swing.frames] = over.planned(swing)
    frames = np.flatnonzero(planned)
    turns = reach(
        legs.limb(), legs.thigh, over.ankle, motion.fps, ragged=over.ragged, frames=frames
    )
    thigh, shin = legs.thigh.copy(), legs.shin.copy()
    for bone, turned in zip((thigh, shin), turns, strict=True):
        bone[frames] = multiply(turned, bone[frames])
    return bodies.written(replace(legs, thigh=thigh, shin=shin), np.zeros(count))[0]


@dataclass(frozen=True)
class _Swing:
    """A swing and the frames around it in which its knee is planned.

    frames: ``(n,)``. around: ``(4,)``, two before and two after. ball: ``(n, 2)`` metres, x and z,
    as it goes now. first, last: of these, the last frame of the stance before and the first of
    that after. rise: metres from stand to stand. edges: whether it goes over any.
    """

    frames: np.ndarray
    around: np.ndarray
    ball: np.ndarray
    first: int
    last: int
    rise: float
    edges: bool

    def later(self, power: float) -> np.ndarray:
        """The balls ``(n, 2)`` where they go ahead late on the way up, and early down."""
        place, out = np.arange(self.first, self.last + 1), self.ball.copy()
        share = (place - self.first) / (self.last - self.first)
        share = share**power if self.rise > 0.0 else 1.0 - (1.0 - share) ** power
        at = self.first + share * (self.last - self.first)
        for axis in range(2):
            out[place, axis] = np.interp(at, place, self.ball[place, axis])
        return out

    def inner(self) -> np.ndarray:
        """0 outside of the swing to 1 some frames inside, ``(n,)``."""
        place = np.arange(len(self.frames))
        return np.clip(np.minimum(place - self.first, self.last - place) / _OWN, 0.0, 1.0)


class _Over:
    """Both legs of a motion in its T frames, one after the other, over a surface.

    ankle: ``(2 T, 3)`` metres, where ankles are to be. ragged: of the legs. own, flown: ``(2 T,)``
    radians, how far knees bend on their own ground, and as feet go as high over this one.
    """

    def __init__(self, motion, legs: Legs, surface, own: Legs):
        self.count, self.fps, self.surface = len(motion), motion.fps, surface
        self.ragged = Ragged([self.count] * 2)
        self.contact = np.concatenate(np.asarray(motion.contacts).T)
        limb, before = legs.limb(), own.limb()
        self.hip, self.ankle, self.to_ball = limb[0], limb[2].copy(), legs.to_ball()
        self.soles = dense_soles(soles_of(legs, limb[2])) - limb[2][:, None]
        self.soles += _GIVE_ASIDE * (self.to_ball[:, None] - self.soles) * [1.0, 0.0, 1.0]
        self.bones = [norm(offset)[:, 0] for offset in legs.lengths.offsets[:2]]
        self.own = self._bend(slice(None), norm(before[2] - before[0])[:, 0])
        along = (self._now(slice(None)) - self.own).reshape(2, -1)
        self.flown = self.own + np.concatenate([lowpass(leg, _SEEN, self.fps) for leg in along])
        self.scale = motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
        weight, _ = swing_weight(self.contact, self.ragged, self.fps)
        self.lift = swing_clearance(motion.skeleton) * weight

    def swing(self, start: int, stop: int, rise: float, edges: bool) -> _Swing:
        """The `_Swing` from frame ``start`` to ``stop``."""
        begin = start // self.count * self.count
        end = begin + self.count - 1
        before = max(1, min(int(round(_BEFORE * self.fps)), self._stance(start - 1, -1) // 3))
        after = max(1, min(int(round(_AFTER * self.fps)), self._stance(stop, 1) // 3))
        frames = np.arange(start - before, stop + after)
        around = np.clip(frames[[0, 0, -1, -1]] + [-2, -1, 1, 2], begin, end)
        ball = (self.ankle + self.to_ball)[frames][:, [0, 2]]
        return _Swing(frames, around, ball, before - 1, before + stop - start, rise, edges)

    def _stance(self, frame, step):
        """How many frames the stance has of which ``frame`` is an end."""
        end, least = frame, frame // self.count * self.count
        while least <= end < least + self.count and self.contact[end]:
            end += step
        return abs(end - frame)

    def planned(self, swing: _Swing) -> np.ndarray:
        """Where its ankle is to be, ``(n, 3)`` metres."""
        ways = [swing.ball]
        if swing.edges:  # few are looked at on the ground itself: rays take their time
            ways, soles = [swing.later(power) for power in _LATER], self.soles[swing.frames]
            profile = _profile(swing, soles, self.surface, _STEP * self.scale)
            ways = sorted(ways, key=lambda way: self._cost(swing, way, profile)[0])[:_LOOKED_AT]
        found = [self._cost(swing, way, self._under) for way in ways]
        best = int(np.argmin([cost for cost, _ in found]))
        return self._ankle(swing, ways[best], found[best][1])

    def _under(self, points):
        return self.surface(points.reshape(-1, 2))[0].reshape(points.shape[:-1])

    def _knee(self, swing, ball, ground):
        """The smoothest bend ``(n,)`` that keeps the sole over the ground, radians."""
        frames, soles = swing.frames, self.soles[swing.frames]
        ankle = ball - self.to_ball[frames][:, [0, 2]]
        heights = np.nan_to_num(ground(ankle[:, None] + soles[..., [0, 2]]), nan=-np.inf)
        flown = flies(self.contact, frames[swing.first] + 1, frames[swing.last])
        over = _EDGE if swing.edges else _RUN if flown else _SLOPE
        clear = over * self.lift[frames] - _GIVE * self.scale
        lowest = (heights - soles[..., 1]).max(axis=1) + clear
        far = self._far(frames, ankle)
        chord = np.sqrt(far + np.maximum(self.hip[frames, 1] - lowest, 0.0) ** 2)
        own = np.minimum(self.own[frames] - _LESS, self._bend(frames, np.sqrt(far) / _FLAT))
        own = swing.inner() * own
        asked, stands = self._bend(frames, chord), self.contact[frames]
        asked[stands] = np.minimum(asked, self._now(frames))[stands]
        ends = self._now(swing.around)
        if flown:
            flight, around = self.flown[frames], self.flown[swing.around]
            return _as_it_flew(flight, around, ends, asked, self.own[frames].max())
        return least_acceleration(ends[:2], ends[2:], np.maximum(asked, own))

    def _now(self, frames):
        return self._bend(frames, norm(self.ankle[frames] - self.hip[frames])[:, 0])

    def _bend(self, frames, chord):
        """Bend of the knee ``(n,)``, radians, of legs ``chord: (n,)`` metres long."""
        upper, lower = (bone[frames] for bone in self.bones)
        chord = np.minimum(chord, REACH * (upper + lower))
        cosine = (chord**2 - upper**2 - lower**2) / (2.0 * upper * lower)
        return elementary.arccos(np.clip(cosine, -1.0, 1.0))

    def _far(self, frames, ankle):
        """Squared distance ``(n,)`` of ankles from hips, seen from above."""
        return ((ankle - self.hip[frames][:, [0, 2]]) ** 2).sum(axis=-1)

    def _ankle(self, swing, ball, bend):
        """The ankles ``(n, 3)`` of legs that are bent so over balls there."""
        frames = swing.frames
        upper, lower = (bone[frames] for bone in self.bones)
        ankle, hip = ball - self.to_ball[frames][:, [0, 2]], self.hip[frames][:, [0, 2]]
        chord = upper**2 + lower**2 + 2.0 * upper * lower * elementary.cos(bend)
        # A leg that is bent too far to reach its place hangs over it.
        share = _FLAT * np.sqrt(chord / np.maximum(self._far(frames, ankle), 1e-12))
        ankle = hip + np.minimum(share, 1.0)[:, None] * (ankle - hip)
        height = np.sqrt(chord - self._far(frames, ankle))
        return np.stack([ankle[:, 0], self.hip[frames, 1] - height, ankle[:, 1]], axis=-1)

    def _cost(self, swing, ball, ground):
        """How far from smooth a swing is, and the bends of its knee ``(n,)``."""
        bend, ends = self._knee(swing, ball, ground), self._now(swing.around)
        knee = np.diff(np.concatenate([ends[:2], bend, ends[2:]]))
        path = np.diff(self._ankle(swing, ball, bend), 2, axis=0) / self.scale
        cost = (
            np.abs(np.diff(knee)).max()
            + _RATE / self.fps * np.abs(knee).max()
            + _PATH * norm(path).max()
            + _OVER * max(0.0, float(bend.max()) - _MOST)
        )
        return cost, bend


def _profile(swing, soles, surface, step):
    """The ground along a swing: a function of points ``(..., 2)``, heights ``(...)``; metres."""
    start, way = swing.ball[swing.first], swing.ball[swing.last] - swing.ball[swing.first]
    far = float(np.linalg.norm(way))
    way = way / max(far, 1e-9)
    room = np.linalg.norm(soles, axis=-1).max()
    places = np.arange(-room, far + room, step)
    heights, _ = surface(start + places[:, None] * way)
    return lambda points: np.interp((points - start) @ way, places, heights)


def _as_it_flew(flown, around, ends, least, most):
    """The bend ``(n,)`` of a runner's knee: ``flown: (n,)`` but for a smooth change; radians.

    A runner folds the knee at once and stretches it before landing: the smoothest bend from stance
    to stance would hold both feet high at both ends. around, ends: ``(4,)``, as flown and as it is
    before and after. least: ``(n,)``, what the ground asks for. most: no more, but for that.
    """
    bend, share = flown, 1.0
    for _ in range(2):
        more = ends - share * around
        bend = share * flown + least_acceleration(more[:2], more[2:], least - share * flown)
        if bend.max() <= most:
            break
        share = float(most / bend.max())
    return bend
