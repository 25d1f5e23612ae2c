# SPDX-License-Identifier: GPL-3.0-or-later
"""Reach Pose between frames: rotations go the short way; rates at which there is hardly a frame."""

import bpy
import numpy as np
import pytest
from support import digest, rigs

THERE = 50
NAMES = ("LeftArm", "LeftForeArm", "LeftHand")


def rotate_to(bone, frame, values, index=-1):
    """Set what turns a bone and key it; values: numbers of its rotation mode."""
    name = "rotation_quaternion" if bone.rotation_mode == "QUATERNION" else "rotation_euler"
    setattr(bone, name, values)
    bone.keyframe_insert(name, index=index, frame=frame)


def standing(mode="QUATERNION"):
    """A rig that stands, all its bones keyed on frames 1 and 20; and its left arm and hand."""
    obj = rigs.make("mixamo")
    bpy.context.scene.render.fps = 30
    bones = obj.pose.bones
    for bone in bones:
        bone.rotation_mode = mode
        for frame in (1, 20):
            bone.keyframe_insert(
                "rotation_euler" if mode != "QUATERNION" else "rotation_quaternion", frame=frame
            )
    for frame in (1, 20):
        bones["mixamorig:Hips"].keyframe_insert("location", frame=frame)
    return obj, bones["mixamorig:LeftArm"], bones["mixamorig:LeftHand"]


def places(obj, frames):
    """Where the left arm's bones are at frames, fractions allowed: ``(T, 3, 3)`` metres."""
    out = []
    for frame in frames:
        bpy.context.scene.frame_set(int(frame), subframe=float(frame % 1.0))
        evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        bones = [evaluated.pose.bones[f"mixamorig:{name}"] for name in NAMES]
        out.append([evaluated.matrix_world @ bone.tail for bone in bones])
    return np.array(out)


def wound(arm, hand):
    """Turned twice later on: on the pose's frame its euler angles are a turn further."""
    rotate_to(hand, THERE, (0.3, 0.0, 0.0))
    rotate_to(arm, 20, (0.1, 0.0, 0.0))
    rotate_to(arm, 90, (4.0 * np.pi, 0.0, 0.0))


def other_sign(arm, hand):
    """On the pose's frame its quaternion is the negative one."""
    rotate_to(hand, THERE, (0.95, 0.3, 0.0, 0.0))
    rotate_to(arm, 20, (1.0, 0.05, 0.0, 0.0))
    rotate_to(arm, 21, (-1.0, -0.05, 0.0, 0.0))
    rotate_to(arm, 90, (-1.0, -0.5, 0.0, 0.0))


def one_component(arm, _hand):
    """Of its quaternion only one number is keyed in the pose, which has not the length 1 there."""
    rotate_to(arm, THERE, (1.0, 1.0, 0.0, 0.0), index=1)


@pytest.mark.parametrize("of_the_user", [wound, other_sign, one_component])
@pytest.mark.parametrize("keys", ["ALL", "FEWEST"])
def test_nothing_whirls_between_two_frames(of_the_user, keys):
    """In quarters of frames no bone goes more than twice as far as in a whole one, and 5 mm."""
    obj, arm, hand = standing("XYZ" if of_the_user is wound else "QUATERNION")
    of_the_user(arm, hand)
    key = pose_of(obj, arm)
    bpy.context.scene.frame_set(20)
    assert bpy.ops.quaternet.reach_pose(frames=str(THERE), keys=keys) == {"FINISHED"}
    way = places(obj, np.arange(4 * 20, 4 * THERE + 1) / 4.0)
    quarters = np.linalg.norm(np.diff(way, axis=0), axis=-1)
    frames = np.linalg.norm(np.diff(way[::4], axis=0), axis=-1)
    assert quarters.sum(axis=0).max() < 1.5 * frames.sum(axis=0).max() + 0.005
    assert quarters[-8:].max() < 2.0 * frames[-5:].max() + 0.005
    np.testing.assert_allclose(pose_of(obj, arm), key, atol=1e-5)


def pose_of(obj, bone):
    """The numbers that turn a bone on the pose's frame."""
    bpy.context.scene.frame_set(THERE)
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones[bone.name]
    quaternion = bone.rotation_mode == "QUATERNION"
    return np.array(evaluated.rotation_quaternion if quaternion else evaluated.rotation_euler)


@pytest.mark.parametrize("fps", [1, 2, 3, 5, 6, 8])
@pytest.mark.parametrize("frames", [1, 2, 3])
def test_low_rates_are_filled_or_refused(fps, frames):
    obj, arm, _ = standing()
    bpy.context.scene.render.fps = fps
    for bone in obj.pose.bones:
        rotate_to(bone, 20 + frames, (1.0, 0.1, 0.0, 0.0))
    hips = obj.pose.bones["mixamorig:Hips"]
    hips.location[0] += 0.3 / obj.matrix_world.to_scale()[0]
    hips.keyframe_insert("location", frame=20 + frames)
    bpy.context.scene.frame_set(20)
    actions = len(bpy.data.actions)
    if frames == 1:
        with pytest.raises(RuntimeError, match="Expected a frame to fill before a pose, got none"):
            bpy.ops.quaternet.reach_pose()
        assert len(bpy.data.actions) == actions
        return
    assert bpy.ops.quaternet.reach_pose() == {"FINISHED"}
    curve = next(c for c in digest.curves_of(obj.animation_data.action) if arm.name in c.data_path)
    keyed = [round(point.co[0], 3) for point in curve.keyframe_points]
    assert keyed == [1, *range(20, 20 + frames + 1)]


def test_a_pose_on_the_very_next_frame_stays_among_others():
    """At 8 frames a second a key on the next frame is a pose as well: there is nothing to fill."""
    obj, arm, _ = standing()
    bpy.context.scene.render.fps = 8
    for frame, x in ((21, 0.2), (30, 0.6)):
        for bone in obj.pose.bones:
            rotate_to(bone, frame, (1.0, x * (bone == arm), 0.0, 0.0))
        obj.pose.bones["mixamorig:Hips"].keyframe_insert("location", frame=frame)
    before = places(obj, (20, 21, 30))
    bpy.context.scene.frame_set(20)
    assert bpy.ops.quaternet.reach_pose() == {"FINISHED"}
    np.testing.assert_allclose(places(obj, (20, 21, 30)), before, atol=1e-4)
    curve = next(c for c in digest.curves_of(obj.animation_data.action) if arm.name in c.data_path)
    assert [round(p.co[0], 3) for p in curve.keyframe_points] == [1, *range(20, 31)]
