# SPDX-License-Identifier: GPL-3.0-or-later
"""Reach Pose on a rig whose keyed root bone carries the body: the travel counts once."""

import bpy
import numpy as np
import pytest
from mathutils import Euler
from support import rigs, roots
from support.swinging import ARM, HIPS, poses

NOW, THERE = 60, 90


def make(turns=0.0, hips=False, back=False):
    """A rig with a root bone that goes 2 m and turns, by keys; an arm and legs are keyed.

    hips: whether the hips have keys, too. back: whether the root comes back by the pose.
    """
    obj = rigs.make("mixamo")
    bpy.context.scene.render.fps = 30
    root = roots.put_on_root(obj)
    root.rotation_mode = "XYZ"
    for frame, share in ((1, 0.0), (NOW, 0.6), (75, 0.8), (THERE, 0.6 if back else 1.0)):
        root.location = (0.0, -2.0 * share / obj.matrix_world.to_scale()[0], 0.0)
        root.rotation_euler = (0.0, 0.0, turns * share)
        for name in ("location", "rotation_euler"):
            root.keyframe_insert(name, frame=frame)
    for frame, turn in ((1, 0.0), (NOW, 0.1), (THERE, 0.5)):
        for name in (ARM, "mixamorig:LeftUpLeg", "mixamorig:RightUpLeg"):
            bone = obj.pose.bones[name]
            bone.rotation_quaternion = Euler((0.0, 0.0, turn)).to_quaternion()
            bone.keyframe_insert("rotation_quaternion", frame=frame)
        if hips:
            for name in ("location", "rotation_quaternion"):
                obj.pose.bones[HIPS].keyframe_insert(name, frame=frame)
    return obj


@pytest.mark.parametrize("turns", [0.0, 1.2])
@pytest.mark.parametrize("hips", [False, True])
@pytest.mark.parametrize("back", [False, True])
def test_a_root_that_carries_the_body_brings_it_to_the_pose(turns, hips, back):
    """There the hips are where the root's keys bring them; on the way they are never far off."""
    obj = make(turns, hips, back)
    index = obj.pose.bones.keys().index(HIPS)
    frames = [1, 30, NOW, THERE, 100]
    before = poses(obj, frames)[:, index]
    bpy.context.scene.frame_set(NOW)
    assert bpy.ops.quaternet.reach_pose(frames=str(THERE)) == {"FINISHED"}
    np.testing.assert_allclose(poses(obj, frames)[:, index], before, atol=2e-4)
    way = poses(obj, range(NOW, THERE + 1))[:, index, :3, 3]
    start, end = way[0], way[-1]
    straight = start + np.linspace(0.0, 1.0, len(way))[:, None] * (end - start)
    assert np.linalg.norm((way - straight)[:, :2], axis=-1).max() < 0.25
    assert np.linalg.norm(np.diff(way, axis=0), axis=-1).max() < 0.08


def test_keys_of_the_hips_that_say_nothing_change_nothing():
    """The body goes the same way where the hips are keyed at rest under the root."""
    ways = []
    for hips in (False, True):
        obj = make(0.4, hips)
        bpy.context.scene.frame_set(NOW)
        assert bpy.ops.quaternet.reach_pose(frames=str(THERE)) == {"FINISHED"}
        index = obj.pose.bones.keys().index(HIPS)
        ways.append(poses(obj, range(NOW, THERE + 1))[:, index])
    np.testing.assert_allclose(*ways, atol=1e-4)


def test_a_root_that_stands_gives_no_place():
    """Its key at rest says nothing of where the hips are: they may be anywhere, and arrive so."""
    obj = make()
    root = obj.pose.bones["root"]
    action = obj.animation_data.action
    for frame in (1, NOW, 75, THERE):
        root.location = (0.0, 0.0, 0.0)
        root.keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(NOW)
    before = poses(obj, [NOW])
    assert bpy.ops.quaternet.reach_pose(frames=str(THERE)) == {"FINISHED"}
    assert obj.animation_data.action != action
    np.testing.assert_allclose(poses(obj, [NOW]), before, atol=1e-4)
