# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks that keep out of each other's way: bent, and where that is not enough delayed; pure.

In use:

    giving = GivingWay([Walk(model, path) for path in paths], distance=0.6)
    for fraction in giving: ...      # a round each time, so that a caller can cancel
    motions = Crowd(giving.walks).run()
    giving.conflicts                 # what is not solved
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths.smoothing import lowpass
from .avoidance import RATE, Bending, conflicts, inside
from .bend import bent
from .walk import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence


_OTHER_SIDE, _TRIES = 3, 6  # times that those who are stuck try the other side, and in all
_TOUCH = 2.0 / 3.0  # of the distance: nearer pairs do that, others are told of
_DELAYS = (0.6, 2.3)  # seconds of one such delay
_WALKS = 1.9  # m/s in the model's proportions: faster, who walks would run, and floats
_EVEN = 0.1  # seconds over which offsets are evened out between two of `RATE`


class GivingWay:
    """Walks, not run yet, that are changed to keep ``distance`` metres between any two.

    walks: `walk.Walk`s; if one loops all are left as they are. longest_delay: seconds that one may
    start later; 0: bends alone are to do. discs: `avoidance.Disc`s that nobody walks through.
    stay: who has come stands there until all have.
    Iterating yields the fraction done, in (0, 1]. Then ``walks`` are the changed ones, ``delays``
    seconds each, ``offsets`` how far each is from its own way, metres on average and at the most,
    ``closest`` the least distance, ``conflicts`` the pairs that stay nearer than ``distance``,
    ``blocked`` a `Conflict` for each body that walks through a disc, that disc as the second.
    """

    def __init__(self, walks, distance, *, longest_delay=10.0, discs=(), stay=False):
        if not (np.isfinite(distance) and distance >= 0.0):
            raise ValueError(f"Expected a distance of 0 m or more, got {distance}.")
        self.walks, self.distance = list(walks), distance
        self._longest, self._discs, self._stay = longest_delay, tuple(discs), stay
        self.blocked = ()
        self.delays = np.zeros(len(self.walks))
        self.offsets, self.closest, self.conflicts = np.zeros((len(self.walks), 2)), np.inf, ()

    def __iter__(self):
        if not self.walks:
            return
        if any(walk.itinerary.loop for walk in self.walks):
            self.closest, self.conflicts = conflicts(together(self.walks), self.distance)
            return
        random, best = np.random.default_rng(len(self.walks)), None
        bending = self._bending()
        for attempt in range(_TRIES):
            for part in bending:
                yield (attempt + part) / _TRIES
            bending.slow_down()
            closest, found = conflicts(bending.places, self.distance)
            stuck = [pair for pair in found if pair.distance < _TOUCH * self.distance]
            if best is None or (len(stuck), len(found)) < best[0]:
                rank = len(stuck), len(found)
                state = list(self.walks), closest, found, self.delays.copy()
                best = rank, bending.free, bending.offsets, *state
            if not stuck:
                break
            if attempt < _OTHER_SIDE:
                bending.turn_over(stuck)
            elif self._delay(stuck, random):
                bending = self._bending()
            else:
                break
        _, free, offsets, self.walks, self.closest, self.conflicts, self.delays = best
        self._bend(free, offsets)
        self.blocked = inside(together(self.walks), self._discs)
        if self._stay:
            self._let_stay()
        yield 1.0

    def run(self) -> list[Walk]:
        """Do it all; the changed walks."""
        for _ in self:
            pass
        return self.walks

    def _bending(self):
        fastest = [_WALKS * walk.scale / walk.request.tempo for walk in self.walks]
        return Bending(together(self.walks), self.distance, self._discs, np.array(fastest))

    def _delay(self, found, random):
        """Let one of each pair that is stuck start later; whether any can."""
        later = {max(pair.first, pair.second) for pair in found}
        changed = False
        for body in sorted(later):
            seconds = min(random.uniform(*_DELAYS), self._longest - self.delays[body])
            if seconds > 1.0 / RATE and self.walks[body].itinerary.standing_start:
                self.walks[body] = delayed(self.walks[body], seconds)
                self.delays[body] += seconds
                changed = True
        return changed

    def _let_stay(self):
        """Let all who have come stand until the last one has."""
        ends = [walk.plan.end - walk.plan.begin for walk in self.walks]
        for walk, end in zip(self.walks, ends, strict=True):
            if walk.itinerary.standing_end and max(ends) > end:
                walk.stay(max(ends) - end)

    def _bend(self, free, offsets):
        far = np.linalg.norm(offsets, axis=-1)
        moving = free > 0.0
        mean = (far * moving).sum(axis=1) / np.maximum(moving.sum(axis=1), 1)
        self.offsets = np.stack([mean, far.max(axis=1)], -1)
        for walk, away in zip(self.walks, offsets, strict=True):
            if np.abs(away).max() > 1e-6:
                walk.plan = bent(walk.plan, _at_frames(walk, away))


def delayed(walk: Walk, seconds: float) -> Walk:
    """The same `walk.Walk`, not run yet, that stands for so many seconds more before it starts."""
    wish, request = walk.itinerary, walk.request
    longer = None if wish.duration is None else wish.duration + seconds
    itinerary = replace(wish, wait=wish.wait + seconds, duration=longer)
    asked = {field.name: getattr(request, field.name) for field in fields(request)}
    return Walk(**{**asked, "itinerary": itinerary})


def together(walks: Sequence[Walk]) -> np.ndarray:
    """Ground positions ``(N, T, 2)`` metres, `RATE` a second; who has come stands at his end."""
    ways = [way_of(walk) for walk in walks]
    frames = max(map(len, ways))
    return np.stack([np.concatenate([w, np.repeat(w[-1:], frames - len(w), 0)]) for w in ways])


def way_of(walk: Walk) -> np.ndarray:
    """Where a walk is planned to be, ``(T, 2)`` metres, `RATE` a second from its first frame."""
    plan, trajectory = walk.plan, walk.plan.trajectory
    frames = np.arange(len(trajectory))
    wanted = np.arange(plan.begin, plan.end + 0.5 / RATE, 1.0 / RATE) * trajectory.fps
    return walk.scale * np.stack([np.interp(wanted, frames, p) for p in trajectory.positions.T], -1)


def _at_frames(walk, offsets):
    """Offsets ``(T, 2)`` in world metres at `RATE` as those of a plan's frames, its own metres."""
    fps = walk.plan.trajectory.fps
    wanted = (np.arange(len(walk.plan.trajectory)) / fps - walk.plan.begin) * RATE
    frames = np.arange(len(offsets))
    between = np.stack([np.interp(wanted, frames, column) for column in offsets.T], -1)
    return lowpass(between, _EVEN, fps) / walk.scale
