# SPDX-License-Identifier: GPL-3.0-or-later
"""The clips of a batch: what the manifest says, and what the files hold."""

import json

import addon_utils
import bpy
import numpy as np
import pytest


def entries(folder):
    return [json.loads(line) for line in (folder / "out" / "manifest.jsonl").open()]


def joints(obj, frames):
    """World places of all bones' heads, ``{name: (T, 3)}`` metres, at frames of the scene."""
    out = {bone.name: [] for bone in obj.pose.bones}
    for frame in frames:
        bpy.context.scene.frame_set(int(frame), subframe=float(frame % 1.0))
        evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for bone in evaluated.pose.bones:
            out[bone.name].append(np.array(evaluated.matrix_world @ bone.head))
    return {name: np.array(places) for name, places in out.items()}


def asked(module, path):
    """World places of the bones of a motion file, in Blender's axes."""
    motion, _ = module("core.files.motion_file").load_motion(path)
    places = motion.positions() @ np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    return dict(zip(motion.skeleton.names, places.transpose(1, 0, 2), strict=True))


def reimport(kind, path):
    """The armature of a file in an empty scene at 30 fps, and its first frame."""
    if kind == "blend":
        bpy.ops.wm.open_mainfile(filepath=str(path))
        return bpy.data.objects["Hero"], 1
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.render.fps = 30
    names = {"bvh": "io_anim_bvh", "fbx": "io_scene_fbx", "gltf": "io_scene_gltf2"}
    addon_utils.enable(names[kind], default_set=True)
    if kind == "bvh":
        if bpy.app.version < (4, 2):
            pytest.skip("needs Blender's BVH importer, which 3.4.1 on Python 3.11 cannot start")
        bpy.ops.import_anim.bvh(filepath=str(path), global_scale=0.01, frame_start=1)
    elif kind == "fbx":
        bpy.ops.import_scene.fbx(filepath=str(path))
    else:
        bpy.ops.import_scene.gltf(filepath=str(path))
    (obj,) = (o for o in bpy.data.objects if o.type == "ARMATURE")
    return obj, 1 if kind == "bvh" else round(obj.animation_data.action.frame_range[0])


def glb_json(path):
    """The JSON part of a GLB file: Blender 3.4 with a new NumPy imports no meshes."""
    data = path.read_bytes()
    return json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])
