# SPDX-License-Identifier: GPL-3.0-or-later
"""Where along its path a walk goes and when: the animator's wishes, checked and timed; pure.

Distances are metres along the path from its first point; on a closed path they lie in one lap and
hold for every lap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from .turning import MOST, turn_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


# 1/s, times the asked speed: how hard a body starts and brakes. In the recordings a walk at 1.1 m/s
# starts with 0.8 m/s^2 and stops with 0.5 to 0.7, a run at 3.4 m/s starts with 2.5.
START, STOP = 0.75, 0.6
STAND_BEFORE, STAND_AFTER = 0.4, 0.9  # seconds of standing at the ends of a plan
SLOWEST, FASTEST = 0.4, 4.5  # m/s in the model's proportions
ASIDE = 1.0  # radians from the way: who is turned further goes sideways or backward
LONGEST_STOP = 3600.0  # seconds; more is a slip of the units
FACINGS = {"AHEAD": 0.0, "BACKWARD": np.pi, "LEFT": -0.5 * np.pi, "RIGHT": 0.5 * np.pi}
"""Words for `Itinerary.facing`; LEFT goes with the left side first."""
_SHARE = 1.0 / 16.0  # of the way from one facing to the next
_NEAR = 0.05  # metres from an end: a stop there is the stand that there is anyway
_STEP = 0.01  # metres: step of integrals along the path


@dataclass(frozen=True)
class Itinerary:
    """The wishes for one walk, apart from its path, laps and speed.

    duration: seconds of the whole result, stands included; the speed follows. None: it follows from
    the speed. start: where on the path it begins. stops: ``((distance, seconds), ...)``. factors:
    ``((distance, factor), ...)``, times the speed, linear in between. standing_start, standing_end:
    whether the walk begins and ends with a stand or is cut from a longer one. wait, stay: seconds
    that the first stand and the last one last longer. loop: the result repeats: the last frame is
    the first one again, further along. A closed path is walked whole laps, an open one gives place
    and direction of ``strides`` strides (two steps each) straight on. face: ``(3,)`` world point to
    turn and look to. facing: a word of FACINGS or radians that the body is turned from its way: pi
    backward, pi / 2 with its right side first, -pi / 2 its left. facings: ``((distance, radians),
    ...)`` by which it is turned more there, to the left where positive, linear in between.
    turn_start, turn_end: radians by which it stands turned, to the left where positive, before it
    turns on the spot to go, and turns once there. Raises ValueError for what is no such wish.
    """

    duration: float | None = None
    start: float = 0.0
    stops: tuple = ()
    factors: tuple = ()
    standing_start: bool = True
    standing_end: bool = True
    wait: float = 0.0
    loop: bool = False
    strides: int = 1
    face: tuple | np.ndarray | None = None
    facing: str | float = "AHEAD"
    facings: tuple = ()
    turn_start: float = 0.0
    turn_end: float = 0.0
    stay: float = 0.0

    def __post_init__(self):
        if self.duration is not None and not 0.0 < self.duration < np.inf:
            raise ValueError(f"Expected a duration above 0 s, got {self.duration:.3g} s.")
        for name in ("stops", "factors", "facings"):
            object.__setattr__(self, name, _pairs(getattr(self, name), name))
        if any(not 0.0 <= seconds <= LONGEST_STOP for _, seconds in self.stops):
            raise ValueError(
                f"Expected stops of 0 to {LONGEST_STOP:.0f} s, got "
                f"{max(seconds for _, seconds in self.stops):.3g} s."
            )
        if not 0.0 <= self.wait <= LONGEST_STOP or (self.wait and not self.standing_start):
            raise ValueError(
                f"Expected a wait of 0 to {LONGEST_STOP:.0f} s at a standing start, got "
                f"{self.wait:.3g} s{'' if self.standing_start else ' at a moving one'}."
            )
        if any(factor <= 0.0 for _, factor in self.factors):
            raise ValueError("Expected factors of the speed above 0; for a stand, add a stop.")
        if self.strides % 1 or self.strides < 1:
            raise ValueError(f"Expected 1 stride or more, got {self.strides}.")
        if self.face is not None and not (
            np.shape(self.face) == (3,) and np.isfinite(self.face).all()
        ):
            raise ValueError(f"Expected a point (x, y, z) to face, got {self.face}.")
        object.__setattr__(self, "facing", FACINGS.get(self.facing, self.facing))
        if not -np.pi - 1e-6 <= self.facing <= np.pi + 1e-6:
            raise ValueError(f"Expected to face -pi to pi radians from the way, got {self.facing}.")
        self._check_turns()
        if self.loop:
            self._check_loop()

    def _check_turns(self):
        for name, end in (("turn_start", self.standing_start), ("turn_end", self.standing_end)):
            angle = getattr(self, name)
            if not abs(angle) <= MOST + 1e-6:
                raise ValueError(
                    f"Expected a turn on the spot of at most half a turn, got {angle:.3g} radians."
                )
            if angle and (self.loop or not end):
                raise ValueError(
                    "Expected a turn on the spot where the walk stands: tick Start or End Standing."
                )
            if angle and self.face is not None:
                raise ValueError("Expected Look at or a turn on the spot, got both.")

    @property
    def aside(self) -> bool:
        """Whether the body goes backward or sideways."""
        turned = float(self.facing) + _on_the_way([radians for _, radians in self.facings])
        return bool(np.abs(elementary.wrapped(turned)).max() > ASIDE)

    @property
    def turned(self) -> bool:
        """Whether the body faces elsewhere than it goes, on all of its way or some."""
        return bool(self.facing) or any(radians for _, radians in self.facings)

    def _check_loop(self):
        if self.stops and not all(seconds == 0.0 for _, seconds in self.stops):
            raise ValueError("Expected a loop without stops, got stops: take them out, or Loop.")
        if self.face is not None:
            raise ValueError("Expected a loop to face along its path: clear Face, or Loop.")
        object.__setattr__(self, "standing_start", False)
        object.__setattr__(self, "standing_end", False)

    def scaled(self, scale: float) -> Itinerary:
        """The same wishes where all lengths are ``scale`` times as long."""
        return self.moved(lambda place: place * scale)

    def slowed(self, tempo: float) -> Itinerary:
        """The same wishes where all times are ``tempo`` times as long."""
        duration = self.duration
        return replace(
            self,
            duration=None if duration is None else duration * tempo,
            stops=tuple((place, seconds * tempo) for place, seconds in self.stops),
            wait=self.wait * tempo,
            stay=self.stay * tempo,
        )

    def moved(self, place_of: Callable[[float], float]) -> Itinerary:
        """The same wishes on another path: ``place_of`` takes a distance to one on that."""
        return replace(
            self,
            start=place_of(self.start),
            stops=tuple((place_of(place), seconds) for place, seconds in self.stops),
            factors=tuple((place_of(place), factor) for place, factor in self.factors),
            facings=tuple((place_of(place), radians) for place, radians in self.facings),
        )


def _on_the_way(facings):
    """0, facings, and what is between them: who turns round once is backward on the way."""
    given = np.array(facings or [0.0])
    places = np.arange(0.0, len(given), _SHARE)
    return np.append(np.interp(places, np.arange(len(given)), given), 0.0)


def _pairs(values, name):
    pairs = np.array(values, float).reshape(-1, 2) if len(values) else np.empty((0, 2))
    if not np.isfinite(pairs).all():
        raise ValueError(f"Expected numbers in {name}, got {pairs[~np.isfinite(pairs)][0]}.")
    return tuple(sorted(map(tuple, pairs.tolist())))


class Route:
    """An itinerary laid on a path of one length: from ``first`` to ``last``, stops and all.

    length: metres of one lap of the path. Raises ValueError for a start beyond the path.
    """

    def __init__(self, itinerary, length, closed, laps):
        self.itinerary, self.length, self.closed = itinerary, length, closed
        if not 0.0 <= itinerary.start < length:
            raise ValueError(
                f"Expected a start between 0 and {length:.3g} m, the length of the path, got "
                f"{itinerary.start:.3g} m."
            )
        self.first = itinerary.start
        self.last = self.first + laps * length if closed else length
        self.stops = self._stops(laps)
        fine = np.linspace(self.first, self.last, max(3, int((self.last - self.first) / _STEP)))
        slowness = 1.0 / self.factor(fine)
        middle = 0.5 * (slowness[1:] + slowness[:-1])
        self._slow_length = float((np.diff(fine) * middle).sum())

    def _stops(self, laps):
        """``[(distance, seconds), ...]`` strictly between first and last, every lap's."""
        rounds = range(laps + 1) if self.closed else (0,)
        places = [(d + k * self.length, seconds) for k in rounds for d, seconds in self._given()]
        inside = [s for s in places if self.first + _NEAR < s[0] < self.last - _NEAR]
        return sorted(inside)

    def _given(self):
        for place, seconds in self.itinerary.stops:
            if not -_NEAR <= place <= self.length + _NEAR:
                raise ValueError(
                    f"Expected stops on the path of {self.length:.3g} m, got one at {place:.3g} m."
                )
            yield place, seconds

    def factor(self, distances: Sequence[float] | np.ndarray) -> np.ndarray:
        """What the speed is multiplied by at ``distances``.

        distances: metres along the path, any shape, as is the result.
        """
        return self._along(self.itinerary.factors, distances, 1.0)

    def turned(self, distances: Sequence[float] | np.ndarray) -> np.ndarray:
        """By how much the body is turned from its way at ``distances``, radians.

        distances: as of `factor`.
        """
        return float(self.itinerary.facing) + self._along(self.itinerary.facings, distances, 0.0)

    def _along(self, pairs, distances, usual):
        if not pairs:
            return np.full(np.shape(distances), usual)
        places, values = np.array(pairs).T
        period = self.length if self.closed else None
        return np.interp(distances, places, values, period=period)

    @property
    def stands(self) -> float:
        """Seconds of standing: at the ends of the result and at stops."""
        wish = self.itinerary
        ends = STAND_BEFORE * wish.standing_start + STAND_AFTER * wish.standing_end
        ends += turn_seconds(wish.turn_start) + turn_seconds(wish.turn_end)
        return wish.wait + ends + wish.stay + sum(seconds for _, seconds in self.stops)

    @property
    def _lost(self):
        """Seconds that starts and stops take longer than passing by would."""
        wish = self.itinerary
        away = [p for p, _ in self.stops] + [self.first] * wish.standing_start
        into = [p for p, _ in self.stops] + [self.last] * wish.standing_end
        # np.sum: either list may be empty
        return float(
            0.5 * np.sum(self.factor(away)) / START + 0.5 * np.sum(self.factor(into)) / STOP
        )

    def travel_seconds(self, speed: float) -> float:
        """What a speed means: seconds in motion, ``∫ ds / v`` and half a second or so an end."""
        return self._slow_length / speed + self._lost

    def seconds(self, speed: float) -> float:
        """Seconds of the whole result at a speed, stands included."""
        return self.travel_seconds(speed) + self.stands

    def speed(self, duration: float) -> float:
        """Inverse of `seconds`; infinite where no speed is enough."""
        left = duration - self.stands - self._lost
        return self._slow_length / left if left > 0.0 else np.inf
