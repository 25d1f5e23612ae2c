# SPDX-License-Identifier: GPL-3.0-or-later
"""Stairs on a way: found in the ground under its path, slowed down for, a tread a step; pure.

People take one tread a step, at some 100 to 120 steps a minute (from memory): on treads of 29 cm
that is half a metre a second. A faster wish is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths.smoothing import lowpass
from .hard_ground import told_ground, told_missing
from .path import Path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .request import WalkRequest


_SPACING, _MOST_SAMPLES = 0.02, 50_000  # metres between two looks at the ground
_RISER, _WALL = 0.05, 0.45  # metres in the model's proportions: less is no step, more is none
_SHALLOW, _DEEP = 0.16, 0.5  # of a tread; on deeper ones people take a step more
_QUICKEST = 1.9  # steps a second in the model's time
_SMOOTH = 0.3  # metres over which the hips see the ground: a stair is a ramp to them
_AHEAD = 0.1  # metres that a foot comes down ahead of the hips, and half a tread
_FIRST = 0.05  # metres that the last long step before a flight comes down further ahead
_REACH = 0.3  # metres to both sides over which a slope counts
_QUICKER, _GENTLE = 0.8, 0.1  # share of the rate of steps for a slope of 1, from this slope on
_SPAN = 6.0 * np.pi  # of phase: the steps before a flight, and after it, that make room for it
_CALM = 0.15  # seconds
_SLOWER = 0.85  # of the speed that was asked for: less is told


@dataclass(frozen=True)
class Flight:
    """Treads one after the other, up or down.

    risers: ``(n,)`` metres along the path. depth: metres of a tread.
    """

    risers: np.ndarray
    depth: float

    def treads(self) -> np.ndarray:
        """Where feet stand, ``(n + 1,)`` metres along the path: before it, and on each tread."""
        half, risers = 0.5 * self.depth, self.risers
        between = 0.5 * (risers[1:] + risers[:-1])
        return np.concatenate([[risers[0] - half], between, [risers[-1] + half]])

    def hips(self, scale: float) -> np.ndarray:
        """Where the hips are as those feet come down, ``(n + 1,)`` metres along the path."""
        hips = self.treads() - 0.5 * self.depth - _AHEAD * scale
        hips[0] -= _FIRST * scale
        return hips

    def moved(self, place_of: Callable[[float], float]) -> Flight:
        """The same on another path: ``place_of`` takes a distance to one on that."""
        risers = np.array([place_of(place) for place in self.risers])
        return replace(self, risers=risers, depth=float(np.diff(risers).mean()))


@dataclass(frozen=True)
class Terrain:
    """The ground under a path.

    relief: the path at its height, smoothed. flights: its stairs. hard: warnings, of what is hard
    to walk on.
    """

    relief: Path
    flights: tuple[Flight, ...]
    hard: tuple[str, ...] = ()

    def scaled(self, scale: float) -> Terrain:
        """The same where all lengths are ``scale`` times as long."""
        relief = Path(self.relief.points * scale, self.relief.closed)
        found = tuple(f.moved(lambda place: place * scale) for f in self.flights)
        return Terrain(relief, found, self.hard)

    def quicker(self, places: np.ndarray) -> np.ndarray:
        """How much quicker steps are where it is steep, ``(T,)``, in the model's proportions."""
        rise = self.relief.height(places + _REACH) - self.relief.height(places - _REACH)
        return 1.0 + _QUICKER * np.maximum(np.abs(rise) / (2.0 * _REACH) - _GENTLE, 0.0)


def over_ground(request: WalkRequest) -> tuple[WalkRequest, Terrain | None]:
    """The request slower on stairs, and the `Terrain`; None where the ground is not known.

    request: with one speed. Its path becomes level where there is ground all along: who walks on a
    mesh is planned on level ground and then stands on it. Loops stay as they are.
    """
    path, scale = request.path, request.scale
    if request.ground is None or request.itinerary.loop:
        return request, None
    places, heights = profile(path, request.ground)
    if not np.isfinite(heights).all():
        return request, None
    found = flights(places, heights, scale)
    hard = told_ground(places, heights, _risers(places, heights, scale), scale)
    smooth = lowpass(heights, _SMOOTH * scale / (places[1] - places[0]), 1.0)
    points = path.position(places)
    relief = Path(np.stack([points[:, 0], smooth, points[:, 2]], -1), path.closed)
    level = Path(path.points * [1.0, 0.0, 1.0] + [0.0, heights[0], 0.0], path.closed)
    factors = _slowed(request.itinerary.factors, found, request)
    wish = replace(request.itinerary, factors=factors)
    return replace(request, path=level, itinerary=wish), Terrain(relief, found, hard)


def profile(path: Path, ground: Callable) -> tuple[np.ndarray, np.ndarray]:
    """Places ``(N,)`` along a path and heights of the ground there, metres; NaN where none is."""
    count = int(np.clip(np.ceil(path.length / _SPACING), 2, _MOST_SAMPLES)) + 1
    places = np.linspace(0.0, path.length, count)
    heights, _ = ground(path.position(places)[:, [0, 2]])
    return places, heights


def flights(places: np.ndarray, heights: np.ndarray, scale: float) -> tuple[Flight, ...]:
    """The `Flight`s in a profile.

    places, heights: ``(N,)`` metres, of `profile`. scale: of the body, times the model's.
    """
    edges = [e for e in _risers(places, heights, scale) if abs(e[1]) < _WALL * scale]
    groups: list[list[tuple[float, float]]] = []
    for edge in edges:
        if groups:
            place, rise = groups[-1][-1]
            fits = _SHALLOW * scale <= edge[0] - place <= _DEEP * scale
            if fits and rise * edge[1] > 0.0:
                groups[-1].append(edge)
                continue
        groups.append([edge])
    found = [np.array(group)[:, 0] for group in groups if len(group) > 1]
    return tuple(Flight(risers, float(np.diff(risers).mean())) for risers in found)


def _risers(places, heights, scale):
    """``[(place, rise), ...]`` of what a foot steps up or down, metres."""
    jumps = heights[2:] - heights[:-2]
    steep = np.concatenate([[False], np.abs(jumps) > _RISER * scale, [False]])
    edges = np.flatnonzero(np.diff(steep.astype(int))).reshape(-1, 2)
    out = []
    for first, last in edges.tolist():
        before, after = first, min(last + 1, len(heights) - 1)
        rise = heights[after] - heights[before]
        if abs(rise) > _RISER * scale:
            out.append((0.5 * (places[before] + places[after]), rise))
    return out


def speed_on(flight: Flight, request: WalkRequest) -> float:
    """The fastest that one tread a step can be walked, m/s."""
    return flight.depth * _QUICKEST / request.tempo


def _slowed(factors, found, request):
    """Factors of the speed along the path, lower on flights."""
    if not found:
        return factors
    places, values = np.array(factors).T if factors else np.array([[0.0], [1.0]])
    period = request.path.length if request.path.closed else None
    knots = list(zip(places, values, strict=True)) if factors else []
    for flight in found:
        hips = flight.hips(request.scale)
        most = speed_on(flight, request) / request.speed
        begin, end = hips[0], hips[-1] + flight.depth
        inside = [(p, v) for p, v in knots if begin <= p <= end]
        knots = [knot for knot in knots if knot not in inside]
        edges = [begin - 2.0 * flight.depth, begin, end, end + flight.depth]
        at = np.interp(edges, places, values, period=period)
        here = [(edges[0], at[0]), (begin, min(at[1], most)), (end, min(at[2], most))]
        knots += [*here, (edges[3], at[3]), *((p, min(v, most)) for p, v in inside)]
    inside = [(max(0.0, place), factor) for place, factor in knots if place < request.path.length]
    return tuple(sorted((float(place), float(factor)) for place, factor in inside))


def told_stairs(request: WalkRequest, terrain: Terrain | None) -> tuple[str, ...]:
    """Warnings: stairs that are walked slower than was asked for, and what is hard to walk on."""
    speeds = [speed_on(flight, request) for flight in (terrain.flights if terrain else ())]
    hard = terrain.hard if terrain else ()
    if not speeds or min(speeds) >= _SLOWER * request.speed:
        return hard
    return (f"stairs slow it down to {min(speeds):.2g} m/s: one tread a step", *hard)


def told_bare(request: WalkRequest, terrain: Terrain | None) -> tuple[str, ...]:
    """A warning, or none, where a path leaves the ground that was chosen, or a hole is in it."""
    if request.ground is None or terrain is not None:
        return ()
    places, heights = profile(request.path, request.ground)
    walked = places >= (0.0 if request.path.closed else request.itinerary.start)
    return told_missing(places[walked], heights[walked], request.scale)


def stepped_on(
    phases: np.ndarray, places: np.ndarray, found: Sequence[Flight], fps: float
) -> np.ndarray:
    """``phases: (T,)`` (rising, radians) whose steps come down on the treads.

    places: ``(T,)`` metres along the path of the flights, in the model's proportions.
    """
    frames = np.arange(len(phases))
    at, more, rest = [0.0], [0.0], 0.0
    for flight in found:
        hips = flight.hips(1.0)
        if hips[-1] < places[0] or hips[0] > places[-1]:
            continue
        pinned = np.interp(hips, places + 1e-9 * frames, frames)
        now = np.interp(pinned, frames, phases)
        begin, done = np.interp([now[0] - _SPAN, now[-1] + _SPAN], phases, frames)
        if begin < at[-1]:  # the next flight is near
            at, more = at[:-1], more[:-1]
            begin, rest = at[-1] if at else 0.0, more[-1] if more else 0.0
        first = np.round((now[0] + rest) / np.pi)
        away = np.pi * (first + np.arange(len(now))) - now
        at += [begin, *pinned, done]
        more += [rest, *away, rest := np.pi * np.round(away[-1] / np.pi)]
    if len(at) == 1:
        return phases
    moved = phases + lowpass(np.interp(frames, at, more), _CALM, fps)
    return np.maximum.accumulate(moved)
