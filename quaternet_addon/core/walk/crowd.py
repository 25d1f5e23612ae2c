# SPDX-License-Identifier: GPL-3.0-or-later
"""Many walks at once: one batch through the network, and a timetable that keeps bodies apart; pure.

In use:

    ways = [lambda f, p=p: walk_way(Walk(model, p, speed=1.4 * f).plan) for p in paths]
    timetable = keep_apart(ways, distance=0.6)
    walks = [
        Walk(model, path, speed=1.4 * t.factor, itinerary=Itinerary(wait=t.delay))
        for path, t in zip(paths, timetable.timings)
    ]
    for fraction in Crowd(walks): ...
    motions = [walk.motion for walk in walks]

A batch reads the network's matrices once for all bodies instead of once for each, which with a
BLAS is most of the time of a step.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from ..networks.blas import single_threaded
from .finish import finish

BATCH = 64  # bodies that step together: more gain little, and their states leave the caches
RATE = 10.0  # positions a second when a timetable is made
_SLICE = 32  # frames between two yields
_SHORTEST = 16  # frames


class Crowd:
    """Walks of one model, computed together; iterate it, then read ``motion`` of each walk.

    walks: `walk.Walk`s that were not run yet, of any lengths, on any skeletons. The same
    results as running each alone, but for the rounding of a batched product.
    Iterating yields the fraction done, in (0, 1].
    """

    def __init__(self, walks):
        self.walks = list(walks)
        if not self.walks:
            raise ValueError("Expected at least one walk, got none.")
        if any(walk.model is not self.walks[0].model for walk in self.walks):
            raise ValueError("Expected walks of one and the same model, got several models.")

    def __iter__(self):
        order = sorted(range(len(self.walks)), key=lambda i: -len(self.walks[i].plan.phase))
        total, done = len(order), 0
        for start in range(0, total, BATCH):
            batch = [self.walks[i] for i in order[start : start + BATCH]]
            stepped = Batch(batch)
            for fraction in stepped:
                yield (done + 0.5 * fraction * len(batch)) / total
            span = (done + 0.5 * len(batch)) / total, (done + len(batch)) / total
            finished = yield from finish(batch, stepped.states, span=span)
            for walk, result in zip(batch, finished, strict=True):
                walk.store(result)
            done += len(batch)

    def run(self):
        """Compute all walks and return their motions, in the order given."""
        for _ in self:
            pass
        return [walk.motion for walk in self.walks]


class Batch:
    """The pose network's states of up to `BATCH` walks, the longest first.

    Iterate it; then ``states`` is a list of ``(T, 4 J + 5)``.
    """

    def __init__(self, walks):
        self._model = walks[0].model
        controls = [walk.controls() for walk in walks]
        self._lengths = np.array([len(c) for c in controls])
        styles = np.stack([walk.style for walk in walks])
        with single_threaded():
            encoded = self._model.encode_controls(np.concatenate(controls))
        self._encoded = np.zeros((len(walks), self._lengths[0], encoded.shape[-1]), np.float32)
        for row, part in enumerate(np.split(encoded, np.cumsum(self._lengths)[:-1])):
            self._encoded[row, : len(part)] = part
        self._state = np.tensordot(styles, self._model.start_state, 1).astype(np.float32)
        self._hidden = np.moveaxis(np.tensordot(styles, self._model.start_hidden, 1), 0, 1)
        width = self._state.shape[-1]
        self.states = [np.empty((frames, width), np.float32) for frames in self._lengths]

    def __iter__(self):
        total = self._lengths.sum()
        for start, stop, rows in _stretches(self._lengths):
            for frame in self._step(start, stop, rows):
                yield np.minimum(self._lengths, frame).sum() / total

    def _step(self, start, stop, rows):
        """Frames ``start`` to ``stop - 1`` of the first ``rows`` walks."""
        model = self._model
        with single_threaded():
            gru = model.pose_network(batch=rows)
            gru.state = self._hidden[:, :rows]
        state, width = self._state[:rows], self._state.shape[-1]
        inputs = np.empty((rows, gru.input_size), np.float32)
        quaternions = state[:, : 4 * len(model.skeleton)].reshape(rows, -1, 4)
        for first in range(start, stop, _SLICE):
            last = min(first + _SLICE, stop)
            out = np.empty((rows, last - first, width), np.float32)
            with single_threaded():
                for frame in range(first, last):
                    inputs[:, :width] = state
                    inputs[:, width:] = self._encoded[:rows, frame]
                    state[:] = gru.step(inputs)
                    norms = np.sqrt(np.einsum("nji,nji->nj", quaternions, quaternions))
                    quaternions /= norms[..., None] + 1e-8
                    state[:, -2:] = 0.5 + 0.5 * np.tanh(0.5 * state[:, -2:])
                    out[:, frame - first] = state
            for row, states in enumerate(self.states[:rows]):
                states[first:last] = out[row, : max(0, len(states) - first)]
            yield last
        self._hidden = gru.state


def _stretches(lengths):
    """``(start, stop, rows)``: frames in which so many walks step; lengths: the longest first.

    Walks that are over stay in the batch until they are half of it, and for some frames at least: a
    network for fewer bodies takes as long to make as a few frames do.
    """
    start = 0
    while start < lengths[0]:
        rows = int(np.sum(lengths > start))
        stop = max(int(lengths[(rows - 1) // 2]), start + _SHORTEST)
        stop = min(stop, int(lengths[0]))
        yield start, stop, rows
        start = stop


@dataclass(frozen=True)
class Timing:
    """When and how fast one body goes. delay: seconds. factor: times its speed."""

    delay: float = 0.0
    factor: float = 1.0


@dataclass(frozen=True)
class Conflict:
    """Two bodies, by their indices, that no timing kept apart.

    seconds: when they are closest. distance: how close that is, metres.
    """

    first: int
    second: int
    seconds: float
    distance: float


@dataclass(frozen=True)
class Timetable:
    """What `keep_apart` found.

    timings: one `Timing` a body. closest: least distance of any two bodies, metres (infinite for
    less than two). conflicts: the pairs that stay too close.
    """

    timings: tuple
    closest: float
    conflicts: tuple


def walk_way(plan, scale=1.0):
    """Ground positions ``(T, 2)`` metres of a plan's body, `RATE` times a second.

    scale: metres of the world for one of the plan.
    """
    trajectory = plan.trajectory
    frames = np.arange(len(trajectory))
    first, last = (seconds * trajectory.fps for seconds in (plan.begin, plan.end))
    wanted = np.arange(first, last + 0.5, trajectory.fps / RATE)
    return scale * np.stack([np.interp(wanted, frames, p) for p in trajectory.positions.T], -1)


def keep_apart(ways, distance, *, longest_delay=10.0, step=0.5, factors=(1.0, 0.9, 1.1, 0.8)):
    """A `Timetable` with which bodies keep ``distance`` metres between them, where there is one.

    ways: one function a body, of a factor of its speed, that gives its ground positions
    ``(T, 2)``, `RATE` a second. Before its start a body stands on its first point, after its end
    on its last one. step: seconds between two delays that are tried.

    Prioritised planning (Erdmann and Lozano-Perez, 1987): one body after the other takes the
    timing that costs it least among those that keep away from all bodies before it. If one finds
    none, it is moved to the front and all begin again, each body once. Paths are never changed.
    """
    if not (np.isfinite(distance) and distance >= 0.0):
        raise ValueError(f"Expected a distance of 0 m or more, got {distance}.")
    planner = _Planner(ways, distance, _timings(longest_delay, step, factors))
    order, promoted, best = list(range(len(ways))), set(), None
    while True:
        timings, stuck = planner.plan(order)
        if best is None or len(stuck) < best[0]:
            best = (len(stuck), timings)
        waiting = [body for body in stuck if body not in promoted]
        if not waiting:
            break
        promoted.add(waiting[0])
        order.remove(waiting[0])
        order.insert(0, waiting[0])
    timings = best[1]
    closest, conflicts = _conflicts([planner.way(b, t) for b, t in enumerate(timings)], distance)
    return Timetable(tuple(timings), closest, conflicts)


def _timings(longest_delay, step, factors):
    """All timings to try, the least change first."""
    delays = np.arange(0.0, longest_delay + 1e-9, step)
    every = [Timing(float(d), float(f)) for d, f in itertools.product(delays, factors)]
    return sorted(every, key=lambda t: (t.delay + 10.0 * abs(t.factor - 1.0), t.delay))


class _Planner:
    """Chooses timings one body at a time."""

    def __init__(self, ways, distance, timings):
        self._ways, self._distance, self._timings = ways, distance, timings
        self._known = {}

    def way(self, body, timing):
        """Positions ``(T, 2)`` of a body that keeps to a timing."""
        key = (body, timing.factor)
        if key not in self._known:
            self._known[key] = np.asarray(self._ways[body](timing.factor), float)
        way = self._known[key]
        return np.concatenate([np.repeat(way[:1], round(timing.delay * RATE), axis=0), way])

    def plan(self, order):
        """Timings by body, and the bodies for which none keeps the distance."""
        chosen, stuck, placed = [None] * len(order), [], None
        for body in order:
            options = []
            for timing in self._timings:
                way = self.way(body, timing)
                nearest = np.inf if placed is None else _nearest(placed, way)
                options.append((nearest, timing))
                if nearest >= self._distance:
                    break
            else:
                stuck.append(body)
            chosen[body] = max(options, key=lambda option: option[0])[1]
            placed = _with(placed, self.way(body, chosen[body]))
        return chosen, stuck


def _with(placed, way):
    """``(N + 1, T, 2)``: bodies stand at their ends until the last one has come."""
    if placed is None:
        return way[None]
    frames = max(placed.shape[1], len(way))
    return np.concatenate([_waiting(placed, frames), _waiting(way[None], frames)])


def _waiting(ways, frames):
    return np.concatenate([ways, np.repeat(ways[:, -1:], frames - ways.shape[1], axis=1)], axis=1)


def _nearest(placed, way):
    frames = max(placed.shape[1], len(way))
    away = _waiting(placed, frames) - _waiting(way[None], frames)
    return float(np.sqrt((away * away).sum(-1).min()))


def _conflicts(ways, distance):
    """The least distance of any two, and a `Conflict` for every pair that comes nearer."""
    placed = None
    for way in ways:
        placed = _with(placed, way)
    closest, conflicts = np.inf, []
    for first, second in itertools.combinations(range(len(ways)), 2):
        apart = np.linalg.norm(placed[first] - placed[second], axis=-1)
        frame = int(np.argmin(apart))
        closest = min(closest, float(apart[frame]))
        if apart[frame] < distance:
            conflicts.append(Conflict(first, second, frame / RATE, float(apart[frame])))
    return closest, tuple(conflicts)
