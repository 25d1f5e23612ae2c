# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk operator in a scene: actions, frames, what stays as it was."""

import bpy
import digest
import numpy as np
import pytest
import rigs
import stand_in


def walk(path="Path", **options):
    return bpy.ops.quaternet.generate_locomotion(curve=path, **options)


@pytest.fixture
def rig():
    """A rig with a curve beside it; the rig is active."""
    rigs.s_curve()
    return rigs.make("mixamo")


def keyed_paths(module, action):
    return {curve.data_path for curve in module("blender.action").all_fcurves(action)}


def evaluated_hips(rig, frame, bone="mixamorig:Hips"):
    bpy.context.scene.frame_set(frame)
    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array(evaluated.matrix_world @ evaluated.pose.bones[bone].head)


def test_keys_are_rotations_of_mapped_bones_and_the_hips_location_only(module, rig, random_walk):
    walk()
    mapped = rig.data.quaternet_mapping.as_dict()
    expected = {f'pose.bones["{bone}"].rotation_quaternion' for bone in mapped.values()}
    expected.add('pose.bones["mixamorig:Hips"].location')
    assert keyed_paths(module, rig.animation_data.action) == expected


def test_curves_are_grouped_by_bone(module, rig, random_walk):
    walk()
    for curve in module("blender.action").all_fcurves(rig.animation_data.action):
        assert curve.group.name in curve.data_path


def test_keys_start_at_the_current_frame(module, rig, random_walk):
    bpy.context.scene.frame_set(57)
    walk()
    curve = module("blender.action").all_fcurves(rig.animation_data.action)[0]
    frames = [point.co[0] for point in curve.keyframe_points]
    assert frames == list(range(57, 57 + stand_in.FRAMES))
    assert bpy.context.scene.frame_current == 57


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (30, 1.001), (60, 1.0), (25, 0.5)])
def test_the_walk_is_made_at_the_rate_of_the_scene(rig, random_walk, fps, base):
    bpy.context.scene.render.fps = fps
    bpy.context.scene.render.fps_base = base
    walk()
    assert random_walk.last.options["fps"] == pytest.approx(fps / base)


def test_options_reach_the_walk(rig, random_walk):
    walk(speed=2.25, seed=7, foot_lock=False, use_in_place=True)
    options = random_walk.last.options
    assert options["speed"] == 2.25 and options["seed"] == 7
    assert options["foot_lock"] is False and options["in_place"] is True


def test_the_action_before_is_kept_and_unharmed(module, rig, random_walk):
    rig.pose.bones["mixamorig:Head"].keyframe_insert("location", frame=3)
    before = rig.animation_data.action
    keys, name = digest.of_action(before), before.name
    assert walk() == {"FINISHED"}
    assert rig.animation_data.action != before
    assert bpy.data.actions[name] == before
    assert digest.of_action(before) == keys
    assert before.users > 0  # or it would be lost when the file is saved


def test_second_run_makes_a_new_action_that_plays_and_keeps_the_first(module, rig, random_walk):
    walk(seed=1)
    first = rig.animation_data.action
    keys = digest.of_action(first)
    walk(seed=2)
    second = rig.animation_data.action
    assert second != first and digest.of_action(first) == keys
    assert all(action.users > 0 for action in bpy.data.actions)
    asked = random_walk.last.motion.root_positions
    for frame in (1, 10, 20):
        x, y, z = evaluated_hips(rig, frame)
        assert np.allclose([x, z, -y], asked[frame - 1], atol=1e-4)


def test_going_back_to_the_action_before_plays_it_again(rig, random_walk):
    bone = rig.pose.bones["mixamorig:Hips"]
    for frame, height in ((1, 0.0), (20, 0.5)):
        bone.location = (0.0, height, 0.0)
        bone.keyframe_insert("location", frame=frame)
    before = rig.animation_data.action
    slot = getattr(rig.animation_data, "action_slot", None)
    rest = evaluated_hips(rig, 20)
    bpy.context.scene.frame_set(1)
    walk()
    rig.animation_data.action = before
    if slot is not None:
        rig.animation_data.action_slot = slot
    assert np.allclose(evaluated_hips(rig, 20), rest, atol=1e-5)


def test_mapping_is_detected_on_the_way_and_then_stored(rig, random_walk):
    assert not rig.data.quaternet_mapping.as_dict()
    assert walk() == {"FINISHED"}
    assert len(rig.data.quaternet_mapping.as_dict()) == 23


def test_a_mapping_chosen_by_hand_is_used_as_it_is(module, rig, random_walk):
    bpy.ops.quaternet.detect_mapping()
    rig.data.quaternet_mapping.Neck = ""
    walk()
    assert not any('"mixamorig:Neck"' in p for p in keyed_paths(module, rig.animation_data.action))


def test_the_curve_of_the_panel_is_the_default(rig, random_walk):
    bpy.context.scene.quaternet.curve = bpy.data.objects["Path"]
    assert bpy.ops.quaternet.generate_locomotion() == {"FINISHED"}


def test_works_from_pose_mode_and_with_the_curve_selected_too(rig, random_walk):
    bpy.data.objects["Path"].select_set(True)
    bpy.ops.object.mode_set(mode="POSE")
    assert walk() == {"FINISHED"}
    assert rig.mode == "POSE"


def test_works_when_the_curve_is_active_and_one_armature_selected(rig, random_walk):
    bpy.context.view_layer.objects.active = bpy.data.objects["Path"]
    assert walk() == {"FINISHED"}
    assert rig.animation_data.action is not None


def test_a_failing_write_leaves_the_file_as_it_was(module, rig, random_walk, monkeypatch):
    rig.pose.bones["mixamorig:Head"].keyframe_insert("location", frame=3)
    actions = module("blender.action")
    before, calls = digest.of_file(), []

    def broken(*arguments):
        calls.append(arguments)
        if len(calls) > 5:
            raise ValueError("disk full")

    monkeypatch.setattr(actions, "write_channels", broken)
    with pytest.raises(RuntimeError, match="disk full"):
        walk()
    assert len(calls) == 6 and digest.of_file() == before


def test_walk_of_the_shipped_model_travels_the_curve(module, rig):
    if not module("core.locomotion").DEFAULT_MODEL.exists():
        pytest.skip("no model in this zip yet")
    assert walk() == {"FINISHED"}
    curves = module("blender.action").all_fcurves(rig.animation_data.action)
    last = int(curves[0].range()[1])
    start, end = evaluated_hips(rig, 1), evaluated_hips(rig, last)
    assert np.linalg.norm((start - [0.0, 0.0, start[2]])[:2]) < 0.3
    assert np.linalg.norm((end - [0.0, -8.0, end[2]])[:2]) < 0.3
    assert 0.7 < start[2] < 1.1


def test_same_seed_gives_the_same_keys(module, rig):
    if not module("core.locomotion").DEFAULT_MODEL.exists():
        pytest.skip("no model in this zip yet")
    walk(seed=5)
    first = digest.of_action(rig.animation_data.action)
    walk(seed=5)
    assert digest.of_action(rig.animation_data.action) == first
