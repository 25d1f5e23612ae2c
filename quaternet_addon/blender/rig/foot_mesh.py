# SPDX-License-Identifier: GPL-3.0-or-later
"""The mesh of a character's feet at rest: where its soles really are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from mathutils import Matrix

from .skin import meshes_of, places_of, state_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import bpy

    from .armature import Rig


_AROUND = 0.8  # leg lengths around an ankle: where its foot is
_KEPT = 16  # characters whose feet are kept
_HALF = 0.5  # of a vertex's weights
_feet = {}


def foot_points(
    obj: bpy.types.Object, rig: Rig, mapping: Mapping[str, str]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Points ``(N, 3)`` of the left and the right foot at rest, core world, metres; or None.

    obj: the armature object, rig: its `armature.Rig`. Vertices count that foot bones carry for
    the most part, of meshes that are shown. None if neither foot has any.
    """
    meshes = meshes_of(obj)
    if not meshes or not {"LeftFoot", "RightFoot", "LeftUpLeg"} <= set(mapping):
        return None
    body = rig.heads.tobytes(), rig.turn.tobytes(), rig.origin.tobytes(), rig.size, rig.unit
    key = obj.name_full, tuple(mapping.items()), state_of(meshes), *body
    if key not in _feet:
        while len(_feet) >= _KEPT:
            _feet.pop(next(iter(_feet)))
        sides = [_points(obj, rig, meshes, mapping, side) for side in ("Left", "Right")]
        _feet[key] = tuple(sides) if any(map(len, sides)) else None
    return _feet[key]


def _points(obj, rig, meshes, mapping, side):
    foot = obj.data.bones[mapping[side + "Foot"]]
    names = {foot.name, *(bone.name for bone in foot.children_recursive)}
    index = rig.names.index
    ankle, hip = (rig.heads[index(mapping[side + joint])] for joint in ("Foot", "UpLeg"))
    reach = _AROUND * np.linalg.norm(hip - ankle)
    found = [np.zeros((0, 3))]
    for mesh, bone in meshes:
        if bone and bone not in names:
            continue
        local = _at_rest(obj, mesh, bone)
        near = np.flatnonzero(np.linalg.norm(local - ankle, axis=-1) < reach)
        chosen = near if bone else _carried(mesh, near, names)
        found.append(rig.to_core(local[chosen]))
    return np.concatenate(found)


def _at_rest(obj, mesh, bone):
    """Places of the vertices ``(V, 3)`` in armature space while the armature is at rest."""
    if bone:
        rest = obj.data.bones[bone].matrix_local @ _tail(obj.data.bones[bone])
        matrix = rest @ mesh.matrix_parent_inverse @ mesh.matrix_basis
    else:
        matrix = obj.matrix_world.inverted_safe() @ mesh.matrix_world
    matrix = np.array(matrix, float)
    return places_of(mesh) @ matrix[:3, :3].T + matrix[:3, 3]


def _tail(bone):
    return Matrix.Translation((0.0, bone.length, 0.0))


def _carried(mesh, vertices, names):
    """Those of the vertices that bones of these names carry for the most part."""
    groups = {group.index for group in mesh.vertex_groups if group.name in names}
    if not groups:
        return np.zeros(0, int)
    kept = []
    for vertex in vertices:
        total = own = 0.0
        for element in mesh.data.vertices[vertex].groups:
            total += element.weight
            own += element.weight if element.group in groups else 0.0
        if own > _HALF * total > 0.0:
            kept.append(vertex)
    return np.array(kept, int)
