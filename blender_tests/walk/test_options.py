# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a walk reach the keys: timing, radius, ends, loops, looking; sparse keys hold."""

import bpy
import numpy as np
import pytest
from mathutils import Quaternion, Vector
from support import rigs


@pytest.fixture
def rig():
    rigs.poly("Path", [(0, 0, 0), (0, -4, 0), (0, -8, 0)])
    return rigs.make("mixamo")


def walk(**options):
    return bpy.ops.quaternet.generate_locomotion(curve=options.pop("curve", "Path"), **options)


def curves(module, rig):
    return module("blender.keys.action").all_fcurves(rig.animation_data.action)


def hips_curves(module, rig):
    """The three F-curves of the hips' place."""
    found = [c for c in curves(module, rig) if c.data_path.endswith("location")]
    return sorted(found, key=lambda curve: curve.array_index)


def hips_at(rig, frames):
    """World places ``(T, 3)`` of the hips as Blender evaluates them."""
    scene, places = bpy.context.scene, []
    for frame in frames:
        scene.frame_set(int(frame))
        places.append(rig.matrix_world @ rig.pose.bones["mixamorig:Hips"].head)
    return np.array(places)


def frames_of(rig):
    first, last = rig.animation_data.action.frame_range
    return np.arange(int(first), int(last) + 1)


def test_a_duration_is_the_length_of_the_action(rig):
    assert walk(timing="DURATION", duration=10.0) == {"FINISHED"}
    first, last = rig.animation_data.action.frame_range
    assert last - first == 240  # 24 frames a second


def test_a_duration_that_cannot_be_walked_is_refused_in_words(rig):
    with pytest.raises(RuntimeError, match=r"Expected a duration between \d"):
        walk(timing="DURATION", duration=0.5)
    assert rig.animation_data is None


def test_a_point_of_radius_zero_is_a_stop(rig):
    bpy.data.objects["Path"].data.splines[0].points[1].radius = 0.0
    walk(stop_time=3.0)
    places = hips_at(rig, frames_of(rig))
    near = np.abs(places[:, 1] + 4.0) < 0.1
    assert near.sum() > 3.0 * 24
    walk(use_radius=False)
    assert (np.abs(hips_at(rig, frames_of(rig))[:, 1] + 4.0) < 0.1).sum() < 12


def test_radii_make_it_slower(rig):
    walk()
    plain = len(frames_of(rig))
    for point in bpy.data.objects["Path"].data.splines[0].points:
        point.radius = 0.5
    walk()
    assert len(frames_of(rig)) > 1.5 * plain


def test_it_starts_further_along_and_in_full_stride(rig):
    walk(start_distance=3.0, standing_start=False, standing_end=False)
    places = hips_at(rig, frames_of(rig))
    assert places[0, 1] == pytest.approx(-3.0, abs=0.15)
    steps = np.linalg.norm(np.diff(places[:, :2], axis=0), axis=1) * 24.0
    assert steps.min() > 0.8


def test_a_loop_repeats_by_itself_in_blender(module, rig):
    walk(loop=True)
    frames = frames_of(rig)
    period = len(frames) - 1
    travel = np.array([0.0, -1.4 * period / 24.0, 0.0])
    inside = hips_at(rig, frames[:5])
    for round_ in (1, 3):
        later = hips_at(rig, frames[:5] + round_ * period)
        assert np.allclose(later - round_ * travel, inside, atol=0.06 * round_)
        step = np.diff(hips_at(rig, frames[0] + round_ * period + np.array([-1, 0, 1])), axis=0)
        assert np.linalg.norm(step[1] - step[0]) < 0.03
    kinds = {m.mode_after for c in curves(module, rig) for m in c.modifiers}
    assert kinds == {"REPEAT", "REPEAT_OFFSET"}


def test_a_loop_in_place_stays_in_place(rig):
    walk(loop=True, use_in_place=True)
    frames = frames_of(rig)
    places = hips_at(rig, np.concatenate([frames, frames + 10 * (len(frames) - 1)]))
    assert np.ptp(places[:, :2], axis=0).max() < 0.2


def facing_at(rig, frame):
    """Radians by which the hips face to the left of -Y."""
    bpy.context.scene.frame_set(int(frame))
    hips = rig.pose.bones["mixamorig:Hips"]
    turned = hips.matrix.to_quaternion() @ hips.bone.matrix_local.to_quaternion().inverted()
    ahead = rig.matrix_world.to_3x3() @ (turned @ Vector((0.0, -1.0, 0.0)))
    return np.arctan2(ahead.x, -ahead.y)


def test_it_turns_on_the_spot_before_it_goes_and_once_it_is_there(rig):
    walk(turn_start=0.5 * np.pi, turn_end=-0.5 * np.pi)
    frames = frames_of(rig)
    begins, middle, ends = (facing_at(rig, frames[n]) for n in (0, len(frames) // 2, -1))
    assert begins == pytest.approx(0.5 * np.pi, abs=0.2)
    assert middle == pytest.approx(0.0, abs=0.25)
    assert ends == pytest.approx(-0.5 * np.pi, abs=0.2)
    places = hips_at(rig, frames)
    assert np.linalg.norm(np.ptp(places[:24, :2], axis=0)) < 0.15  # a second of turning
    walk(turn_start=0.5 * np.pi, standing_start=False)  # nothing to turn on: not asked
    assert facing_at(rig, frames_of(rig)[0]) == pytest.approx(0.0, abs=0.25)


def test_it_goes_over_from_the_pose_that_the_rig_is_in(rig):
    arm = rig.pose.bones["mixamorig:LeftArm"]
    arm.rotation_mode = "QUATERNION"
    arm.rotation_quaternion = Quaternion((1.0, 0.0, 0.0), 0.9)
    bpy.context.view_layer.update()
    before = {bone.name: np.array(bone.head) for bone in rig.pose.bones}
    walk(from_pose=True)
    plain, frames = len(frames_of(rig)), frames_of(rig)
    bpy.context.scene.frame_set(int(frames[0]))
    away = [np.linalg.norm(np.array(bone.head) - before[bone.name]) for bone in rig.pose.bones]
    assert max(away) < 0.01
    rig.animation_data_clear()
    walk()
    assert plain > len(frames_of(rig)) + 24  # a second more to step over
    rig.location.x = 5.0
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match=r"m away\. Move the curve"):
        walk(from_pose=True)


def test_a_pose_with_the_feet_over_the_hips_is_refused(rig):
    hips = rig.pose.bones["mixamorig:Hips"]
    hips.rotation_mode = "QUATERNION"
    hips.rotation_quaternion = Quaternion((1.0, 0.0, 0.0), np.pi)
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match=r"feet lower than the hips.*untick From Current Pose"):
        walk(from_pose=True)
    assert rig.animation_data is None or rig.animation_data.action is None


def test_it_ends_in_the_pose_of_a_frame(rig):
    arm, hips = (rig.pose.bones["mixamorig:" + name] for name in ("LeftArm", "Hips"))
    arm.rotation_mode = "QUATERNION"
    scene = bpy.context.scene
    for frame, angle, along in ((1, 0.0, 0.0), (60, 0.9, 7.95)):
        arm.rotation_quaternion = Quaternion((1.0, 0.0, 0.0), angle)
        way = hips.bone.matrix_local.to_3x3().inverted() @ Vector((0.0, -along, 0.0))
        hips.location = way
        arm.keyframe_insert("rotation_quaternion", frame=frame)
        hips.keyframe_insert("location", frame=frame)
    scene.frame_set(60)
    before = {bone.name: np.array(bone.head) for bone in rig.pose.bones}
    scene.frame_set(1)
    walk(end_in_pose=True, pose_frame=60)
    scene.frame_set(int(frames_of(rig)[-1]))
    away = [np.linalg.norm(np.array(bone.head) - before[bone.name]) for bone in rig.pose.bones]
    assert max(away) < 0.01
    with pytest.raises(RuntimeError, match=r"m away\. Move the curve or the pose"):
        walk(end_in_pose=True, pose_frame=1)


def test_it_looks_at_the_object(module, rig):
    empty = bpy.data.objects.new("Fountain", None)
    bpy.context.scene.collection.objects.link(empty)
    empty.location = (3.0, -4.0, 1.0)  # to the left of a walk towards -Y
    bpy.context.view_layer.update()
    walk(face="Fountain")
    frame = frames_of(rig)[np.abs(hips_at(rig, frames_of(rig))[:, 1] + 3.0).argmin()]
    bpy.context.scene.frame_set(int(frame))
    head = rig.pose.bones["mixamorig:Head"]
    turned = head.matrix.to_quaternion() @ head.bone.matrix_local.to_quaternion().inverted()
    looks = turned @ Vector((0.0, -1.0, 0.0))
    assert looks.x > 0.6
    with pytest.raises(RuntimeError, match="Expected an object to look at, got 'Gone'"):
        walk(face="Gone")


def evaluated(module, rig):
    """Every property at every frame and between: path -> values ``(2 T, n)``."""
    frames, found = np.arange(frames_of(rig)[0], frames_of(rig)[-1], 0.5), {}
    for curve in sorted(curves(module, rig), key=lambda c: c.array_index):
        values = np.array([curve.evaluate(frame) for frame in frames])
        found.setdefault(curve.data_path, []).append(values)
    found = {path: np.stack(columns, -1) for path, columns in found.items()}
    for path in [p for p in found if p.endswith("axis_angle")]:  # the axis of no turn is any
        angle, axis = found[path][:, :1], found[path][:, 1:]
        found[path] = angle * axis / np.linalg.norm(axis, axis=-1, keepdims=True)
    return found


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "ZYX", "AXIS_ANGLE"])
def test_the_fewest_keys_hold_the_motion_in_every_rotation_mode(module, rig, mode):
    for bone in rig.pose.bones:
        bone.rotation_mode = mode
    walk()
    whole, many = evaluated(module, rig), len(curves(module, rig)[0].keyframe_points)
    walk(keys="FEWEST", key_angle=np.radians(1.0), key_distance=0.01)
    few = evaluated(module, rig)
    assert few.keys() == whole.keys()
    for path, values in whole.items():
        limit = 0.011 / rig.scale[0] if path.endswith("location") else np.radians(1.0) * 1.1
        assert np.abs(few[path] - values)[::2].max() < limit, path  # on the frames
        assert np.abs(few[path] - values).max() < 2.5 * limit, path  # and between them
    counts = [len(c.keyframe_points) for c in curves(module, rig)]
    assert np.mean(counts) < 0.4 * many
    assert all(p.interpolation == "BEZIER" for p in curves(module, rig)[0].keyframe_points)


def test_planted_feet_stay_planted_with_the_fewest_keys(module, rig):
    walk(keys="FEWEST", key_angle=np.radians(2.0), key_distance=0.02)
    scene, feet = bpy.context.scene, []
    for frame in frames_of(rig):
        scene.frame_set(int(frame))
        feet.append([rig.matrix_world @ rig.pose.bones[f"mixamorig:{s}ToeBase"].head
                     for s in ("Left", "Right")])  # fmt: skip
    feet = np.array(feet)
    speed = np.linalg.norm(np.diff(feet[..., :2], axis=0), axis=-1) * 24.0
    low = feet[1:, :, 2] < feet[..., 2].min() + 0.02
    assert np.percentile(speed[low], 70) < 0.1


def test_every_nth_frame_has_a_key_and_the_last(module, rig):
    walk(keys="NTH", key_step=5)
    frames = frames_of(rig)
    points = curves(module, rig)[0].keyframe_points
    assert [p.co.x for p in points][:-1] == list(frames[::5])[: len(points) - 1]
    assert points[-1].co.x == frames[-1]


def test_keys_are_grouped_by_bone(module, rig):
    walk(keys="FEWEST")
    for curve in curves(module, rig):
        assert curve.group.name in curve.data_path


def test_contacts_become_markers_of_the_action(rig):
    walk(contact_markers=True)
    markers = rig.animation_data.action.pose_markers
    names = {marker.name for marker in markers}
    assert names == {f"{side} foot {what}" for side in ("Left", "Right") for what in ("down", "up")}
    assert len(markers) > 12
    walk()
    assert not len(rig.animation_data.action.pose_markers)


def test_the_options_are_remembered_by_the_take_and_made_again(module, rig):
    walk(timing="DURATION", duration=9.0, keys="FEWEST", contact_markers=True)
    first = rig.animation_data.action
    assert bpy.ops.quaternet.regenerate_take() == {"FINISHED"}
    again = rig.animation_data.action
    assert again != first and again.frame_range[:] == first.frame_range[:]
    assert len(again.pose_markers) == len(first.pose_markers)
    bpy.ops.quaternet.adopt_take_settings()
    settings = bpy.context.scene.quaternet
    assert settings.timing == "DURATION" and settings.keys == "FEWEST"
