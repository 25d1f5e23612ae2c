# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground under the feet: rays cast down on a mesh object as it is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from .armature import blender_to_core, core_to_blender
from .private_scene import PrivateScene
from .selection import named

if TYPE_CHECKING:
    from collections.abc import Callable


_OVER, _HIGH, _DEEP = 1.2, 5.0, 5.0  # leg lengths over and under the ground so far that rays go
_NEAR = 0.3  # leg lengths


class Ground:
    """A mesh object as ground; unit: metres per Blender unit. ValueError if it is none."""

    def __init__(self, name, unit):
        obj = named(bpy.data.objects, name)
        if obj is None or obj.type != "MESH":
            what = "which is not in this file" if obj is None else f"a {obj.type.lower()}"
            raise ValueError(
                f"Expected a mesh object as ground, got {name!r}, {what}. Choose another in "
                "Driving > Ground, or none."
            )
        self._object, self._unit = obj, unit

    def _shape(self):
        """The mesh as it is evaluated now, hidden or not: a tree for rays, and its world matrix."""
        frame = bpy.context.scene.frame_current_final
        with PrivateScene(self._object) as private:
            graph = private.at(frame)
            tree = BVHTree.FromObject(self._object, graph)
            return tree, self._object.evaluated_get(graph).matrix_world.copy()

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
        rays = _Rays(*self._shape(), self._unit)
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


class _Rays:
    """Rays on a mesh: its tree, its world matrix, metres per Blender unit."""

    def __init__(self, tree, world, unit):
        self._tree, self._world, self._unit = tree, world, unit
        self._back = world.inverted_safe()
        self._turned = world.to_3x3().inverted_safe().transposed()

    def ground(
        self, x: float, z: float, here: float, leg: float
    ) -> tuple[float, np.ndarray] | None:
        """Height and normal under a point of who walks at height ``here``; None: no ground."""
        high, bottom = here + _HIGH * leg, here - _DEEP * leg
        for top in (here + _OVER * leg, high):
            (place, normal, _, _), leaves = self._cast(x, z, top, bottom)
            # Out of a solid upward too: the ray began inside it. A floor that is turned over is
            # left downward alone.
            if place is not None and not (leaves and self._cast(x, z, top, high)[1]):
                break
        if place is None:
            return None
        normal = blender_to_core((self._turned @ normal).normalized())
        height = blender_to_core(self._world @ place, self._unit)[1]
        return height, normal if normal[1] >= 0.0 else -normal

    def _cast(self, x, z, top, bottom):
        """What a ray hits first, and whether it comes out of a solid there."""
        ends = [core_to_blender([x, y, z], self._unit) for y in (top, bottom)]
        start, end = (self._back @ Vector(place) for place in ends)
        along = end - start
        found = self._tree.ray_cast(start, along.normalized(), along.length)
        return found, found[0] is not None and found[1].dot(along) > 0.0


def _level_near(known, point, leg, level):
    """Height of the first known place ``(x, z, height)`` nearby, or of the nearest one."""
    if not known:
        return level
    places = np.array(known)
    far = np.hypot(*(places[:, :2] - point).T)
    near = np.flatnonzero(far < _NEAR * leg)
    return places[near[0] if len(near) else np.argmin(far), 2]
