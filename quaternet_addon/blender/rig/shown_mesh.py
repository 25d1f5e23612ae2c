# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes as they are evaluated, instances among them, whatever the user's view hides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .private_scene import PrivateScene

if TYPE_CHECKING:
    from collections.abc import Iterable

    import bpy
    from mathutils import Matrix


_SURFACES = {"MESH", "CURVE", "SURFACE", "FONT", "META"}  # what Blender makes a mesh of


class ShownMesh(NamedTuple):
    """Name of what has a mesh, and of who shows it: itself, or what instances it.

    points: ``(V, 3)`` of the world. triangles: ``(F, 3)``.
    """

    name: str
    shown_by: str
    points: np.ndarray
    triangles: np.ndarray


def triangles_of(shown: bpy.types.Object, world: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """World points ``(V, 3)`` and triangles ``(F, 3)`` of an evaluated mesh object.

    world: its matrix, or that of an instance of it.
    """
    mesh = shown.to_mesh()
    try:
        mesh.calc_loop_triangles()
        points = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", points)
        corners = np.empty(3 * len(mesh.loop_triangles), np.int32)
        mesh.loop_triangles.foreach_get("vertices", corners)
    finally:
        shown.to_mesh_clear()
    matrix, triangles = np.array(world), corners.reshape(-1, 3)
    if np.linalg.det(matrix[:3, :3]) < 0.0:
        triangles = triangles[:, ::-1]  # Blender shows them turned, too
    return points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3], triangles


def shown_meshes(objects: Iterable[bpy.types.Object], frame: float) -> list[ShownMesh]:
    """All meshes that objects show, see `triangles_of`; curves, texts and metaballs have one, too.

    Objects that instance a collection, their children or what geometry nodes say show those.
    """
    wanted = []
    for obj in objects:
        if obj.type in _SURFACES or obj.instance_type != "NONE":
            wanted.append(obj)
        if obj.instance_type in ("VERTS", "FACES"):
            wanted += obj.children_recursive  # Blender instances those that a scene holds
    with PrivateScene(*dict.fromkeys(wanted)) as private:
        return [
            ShownMesh(
                item.object.name,
                (item.parent or item.object).name,
                *triangles_of(item.object, item.matrix_world),
            )
            for item in private.at(frame).object_instances
            if item.object.type == "MESH"  # what Blender made of others comes as one, too
        ]
