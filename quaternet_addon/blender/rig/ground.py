# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground under the feet: rays cast down on a mesh object as it is evaluated."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from ...core.feet.shells import shells_of, welded_parts
from .armature import blender_to_core, core_to_blender
from .movers import hangs_on
from .private_scene import evaluated_at
from .selection import named
from .shown_mesh import triangles_of

if TYPE_CHECKING:
    from collections.abc import Callable


_OVER, _HIGH, _DEEP = 1.2, 5.0, 5.0  # leg lengths over and under the ground so far that rays go
_NEAR = 0.3  # leg lengths
_ROOM = 2.1  # leg lengths: lower ones are no rooms for people
_LOOKED_AT = 100  # faces of what may be a room
_MOST_HITS = 64  # of a ray; and how far it goes, Blender units
_FAR = 1e6
_UP = Vector((0.0, 0.0, 1.0))


class Ground:
    """A mesh object as ground; unit: metres per Blender unit. ValueError if it is none.

    rig: the armature object that is to stand on it, and whose bones must not carry it.
    goes_along: whether that object carries it.
    """

    def __init__(self, name, unit, rig=None):
        obj = named(bpy.data.objects, name)
        if obj is None or obj.type != "MESH":
            what = "which is not in this file" if obj is None else f"a {obj.type.lower()}"
            raise ValueError(
                f"Expected a mesh object as ground, got {name!r}, {what}. Choose another in "
                "Driving > Ground, or none."
            )
        self._object, self._unit, self._rays = obj, unit, None
        carrier = None if rig is None else hangs_on(obj, rig)
        if carrier:
            raise ValueError(
                f"The ground {obj.name!r} hangs on {carrier} of the rig that is to stand on it. "
                "Clear its parent (Object > Parent > Clear and Keep Transformation), or take away "
                "its constraint or modifier."
            )
        self.goes_along = carrier == ""

    @property
    def object(self) -> bpy.types.Object:
        """The mesh object."""
        return self._object

    def _mesh(self):
        """The mesh as it is evaluated now, hidden or not: world points, triangles.

        ``(V, 3)``, ``(F, 3)``. ValueError for one that nobody can stand on.
        """
        frame = bpy.context.scene.frame_current_final
        with evaluated_at(self._object, frame) as shown:
            points, triangles = triangles_of(shown, shown.matrix_world)
        if not len(triangles):
            raise ValueError(
                f"Expected a ground with faces, got {self._object.name!r} without any. Choose "
                "another in Driving > Ground, or none."
            )
        if not np.isfinite(points).all():
            raise ValueError(
                f"Expected numbers as coordinates, got NaN or infinity in the ground "
                f"{self._object.name!r}: delete its broken points."
            )
        return points, triangles

    def surface(
        self, leg: float, level: float, clearance: float = 0.0
    ) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """The ground under who goes over it: function of core points ``(N, 2)`` (x, z), metres.

        leg: the length of one, metres. level: about the height at which the first point lies.
        clearance: metres over the mesh at which soles stand.

        It returns heights ``(N,)``, NaN where no ray hits, and normals ``(N, 3)``, core space.
        Points come in the order of time: rays start a leg over the ground so far, so that a body
        walks up stairs and under bridges. A later call begins where an earlier one was nearby.
        """
        rays = self._rays_on(self._mesh(), leg)
        known: list[tuple[float, float, float]] = []

        def under(points):
            heights = np.full(len(points), np.nan)
            normals = np.tile([0.0, 1.0, 0.0], (len(points), 1))
            here = _level_near(known, points[0], leg, level) if len(points) else level
            for row, (x, z) in enumerate(points):
                found = rays.ground(x, z, here, leg)
                if found is not None:
                    heights[row], normals[row] = found
                    here = heights[row]
                    known.append((x, z, here))
            return heights + clearance, normals

        return under

    def _rays_on(self, mesh, leg):
        """Rays on a mesh; those of before if it has not changed: a crowd walks on one ground."""
        known = self._rays
        same = known is not None and known.leg == leg
        if not (same and all(map(np.array_equal, known.mesh, mesh))):
            self._rays = _Rays(*mesh, self._unit, leg)
        return self._rays


class _Rays:
    """Rays on a mesh: its world points and triangles; metres per Blender unit, metres of a leg."""

    def __init__(self, points, triangles, unit, leg):
        self._unit = unit
        self._tree = BVHTree.FromPolygons(points.tolist(), triangles.tolist(), all_triangles=True)
        shells = shells_of(points, triangles)
        self._part, self._closed = shells.part, shells.closed
        self.mesh, self.leg = (points, triangles), leg
        self._beyond = 1e-4 * leg / unit  # to go on from where a ray has hit
        # How often a ray that crosses each part leaves a solid: what is inside of a room is not.
        # Parts of which one is too low for people are no rooms, but a mesh turned inside out.
        self._counts = shells.closed.astype(float)
        rooms = np.flatnonzero(shells.inward)
        corners, height = points[triangles], _ROOM * leg / unit
        if all(self._is_room(corners[shells.part == part], part, height) for part in rooms):
            self._counts[rooms] = -1.0

    @cached_property
    def _welded(self):
        return welded_parts(*self.mesh)

    def _is_room(self, corners, part, height):
        """Can a person stand everywhere in what is closed and shows its faces to the inside?"""
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        level = np.abs(normals[:, 2]) > 0.5 * np.linalg.norm(normals, axis=1)
        middles, sides = corners[level].mean(axis=1), np.sign(normals[level, 2])
        every = -(-len(middles) // _LOOKED_AT) or 1
        for middle, side in zip(middles[::every], sides[::every], strict=True):
            ahead = Vector((0.0, 0.0, side))
            if any(self._part[i] == part for i in self._hits(Vector(middle), ahead, height)):
                return False
        return True

    def ground(
        self, x: float, z: float, here: float, leg: float
    ) -> tuple[float, np.ndarray] | None:
        """Height and normal under a point of who walks at height ``here``; None: no ground."""
        high, bottom = here + _HIGH * leg, here - _DEEP * leg
        for top in (here + _OVER * leg, high):
            place, normal, index, _ = self._cast(x, z, top, bottom)
            if place is not None and not self._is_inside(x, z, top, high, (normal, index)):
                break
        if place is None:
            return None
        normal, height = blender_to_core(normal), blender_to_core(place, self._unit)[1]
        return height, normal if normal[1] >= 0.0 else -normal

    def _is_inside(self, x, z, top, high, below):
        """Whether a ray began inside a solid; below: normal and triangle of what is under it.

        Of closed parts it is told by how often a ray upward crosses them. Of open ones by the
        sides that they show: it leaves them upward too; a floor turned over downward alone. Another
        floor or a roof overhead is no part of what is below, and makes no solid with it.
        """
        hits = self._hits(Vector(core_to_blender([x, top, z], self._unit)), _UP)
        if hits:
            parts, times = np.unique(self._part[hits], return_counts=True)
            if self._counts[parts[times % 2 == 1]].sum() > 0.0:
                return True
        normal, index = below
        if self._closed[self._part[index]] or normal.z >= 0.0:
            return False
        place, normal, over, _ = self._cast(x, z, top, high)
        return place is not None and normal.z > 0.0 and self._welded[over] == self._welded[index]

    def _cast(self, x, z, top, bottom):
        """What a ray hits first: place, normal, triangle, distance; None each: nothing."""
        start, end = (Vector(core_to_blender([x, y, z], self._unit)) for y in (top, bottom))
        along = end - start
        return self._tree.ray_cast(start, along.normalized(), along.length)

    def _hits(self, start, ahead, length=np.inf):
        """All triangles that a ray crosses, a list of their indices."""
        found, gone = [], self._beyond
        while gone < length and len(found) < _MOST_HITS:
            rest = min(length - gone, _FAR)
            _, _, index, away = self._tree.ray_cast(start + gone * ahead, ahead, rest)
            if index is None:
                break
            found.append(index)
            gone += away + self._beyond
        return found


def _level_near(known, point, leg, level):
    """Height of the first known place ``(x, z, height)`` nearby, or of the nearest one."""
    if not known:
        return level
    places = np.array(known)
    far = np.hypot(*(places[:, :2] - point).T)
    near = np.flatnonzero(far < _NEAR * leg)
    return places[near[0] if len(near) else np.argmin(far), 2]
