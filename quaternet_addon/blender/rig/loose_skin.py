# SPDX-License-Identifier: GPL-3.0-or-later
"""Skin that no bone carries: without weights of deforming bones its vertices stay behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .skin import deforming, meshes_of

if TYPE_CHECKING:
    import bpy

# modifiers that neither move vertices nor hide them
_HARMLESS = set(
    "ARMATURE SUBSURF MULTIRES BEVEL MIRROR SOLIDIFY EDGE_SPLIT TRIANGULATE DECIMATE WELD "
    "WEIGHTED_NORMAL NORMAL_EDIT SMOOTH CORRECTIVE_SMOOTH UV_PROJECT UV_WARP".split()
)


def loose_meshes(obj: bpy.types.Object) -> list[str]:
    """Names of the shown meshes of an armature object of which some vertices hang on no bone.

    Meshes are left out in which something else may carry or hide such vertices.
    """
    return [mesh.name for mesh, bone in meshes_of(obj) if not bone and _is_loose(obj, mesh)]


def _is_loose(obj, mesh):
    modifiers = [m for m in mesh.modifiers if m.show_viewport]
    armatures = [m for m in modifiers if m.type == "ARMATURE"]
    alone = len(armatures) == 1 and not armatures[0].use_bone_envelopes
    if not alone or not armatures[0].use_vertex_groups:
        return False
    if any(m.type not in _HARMLESS for m in modifiers) or not mesh.vertex_groups:
        return False
    on_bones = deforming(obj, mesh)
    if len(on_bones) == len(mesh.vertex_groups):  # the usual case, and the quick one
        return any(not len(vertex.groups) for vertex in mesh.data.vertices)
    return any(
        not any(element.group in on_bones for element in vertex.groups)
        for vertex in mesh.data.vertices
    )
