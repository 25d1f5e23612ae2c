# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a walk: when a body is where on its path, its phase and facing; pure.

The pace network (QuaterNet, Pavllo et al., BMVC 2018) reads curvature and mean speed along the
path and answers with local speed, phase rate and facing. Ours also sees where the path starts
and ends, so that it speeds up and slows down there; what a body cannot do (corners too fast,
starts too hard) is cut off afterwards.
"""

import copy
from dataclasses import dataclass

import numpy as np

from ..body.trajectory import SMOOTHING, Trajectory, smooth
from ..networks.recurrent import BidirectionalGru
from .gaze import turned_to
from .itinerary import STAND_AFTER, STAND_BEFORE, START, STOP, Itinerary, Route
from .path import Path, grid

POINTS_PER_METRE = 5.0
_FINE = 0.01  # metres: step of the integration along the path
# The speed is held in the mean over the whole way. In such steps, so that a small change of its
# end mostly leaves the speeds of its beginning as they are: an arrival half a step off.
_MEAN_STEP = 0.01
_SIDEWAYS = 3.5  # m/s^2 across it, in bends
# Seconds at speed before and after a result that is cut from a longer walk: the body gets into
# its stride, and sees no end ahead (windows look 1 s ahead, smoothing reaches 1.2 s).
_LEAD, _TAIL = 2.5, 1.7
_SLOWEST_RATE = 3.0  # rad/s: steps of a start or a stop
_CORNER = 0.3  # metres over which a corner of the path is rounded
_RUN_FROM, _RUN_FULL = 1.95, 2.25  # m/s
_EXACT, _HURRY = 0.01, 0.1  # relative: how well, and how badly at the worst, a duration is met
STAND_TO_STAND = Itinerary()


@dataclass(frozen=True)
class Plan:
    """T frames of a walk before it has a body, in the model's proportions.

    trajectory; distances ``(T,)``: metres along the path with rounded corners, less than 0 or more
    than its ``length`` where a straight way leads to it or on from it; places ``(T,)``: the same
    along the path as it was given; phase ``(T,)`` unwrapped; gait ``(T,)``.
    start, arrival: seconds at which the walk leaves the first and reaches the last point that it
    is to walk. begin, end: seconds between which the plan is the result. asked: seconds from
    start to arrival that the asked speed means.
    """

    trajectory: Trajectory
    distances: np.ndarray
    places: np.ndarray
    phase: np.ndarray
    gait: np.ndarray
    start: float
    arrival: float
    asked: float
    begin: float
    end: float
    length: float
    walked: float

    def at(self, seconds, values):
        """``values: (T, ...)`` of the plan's frames at other times, linear in between."""
        frames, columns = np.arange(len(values)), np.reshape(values, (len(values), -1)).T
        out = [np.interp(np.asarray(seconds) * self.trajectory.fps, frames, c) for c in columns]
        return np.stack(out, -1).reshape(np.shape(seconds) + np.shape(values)[1:])


def path_features(curvature, distances, length, speed, starts, stops):
    """Inputs of the pace network at N points: ``(N, 4)``.

    curvature: ``(N,)`` 1/m. distances: ``(N,)`` metres from the start of a path of ``length``.
    speed: mean, m/s, one or ``(N,)``. starts, stops: whether it begins and ends with a stand.
    """
    return np.stack(
        [
            curvature,
            np.broadcast_to(speed, np.shape(curvature)),
            starts * np.exp(-distances),
            stops * np.exp(distances - length),
        ],
        -1,
    )


class PaceNetwork:
    """The pace network of a model file, on NumPy."""

    def __init__(self, arrays):
        self._gru = BidirectionalGru(arrays, "pace.rnn.")
        self._start = arrays["pace.h0"][:, 0]
        self._weight, self._bias = arrays["pace.fc.weight"], arrays["pace.fc.bias"]

    def run(self, features):
        """``(N, 4)`` to local speed m/s, phase rate rad/s and facing minus tangent, ``(N,)``."""
        hidden = self._gru.run(features, self._start)
        out = np.einsum("ni,oi->no", hidden, self._weight) + self._bias
        return out[:, 0], out[:, 1], np.arctan2(out[:, 3], out[:, 2])


def plan_walk(
    network, path, speed, fps, *, phase=0.0, laps=1, itinerary=STAND_TO_STAND, whole_strides=False
):
    """Plan a walk along ``path`` (metres of the model's proportions) at ``fps``.

    speed: m/s in steady parts. phase: radians of the walking phase at the start. itinerary: in
    the same metres; its duration, if any, is kept to exactly, with the speed as a first guess.
    whole_strides: the phase goes on by full turns from ``begin`` to ``end``.
    Raises ValueError for a duration that the bends of the path do not allow.
    """
    rounded = _Rounded(path)
    route = Route(itinerary.moved(rounded.from_given), rounded.path.length, path.closed, laps)
    pace = _Pace(network, rounded.path, route, speed)
    if itinerary.duration is not None:
        pace = _kept_to(itinerary.duration - route.stands, pace)
    return _plan(pace, fps, phase, whole_strides, rounded)


class _Rounded:
    """A path with its corners rounded, and distances on the one in distances on the other."""

    def __init__(self, given):
        self.path, places = given.smoothed_with_places(_CORNER)
        self._knots = places, self.path.places()
        self._periods = (given.length, self.path.length) if given.closed else None

    def from_given(self, place):
        return float(self._between(np.asarray(place), *self._knots, ahead=True))

    def to_given(self, distances):
        return self._between(distances, *self._knots[::-1], ahead=False)

    def _between(self, s, knots, others, ahead):
        if self._periods is not None:  # round and round; a circle shrinks evenly
            length, other = self._periods if ahead else self._periods[::-1]
            return s * (other / length)
        beyond = np.minimum(s, 0.0) + np.maximum(s - knots[-1], 0.0)
        return np.interp(s, knots, others) + beyond


class _Pace:
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
        self.way = _Way(path, lead, tail)
        points = grid(first, last, 1.0 / POINTS_PER_METRE)
        curvature, wanted = self.way.curvature(points), speed * route.factor(points)
        # The network's own starts and stops are those of its few examples, and slow. It gives the
        # stretch between them, as if cut from a longer walk; acceleration limits do the rest.
        features = path_features(curvature, points, last, wanted, False, False)
        local, rate, facing = network.run(features)
        local = np.clip(local, 0.5 * wanted, 1.3 * wanted)
        self.fine = fine = grid(first, last, _FINE)
        bend = np.sqrt(_SIDEWAYS / np.maximum(np.abs(np.interp(fine, points, curvature)), 1e-6))
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
        speed, scale = self.speed, 1.0
        for left in reversed(range(6)):  # a fixed point: limits bite differently at each scale
            if not left:
                scale = _MEAN_STEP * np.round(scale / _MEAN_STEP)
            wanted = np.minimum(np.clip(shape * scale, 0.0, self._most()) * speed, bend)
            speeds = _limited(self.fine, wanted, START * speed, STOP * speed)
            took = np.interp(self._ends(), self.fine, _seconds(self.fine, speeds))
            scale = np.clip(scale * (took[1] - took[0]) / self.asked, 0.7, 1.3)
        return speeds

    def _most(self):
        return 1.4 * self.route.factor(self.fine)

    def _ends(self):
        return self.route.first, self.route.last

    def tabulate(self):
        """Work out ``seconds`` and ``places`` from the speeds."""
        seconds, waits = _seconds(self.fine, self.speeds), np.zeros(len(self.fine))
        waits[self._halts] = [seconds for _, seconds in self.route.stops]
        after = seconds + np.cumsum(waits)
        # A halt is two knots: there it comes and there it goes.
        both = np.stack([after - waits, after], -1)
        keep = np.stack([waits > 0.0, np.ones(len(waits), bool)], -1)
        self.seconds, self.places = both[keep], np.repeat(self.fine, 2).reshape(-1, 2)[keep]

    @property
    def ends(self):
        """Seconds of the time table at which it leaves the first and reaches the last point."""
        return np.interp(self._ends(), self.places, self.seconds)

    @property
    def took(self):
        """Seconds in motion from the first point to the last."""
        start, arrival = self.ends
        return arrival - start - sum(seconds for _, seconds in self.route.stops)

    def hurried(self, factor):
        """The same profile, ``factor`` times as fast; halts last as long as they did."""
        other = copy.copy(self)
        other.speeds, other.rate = self.speeds * factor, self.rate * factor
        other.tabulate()
        return other


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

    def position(self, s):
        return self._path.position(s + self._shift)

    def heading(self, s):
        return self._path.heading(s + self._shift)

    def curvature(self, s):
        return self._path.curvature(s + self._shift)


def _kept_to(seconds, pace):
    """The pace at the speed that takes ``seconds`` in motion; ValueError if bends forbid it."""
    for _ in range(4):
        if abs(pace.took / seconds - 1.0) < _EXACT:
            break
        speed = pace.speed * np.clip(pace.took / seconds, 0.5, 2.0)
        pace = _Pace(pace.network, pace.path, pace.route, speed)
    if pace.took / seconds - 1.0 > _HURRY:
        stands = pace.route.stands
        raise ValueError(
            f"Expected more time: the bends of the path take at least {pace.took + stands:.3g} s, "
            f"got a duration of {seconds + stands:.3g} s. Lengthen it, or widen the bends."
        )
    return pace.hurried(pace.took / seconds)


def _plan(pace, fps, phase, whole_strides, rounded):
    """The frames of a pace, with stands at its ends."""
    wish, fine = pace.route.itinerary, pace.fine
    total, (start, arrival) = pace.seconds[-1], pace.ends
    frames = int(np.ceil(total * fps))
    walking = np.interp(np.arange(frames + 1) / fps, pace.seconds, pace.places)
    before = int(round((STAND_BEFORE + wish.wait) * fps))
    after = int(round(STAND_AFTER * fps)) if wish.standing_end else 0
    distances = np.concatenate([np.full(before, fine[0]), walking, np.full(after, fine[-1])])
    facing = np.interp(distances, pace.points, pace.facing)
    trajectory = _trajectory(pace.way, distances, facing, fps)
    if wish.face is not None:
        trajectory = turned_to(trajectory, wish.face)
    speeds = trajectory.speeds()
    steps = np.interp(distances, fine, np.maximum(pace.rate, _SLOWEST_RATE)) / fps
    start, arrival = before / fps + start, before / fps + arrival
    begin = 0.0 if wish.standing_start else start
    end = (len(distances) - 1) / fps if wish.standing_end else arrival
    if wish.duration is not None:
        end = begin + wish.duration
    phases = smooth(np.cumsum(steps), 0.1, fps)
    if whole_strides:
        turned = np.diff(np.interp(np.array([begin, end]) * fps, np.arange(len(phases)), phases))[0]
        phases *= 2.0 * np.pi * max(1.0, np.round(turned / (2.0 * np.pi))) / turned
    return Plan(
        trajectory=trajectory,
        distances=distances,
        places=rounded.to_given(distances),
        phase=phase + phases,
        gait=smooth(_smoothstep((speeds - _RUN_FROM) / (_RUN_FULL - _RUN_FROM)), 0.2, fps),
        start=start,
        arrival=arrival,
        asked=pace.asked,
        begin=begin,
        end=end,
        length=pace.path.length,
        walked=pace.route.last - pace.route.first,
    )


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


def _trajectory(path, distances, facing, fps):
    positions = path.position(distances)[:, [0, 2]]
    headings = np.unwrap(path.heading(distances) + facing)
    calm = smooth(np.concatenate([positions, headings[:, None]], axis=1), SMOOTHING, fps)
    return Trajectory(calm[:, :2], calm[:, 2], fps)


def _smoothstep(x):
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)
