# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk's last pose is the user's, also where the walk is made once more or followed by Live."""

import os
import time

import bpy
import numpy as np
import pytest
from mathutils import Quaternion, Vector
from support import rigs

NEAR = 0.01  # metres, of any bone
FRAME = 60  # of the pose, in the middle of the walk


@pytest.fixture
def rig():
    """A rig whose own action poses it at the end of a curve: some bones by keys, one without."""
    rigs.poly("Path", [(0, 0, 0), (0, -2, 0), (0, -4, 0)])
    obj = rigs.make("mixamo")
    arm, hips = (obj.pose.bones["mixamorig:" + name] for name in ("LeftArm", "Hips"))
    arm.rotation_mode = "QUATERNION"
    for frame, angle, along in ((1, 0.0, 0.0), (FRAME, 0.9, 3.95)):
        arm.rotation_quaternion = Quaternion((1.0, 0.0, 0.0), angle)
        hips.location = hips.bone.matrix_local.to_3x3().inverted() @ Vector((0.0, -along, 0.0))
        arm.keyframe_insert("rotation_quaternion", frame=frame)
        hips.keyframe_insert("location", frame=frame)
    obj.animation_data.action.name = "Own"
    other = obj.pose.bones["mixamorig:RightArm"]
    other.rotation_mode = "QUATERNION"
    other.rotation_quaternion = Quaternion((1.0, 0.0, 0.0), 0.7)
    bpy.context.scene.frame_set(1)
    return obj


def heads(rig, frame):
    bpy.context.scene.frame_set(int(frame))
    found = np.array([rig.matrix_world @ bone.head for bone in rig.pose.bones])
    bpy.context.scene.frame_set(1)
    return found


def last(rig):
    return heads(rig, rig.animation_data.action.frame_range[1])


def walk(**options):
    options = {"end_in_pose": True, "pose_frame": FRAME, **options}
    return bpy.ops.quaternet.generate_locomotion(curve="Path", **options)


def again(**options):
    return bpy.ops.quaternet.regenerate_take(**options)


def test_a_take_made_again_ends_in_the_same_pose(rig):
    wanted = heads(rig, FRAME)
    walk(variations=2)
    for index in (0, 1):
        bpy.ops.quaternet.use_take(index=index)
        again()
        assert np.abs(last(rig) - wanted).max() < NEAR
    again(reseed=True)  # one made again, once more
    assert np.abs(last(rig) - wanted).max() < NEAR
    assert bpy.context.scene.frame_current == 1


def test_pressed_again_it_does_not_take_its_own_steps_for_the_pose(rig):
    wanted = heads(rig, FRAME)
    walk()
    walk(seed=1)
    bpy.ops.quaternet.remove_take(index=0)
    again(reseed=True)
    assert np.abs(last(rig) - wanted).max() < NEAR
    keyed = rig.pose.bones["mixamorig:RightArm"]
    keyed.rotation_quaternion = Quaternion((1.0, 0.0, 0.0), -0.5)
    keyed.keyframe_insert("rotation_quaternion", frame=500)
    wanted = heads(rig, 500)
    walk(pose_frame=500)  # beyond its frames it is the user's
    assert np.abs(last(rig) - wanted).max() < NEAR


def test_poses_before_frame_0_are_frames_like_others(rig):
    keyed = rig.pose.bones["mixamorig:RightArm"]
    keyed.rotation_quaternion = Quaternion((1.0, 0.0, 0.0), -0.5)
    keyed.keyframe_insert("rotation_quaternion", frame=-20)
    hips = rig.pose.bones["mixamorig:Hips"]
    hips.location = hips.bone.matrix_local.to_3x3().inverted() @ Vector((0.0, -3.95, 0.0))
    hips.keyframe_insert("location", frame=-20)
    wanted = heads(rig, -20)
    bpy.context.scene.frame_set(1)
    walk(pose_frame=-20)
    assert np.abs(last(rig) - wanted).max() < NEAR


def test_the_unkeyed_rest_of_the_rig_counts_as_it_was(rig):
    wanted = heads(rig, FRAME)
    walk()
    bpy.context.scene.frame_set(40)
    rig.pose.bones["mixamorig:RightArm"].rotation_quaternion = (1.0, 0.0, 0.0, 0.0)
    again()
    assert np.abs(last(rig) - wanted).max() < NEAR


def test_a_pose_without_any_keys_is_the_same_again(rig):
    rig.animation_data_clear()
    hips = rig.pose.bones["mixamorig:Hips"]
    hips.location = hips.bone.matrix_local.to_3x3().inverted() @ Vector((0.0, -3.9, 0.0))
    bpy.context.view_layer.update()
    wanted = heads(rig, FRAME)
    walk()
    again(reseed=True)
    again(reseed=True)
    assert np.abs(last(rig) - wanted).max() < NEAR


def test_it_holds_after_saving_and_a_new_name(rig, tmp_path):
    wanted = heads(rig, FRAME)
    walk()
    bpy.data.actions["Own"].name = "Another"
    path = os.path.join(str(tmp_path), "walk.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    rig = bpy.data.objects["Mixamo"]
    rigs.activate(rig)
    again(reseed=True)
    assert np.abs(last(rig) - wanted).max() < NEAR
    bpy.data.actions.remove(bpy.data.actions["Another"])
    takes = len(rig.quaternet_takes.items)
    with pytest.raises(RuntimeError, match="'Own' was deleted, and with it the pose"):
        again()
    assert len(rig.quaternet_takes.items) == takes


def test_the_pose_outlives_its_takes(rig):
    walk()
    again()
    bpy.ops.quaternet.keep_take(index=1)
    bpy.ops.quaternet.remove_take(index=0)
    assert bpy.data.actions["Own"].users


def turn(live):
    end = time.perf_counter() + 20.0
    time.sleep(0.25)  # it may be resting
    while time.perf_counter() < end:
        if live.tick() != 0.0 and not live.session().owes:
            return
    raise AssertionError("Live does not come to rest")


@pytest.mark.parametrize("at_once", [True, False])
def test_live_keeps_to_the_pose(module, rig, at_once):
    wanted, live = heads(rig, FRAME), module("blender.walk.live")
    settings = bpy.context.scene.quaternet
    settings.curve, settings.pose_frame = bpy.data.objects["Path"], FRAME
    settings.end_in_pose = at_once
    try:
        bpy.ops.quaternet.live()
        for seed in (1, 2):
            settings.end_in_pose, settings.seed = True, seed
            turn(live)
            assert live.session().message == ""
            assert np.abs(last(rig) - wanted).max() < NEAR
    finally:
        live.stop()
    again()
    assert np.abs(last(rig) - wanted).max() < NEAR


def test_in_place_it_ends_in_no_pose_and_says_so(module, rig, capfd):
    walk(use_in_place=True)
    told = "Without effect beside the other options: end_in_pose, pose_frame"
    assert told in capfd.readouterr().out
    steps = np.diff([heads(rig, frame)[0] for frame in range(100, 200, 5)], axis=0)
    assert np.abs(steps).max() < 0.1  # it flew there
    panel = module("blender.walk.panel")
    options = bpy.context.scene.quaternet
    options.end_in_pose = True
    for in_place in (False, True):
        options.use_in_place = in_place
        used = panel.used_by_walk(options, bpy.data.objects["Path"])
        assert ("end_in_pose" in used, "pose_frame" in used) == (not in_place, not in_place)


def test_a_pose_far_from_the_end_is_refused_with_its_frame(rig):
    """Who forgot to set Pose Frame was told of a place, and not that it is that of frame 1."""
    with pytest.raises(RuntimeError, match=r"near the pose of frame 1, at \(0\.00, -?0\.00\) m"):
        walk(pose_frame=1)
