# SPDX-License-Identifier: GPL-3.0-or-later
"""A posed hand stays as it is: no walk and no dance turns a finger of it, mapped or not."""

import bpy
import numpy as np
import pytest
from support import rigs
from support.swinging import NOW, poses, swing

FINGER, THUMB = "mixamorig:LeftHandIndex1", "mixamorig:LeftHandThumb1"
BENT = (0.8, 0.6, 0.0, 0.0)  # a quaternion, by 74 degrees


def bend(obj, *names, frame=None):
    for name in names:
        bone = obj.pose.bones[name]
        bone.rotation_mode = "QUATERNION"
        bone.rotation_quaternion = BENT
        if frame is not None:
            bone.keyframe_insert("rotation_quaternion", frame=frame)


def bends(obj, name, frames):
    """How a bone stands against its parent on some frames, ``(F, 3, 3)``."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        bone = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones[name]
        found.append(np.array(bone.parent.matrix.inverted() @ bone.matrix)[:3, :3])
    return np.array(found)


def keyed(module, obj):
    curves = module("blender.keys.action").all_fcurves(obj.animation_data.action)
    return {curve.data_path for curve in curves}


def walk():
    rigs.s_curve()
    return bpy.ops.quaternet.generate_locomotion(curve="Path")


def dance():
    return bpy.ops.quaternet.generate_dance(duration=1.0)


def one_finger():
    """A rig whose hands have one finger each, and nothing else."""
    obj = rigs.make("mixamo")
    bpy.ops.object.mode_set(mode="EDIT")
    bones = obj.data.edit_bones
    for side in ("Left", "Right"):
        bones.remove(bones[f"mixamorig:{side}HandThumb1"])
        bones[f"mixamorig:{side}HandIndex1"].name = f"Finger.{side[0]}"
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.quaternet.detect_mapping()
    for side in ("Left", "Right"):
        setattr(obj.data.quaternet_mapping, f"{side}HandIndex1", f"Finger.{side[0]}")
    return obj


@pytest.mark.parametrize("make", [walk, dance])
@pytest.mark.parametrize("before", [None, 1])
def test_a_fist_stays_a_fist(module, random_walk, spinning, make, before):
    obj = rigs.make("mixamo")
    bend(obj, FINGER, THUMB, frame=before)
    fist = {name: bends(obj, name, [1])[0] for name in (FINGER, THUMB)}
    assert make() == {"FINISHED"}
    assert obj.data.quaternet_mapping.as_dict()["LeftHandIndex1"] == FINGER
    assert not any("HandIndex1" in path for path in keyed(module, obj))
    for name, was in fist.items():
        assert np.abs(bends(obj, name, [1, 10, 20]) - was).max() < 1e-5, name


@pytest.mark.parametrize("make", [walk, dance])
def test_the_only_finger_of_a_hand_stays_as_well(module, random_walk, spinning, make):
    obj = one_finger()
    bend(obj, "Finger.L")
    was = bends(obj, "Finger.L", [1])[0]
    assert make() == {"FINISHED"}
    assert obj.data.quaternet_mapping.as_dict()["LeftHandIndex1"] == "Finger.L"
    assert np.abs(bends(obj, "Finger.L", [1, 10, 20]) - was).max() < 1e-5


def test_what_carries_a_finger_stays_as_well(random_walk):
    obj = rigs.make("cmu")
    bend(obj, "LeftFingerBase")
    was = bends(obj, "LeftFingerBase", [1])[0]
    walk()
    assert np.abs(bends(obj, "LeftFingerBase", [1, 10, 20]) - was).max() < 1e-5


def test_a_continuation_keeps_the_finger_of_its_source(module, steady):
    obj = rigs.make("mixamo")
    swing(obj)
    for frame in (1, NOW, 2 * NOW):
        bend(obj, FINGER, frame=frame)
    bpy.context.scene.frame_set(NOW)
    before = poses(obj, [NOW])
    was = bends(obj, FINGER, [NOW])[0]
    bpy.context.scene.frame_set(NOW)
    assert bpy.ops.quaternet.continue_motion(duration=1.0) == {"FINISHED"}
    assert f'pose.bones["{FINGER}"].rotation_quaternion' in keyed(module, obj)
    assert np.abs(bends(obj, FINGER, [NOW, NOW + 10, NOW + 20]) - was).max() < 0.02
    assert np.abs(poses(obj, [NOW]) - before).max() < 1e-5
