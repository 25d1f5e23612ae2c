# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a rig is what its evaluated bones do, on every kind of rig."""

import bpy
import numpy as np
import pytest
from support import rigs, stand_in
from support.round_trip import check


@pytest.fixture
def driven(module, random_walk):
    """Drive a rig with random poses: returns (object, walk, job-like facts) after evaluation."""

    def drive(obj, seed=1):
        path = rigs.s_curve()
        rigs.activate(obj)
        assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
        mapping = obj.data.quaternet_mapping.as_dict()
        random_walk.joints = set(module("blender.rig.driver").without_fingers(mapping))
        assert bpy.ops.quaternet.generate_locomotion(curve=path.name, seed=seed) == {"FINISHED"}
        return random_walk.last.motion

    return drive


@pytest.mark.parametrize("name", rigs.BUILDERS)
def test_random_poses_come_back_within_a_tenth_of_a_degree(module, driven, name):
    obj = rigs.make(name)
    check(module, obj, driven(obj))


@pytest.mark.parametrize("mode", "QUATERNION AXIS_ANGLE XYZ XZY YXZ YZX ZXY ZYX".split())
def test_every_rotation_mode_holds_the_same_poses(module, driven, mode):
    obj = rigs.make("mixamo-a-pose")
    for bone in obj.pose.bones:
        bone.rotation_mode = mode
    check(module, obj, driven(obj))


def test_mixed_rotation_modes_in_one_rig(module, driven):
    obj = rigs.make("cmu")
    modes = "QUATERNION AXIS_ANGLE XYZ XZY YXZ YZX ZXY ZYX".split()
    for index, bone in enumerate(obj.pose.bones):
        bone.rotation_mode = modes[index % len(modes)]
    check(module, obj, driven(obj))


@pytest.mark.parametrize("roll", [0.4, -2.9])
def test_bone_roll_survives(module, driven, roll):
    obj = rigs.make("mixamo")
    bpy.ops.object.mode_set(mode="EDIT")
    for index, bone in enumerate(obj.data.edit_bones):
        bone.roll = roll * (1 + index % 3)
    bpy.ops.object.mode_set(mode="OBJECT")
    check(module, obj, driven(obj))


def test_bones_that_do_not_inherit_rotation(module, driven):
    obj = rigs.make("mixamo")
    for bone in ("mixamorig:LeftArm", "mixamorig:Head", "mixamorig:RightLeg"):
        obj.data.bones[bone].use_inherit_rotation = False
    check(module, obj, driven(obj))


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("with_root", [True, False])
def test_hips_travel_with_and_without_local_location_and_root(module, driven, local, with_root):
    obj = rigs.make("accad")
    if with_root:
        bpy.ops.object.mode_set(mode="EDIT")
        root = obj.data.edit_bones.new("root")
        root.head, root.tail, root.roll = (0.1, 0.0, 0.0), (0.1, 0.2, 0.3), 0.5
        obj.data.edit_bones["Hips"].parent = root
        bpy.ops.object.mode_set(mode="OBJECT")
    obj.data.bones["Hips"].use_local_location = local
    check(module, obj, driven(obj))


def test_leftovers_of_an_earlier_pose_do_not_displace_the_walk(module, driven):
    obj = rigs.make("accad")
    obj.pose.bones["Spine"].rotation_mode = "XYZ"
    obj.pose.bones["Spine"].rotation_euler = (0.3, 0.2, 0.1)  # between mapped bones, not mapped
    obj.pose.bones["LeftLeg"].location = (0.1, 0.0, 0.0)
    obj.pose.bones["Head"].scale = (2.0, 2.0, 2.0)
    check(module, obj, driven(obj))


@pytest.mark.parametrize("scale_length", [0.01, 1.0, 0.3048])
def test_unit_scale_of_the_scene(module, driven, scale_length):
    obj = rigs.mixamo(size=1.0 / scale_length)
    bpy.context.scene.unit_settings.scale_length = scale_length
    motion = driven(obj)
    assert 0.8 < motion.skeleton.root_height < 1.1  # metres, whatever the unit
    check(module, obj, motion)


def test_key_channels_have_no_jumps(module, driven):
    obj = rigs.make("mixamo")
    for bone in obj.pose.bones:
        bone.rotation_mode = "ZYX"
    driven(obj)
    for curve in module("blender.keys.action").all_fcurves(obj.animation_data.action):
        values = [point.co[1] for point in curve.keyframe_points]
        # poses turn by less than 0.5 rad a frame; near gimbal lock two angles swing against
        # each other, but a flip would be pi
        assert np.abs(np.diff(values)).max() < 2.0, curve.data_path


def test_euler_channels_follow_a_turn_over_several_revolutions(module):
    channels = module("blender.keys.channels")
    quaternion = module("core.maths.quaternion")
    angles = np.linspace(0.0, 7.0 * np.pi, 200)
    turning = quaternion.axis_angle_to_quaternion(np.array([0.0, 1.0, 0.0]), angles)
    for mode in "XYZ XZY YXZ YZX ZXY ZYX".split():
        values = channels.rotation_channels(turning, mode)
        assert np.allclose(values[:, 1], angles, atol=1e-4), mode
    values = channels.rotation_channels(turning, "AXIS_ANGLE")
    assert np.allclose(values[:, 0], angles, atol=1e-6)
    assert np.allclose(values[:, 1:], [0.0, 1.0, 0.0])


def test_axis_angle_swings_through_rest_without_turning_its_axis_round(module):
    channels = module("blender.keys.channels")
    quaternion = module("core.maths.quaternion")
    angles = np.linspace(-0.5, 0.5, 21)
    swing = quaternion.axis_angle_to_quaternion(np.array([0.6, 0.8, 0.0]), angles)
    values = channels.rotation_channels(swing, "AXIS_ANGLE")
    assert np.abs(np.diff(values, axis=0)).max() < 0.06


@pytest.mark.parametrize("mode", "QUATERNION AXIS_ANGLE XYZ YZX ZYX".split())
def test_channels_go_on_from_the_values_before(module, mode):
    """A later part of a motion, converted alone, holds the same numbers as in the whole."""
    channels = module("blender.keys.channels")
    quaternion = module("core.maths.quaternion")
    vectors = stand_in._smooth(np.random.default_rng(3), (120, 3)) * 1.2
    vectors[:, 1] += np.linspace(0.0, 12.0, 120)
    turns = quaternion.rotation_vector_to_quaternion(vectors)
    whole = channels.rotation_channels(turns, mode)
    whole = -whole if mode == "QUATERNION" else whole  # a user's keys may be on either side
    for cut in (30, 60, 90):
        rest = channels.rotation_channels(turns[cut:], mode, whole[cut - 1])
        assert np.allclose(rest, whole[cut:], atol=1e-5), cut


def test_sampling_follows_an_object_that_moves(module):
    """The object carries the body: its own keys and its parent's count on every frame."""
    obj = rigs.make("placed")
    for frame, x in ((1, 0.0), (11, 2.0)):
        obj.parent.location.x = x
        obj.parent.keyframe_insert("location", frame=frame)
    for curve in module("blender.keys.action").all_fcurves(obj.parent.animation_data.action):
        for point in curve.keyframe_points:
            point.interpolation = "LINEAR"
    armature = module("blender.rig.armature")
    rig = armature.read_rig(obj, bpy.context.evaluated_depsgraph_get(), 1.0)
    rotations, heads = armature.sample_pose(obj, rig, [1.0, 3.5, 6.0, 11.0])
    assert np.allclose(heads[:, 0, 0] - heads[0, 0, 0], [0.0, 0.5, 1.0, 2.0], atol=1e-5)
    assert np.allclose(rotations, rotations[:1], atol=1e-6)


def test_settling_is_what_rest_channels_say(module):
    obj = rigs.make("accad")
    for bone in obj.pose.bones:
        bone.location, bone.scale = (0.1, 0.2, 0.3), (2.0, 1.0, 1.0)
    bpy.ops.quaternet.detect_mapping()
    armature, driving = module("blender.rig.armature"), module("blender.rig.driver")
    rig = armature.read_rig(obj, bpy.context.evaluated_depsgraph_get(), 1.0)
    driver = driving.Driver(obj, rig, obj.data.quaternet_mapping.as_dict())
    driver.settle()
    assert tuple(obj.pose.bones["Hips"].location) != (0.0, 0.0, 0.0)  # keyed instead
    assert tuple(obj.pose.bones["Head"].location) == (0.0, 0.0, 0.0)
    for channel in driver.rest_channels:
        assert np.allclose(obj.path_resolve(channel.path), channel.values[0]), channel.path
