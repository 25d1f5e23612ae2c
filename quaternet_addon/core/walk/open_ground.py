# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways across a ground of triangles from and to random places, and what stands on it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from .avoidance import Disc
from .path import Path
from .triangle_grid import TriangleGrid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_STEEPEST = elementary.cos(np.radians(40.0))  # nobody walks on a steeper triangle
_STEP = 0.4  # metres between the points of a way that have to be on the ground
_SHORTEST, _FAR = 2.0, 4.0  # metres: of any way, and of one that is taken at once
_TRIES, _MOST = 60, 2000  # pairs of places that are looked at for one way, and while there is none
_JUMP = 0.5  # metres between two points of a way: higher is another floor
_ROUND = 1.6  # times as long as broad: less is one disc


class OpenGround:
    """Triangles to walk on. triangles: ``(M, 3, 3)`` metres in core space, up is +Y.

    ValueError if none of them is level enough.
    """

    def __init__(self, triangles):
        triangles = np.asarray(triangles, float).reshape(-1, 3, 3)
        normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        areas = np.linalg.norm(normals, axis=-1)
        level = np.abs(normals[:, 1]) > _STEEPEST * np.maximum(areas, 1e-12)
        self._triangles = triangles[level & (areas > 1e-9)]
        if not len(self._triangles):
            raise ValueError("Expected a ground with level faces to walk on, got none.")
        flat = self._triangles[:, :, [0, 2]]
        first, second = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
        twice = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
        self._corner, self._edges = flat[:, 0], (first, second)
        self._twice, self._up_to = twice, np.abs(twice).cumsum()
        self._up_to /= self._up_to[-1]
        self._grid = TriangleGrid(flat)

    def place(self, random: np.random.Generator) -> np.ndarray:
        """A random place ``(3,)``, each square metre as likely as any other."""
        which = self._up_to.searchsorted(random.random(), side="right")
        a, b = random.uniform(0.0, 1.0, 2)
        a, b = (1.0 - a, 1.0 - b) if a + b > 1.0 else (a, b)
        corner, first, second = self._triangles[which]
        return corner + a * (first - corner) + b * (second - corner)

    def line(self, start: np.ndarray, end: np.ndarray) -> np.ndarray | None:
        """The straight way over the ground from one place to another, ``(N, 3)``.

        None where it leaves the ground.
        """
        count = max(2, int(np.linalg.norm((end - start)[[0, 2]]) / _STEP) + 1)
        points = np.linspace(start, end, count)
        which, heights = self._heights(points[:, [0, 2]])
        firsts = np.searchsorted(which, np.arange(count + 1))
        height = start[1]
        for point, first, end_of in zip(points, firsts[:-1], firsts[1:], strict=True):
            here = heights[first:end_of]
            if not len(here):
                return None
            nearest = here[np.argmin(np.abs(here - height))]
            if abs(nearest - height) > _JUMP:
                return None
            point[1] = height = nearest
        return points

    def _heights(self, places):
        """Heights of the triangles over or under places ``(N, 2)``, and whose each is, ``(P,)``."""
        which, there = self._grid.near(places)
        away, twice = places[which] - self._corner[there], self._twice[there]
        first, second = (edges[there] for edges in self._edges)
        a = (away[:, 0] * second[:, 1] - away[:, 1] * second[:, 0]) / twice
        b = (first[:, 0] * away[:, 1] - first[:, 1] * away[:, 0]) / twice
        inside = (a > -1e-6) & (b > -1e-6) & (a + b < 1.0 + 1e-6)
        y = self._triangles[there[inside], :, 1]
        heights = y[:, 0] + a[inside] * (y[:, 1] - y[:, 0]) + b[inside] * (y[:, 2] - y[:, 0])
        return which[inside], heights

    def ways(
        self,
        count: int,
        seed: int,
        apart: float,
        discs: Sequence[Disc] = (),
        beside: float = 0.0,
    ) -> Iterator[Path]:
        """So many straight `Path`s; their ends lie ``apart`` metres from each other and from discs.

        beside: so many metres on both sides of a way are ground, too. One after the other, so that
        a caller can cancel. ValueError where there is no room for one.
        """
        random = np.random.default_rng([int(seed) & 0xFFFFFFFF, 5])
        room = _Room(apart, count, discs)
        for number in range(count):
            way = self._way(random, room, beside)
            if way is None:
                raise ValueError(
                    f"Expected a ground with room for {count} ways of {_SHORTEST:g} m or more, got "
                    f"one with room for {number}: take fewer walkers, or a larger ground."
                )
            room.take(way[[0, -1]])
            yield Path(way)

    def _way(self, random, room, beside):
        """The first way that is long, or the longest of some."""
        best, longest = None, _SHORTEST
        for number in range(_MOST):
            start, end = self.place(random), self.place(random)
            length = np.linalg.norm((end - start)[[0, 2]])
            if length <= longest or not all(room.has(place) for place in (start, end)):
                continue
            line = self.line(start, end)
            if line is not None and self._is_broad(start, end, beside):
                best, longest = line, length
            if best is not None and (longest >= _FAR or number >= _TRIES - 1):
                break
        return best

    def _is_broad(self, start, end, beside):
        """Whether the ways beside a way are on the ground, too."""
        x, _, z = (end - start) / np.linalg.norm((end - start)[[0, 2]])
        left = beside * np.array([z, 0.0, -x])
        return not beside or all(
            self.line(start + side, end + side) is not None for side in (left, -left)
        )


class _Room:
    """Where ends of ways may be: apart from those that are taken and from what stands around."""

    def __init__(self, apart, ways, discs):
        self._apart, self._taken, self._count = apart, np.empty((2 * ways, 2)), 0
        self._centres = np.array([disc.centre for disc in discs], float).reshape(-1, 2)
        self._radii = np.array([disc.radius for disc in discs], float)

    def take(self, places: np.ndarray) -> None:
        """No other end near these places ``(N, 3)`` from now on."""
        count = self._count + len(places)
        self._taken[self._count : count], self._count = places[:, [0, 2]], count

    def has(self, place: np.ndarray) -> bool:
        """Whether an end may be at a place ``(3,)``."""
        near = np.linalg.norm(self._taken[: self._count] - place[[0, 2]], axis=-1)
        room = np.hypot(*(place[[0, 2]] - self._centres).T) - self._radii
        return not (near < self._apart).any() and bool((room > self._apart / 2.0).all())


def discs_of(points: np.ndarray) -> list[Disc]:
    """Circles that cover the footprint of a thing: one, or a row of them along what is long.

    points: ``(N, 2)`` metres, x and z, of its corners.
    """
    points = np.asarray(points, float)
    middle = 0.5 * (points.max(axis=0) + points.min(axis=0))
    if len(points) < 3:
        return [Disc(tuple(middle), float(np.linalg.norm(points - middle, axis=-1).max()))]
    _, _, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    seen = points @ axes.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    long, broad = high - low
    if long < _ROUND * max(broad, 1e-6):
        centre = 0.5 * (low + high) @ axes
        return [Disc(tuple(centre), float(np.linalg.norm(points - centre, axis=-1).max()))]
    count = int(np.ceil(long / max(broad, 0.2)))
    size = long / count
    along = low[0] + size * (np.arange(count) + 0.5)
    centres = np.stack([along, np.full(count, 0.5 * (low + high)[1])], -1) @ axes
    radius = 0.5 * float(np.hypot(size, broad))
    return [Disc(tuple(centre), radius) for centre in centres]
