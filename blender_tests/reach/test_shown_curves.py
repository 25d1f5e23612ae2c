# SPDX-License-Identifier: GPL-3.0-or-later
"""Reach Pose and curves that show something else than their keys: muted, modified, extrapolated."""

import bpy
import numpy as np
import pytest
from mathutils import Quaternion
from support import digest, rigs

NOW, THERE, LATER = 20, 60, 90
HIPS, ARM, FOREARM, LEG = "Hips", "LeftArm", "LeftForeArm", "LeftUpLeg"
SHARES = {HIPS: 0.2, ARM: 1.0, FOREARM: 1.0, LEG: 1.0}  # of a turn
SAME = 1e-4  # metres


def bone(obj, name):
    return obj.pose.bones[f"mixamorig:{name}"]


def key(obj, name, frame, angle):
    one = bone(obj, name)
    one.rotation_mode = "QUATERNION"
    one.rotation_quaternion = Quaternion((1.0, 0.0, 0.0), angle)
    one.keyframe_insert("rotation_quaternion", frame=frame)


@pytest.fixture
def rig(module):
    """Poses of all bones on four frames, of which some turn; the current one is 20."""
    obj = rigs.make("mixamo")
    for frame, angle in ((1, 0.0), (NOW, 0.1), (THERE, 0.5), (LATER, -0.3)):
        for one in obj.pose.bones:
            name = one.name.rpartition(":")[2]
            key(obj, name, frame, angle * SHARES.get(name, 0.0))
        bone(obj, HIPS).keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(NOW)
    return obj


def curves(obj, *names):
    found = digest.curves_of(obj.animation_data.action)
    return [c for c in found if any(f':{name}"' in c.data_path for name in names)]


def places(obj, frames):
    """Tails of all bones on frames, ``(T, B, 3)``; the frame is 20 again after it."""
    obj.animation_data.action.update_tag()  # Blender is told nothing of a script's modifiers
    out = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        out.append([tuple(obj.matrix_world @ b.tail) for b in obj.pose.bones])
    bpy.context.scene.frame_set(NOW)
    return np.array(out)


def reach(obj, frames=(THERE, LATER)):
    source = obj.animation_data.action
    before = digest.of_action(source)
    named = ", ".join(map(str, frames))
    assert bpy.ops.quaternet.reach_pose(frames=named) == {"FINISHED"}
    assert digest.of_action(source) == before


def mute(obj, how, *names):
    for curve in curves(obj, *names):
        if how == "group" and hasattr(curve.group, "mute"):
            curve.group.mute = True
        else:
            curve.mute = True


@pytest.mark.parametrize("how", ["curve", "group"])
@pytest.mark.parametrize("names", [(LEG,), (ARM,), (ARM, FOREARM)], ids="-".join)
def test_what_shows_in_place_of_muted_curves_is_the_pose(rig, how, names):
    mute(rig, how, *names)
    bone(rig, names[0]).rotation_quaternion = (0.9, 0.0, 0.4, 0.0)
    frames = [1, 10, NOW, THERE, LATER, LATER + 30]
    before = places(rig, frames)
    reach(rig)
    np.testing.assert_allclose(places(rig, frames), before, atol=SAME)


def test_keys_that_are_muted_are_no_poses_ahead(rig, capfd):
    for curve in digest.curves_of(rig.animation_data.action):
        curve.mute = True
    with pytest.raises(RuntimeError, match="a pose keyed after frame"):
        bpy.ops.quaternet.reach_pose()


def test_noise_is_part_of_the_poses_and_goes_on(rig, capfd):
    for curve in curves(rig, ARM, LEG):
        noise = curve.modifiers.new("NOISE")
        noise.strength, noise.scale, noise.phase = 0.5, 7.0, curve.array_index * 3 + 0.5
    frames = [1, 10, NOW, THERE, LATER, LATER + 1, LATER + 25, 250]
    before = places(rig, frames)
    reach(rig)
    np.testing.assert_allclose(places(rig, frames), before, atol=SAME)
    out = capfd.readouterr().out
    assert "'mixamorig:LeftArm'" in out and "is keys now, up to frame 250" in out


def test_cycles_go_on_after_the_last_pose(rig):
    for curve in curves(rig, HIPS, ARM, FOREARM, LEG):
        curve.modifiers.new("CYCLES")
    frames = [1, NOW, THERE, LATER, 100, 131, 200, 250]
    before = places(rig, frames)
    reach(rig)
    np.testing.assert_allclose(places(rig, frames), before, atol=SAME)


@pytest.mark.parametrize("targets", [(THERE,), (THERE, LATER)])
def test_linear_extrapolation_goes_on_after_the_last_pose(rig, targets):
    for curve in curves(rig, HIPS, ARM, FOREARM, LEG):
        curve.extrapolation = "LINEAR"
    frames = [NOW, THERE, LATER, 100, 140, 250]
    before = places(rig, frames)
    reach(rig, targets)
    np.testing.assert_allclose(places(rig, frames), before, atol=SAME)


def test_plain_curves_are_told_of_by_nobody(rig, capfd):
    reach(rig)
    assert "is keys now" not in capfd.readouterr().out
