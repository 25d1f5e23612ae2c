# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses lower than the body stands: feet stay on the floor, or step down to where they are."""

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support import rigs
from support.swinging import HIPS, poses

NOW, THERE = 10, 40
PREFIX = HIPS.rpartition(":")[0]


def name(part):
    return f"{PREFIX}:{part}" if PREFIX else part


@pytest.fixture
def rig():
    """A rig that is keyed at rest up to frame 10."""
    obj = rigs.make("mixamo")
    for frame in (1, NOW):
        key_all(obj, frame)
    bpy.context.scene.frame_set(NOW)
    return obj


def key_all(obj, frame):
    for bone in obj.pose.bones:
        turns = "rotation_quaternion" if bone.rotation_mode == "QUATERNION" else "rotation_euler"
        bone.keyframe_insert(turns, frame=frame)
    obj.pose.bones[HIPS].keyframe_insert("location", frame=frame)


def lower_hips(obj, metres):
    """The hips' own location for so many metres down, and ahead, in the world."""
    down, ahead = metres
    hips = obj.pose.bones[HIPS]
    turn = (obj.matrix_world @ hips.bone.matrix_local).to_3x3().inverted()
    hips.location = turn @ Vector((0.0, -ahead, -down))


def balls(obj):
    """Both balls ``(2, T, 3)`` from now to the pose."""
    world = poses(obj, range(NOW, THERE + 1))
    bones = obj.pose.bones.keys()
    return np.stack([world[:, bones.index(name(s + "ToeBase")), :3, 3] for s in ("Left", "Right")])


def feet(obj):
    """Their heights ``(2, T)``."""
    return balls(obj)[..., 2]


def test_knees_bend_where_only_the_hips_are_keyed_lower(rig):
    lower_hips(rig, (0.25, 0.0))
    rig.pose.bones[HIPS].keyframe_insert("location", frame=THERE)
    bpy.context.scene.frame_set(NOW)
    assert bpy.ops.quaternet.reach_pose(foot_lock=True) == {"FINISHED"}
    heights = feet(rig)
    assert np.abs(heights - heights[:, :1]).max() < 0.01


@pytest.mark.parametrize("down", [(0.17, 0.6), (0.4, 0.0), (-0.17, 0.4)])
def test_feet_step_down_to_a_pose_that_stands_lower_and_up_to_a_higher_one(rig, down):
    """They were there in one frame."""
    lower_hips(rig, down)
    key_all(rig, THERE)
    asked = poses(rig, [THERE])
    bpy.context.scene.frame_set(NOW)
    assert bpy.ops.quaternet.reach_pose(foot_lock=True) == {"FINISHED"}
    assert np.abs(np.diff(feet(rig), axis=1)).max() < 0.1
    assert np.abs(poses(rig, [THERE]) - asked).max() < 1e-4


def key_without_turn(obj, frame):
    """All of a pose but how the hips turn, as who only moves and bends it keys it."""
    key_all(obj, frame)
    for path in ("rotation_quaternion", "rotation_euler"):
        obj.keyframe_delete(f'pose.bones["{HIPS}"].{path}', frame=frame)


@pytest.mark.parametrize("height", [0.3, 0.18, 0.1])
def test_hips_that_are_not_turned_are_part_of_a_pose_on_a_box(rig, height):
    """Both feet rose with the hips, like a lift; a held pose sank through the box by 23 cm."""
    held = THERE + 34
    lower_hips(rig, (-height, 0.65))
    for frame in (THERE, held):
        key_without_turn(rig, frame)
    bpy.context.scene.frame_set(NOW)
    assert bpy.ops.quaternet.reach_pose(foot_lock=True) == {"FINISHED"}
    moved = np.linalg.norm(np.diff(balls(rig), axis=1), axis=-1)
    assert moved.min(axis=0).max() < 0.02  # metres in a frame
    stands = poses(rig, range(THERE, held + 1))[..., :3, 3]
    bones = rig.pose.bones.keys()
    sways = np.linalg.norm(stands - stands[0], axis=-1).max(axis=0)
    assert sways[bones.index(HIPS)] < 0.03
    assert max(sways[bones.index(name(s + "ToeBase"))] for s in ("Left", "Right")) < 0.01
