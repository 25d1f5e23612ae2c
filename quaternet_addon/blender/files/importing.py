# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters from files of other programs, and from nothing: each into an empty file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import addon_utils
import bpy
import numpy as np
from mathutils import Vector

from ...core.body.proportions import built_in
from ...core.files.bvh import read_bvh
from ...core.files.soundness import require_content
from ..rig.armature import core_to_blender

if TYPE_CHECKING:
    from ...core.body.skeleton import Skeleton


_IMPORTERS = {
    ".fbx": ("io_scene_fbx", "fbx"),
    ".gltf": ("io_scene_gltf2", "gltf"),
    ".glb": ("io_scene_gltf2", "gltf"),
}
_SHORTEST = 0.02  # metres: Blender deletes bones without length


def import_character(path: Path | str, unit: float = 0.01) -> bpy.types.Object:
    """The armature object of a BVH, FBX or glTF file. ValueError for any other."""
    suffix = Path(path).suffix.lower()
    if suffix == ".bvh":
        bvh = read_bvh(path, unit)
        return build_armature(Path(path).stem, bvh.motion.skeleton, bvh.ends)
    if suffix not in _IMPORTERS:
        known = ", ".join([".bvh", *_IMPORTERS])
        raise ValueError(f"Expected a file of {known}, got {Path(path).name!r}.")
    require_content(path)
    addon, name = _IMPORTERS[suffix]
    before = set(bpy.data.objects)
    addon_utils.enable(addon, default_set=True)
    _import(name, path)
    armatures = [o for o in bpy.data.objects if o not in before and o.type == "ARMATURE"]
    if len(armatures) != 1:
        raise ValueError(f"Expected one armature in {path}, got {len(armatures)}.")
    return armatures[0]


def _import(name, path):
    """Call one of Blender's importers. ValueError where it is older than this Blender's NumPy."""
    try:
        getattr(bpy.ops.import_scene, name)(filepath=str(path))
    except RuntimeError as error:  # Debian's 3.4.1 has NumPy 1.24, and its importer is older
        if "module 'numpy' has no attribute" not in str(error):
            raise
        raise ValueError(
            f"The glTF importer of this Blender does not work with its NumPy {np.__version__}. "
            "Use FBX, or another Blender."
        ) from error


def build_character(leg: float) -> bpy.types.Object:
    """An armature of the canonical skeleton with legs of so many metres, mapped."""
    skeleton = built_in(leg)
    obj = build_armature("QuaterNet", skeleton)
    obj.data.quaternet_mapping.store({name: name for name in skeleton.names})
    return obj


def build_armature(
    name: str, skeleton: Skeleton, ends: np.ndarray | None = None
) -> bpy.types.Object:
    """An armature object in the rest pose of a core Skeleton, standing on the ground.

    ends: ``(J, 3)`` metres from joints to the ends of leaves, NaN where unknown.
    """
    data = bpy.data.armatures.new(name)
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    heads = skeleton.rest_positions
    tails = _tails(skeleton, heads, ends)
    bpy.ops.object.mode_set(mode="EDIT")
    bones = []
    for joint, parent in enumerate(skeleton.parents):
        bone = data.edit_bones.new(skeleton.names[joint])
        bone.parent = bones[parent] if parent >= 0 else None
        bone.head, bone.tail = (Vector(core_to_blender(p[joint])) for p in (heads, tails))
        bones.append(bone)
    bpy.ops.object.mode_set(mode="OBJECT")
    return obj


def _tails(skeleton, heads, ends):
    """Where the bones end: at the first child that is away from them, at their ends, or onward."""
    ends = np.full(heads.shape, np.nan) if ends is None else ends
    tails = heads + np.where(np.isfinite(ends), ends, 0.5 * skeleton.offsets)
    for joint in reversed(range(1, len(heads))):
        parent = skeleton.parents[joint]
        if np.linalg.norm(heads[joint] - heads[parent]) > _SHORTEST:
            tails[parent] = heads[joint]
    short = np.linalg.norm(tails - heads, axis=-1) < _SHORTEST
    tails[short] = heads[short] + [0.0, _SHORTEST, 0.0]
    return tails
