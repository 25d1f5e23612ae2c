# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that keep out of each other's way: their planned ways are bent in space and time; pure.

Each way is moved by smooth bumps, on all bodies at once, until nobody comes too near: where two
would meet, both give way at the moment they are closest, at right angles to how they move past
each other. That is the least change of their relative velocity, as in ORCA (van den Berg, Guy,
Lin, Manocha, 2011), for whole trajectories instead of one step of a simulation. A bump across the
way is a side step and a return, one along it is a slower and a quicker second. Who stands, at an
end or at a stop, gives no way; the other one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.smoothing import ease, lowpass
from .neighbours import near_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


RATE = 10.0  # positions a second
_WIDTH = 0.8  # seconds: standard deviation of a bump; .3 m aside then takes 0.3 m/s^2
_RAMP = 1.5  # seconds from a stand until a body can give way
_MARGIN = 0.04  # metres that are kept more than asked: bumps add up, hips sway
_SLACK = 0.5  # metres further that neighbours are looked for, so that a search lasts some rounds
_ROUNDS = 120
_PATIENCE, _BETTER = 6, 0.9  # rounds without so many encounters of the best round: it is done
_STEP = 0.7  # of what a pair lacks, in one round: others push as well
_CHUNK = 15  # frames of a long encounter that one bump answers
_STRAIGHT = 0.1  # metres off a meeting head on within which both keep to the right
_HURRY = 0.05  # m/s that bodies of any speed may go faster than they would
_SOONER = 0.5  # seconds: who hurries too much gives way over so much longer, a round
_LESS = 0.9  # of their way aside that is left, in each go, to those who hurry all the same
_LEAST = 0.35  # a body that is hardly free is pushed no harder than this


@dataclass(frozen=True)
class Disc:
    """An obstacle: a circle on the ground. centre: ``(x, z)`` metres. radius: metres."""

    centre: tuple
    radius: float


@dataclass(frozen=True)
class Conflict:
    """Two bodies, by their indices, that come too near.

    seconds: when they are closest. distance: how close that is, metres.
    """

    first: int
    second: int
    seconds: float
    distance: float


def freedom(ways: np.ndarray) -> np.ndarray:
    """How freely each body can give way, 0 to 1, ``(N, T)``: not while it stands or nearly so.

    ways: ``(N, T, 2)`` metres at `RATE`.
    """
    steps = np.linalg.norm(np.diff(ways, axis=1, append=ways[:, -1:]), axis=-1) * RATE
    stands = steps < 0.15
    count = np.full(len(ways), 1e6)
    seconds = np.empty(stands.shape)
    for frames in (range(stands.shape[1]), reversed(range(stands.shape[1]))):
        count[:] = 1e6
        first = isinstance(frames, range)
        for frame in frames:
            count = np.where(stands[:, frame], 0.0, count + 1.0)
            seconds[:, frame] = count if first else np.minimum(seconds[:, frame], count)
    return ease(seconds / (_RAMP * RATE))


class Bending:
    """The ways of some bodies, bent until they are apart; iterate it, then read ``places``.

    ways: ``(N, T, 2)`` metres at `RATE`, all from one moment on; who has come stands. distance:
    metres between any two. discs: obstacles, of which half of it is kept. fastest: m/s up to which
    each body may hurry, ``(N,)``. Yields the share done.
    """

    def __init__(self, ways, distance, discs=(), fastest=np.inf):
        self.ways, self.distance, self._discs = np.asarray(ways, float), distance, discs
        self._fastest = np.maximum(fastest, speeds(self.ways).max(axis=1) + _HURRY)
        self.free, self._field = freedom(self.ways), np.zeros_like(self.ways)
        reach = int(round(3.0 * _WIDTH * RATE))
        self._near = np.arange(-reach, reach + 1)
        self._bump = elementary.exp(-0.5 * (self._near / (_WIDTH * RATE)) ** 2)

    @property
    def places(self) -> np.ndarray:
        """Where the bodies are now, ``(N, T, 2)`` metres."""
        return self.ways + self.offsets

    @property
    def offsets(self) -> np.ndarray:
        """How far each body is from its own way, ``(N, T, 2)`` metres."""
        return self.free[..., None] * self._field

    def __iter__(self):
        pairs, seen, passing, fewest, since = None, None, (), np.inf, 0
        for number in range(_ROUNDS):
            places = self.places
            if seen is None or np.abs(places - seen).max() > 0.35 * _SLACK:
                pairs, seen = near_pairs(places, self.distance + _MARGIN + _SLACK), places
                ends, passing = _segments(*pairs), _passing(places, self._discs, self._wanted)
            pushes = [self._apart(places, pairs, ends)]
            pushes += [self._aside(places, *some) for some in passing]
            bodies, frames, shifts = (np.concatenate(part) for part in zip(*pushes, strict=True))
            since = since + 1 if len(bodies) > _BETTER * fewest else 0
            fewest = fewest if since else len(bodies)
            if not len(bodies) or since > _PATIENCE:
                return
            self._push(bodies, frames, shifts)
            self._calm()
            yield number / _ROUNDS

    def _calm(self):
        """Let those who would hurry too much begin to give way sooner, and end later."""
        for body in self._hurried():
            self._field[body] = lowpass(self._field[body], _SOONER, RATE)

    def slow_down(self) -> None:
        """Let those who would hurry all the same give way by less."""
        while len(hurried := self._hurried()):  # their own ways are no faster than they may go
            self._field[hurried] *= _LESS

    def _hurried(self):
        """Numbers of those who go faster than they may."""
        return np.flatnonzero((speeds(self.places) > self._fastest[:, None]).any(axis=1))

    def turn_over(self, stuck: Iterable[Conflict]) -> None:
        """Let the freer one of each `Conflict` try the other side of its own way."""
        for pair in stuck:
            frame = min(int(round(pair.seconds * RATE)), self.ways.shape[1] - 1)
            body = max(pair.first, pair.second, key=lambda b, f=frame: self.free[b, f])  # type: ignore[misc]  # b: a body
            now = self._field[body, frame]
            far = np.linalg.norm(now)
            if far > 1e-3:
                back = -now * (1.0 + max(1.0, self.distance / far))
                self._push(np.array([body]), np.array([frame]), back[None])

    def _apart(self, places, pairs, starts):
        """``(bodies, frames, shifts)`` for every encounter that is too near, both its bodies."""
        first, second, frame = pairs
        if not len(first):
            return _nothing()
        away = places[first, frame] - places[second, frame]
        apart = np.sqrt((away * away).sum(-1))
        chosen = _least(apart, starts)
        chosen = chosen[apart[chosen] < self.distance + _MARGIN - 1e-3]
        first, second, frame, away = first[chosen], second[chosen], frame[chosen], away[chosen]
        passing = _velocity(places, first, frame) - _velocity(places, second, frame)
        side = _side(away, passing)
        along = (away * side).sum(-1)
        rest = (away * away).sum(-1) - along * along
        lack = np.sqrt(np.maximum((self.distance + _MARGIN) ** 2 - rest, 0.0)) - along
        shift = _STEP * lack[:, None] * side
        free = self.free[first, frame], self.free[second, frame]
        both = np.maximum(free[0] + free[1], 1e-9)
        gives = [f / both / np.maximum(f, _LEAST) for f in free]
        shifts = np.concatenate([gives[0][:, None] * shift, -gives[1][:, None] * shift])
        return np.concatenate([first, second]), np.tile(frame, 2), shifts

    def _wanted(self, disc):
        return disc.radius + 0.5 * self.distance + _MARGIN

    def _aside(self, places, disc, bodies):
        """The same for those of some bodies that would walk through a disc."""
        away = places[bodies] - np.asarray(disc.centre, float)
        apart, wanted = np.sqrt((away * away).sum(-1)), self._wanted(disc)
        inside = (apart < wanted) & (self.free[bodies] > 0.05)
        row = np.flatnonzero(inside.any(axis=1))
        frame = np.argmin(np.where(inside, apart, np.inf)[row], axis=1)
        body = bodies[row]
        side = _side(away[row, frame], _velocity(places, body, frame))
        lack = wanted - (away[row, frame] * side).sum(-1)
        ahead = np.arange(-1, 2) * int(round(wanted / 1.4 * RATE / 2.0))
        frames = np.clip(frame[:, None] + ahead, 0, places.shape[1] - 1)
        give = 0.5 / np.maximum(self.free[body, frame], _LEAST)
        shift = np.repeat((give * lack)[:, None] * side, len(ahead), axis=0)
        return np.repeat(body, len(ahead)), frames.ravel(), _STEP * shift

    def _push(self, bodies, frames, shifts):
        """Add bumps to the ways of bodies."""
        where = frames[:, None] + self._near
        kept = (where >= 0) & (where < self.ways.shape[1])
        rows = np.broadcast_to(bodies[:, None], where.shape)[kept]
        bumps = (shifts[:, None, :] * self._bump[:, None])[kept]
        for axis in range(2):
            flat = rows * self.ways.shape[1] + where[kept]
            total = np.bincount(flat, bumps[:, axis], self._field[..., axis].size)
            self._field[..., axis] += total.reshape(self._field.shape[:2])


def speeds(ways: np.ndarray) -> np.ndarray:
    """M/s of ways ``(N, T, 2)`` metres at `RATE`: ``(N, T - 1)``."""
    return np.linalg.norm(np.diff(ways, axis=1), axis=-1) * RATE


def _passing(places, discs, wanted):
    """Discs that somebody comes near, each with the indices of those bodies.

    wanted: function of a disc to how far its middle is to be, metres. Bodies may move by `_SLACK`.
    """
    flat = places.reshape(-1, 2)
    order = np.argsort(flat[:, 0])
    sorted_x, found = flat[order, 0], []
    for disc in discs:
        reach = wanted(disc) + _SLACK
        band = np.searchsorted(sorted_x, disc.centre[0] + np.array([-reach, reach]))
        points = order[slice(*band)]
        away = flat[points] - np.asarray(disc.centre, float)
        bodies = np.unique(points[(away * away).sum(-1) < reach * reach] // places.shape[1])
        if len(bodies):
            found.append((disc, bodies))
    return found


def conflicts(places: np.ndarray, distance: float) -> tuple[float, tuple[Conflict, ...]]:
    """The least distance of any two and a `Conflict` for each pair nearer than ``distance``.

    places: ``(N, T, 2)`` metres at `RATE`. The least distance is infinite beyond three times
    ``distance``: further is not looked.
    """
    first, second, frame = near_pairs(places, 3.0 * max(distance, 0.1))
    if not len(first):
        return np.inf, ()
    apart = np.linalg.norm(places[first, frame] - places[second, frame], axis=-1)
    pair = np.flatnonzero(np.diff(first, prepend=-1) | np.diff(second, prepend=-1))
    least = _least(apart, pair)
    found = [
        Conflict(int(first[k]), int(second[k]), frame[k] / RATE, float(apart[k]))
        for k in least[apart[least] < distance]
    ]
    return float(apart.min()), tuple(found)


def inside(places: np.ndarray, discs: Sequence[Disc]) -> tuple[Conflict, ...]:
    """A `Conflict` for each body and disc that it walks through: first the body, then the disc.

    places: ``(N, T, 2)`` metres at `RATE`. distance: to the disc's edge, below 0 inside.
    """
    found = []
    for number, disc in enumerate(discs):
        depth = np.linalg.norm(places - np.asarray(disc.centre, float), axis=-1) - disc.radius
        for body in np.flatnonzero(depth.min(axis=1) < 0.0):
            frame = int(np.argmin(depth[body]))
            least = float(depth[body, frame])
            found.append(Conflict(int(body), number, frame / RATE, least))
    return tuple(found)


def _nothing():
    return np.empty(0, int), np.empty(0, int), np.empty((0, 2))


def _segments(first, second, frame):
    """Where encounters begin among pairs sorted by pair and frame; long ones are cut up."""
    changes = np.diff(first, prepend=-1) | np.diff(second, prepend=-1)
    return np.flatnonzero((changes != 0) | (np.diff(frame // _CHUNK, prepend=-1) != 0))


def _least(values, starts):
    """The index of the least value of each segment."""
    counts = np.diff(np.append(starts, len(values)))
    least = np.repeat(np.minimum.reduceat(values, starts), counts)
    found = np.flatnonzero(values <= least)
    segments = np.repeat(np.arange(len(starts)), counts)[found]
    return found[np.flatnonzero(np.diff(segments, prepend=-1))]


def _velocity(places, bodies, frames):
    """Metres a second of bodies at frames, ``(P, 2)``."""
    last = places.shape[1] - 1
    before, after = np.maximum(frames - 1, 0), np.minimum(frames + 1, last)
    steps = places[bodies, after] - places[bodies, before]
    return steps * (RATE / np.maximum(after - before, 1))[:, None]


def _side(away, passing):
    """Unit vectors along which to part: across how they pass, on the side that they are on.

    away, passing: ``(P, 2)``, of the one body seen from the other. Two that meet head on both
    keep to their right.
    """
    speed = np.linalg.norm(passing, axis=-1, keepdims=True)
    right = np.stack([-passing[:, 1], passing[:, 0]], -1) / np.maximum(speed, 1e-9)
    off = (away * right).sum(-1, keepdims=True)
    across = np.where(off < -_STRAIGHT, -right, right)
    near = np.linalg.norm(away, axis=-1, keepdims=True)
    straight = np.where(near > 1e-6, away / np.maximum(near, 1e-9), [[1.0, 0.0]])
    share = np.clip((speed - 0.2) / 0.4, 0.0, 1.0)  # who hardly pass part straight away
    side = share * across + (1.0 - share) * straight
    length = np.linalg.norm(side, axis=-1, keepdims=True)
    return np.where(length > 1e-6, side / np.maximum(length, 1e-9), straight)
