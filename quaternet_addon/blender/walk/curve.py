# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender curve object -> a core Way: what the viewport shows, in core space and metres."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.walk.path import Path
from ...core.walk.way import Way
from ..rig.armature import blender_to_core
from ..rig.private_scene import evaluated_at

if TYPE_CHECKING:
    from ...core.body.motion import Motion

_RESOLUTION = 32  # points per segment, where the user's viewport setting is coarser
_MOST_POINTS = 40_000  # of a spline: a longer one is divided less finely
_LEVEL = 1e-6  # metres: rounding, no clearance
_STOP = 1e-3  # a smaller radius means 0
# modifiers that move points and keep a line a line; others may make surfaces of it
_DEFORMERS = set(
    "ARMATURE CAST CURVE HOOK LATTICE MESH_DEFORM SHRINKWRAP SIMPLE_DEFORM SMOOTH WARP WAVE "
    "SOFT_BODY NODES".split()
)
# which modifiers count: all; if they make a surface, the deforming ones; without node groups
_WANTED = (
    lambda modifier: True,
    lambda modifier: modifier.type in _DEFORMERS,
    lambda modifier: modifier.type in _DEFORMERS - {"NODES"},
)


def read_curve(
    obj: bpy.types.Object, scene: bpy.types.Scene, unit: float, stop_time: float
) -> tuple[Way, str]:
    """The `Way` along a curve object at the scene's current frame, and a message or "".

    Bezier, NURBS and poly splines, open and closed; transforms, hooks, shape keys and modifiers
    count, bevel and extrusion do not. Of several splines the longest is taken.
    The radius of a point is a factor of the speed, its tilt turns the body to the left; they are 1
    and 0 for all where points cannot be told apart on the line. unit: metres per Blender unit.
    stop_time: seconds at a point of radius 0.
    ValueError if there is no line to walk along.
    """
    lines = _checked_lines(obj, scene)
    index = max(range(len(lines)), key=lambda i: _length(*lines[i]))
    points, closed = lines[index]
    message = "" if len(lines) == 1 else f"{obj.name!r} has {len(lines)} splines: took the longest"
    try:
        path = Path(blender_to_core(points, unit), closed=closed)
    except ValueError as error:
        raise ValueError(
            f"Curve {obj.name!r} has no way to walk: {error}. Draw two points apart on the ground."
        ) from error
    splines = [s for s in obj.data.splines if len(s.points) + len(s.bezier_points) > 1]
    radii = facings = ()
    if len(splines) == len(lines):
        known = splines[index], path, blender_to_core(points, unit), closed
        radii, facings = _along(*known, "radius", 1.0), _along(*known, "tilt", 0.0)
    set_apart = any(radius != 1.0 for _, radius in radii) or any(tilt for _, tilt in facings)
    if set_apart and _changed_by_nodes(obj):
        told = f"geometry nodes change {obj.name!r}: its stops, speeds and tilts may be elsewhere"
        message = f"{message}; {told}" if message else told
    factors = tuple((place, radius) for place, radius in radii if radius > _STOP)
    stops = tuple((place, stop_time) for place, radius in radii if radius <= _STOP)
    return Way(path, factors, stops, facings), message


def _changed_by_nodes(obj):
    """Do geometry nodes act on it? What they do to points is not known, only the line they give."""
    return any(m.type == "NODES" and m.show_viewport and m.node_group for m in obj.modifiers)


def raised(path: Path, height: float) -> Path:
    """The path for soles: as high over the curve as the rig's soles rest over its origin."""
    if abs(height) < _LEVEL:
        return path
    return Path(path.points + [0.0, height, 0.0], path.closed)


def heights_along(path: Path, motion: Motion) -> np.ndarray:
    """Height ``(T,)`` of a path's nearest point in each frame of a motion, core space."""
    places = motion.root_positions[:, None, [0, 2]] - path.points[None, :, [0, 2]]
    return path.points[np.argmin((places**2).sum(axis=-1), axis=1), 1]


def _checked_lines(obj, scene):
    """See `_evaluated_lines`; ValueError where there is none that can be walked."""
    if obj.type != "CURVE":
        raise ValueError(
            f"Expected a curve object to walk along, got {obj.name!r} ({obj.type.lower()})."
        )
    if obj.mode == "EDIT":
        obj.update_from_editmode()  # what is being edited now, not what was before
    if not any(len(spline.points) or len(spline.bezier_points) for spline in obj.data.splines):
        raise ValueError(f"Expected a curve with points, got {obj.name!r} with none: draw one.")
    lines = _evaluated_lines(obj, scene)
    if not lines:
        raise ValueError(f"Expected a curve with a line to walk along, got none in {obj.name!r}.")
    if not all(np.isfinite(points).all() for points, _ in lines):
        raise ValueError(
            f"Expected numbers as coordinates, got NaN or infinity in curve {obj.name!r}: "
            "delete or redraw its broken points."
        )
    return lines


def _along(spline, path, points, closed, name, usual):
    """A property of each point of a spline by its distance along the line that it makes."""
    values = [getattr(p, name) for p in (spline.bezier_points or spline.points)]
    if all(abs(value - usual) < 1e-6 for value in values):
        return ()
    ring = np.concatenate([points, points[:1]]) if closed else points
    steps = np.linalg.norm(np.diff(ring[:, [0, 2]], axis=0), axis=-1)
    along = np.concatenate([[0.0], np.cumsum(steps)]) * path.length / max(steps.sum(), 1e-9)
    # Every segment is divided alike, so the control points are spread evenly over the line's.
    part = np.arange(len(values)) / (len(values) if closed else len(values) - 1)
    places = np.interp(part * (len(ring) - 1), np.arange(len(ring)), along)
    return tuple((float(place), float(value)) for place, value in zip(places, values, strict=True))


def _length(points, closed):
    ring = np.concatenate([points, points[:1]]) if closed else points
    return np.linalg.norm(np.diff(ring, axis=0), axis=-1).sum()


def _evaluated_lines(obj, scene):
    """World polylines ``[(points (N, 3), closed), ...]`` of the evaluated curve."""
    for wanted in _WANTED:
        with (
            _plain_copy(obj, wanted) as copy,
            evaluated_at(copy, scene.frame_current_final) as evaluated,
        ):
            mesh = evaluated.to_mesh()
            try:
                if mesh is None or len(mesh.polygons) or not len(mesh.edges):
                    continue  # a modifier made a surface: once more without such modifiers
                lines = _polylines(mesh)
            finally:
                evaluated.to_mesh_clear()
            matrix = np.array(evaluated.matrix_world)
            return [(p @ matrix[:3, :3].T + matrix[:3, 3], closed) for p, closed in lines]
    return []


@contextmanager
def _plain_copy(obj, wanted):
    """A temporary copy of the object: a bare line, finely divided, with the wanted modifiers."""
    copy = data = None
    try:
        copy, data = obj.copy(), obj.data.copy()
        copy.data = data
        data.dimensions = "3D"
        data.bevel_mode, data.bevel_depth, data.extrude, data.offset = "ROUND", 0.0, 0.0, 0.0
        data.bevel_object = data.taper_object = None
        for spline in data.splines:
            segments = max(1, len(spline.bezier_points) or len(spline.points))
            enough = max(1, min(_RESOLUTION, _MOST_POINTS // segments))
            most = max(enough, _MOST_POINTS // segments)
            spline.resolution_u = min(max(spline.resolution_u, enough), most)
        for modifier in [m for m in copy.modifiers if not wanted(m)]:
            copy.modifiers.remove(modifier)
        yield copy
    finally:
        keys = data.shape_keys if data is not None else None  # 3.4 would leave them
        bpy.data.batch_remove([block for block in (copy, data, keys) if block is not None])


def _polylines(mesh):
    """Chains of the mesh's edges as ``[(points (N, 3), closed), ...]``, in the curve's order."""
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3).astype(float)
    edges = np.empty(len(mesh.edges) * 2, np.int32)
    mesh.edges.foreach_get("vertices", edges)
    neighbours = [[] for _ in points]
    for first, second in edges.reshape(-1, 2).tolist():
        neighbours[first].append(second)
        neighbours[second].append(first)
    ends = [vertex for vertex, near in enumerate(neighbours) if len(near) == 1]
    lines, seen = [], set()
    for start in [*ends, *range(len(points))]:  # open chains from their first end, then rings
        if start not in seen and neighbours[start]:
            chain, closed = _chain(start, neighbours, seen)
            lines.append((min(chain), points[chain], closed))
    return [line[1:] for line in sorted(lines, key=lambda line: line[0])]


def _chain(start, neighbours, seen):
    """Vertices from ``start`` on, towards the lower index first, and whether they form a ring."""
    chain, vertex = [start], start
    seen.add(start)
    while True:
        following = min((n for n in neighbours[vertex] if n not in seen), default=None)
        if following is None:
            return chain, len(chain) > 2 and start in neighbours[vertex]
        chain.append(following)
        seen.add(following)
        vertex = following
