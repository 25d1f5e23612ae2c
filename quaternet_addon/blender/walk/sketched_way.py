# SPDX-License-Identifier: GPL-3.0-or-later
"""The way along a curve as its own points have it: cheap enough for every redraw.

Hooks, shape keys and modifiers do not count here; `curve` reads the way that is walked.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from mathutils import Vector
from mathutils.geometry import interpolate_bezier

from ...core.walk.path import Path
from ...core.walk.way import Way
from ..rig.armature import blender_to_core

if TYPE_CHECKING:
    from typing import Any

    import bpy


_STEPS = 12  # points of a Bezier segment
_STOP = 1e-3  # a smaller radius means 0


def longest_spline(curve: bpy.types.Object | None) -> bpy.types.Spline | None:
    """The spline of a curve object that is walked along; None: there is none."""
    splines = curve.data.splines if curve is not None and curve.type == "CURVE" else ()
    return max(splines, key=lambda spline: spline.calc_length(), default=None)


def points_of(curve: bpy.types.Object) -> list[tuple[Vector, Any]]:
    """``[(world place, point), ...]`` of the spline that is walked along."""
    spline = longest_spline(curve)
    points = (spline.bezier_points or spline.points) if spline is not None else ()
    return [(curve.matrix_world @ Vector(point.co[:3]), point) for point in points]


def line_of(curve: bpy.types.Object) -> list[Vector]:
    """World points along a curve. Of a NURBS curve none: its points are not on it."""
    return [Vector(point) for point in _line(curve)]


def _line(curve):
    """The same as an array ``(N, 3)``."""
    spline = longest_spline(curve)
    if spline is None or spline.type == "NURBS":
        return np.empty((0, 3))
    if spline.type == "POLY":
        line = _of_points(spline.points, "co", 4)[:, :3]
        line = np.concatenate([line, line[:1]]) if spline.use_cyclic_u else line
    else:
        points = list(spline.bezier_points)
        pairs = list(itertools.pairwise(points))
        pairs += [(points[-1], points[0])] if spline.use_cyclic_u else []
        found = [points[0].co.copy()]
        for a, b in pairs:
            found += interpolate_bezier(a.co, a.handle_right, b.handle_left, b.co, _STEPS)[1:]
        line = np.array(found)
    world = np.array(curve.matrix_world)
    return line @ world[:3, :3].T + world[:3, 3]


def _of_points(points, name, width=1):
    """A property of all points of a spline, ``(N, width)``."""
    values = np.empty(len(points) * width, np.float32)
    points.foreach_get(name, values)
    return values.reshape(len(points), width).astype(float)


def _every(spline):
    """How many points of the line there are from one point of the spline to the next."""
    return _STEPS - 1 if spline.type == "BEZIER" else 1


def directions_of(curve: bpy.types.Object) -> list[Vector]:
    """Where the line goes on the ground at each point of `points_of`; [] of a NURBS curve."""
    line = line_of(curve)
    every = _every(longest_spline(curve))
    closed, found = longest_spline(curve).use_cyclic_u, []
    for index in range(0, len(line), every)[: len(points_of(curve))]:
        before = -2 if closed and index == 0 else max(index - 1, 0)  # the last point is the first
        along = line[min(index + 1, len(line) - 1)] - line[before]
        along.z = 0.0
        found.append(along.normalized() if along.length else Vector((0.0, -1.0, 0.0)))
    return found


def sketched_way(curve: bpy.types.Object, unit: float, stop_time: float | None) -> Way | None:
    """About the `Way` that `curve.read_curve` gives; None where there is none.

    unit: metres per Blender unit. stop_time: seconds at a point of radius 0; None: radii do not
    count. Of a NURBS curve only its length and whether it is closed.
    """
    spline = longest_spline(curve)
    if spline is None:
        return None
    line = _line(curve)
    if not len(line):
        size = sum(curve.matrix_world.to_scale()) / 3.0
        return _of_length(spline.calc_length() * size * unit, spline.use_cyclic_u)
    line = blender_to_core(line, unit)
    try:
        path = Path(line, closed=spline.use_cyclic_u)
    except ValueError:
        return None
    radii = _of_points(spline.bezier_points or spline.points, "radius")[:, 0]
    if stop_time is None or np.allclose(radii, 1.0, rtol=0.0, atol=1e-6):
        return Way(path)
    steps = np.hypot(*np.diff(line[:, [0, 2]], axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])[:: _every(spline)]
    places = list(zip(along.tolist(), radii.tolist(), strict=False))  # a closed line has one more
    factors = tuple((place, radius) for place, radius in places if radius > _STOP)
    stops = tuple((place, stop_time) for place, radius in places if radius <= _STOP)
    return Way(path, factors, stops)


def _of_length(length, closed):
    """A straight way or a circle of a length, metres; None for none."""
    if not length > 0.0:
        return None
    if not closed:
        return Way(Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]])))
    turns = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)
    ring = np.stack([np.sin(turns), np.zeros(64), np.cos(turns)], -1)
    return Way(Path(ring * length / (2.0 * np.pi), closed=True))
