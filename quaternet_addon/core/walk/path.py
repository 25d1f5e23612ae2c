# SPDX-License-Identifier: GPL-3.0-or-later
"""A path on the ground by arc length: position, heading and curvature at any distance; pure.

Positions lie exactly on the given polyline. Headings do not jump at its vertices: within
``CORNER`` metres of a vertex (or half a segment, if that is less) the heading turns linearly
from one segment to the next, which gives a sampled circle its true curvature, and is then
averaged over ``WINDOW`` metres to each side, which keeps the rounding errors of closely set
points out of it. Curvature is the exact derivative of that heading.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from ..maths import elementary

KNOWN_PATHS = 16  # of so many paths what follows from them is remembered: seeds share a path
CORNER = 0.3
WINDOW = 0.1
# Closer points say nothing about the direction of a walk, only about their rounding errors.
_SPACING = 0.02
_SHORTEST = 1e-6
_MAX_SAMPLES = 100_000
_MIRRORED = 2.0  # metres of an open path that go on beyond each end, as headings are looked up


@dataclass(frozen=True, eq=False)
class Path:
    """A polyline in core space (Y up), measured along its projection to the ground plane.

    points: ``(N, 3)`` metres, open or ``closed`` (a last point equal to the first is one point).
    Distances ``s`` are metres, scalars or arrays of any shape; they are clamped to an open path
    and go round a closed one, lap after lap. Raises ValueError for points that are no path.
    """

    points: np.ndarray
    closed: bool = False

    def __post_init__(self):
        given = np.array(self.points, float)
        _require_points(given)
        points = given[_ground_steps(given, before=np.inf) > _SHORTEST]
        if self.closed and np.hypot(*(points[0] - points[-1])[[0, 2]]) <= _SHORTEST:
            points = points[:-1]
        if len(points) < 2:
            raise ValueError(
                "expected a path with at least two different points on the ground, "
                f"got {len(given)} in one place"
            )
        points.flags.writeable = False
        object.__setattr__(self, "points", points)

    @property
    def length(self) -> float:
        """Metres along the ground, of one lap if the path is closed."""
        return float(self._distances[-1])

    def places(self) -> np.ndarray:
        """Distance of each point, of a closed path the way round too: ``(N,)`` metres."""
        return self._distances

    def position(self, s: float | np.ndarray) -> np.ndarray:
        """Points on the path, ``s.shape + (3,)``."""
        s = self._within(s)[0]
        vertices = self._vertices
        return np.stack([np.interp(s, self._distances, vertices[:, i]) for i in range(3)], -1)

    def height(self, s: float | np.ndarray) -> np.ndarray:
        """The path's y at ``s``.

        Metres, of the shape of ``s``.
        """
        return np.interp(self._within(s)[0], self._distances, self._vertices[:, 1])

    def heading(self, s: float | np.ndarray) -> np.ndarray:
        """Angle about +Y of the direction of travel, ``atan2(x, z)``, radians.

        Continuous in ``s``: after a lap of a left-hand circle it has grown by a full turn.
        """
        s, laps = self._within(s)
        window = self._window
        turned = self._headings.integral(s + window) - self._headings.integral(s - window)
        return turned / (2.0 * window) + laps * self._headings.turn

    def curvature(self, s: float | np.ndarray) -> np.ndarray:
        """How fast the heading turns, 1/m: positive to the left, 1/r on a circle.

        Of the shape of ``s``.
        """
        s = self._within(s)[0]
        window = self._window
        return (self._headings(s + window) - self._headings(s - window)) / (2.0 * window)

    def tangent(self, s: float | np.ndarray) -> np.ndarray:
        """Horizontal unit vectors along the heading, ``s.shape + (3,)``."""
        heading = self.heading(s)
        return np.stack(
            [elementary.sin(heading), np.zeros_like(heading), elementary.cos(heading)], -1
        )

    def smoothed(self, sigma: float) -> Path:
        """The path with its points averaged by a Gaussian of ``sigma`` metres of arc length.

        The ends of an open path stay where they are; a loop shrinks, by ``sigma²/(2 r²)`` of its
        radius. A sigma beyond the path's length does as much as its length.
        """
        return self.smoothed_with_places(sigma)[0]

    def smoothed_with_places(self, sigma: float) -> tuple[Path, np.ndarray]:
        """`smoothed`, and where on this path each of its vertices came from: ``(N,)`` metres.

        On an open path both depend on what is near only: a change of its end leaves the vertices
        more than four sigma before it as they were, to the last bit.
        """
        if not (np.isfinite(sigma) and sigma >= 0.0):
            raise ValueError(f"expected a sigma of 0 m or more, got {sigma}")
        if sigma == 0.0:
            return self, self._distances
        sigma = min(sigma, self.length)
        wanted = int(np.ceil(4.0 * self.length / sigma))
        even = self.closed or not 32 <= wanted <= _MAX_SAMPLES
        if even:
            places = np.linspace(0.0, self.length, int(np.clip(wanted, 16, _MAX_SAMPLES)) + 1)
        else:
            places = grid(0.0, self.length, 0.25 * sigma)
        step = places[1]
        reach = int(np.ceil(4.0 * sigma / step))
        kernel = elementary.exp(-0.5 * (np.arange(-reach, reach + 1) * step / sigma) ** 2)
        kernel /= kernel.sum()
        padded = self._evenly(places, reach) if even else self._ongrid(places, step, reach)
        smooth = np.stack([np.convolve(padded[:, i], kernel, "valid") for i in range(3)], -1)
        if not even:
            smooth[-1] = self.points[-1]  # where its average is, though it is off the grid
        found = Path(smooth, self.closed)
        if len(found._vertices) != len(places):  # points in one place were left out
            places = found._distances * (self.length / found.length)
        return found, places

    def _evenly(self, places, reach):
        """Positions at evenly spread places of the whole path, ``reach`` more at both ends."""
        samples = self.position(places)
        if self.closed:
            return np.pad(samples[:-1], ((reach, reach), (0, 0)), "wrap")
        # Mirrored through the end points, whose average is then the end point itself.
        return np.pad(samples, ((reach, reach), (0, 0)), "reflect", reflect_type="odd")

    def _ongrid(self, places, step, reach):
        """The same on a grid from the first point on, which the last point is not on."""
        grid = np.arange(-reach, len(places) + reach) * step
        back, on = grid < 0.0, grid > self.length
        inside = np.where(back, -grid, np.where(on, 2.0 * self.length - grid, grid))
        found, ends = self.position(inside), self.points[[0, -1]]
        found[back] = 2.0 * ends[0] - found[back]
        found[on] = 2.0 * ends[1] - found[on]
        return found

    @functools.cached_property
    def _vertices(self):
        """The points, on a closed path with the first one again at the end."""
        return np.vstack([self.points, self.points[:1]]) if self.closed else self.points

    @functools.cached_property
    def _distances(self):
        """Arc length at each vertex."""
        return np.cumsum(_ground_steps(self._vertices, before=0.0))

    @functools.cached_property
    def _window(self):
        return min(WINDOW, 0.25 * self.length)

    @functools.cached_property
    def _headings(self):
        chosen = _spaced(self._distances, min(_SPACING, 0.25 * self.length))
        return _Headings(self._vertices[chosen], self._distances[chosen], self.closed)

    def _within(self, s):
        """``(distances within one lap, laps before them)``."""
        s = np.asarray(s, float)
        if not self.closed:
            return np.clip(s, 0.0, self.length), 0.0
        laps = np.floor(s / self.length)
        return s - laps * self.length, laps


class _Headings:
    """The heading along a polyline, linear between knots, with its integral.

    vertices: ``(N, 3)``, distances: ``(N,)``. Defined beyond the ends too: a closed path goes on
    round, an open one is mirrored through its ends, so that the curvature at an end is that of
    the path beside it. ``turn`` is what a lap adds to the
    heading, a multiple of 2π; 0 on an open path.
    """

    def __init__(self, vertices, distances, closed):
        steps, length = np.diff(vertices, axis=0), distances[-1]
        segments = np.unwrap(elementary.arctan2(steps[:, 0], steps[:, 2]))
        self.turn = _turn_of_a_lap(segments) if closed else 0.0
        if closed:
            segments = [segments - self.turn, segments, segments + self.turn]
            distances = [distances[:-1] - length, distances[:-1], distances + length]
        else:
            # No more than is looked at: sums from here on then do not depend on the other end.
            near = 1 + int(np.searchsorted(distances, _MIRRORED))
            last = int(np.searchsorted(distances, length - _MIRRORED)) - 1
            near, last = min(near, len(segments)), max(last, 0)
            segments = [
                2.0 * segments[0] - segments[:near][::-1],
                segments,
                2.0 * segments[-1] - segments[last:][::-1],
            ]
            distances = [
                -distances[1 : near + 1][::-1],
                distances[:-1],
                2.0 * length - distances[last:][::-1],
            ]
        self._set_knots(np.concatenate(segments), np.concatenate(distances))

    def _set_knots(self, segments, distances):
        """Each segment keeps its heading between two knots and turns to the next after them."""
        reach = np.minimum(CORNER, 0.5 * np.diff(distances))
        knots = np.stack([distances[:-1] + reach, distances[1:] - reach], -1).ravel()
        # Short segments have both knots in the middle, but for rounding.
        self._knots = np.maximum.accumulate(knots)
        self._values = np.repeat(segments, 2)
        areas = np.diff(self._knots) * 0.5 * (self._values[1:] + self._values[:-1])
        self._areas = np.concatenate([[0.0], np.cumsum(areas)])

    def __call__(self, s):
        return np.interp(s, self._knots, self._values)

    def integral(self, s: np.ndarray) -> np.ndarray:
        """The integral of the heading from the first knot to ``s``."""
        before = np.clip(np.searchsorted(self._knots, s, "right") - 1, 0, None)
        mean = 0.5 * (self._values[before] + self(s))
        return self._areas[before] + (s - self._knots[before]) * mean


@functools.lru_cache(KNOWN_PATHS)
def scaled(path: Path, factor: float) -> Path:
    """A path ``factor`` times as large; itself for 1."""
    return path if factor == 1.0 else Path(path.points * factor, path.closed)


def _require_points(points):
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"expected path points of shape (N, 3), got {points.shape}")
    if not len(points):
        raise ValueError("expected a path of at least two points, got none")
    broken = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(broken):
        raise ValueError(
            f"expected finite path points, got {points[broken[0]]} at point {broken[0]}"
        )


def _ground_steps(points, before):
    """Distance of each point to the one before it, on the ground; ``before`` for the first."""
    steps = np.diff(points[:, [0, 2]], axis=0)
    return np.concatenate([[before], np.hypot(steps[:, 0], steps[:, 1])])


def _turn_of_a_lap(segments):
    """How much the heading has grown on return to the first segment: a multiple of 2π."""
    again = np.unwrap([segments[-1], segments[0]])[1]
    return 2.0 * np.pi * np.round((again - segments[0]) / (2.0 * np.pi))


def _spaced(distances, spacing):
    """Indices of vertices no closer than half a ``spacing``, the first and the last among them."""
    cells = np.floor(distances / spacing)
    chosen = np.flatnonzero(np.diff(cells, prepend=-1.0))
    # The first vertices of two cells may still be close, but never those of three.
    chosen = chosen[np.diff(distances[chosen], prepend=-spacing) > 0.5 * spacing]
    chosen = chosen[distances[chosen] < distances[-1] - 0.5 * spacing]
    return np.append(chosen, len(distances) - 1)


def grid(first: float, last: float, step: float) -> np.ndarray:
    """Distances ``(N,)``: steps from ``first`` on, and ``last``, half a step or more after them."""
    count = max(2, int(np.ceil((last - first) / step - 0.5)))
    return np.append(first + step * np.arange(count), last)
