# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast where: from the speeds of a path to the time at each place; pure."""

from __future__ import annotations

import copy
import functools

import numpy as np

from .itinerary import START, STOP
from .pace_network import POINTS_PER_METRE, path_features
from .path import KNOWN_PATHS, Path, grid

_FINE = 0.01  # metres: step of the integration along the path

# The speed is held in the mean over the whole way. In such steps, so that a small change of its
# end mostly leaves the speeds of its beginning as they are: an arrival up to half a step off.
_MEAN_STEP = 0.04

# What bends cost is made up for as far as nobody sees it: who asks for 1.4 m/s does not mean 1.8.
# Nor in the bends themselves: walks that were recorded are pressed aside by 0.93 m/s^2 at most.
_FASTER, _PRESSED = 1.15, 0.93

# Times the network's own profile: on a circle of 1 m it goes .7 of what is asked.
_SCALES = 0.7, 1.5

_SIDEWAYS = 3.5  # m/s^2 across it, in bends
_WALKS, _RUNS = 1.9, 2.1  # m/s
# Seconds at speed before and after a result that is cut from a longer walk: the body gets into
# its stride, and sees no end ahead (windows look 1 s ahead, smoothing reaches 1.2 s).
_LEAD, _TAIL = 2.5, 1.7

_CORNER = 0.3  # metres over which a corner of the path is rounded

_SPEED_UP = 1.4  # starts and stops take their time: of 1 % in speed .6 to 1 % in time are left
_EXACT, _HURRY = 0.01, 0.1  # relative: how well, and how badly at the worst, a duration is met


@functools.lru_cache(KNOWN_PATHS)
def rounded_path(path: Path) -> RoundedPath:
    """The `RoundedPath` of a path, the same for all who walk it."""
    return RoundedPath(path)


class RoundedPath:
    """A path with its corners rounded, and distances on the one in distances on the other."""

    def __init__(self, given):
        self.path, places = given.smoothed_with_places(_CORNER)
        self._knots = places, self.path.places()
        self._periods = (given.length, self.path.length) if given.closed else None

    def from_given(self, place: float) -> float:
        """A distance on the given path, metres, as one on the rounded path."""
        return float(self._between(np.asarray(place), *self._knots, ahead=True))  # type: ignore[misc]  # a pair

    def to_given(self, distances: np.ndarray) -> np.ndarray:
        """Distances on the rounded path, metres, as those on the given one."""
        return self._between(distances, *self._knots[::-1], ahead=False)  # type: ignore[misc]  # a pair

    def _between(self, s, knots, others, ahead):
        if self._periods is not None:  # round and round; a circle shrinks evenly
            length, other = self._periods if ahead else self._periods[::-1]
            return s * (other / length)
        beyond = np.minimum(s, 0.0) + np.maximum(s - knots[-1], 0.0)
        return np.interp(s, knots, others) + beyond


class Pace:
    """Speed, rate of steps and facing along a route, and when it is where.

    fine: distances ``(N,)`` 1 cm apart, ways to the route and on from it included. speeds,
    rate: m/s and rad/s there. seconds, places: knots of the time table, 0 at ``fine[0]``.
    """

    def __init__(self, network, path, route, speed):
        self.network, self.path, self.route, self.speed = network, path, route, speed
        wish, ends = route.itinerary, route.factor([route.first, route.last])
        # From a stand to full speed takes 1 / (2 START) seconds' worth of way, and back likewise.
        lead = 0.0 if wish.standing_start else (_LEAD + 0.5 / START) * speed * ends[0]
        tail = 0.0 if wish.standing_end else (_TAIL + 0.5 / STOP) * speed * ends[1]
        first, last = route.first - lead, route.last + tail
        self.way, points, curvature, fine, bend = _bends(path, lead, tail, first, last)
        wanted = speed * route.factor(points)
        # The network's own starts and stops are those of its few examples, and slow. It gives the
        # stretch between them, as if cut from a longer walk; acceleration limits do the rest.
        features = path_features(curvature, points, last, wanted, False, False)
        local, rate, facing = network.run(features)
        local = np.clip(local, 0.5 * wanted, 1.3 * wanted)
        self.fine, bend = fine, bend.copy()
        self._halts = np.searchsorted(fine, [place for place, _ in route.stops])
        bend[self._halts] = 0.0
        self.asked = route.travel_seconds(speed)
        self.speeds = self._speeds(np.interp(fine, points, local) / speed, bend)
        # Step length goes with the root of speed, so does the rate of steps.
        rate = np.interp(fine, points, np.clip(rate / np.sqrt(local), 2.0, 8.0))
        self.rate = rate * np.sqrt(self.speeds)
        self.points, self.facing = points, facing
        self.tabulate()

    def _speeds(self, shape, bend):
        """The network's profile within the body's limits, scaled so that it takes ``asked``."""
        speed, scale, most = self.speed, 1.0, _FASTER * self.route.factor(self.fine)
        pressed = np.interp(speed, (_WALKS, _RUNS), (np.sqrt(_PRESSED / _SIDEWAYS), 1.0)) * bend
        for left in reversed(range(6)):  # a fixed point: limits bite differently at each scale
            if not left:
                scale = _MEAN_STEP * np.round(scale / _MEAN_STEP)
            grown = np.minimum(shape * scale, np.maximum(shape, pressed / speed))
            wanted = np.minimum(np.minimum(np.maximum(grown, 0.0), most) * speed, bend)
            speeds = _limited(self.fine, wanted, START * speed, STOP * speed)
            took = np.interp(self._ends(), self.fine, _seconds(self.fine, speeds))
            scale = float(np.clip(scale * (took[1] - took[0]) / self.asked, *_SCALES))
        return speeds

    def _ends(self):
        return self.route.first, self.route.last

    def tabulate(self) -> None:
        """Work out ``seconds`` and ``places`` from the speeds."""
        seconds, waits = _seconds(self.fine, self.speeds), np.zeros(len(self.fine))
        waits[self._halts] = [seconds for _, seconds in self.route.stops]
        after = seconds + np.cumsum(waits)
        # A halt is two knots: there it comes and there it goes.
        both = np.stack([after - waits, after], -1)
        keep = np.stack([waits > 0.0, np.ones(len(waits), bool)], -1)
        self.seconds, self.places = both[keep], np.repeat(self.fine, 2).reshape(-1, 2)[keep]

    @property
    def ends(self) -> np.ndarray:
        """Seconds of the time table at which it leaves the first and reaches the last point.

        ``(2,)``.
        """
        return np.interp(self._ends(), self.places, self.seconds)

    @property
    def took(self) -> float:
        """Seconds in motion from the first point to the last."""
        start, arrival = self.ends
        return arrival - start - sum(seconds for _, seconds in self.route.stops)

    def hurried(self, factor: float) -> Pace:
        """The same profile, ``factor`` times as fast; halts last as long as they did."""
        other = copy.copy(self)
        other.speeds, other.rate = self.speeds * factor, self.rate * factor
        other.tabulate()
        return other


@functools.lru_cache(KNOWN_PATHS)
def _bends(path, lead, tail, first, last):
    """The way, points on it, its curvature there, fine points, and what bends allow there, m/s."""
    way = _Way(path, lead, tail)
    points = grid(first, last, 1.0 / POINTS_PER_METRE)
    curvature, fine = way.curvature(points), grid(first, last, _FINE)
    bend = np.sqrt(_SIDEWAYS / np.maximum(np.abs(np.interp(fine, points, curvature)), 1e-6))
    return way, points, curvature, fine, bend


class _Way:
    """A path with a straight way to it and on from it; a closed one goes round there."""

    def __init__(self, path, lead, tail):
        self._shift, self._path = 0.0, path
        if path.closed or (lead == 0.0 and tail == 0.0):
            return
        ends = path.position(np.array([0.0, path.length]))
        before, after = path.tangent(np.array([0.0, path.length])) * [[-lead], [tail]]
        to, on = ends[:1] + before, ends[1:] + after  # the path's own ends where there is no way
        self._path, self._shift = Path(np.vstack([to, path.points, on])), lead

    def position(self, s: np.ndarray) -> np.ndarray:
        return self._path.position(s + self._shift)

    def heading(self, s: np.ndarray) -> np.ndarray:
        return self._path.heading(s + self._shift)

    def curvature(self, s: np.ndarray) -> np.ndarray:
        return self._path.curvature(s + self._shift)


def kept_to(seconds: float, pace: Pace) -> Pace:
    """The pace at the speed that takes ``seconds`` in motion; ValueError if bends forbid it."""
    for _ in range(4):
        if seconds <= 0.0 or abs(pace.took / seconds - 1.0) < _EXACT:
            break
        speed = pace.speed * np.clip((pace.took / seconds) ** _SPEED_UP, 0.5, 2.0)
        pace = Pace(pace.network, pace.path, pace.route, speed)
    if pace.took > (1.0 + _HURRY) * seconds:
        stands = pace.route.stands
        raise ValueError(
            f"Expected more time: the bends of the path take at least {pace.took + stands:.3g} s, "
            f"got a duration of {seconds + stands:.3g} s. Lengthen it, or widen the bends."
        )
    return pace.hurried(pace.took / seconds)


def _limited(fine, speeds, speed_up, slow_down):
    """Speeds from and to zero that never change faster than the limits, m/s^2."""
    squares = speeds * speeds
    up, down = 2.0 * speed_up * (fine - fine[0]), 2.0 * slow_down * fine
    forward = np.minimum(np.minimum.accumulate(squares - up), 0.0) + up
    forward[-1] = 0.0
    # From each point's own distance, not the one to the end: the same wherever the end is.
    backward = np.minimum.accumulate((forward + down)[::-1])[::-1] - down
    return np.sqrt(np.maximum(backward, 0.0))


def _seconds(fine, speeds):
    middle = np.maximum(0.5 * (speeds[1:] + speeds[:-1]), 1e-4)
    return np.concatenate([[0.0], np.cumsum(np.diff(fine) / middle)])
