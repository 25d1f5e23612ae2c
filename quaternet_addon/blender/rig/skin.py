# SPDX-License-Identifier: GPL-3.0-or-later
"""The skin of a character as bones carry it: places of some vertices, without evaluating it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
import numpy as np
from mathutils import Matrix

from .private_scene import graph_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .armature import Rig


_EDGES = 4000  # of a character that are looked at
_GROUPS = 4  # bones of a vertex that count
_KEPT = 8  # characters whose skin is kept
_skins = {}


@dataclass(frozen=True)
class Skin:
    """Edges of the meshes that an armature moves, with what moves their ends.

    points: ``(V, 3)`` at rest, armature space. bones, weights: ``(V, 4)`` indices of the rig and
    shares. edges: ``(E, 2)``.
    """

    points: np.ndarray
    bones: np.ndarray
    weights: np.ndarray
    edges: np.ndarray

    def moved(self, turns: np.ndarray) -> np.ndarray:
        """The points ``(T, V, 3)``. turns: ``(T, B, 4, 4)`` of the bones against their rest."""
        known = np.concatenate([self.points, np.ones((len(self.points), 1))], axis=1)
        return np.einsum("tvgij,vj,vg->tvi", turns[:, self.bones], known, self.weights)[..., :3]

    def lengths(self, points: np.ndarray) -> np.ndarray:
        """Of the edges ``(..., E)`` between points ``(..., V, 3)``."""
        ends = points[..., self.edges, :]
        return np.linalg.norm(ends[..., 0, :] - ends[..., 1, :], axis=-1)


def meshes_of(obj: bpy.types.Object) -> list[tuple[bpy.types.Object, str]]:
    """``[(mesh object, bone name or ""), ...]`` that an armature object moves, as it is shown."""
    found = []
    for other in bpy.data.objects:
        if other.type != "MESH" or other.hide_render or other.hide_viewport:
            continue
        if any(m.type == "ARMATURE" and m.object == obj for m in other.modifiers):
            found.append((other, ""))
        elif other.parent == obj and other.parent_type == "BONE":
            found.append((other, other.parent_bone))
    return found


def state_of(meshes: Sequence[tuple[bpy.types.Object, str]]) -> tuple:
    """What changes when a mesh is edited or moved."""
    return tuple(
        (
            mesh.name_full,
            bone,
            zlib.crc32(places_of(mesh).tobytes()),
            mesh.matrix_world.copy().freeze(),
        )
        for mesh, bone in meshes
    )


def places_of(mesh: bpy.types.Object) -> np.ndarray:
    """Places of the vertices ``(V, 3)`` in the mesh's own space."""
    flat = np.empty(len(mesh.data.vertices) * 3, np.float32)
    mesh.data.vertices.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def forget() -> None:
    """Look at every skin anew: weights may have been painted since."""
    _skins.clear()


def skin_of(obj: bpy.types.Object, rig: Rig) -> Skin | None:
    """The `Skin` of an armature object, of edges spread over all its meshes; None without one."""
    meshes = [(mesh, bone) for mesh, bone in meshes_of(obj) if len(mesh.data.edges)]
    if not meshes:
        return None
    key = obj.name_full, rig.names, rig.heads.tobytes(), state_of(meshes)
    if key not in _skins:
        while len(_skins) >= _KEPT:
            _skins.pop(next(iter(_skins)))
        _skins[key] = _sampled(obj, rig, meshes)
    return _skins[key]


def _sampled(obj, rig, meshes):
    total = sum(len(mesh.data.edges) for mesh, _ in meshes)
    parts = [_part(obj, rig, mesh, max(1, total // _EDGES)) for mesh in meshes]
    parts = [part for part in parts if part is not None]
    if not parts:
        return None
    starts = np.cumsum([0, *(len(part.points) for part in parts[:-1])])
    return Skin(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS),
        np.concatenate([part.edges + start for part, start in zip(parts, starts, strict=True)]),
    )


_ARRAYS = ("points", "bones", "weights")


def _part(obj, rig, mesh_of_bone, step):
    """The `Skin` of every ``step``-th edge of one mesh, or None."""
    mesh, carrier = mesh_of_bone
    flat = np.empty(len(mesh.data.edges) * 2, np.int32)
    mesh.data.edges.foreach_get("vertices", flat)
    used, edges = np.unique(flat.reshape(-1, 2)[::step], return_inverse=True)
    bones, weights = _owners(obj, rig, mesh_of_bone, used)
    kept = weights.sum(axis=1) > 0.0
    edges = edges.reshape(-1, 2)
    edges = edges[kept[edges].all(axis=1)]
    if not len(edges):
        return None
    weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    return Skin(at_rest(obj, mesh, carrier)[used], bones, weights, edges)


def deforming(obj: bpy.types.Object, mesh: bpy.types.Object) -> dict[int, str]:
    """Index of a vertex group -> name of the bone that carries it: not of controls."""
    bones = obj.data.bones
    return {
        group.index: group.name
        for group in mesh.vertex_groups
        if group.name in bones and bones[group.name].use_deform
    }


def _owners(obj, rig, mesh_of_bone, vertices):
    """Bones and weights ``(V, 4)`` of vertices of a mesh, which hangs on a bone or is skinned."""
    mesh, carrier = mesh_of_bone
    index = {name: place for place, name in enumerate(rig.names)}
    groups = {group: index[name] for group, name in deforming(obj, mesh).items()}
    bones, weights = np.zeros((len(vertices), _GROUPS), int), np.zeros((len(vertices), _GROUPS))
    if carrier:
        bones[:, 0], weights[:, 0] = index[carrier], 1.0
        return bones, weights
    for row, vertex in enumerate(vertices):
        found = [(e.weight, groups.get(e.group, -1)) for e in mesh.data.vertices[vertex].groups]
        found = sorted((pair for pair in found if pair[1] >= 0), reverse=True)[:_GROUPS]
        for place, (weight, bone) in enumerate(found):
            bones[row, place], weights[row, place] = bone, weight
    return bones, weights


def at_rest(obj: bpy.types.Object, mesh: bpy.types.Object, bone: str) -> np.ndarray:
    """Places of the vertices ``(V, 3)`` in armature space while the armature is at rest.

    bone: name of the bone on which the mesh hangs, "" for one that is skinned.
    """
    if bone:
        tail = Matrix.Translation((0.0, obj.data.bones[bone].length, 0.0))
        rest = obj.data.bones[bone].matrix_local @ tail
        matrix = rest @ mesh.matrix_parent_inverse @ mesh.matrix_basis
    else:
        with graph_of(bpy.context, obj, mesh) as graph:
            rig, shown = (part.evaluated_get(graph).matrix_world for part in (obj, mesh))
            matrix = rig.inverted_safe() @ shown
    matrix = np.array(matrix, float)
    return places_of(mesh) @ matrix[:3, :3].T + matrix[:3, 3]
