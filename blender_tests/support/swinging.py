# SPDX-License-Identifier: GPL-3.0-or-later
"""A rig whose limbs swing, and what its curves and poses are."""

import bpy
import numpy as np
from support import digest

NOW = 60

ARM, HIPS = "mixamorig:LeftArm", "mixamorig:Hips"


def key(owner, path, values, frames=(1, 20, 45, 80, 100), **how):
    """Keys for one property; how: attributes of every keyframe."""
    for frame, value in zip(frames, values, strict=True):
        setattr(owner, path, value)
        owner.keyframe_insert(path, frame=frame)
    for curve in digest.curves_of(owner.id_data.animation_data.action):
        for point in curve.keyframe_points:
            for name, value in how.items():
                setattr(point, name, value)


def swing(obj, **how):
    """A rig that moves: hips travel, an arm swings; unmapped things have keys too."""
    travel = [(0.0, 0.02 * f, 0.0) for f in (1, 20, 45, 80, 100)]
    hips, arm = obj.pose.bones[HIPS], obj.pose.bones[ARM]
    turns = [(np.cos(a), 0.0, 0.0, np.sin(a)) for a in (0.0, 0.5, -0.2, 0.4, 0.1)]
    thumb = [(1.0, 0.0, 0.0, 0.0), (0.9, 0.1, 0.0, 0.0), (0.8, 0.0, 0.3, 0.0)] * 2
    key(hips, "location", travel, **how)
    key(arm, "rotation_quaternion", turns, **how)
    key(obj.pose.bones["mixamorig:LeftHandThumb1"], "rotation_quaternion", thumb[:5])
    obj["energy"] = 1.0
    obj.keyframe_insert('["energy"]', frame=90)


def poses(rig, frames):
    """All pose bones' matrices in the world at frames, ``(T, B, 4, 4)``."""
    out = []
    for frame in frames:
        bpy.context.scene.frame_set(int(frame // 1), subframe=float(frame % 1))
        evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
        out.append([np.array(evaluated.matrix_world @ b.matrix) for b in evaluated.pose.bones])
    return np.array(out)


def curves(module, action):
    return {
        (curve.data_path, curve.array_index): curve
        for curve in module("blender.keys.action").all_fcurves(action)
    }


def points(curve):
    """All that a key is, one tuple for each."""
    names = "co handle_left handle_right interpolation easing type handle_left_type back".split()
    out = []
    for point in curve.keyframe_points:
        values = (getattr(point, name) for name in names)
        out.append(tuple(v if isinstance(v, (str, float)) else tuple(v) for v in values))
    return out
