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
    spline = longest_spline(curve)
    if spline is None or spline.type == "NURBS":
        return []
    if spline.type == "POLY":
        line = [Vector(point.co[:3]) for point in spline.points]
        line += line[:1] if spline.use_cyclic_u else []
    else:
        points = list(spline.bezier_points)
        pairs = list(itertools.pairwise(points))
        pairs += [(points[-1], points[0])] if spline.use_cyclic_u else []
        line = [points[0].co.copy()]
        for a, b in pairs:
            line += interpolate_bezier(a.co, a.handle_right, b.handle_left, b.co, _STEPS)[1:]
    return [curve.matrix_world @ point for point in line]


def distances_of(curve: bpy.types.Object) -> list[float]:
    """How far along the ground each point of `points_of` is, Blender units; [] of a NURBS curve."""
    line = [point.xy for point in line_of(curve)]
    every = _STEPS - 1 if longest_spline(curve).type == "BEZIER" else 1
    steps = [(b - a).length for a, b in itertools.pairwise(line)]
    along = [0.0, *itertools.accumulate(steps)]
    return along[::every][: len(points_of(curve))] if line else []


def directions_of(curve: bpy.types.Object) -> list[Vector]:
    """Where the line goes on the ground at each point of `points_of`; [] of a NURBS curve."""
    line = line_of(curve)
    every = _STEPS - 1 if longest_spline(curve).type == "BEZIER" else 1
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
    line = line_of(curve)
    if not line:
        size = sum(curve.matrix_world.to_scale()) / 3.0
        return _of_length(spline.calc_length() * size * unit, spline.use_cyclic_u)
    try:
        path = Path(blender_to_core(np.array(line), unit), closed=spline.use_cyclic_u)
    except ValueError:
        return None
    if stop_time is None:
        return Way(path)
    radii = [point.radius for _, point in points_of(curve)]
    places = list(zip([unit * along for along in distances_of(curve)], radii, strict=True))
    factors = tuple((place, radius) for place, radius in places if radius > _STOP)
    stops = tuple((place, stop_time) for place, radius in places if radius <= _STOP)
    return Way(path, factors if any(radius != 1.0 for radius in radii) else (), stops)


def _of_length(length, closed):
    """A straight way or a circle of a length, metres; None for none."""
    if not length > 0.0:
        return None
    if not closed:
        return Way(Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]])))
    turns = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)
    ring = np.stack([np.sin(turns), np.zeros(64), np.cos(turns)], -1)
    return Way(Path(ring * length / (2.0 * np.pi), closed=True))
