# SPDX-License-Identifier: GPL-3.0-or-later
"""Reach Pose and knees that the user's pose has beyond straight: kept, and passed smoothly."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector
from support import rigs

NOW, THERE, LATER = 20, 50, 80
PARTS = ("UpLeg", "Leg", "Foot")


def overstretch(obj, degrees):
    """Turn the left shin forward about the knee, until it is so far beyond straight."""
    bone = obj.pose.bones["mixamorig:LeftLeg"]
    turn = np.radians(bend(obj) + degrees)
    bpy.context.view_layer.update()
    pivot = obj.matrix_world @ bone.head
    world = obj.matrix_world @ bone.matrix
    about = Matrix.Rotation(-turn, 4, left_of(obj))
    world = Matrix.Translation(pivot) @ about @ Matrix.Translation(-pivot) @ world
    bone.matrix = obj.matrix_world.inverted() @ world
    bpy.context.view_layer.update()


def left_of(obj):
    bones, world = obj.pose.bones, obj.matrix_world
    hips = (world @ bones[f"mixamorig:{side}UpLeg"].head for side in ("Left", "Right"))
    left, right = hips
    return (left - right).normalized()


def bend(obj):
    """Degrees by which the left knee bends, on the present frame; beyond straight: negative."""
    bpy.context.view_layer.update()
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    hip, knee, ankle = (
        evaluated.matrix_world @ evaluated.pose.bones[f"mixamorig:Left{part}"].head
        for part in PARTS
    )
    upper, lower = knee - hip, ankle - knee
    return np.degrees(np.arctan2(upper.cross(lower) @ left_of(evaluated), lower @ upper))


def key_all(obj, frame):
    for bone in obj.pose.bones:
        bone.keyframe_insert("rotation_quaternion", frame=frame)
    obj.pose.bones["mixamorig:Hips"].keyframe_insert("location", frame=frame)


def bends(obj, frames):
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(bend(obj))
    return np.array(found)


@pytest.mark.parametrize("ahead", [0.0, 0.5])
@pytest.mark.parametrize("degrees", [8.0, 20.0])
def test_an_overstretched_knee_stays_as_keyed_and_none_flips_beside_it(degrees, ahead):
    """The knee went from 8 degrees forward to as much backward, and back, in single frames."""
    obj = rigs.make("mixamo")
    bpy.context.scene.render.fps = 30
    for frame in (1, NOW):
        key_all(obj, frame)
    hips = obj.pose.bones["mixamorig:Hips"]
    way = ahead * left_of(obj).cross(Vector((0.0, 0.0, 1.0)))
    moved = obj.matrix_world.inverted() @ Matrix.Translation(way) @ obj.matrix_world
    hips.matrix = moved @ hips.matrix
    key_all(obj, LATER)
    overstretch(obj, degrees)
    key_all(obj, THERE)
    bpy.context.scene.frame_set(THERE)
    keyed = [np.array(b.rotation_quaternion) for b in obj.pose.bones]
    assert bend(obj) == pytest.approx(-degrees, abs=0.1)
    bpy.context.scene.frame_set(NOW)
    assert bpy.ops.quaternet.reach_pose() == {"FINISHED"}
    bpy.context.scene.frame_set(THERE)
    for bone, before in zip(obj.pose.bones, keyed, strict=True):
        np.testing.assert_allclose(np.array(bone.rotation_quaternion), before, atol=1e-6)
    found = bends(obj, range(NOW, LATER + 1))
    assert found[THERE - NOW] == pytest.approx(-degrees, abs=0.1)
    assert found.min() > -degrees - 1.0
    beside = found[THERE - NOW - 10 : THERE - NOW + 11]
    assert np.abs(np.diff(beside)).max() < 12.0
