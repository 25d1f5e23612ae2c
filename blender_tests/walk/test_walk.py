# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk operator in a scene: actions, frames, what stays as it was."""

import bpy
import numpy as np
import pytest
from support import digest, rigs, stand_in


def walk(path="Path", **options):
    return bpy.ops.quaternet.generate_locomotion(curve=path, **options)


@pytest.fixture
def rig():
    """A rig with a curve beside it; the rig is active."""
    rigs.s_curve()
    return rigs.make("mixamo")


def keyed_paths(module, action):
    return {curve.data_path for curve in module("blender.keys.action").all_fcurves(action)}


def evaluated_hips(rig, frame, bone="mixamorig:Hips"):
    bpy.context.scene.frame_set(frame)
    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array(evaluated.matrix_world @ evaluated.pose.bones[bone].head)


def test_keys_are_rotations_of_mapped_bones_and_the_hips_location_only(module, rig, random_walk):
    walk()
    mapped = rig.data.quaternet_mapping.as_dict()
    bones = [bone for joint, bone in mapped.items() if "HandIndex" not in joint]
    expected = {f'pose.bones["{bone}"].rotation_quaternion' for bone in bones}
    expected.add('pose.bones["mixamorig:Hips"].location')
    assert keyed_paths(module, rig.animation_data.action) == expected


def test_curves_are_grouped_by_bone(module, rig, random_walk):
    walk()
    for curve in module("blender.keys.action").all_fcurves(rig.animation_data.action):
        assert curve.group.name in curve.data_path


def test_keys_start_at_the_current_frame(module, rig, random_walk):
    bpy.context.scene.frame_set(57)
    walk()
    curve = module("blender.keys.action").all_fcurves(rig.animation_data.action)[0]
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
    sparse_keys = module("blender.keys.thinning")
    before, calls = digest.of_file(), []

    def broken(*arguments):
        calls.append(arguments)
        if len(calls) > 5:
            raise ValueError("disk full")

    monkeypatch.setattr(sparse_keys, "_write_plain", broken)
    with pytest.raises(RuntimeError, match="disk full"):
        walk()
    assert len(calls) == 6 and digest.of_file() == before


def test_warnings_name_what_else_moves_the_rig(module, rig, random_walk):
    action = bpy.data.actions.new("Strip")
    rig.animation_data_create().nla_tracks.new().strips.new("Strip", 1, action)
    rig.data.pose_position = "REST"
    job = module("blender.walk.generation")
    options = job.WalkOptions("Path")
    warnings = " ".join(job.WalkGeneration(bpy.context, rig, options).warnings)
    assert "NLA strips" in warnings and "rest position" in warnings


def test_a_linked_curve_can_be_walked(rig, random_walk, tmp_path):
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, check_existing=False, copy=True)
    bpy.data.objects.remove(bpy.data.objects["Path"])
    with bpy.data.libraries.load(path, link=True) as (_, target):
        target.objects = ["Path"]
    bpy.context.scene.collection.objects.link(target.objects[0])
    assert walk() == {"FINISHED"}


def test_left_out_options_are_the_defaults_not_the_last_ones(rig, random_walk):
    walk(speed=3.0, seed=9)
    walk()
    assert random_walk.last.options["speed"] == pytest.approx(1.4)
    assert random_walk.last.options["seed"] == 0


class TestShippedModel:
    """The walk that the zip's own model makes, as Blender evaluates it."""

    @pytest.fixture
    def evaluated(self, module):
        """Canonical motion of the rig's evaluated pose over its active action."""

        def evaluate(rig):
            armature, scene = module("blender.rig.armature"), bpy.context.scene
            arrays = armature.read_rig(rig, bpy.context.evaluated_depsgraph_get(), 1.0)
            mapping = rig.data.quaternet_mapping.as_dict()
            first, last = (int(frame) for frame in rig.animation_data.action.frame_range)
            pose, heads = armature.sample_pose(rig, arrays, range(first, last + 1))
            retarget = module("core.rig.retarget")
            transfer = retarget.Retarget(arrays.rest_pose, mapping, arrays.axes)
            hips = heads[:, arrays.names.index(mapping["Hips"])]
            rate = scene.render.fps / scene.render.fps_base
            return retarget.retarget_motion(transfer, pose, hips, rate)

        return evaluate

    def test_it_goes_from_the_start_of_the_curve_to_its_end(self, rig, evaluated):
        assert walk() == {"FINISHED"}
        roots = evaluated(rig).root_positions
        assert np.linalg.norm(roots[0, [0, 2]]) < 0.3
        assert np.linalg.norm(roots[-1, [0, 2]] - [0.0, 8.0]) < 0.3
        assert roots[:, 1].min() > 0.7 and roots[:, 1].max() < 1.1

    @pytest.mark.parametrize("name", ["rigify-basic", "mixamo-imported", "accad"])
    def test_planted_feet_stay_planted_on_the_rig_itself(self, module, name, evaluated):
        rigs.s_curve()
        rig = rigs.make(name)
        assert walk() == {"FINISHED"}
        motion = evaluated(rig)
        contacts = module("core.body.contacts")
        assert contacts.measure_skate(motion).kimodo_ratio_5cm_20cms < 0.06
        assert contacts.toe_positions(motion)[..., 1].min() > -0.02  # on the floor, not in it

    def test_in_place_stays_where_the_curve_begins(self, rig, evaluated):
        walk(use_in_place=True)
        roots = evaluated(rig).root_positions
        assert np.abs(roots[:, [0, 2]]).max() < 0.4

    def test_same_seed_same_keys_other_seed_other_keys(self, rig):
        keys = []
        for seed in (5, 5, 6):
            walk(seed=seed)
            keys.append(digest.of_action(rig.animation_data.action))
        assert keys[0] == keys[1] != keys[2]

    def test_frame_rate_changes_the_keys_not_the_seconds(self, rig):
        lengths = []
        for rate in (24, 60):
            bpy.context.scene.render.fps = rate
            walk()
            first, last = rig.animation_data.action.frame_range
            lengths.append((last - first) / rate)
        assert lengths[0] == pytest.approx(lengths[1], abs=1.0 / 24.0)
