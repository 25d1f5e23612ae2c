# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue Motion: what was before the current frame stays, what comes after it joins."""

import bpy
import numpy as np
import pytest
from support import digest, rigs
from support.swinging import ARM, HIPS, NOW, curves, key, points, poses, swing


def go_on(**options):
    return bpy.ops.quaternet.continue_motion(**options)


def test_old_frames_play_as_before_and_the_old_action_is_unharmed(rig):
    frames = range(-5, NOW + 1)
    before, source = poses(rig, frames), rig.animation_data.action
    keys = digest.of_action(source)
    bpy.context.scene.frame_set(NOW)
    assert go_on() == {"FINISHED"}
    assert rig.animation_data.action != source and digest.of_action(source) == keys
    assert np.abs(poses(rig, frames) - before).max() < 1e-5


def test_keys_before_the_current_frame_are_the_same_keys(module, rig):
    old = {path: points(curve) for path, curve in curves(module, rig.animation_data.action).items()}
    go_on()
    for path, curve in curves(module, rig.animation_data.action).items():
        kept = [point for point in old.get(path, []) if point[0][0] <= 20.0]
        assert points(curve)[: len(kept)] == kept, path


@pytest.mark.parametrize("kind", ["CONSTANT", "LINEAR", "SINE", "BEZIER"])
def test_a_cut_through_a_segment_keeps_its_shape_on_every_frame(steady, kind):
    obj = rigs.make("mixamo")
    swing(obj, interpolation=kind)
    before = poses(obj, range(1, NOW + 1))
    go_on()
    assert np.abs(poses(obj, range(1, NOW + 1)) - before).max() < 1e-5


def test_drawn_handles_stay_as_they_were_drawn(module, steady):
    obj = rigs.make("mixamo")
    swing(obj, handle_left_type="FREE", handle_right_type="ALIGNED", easing="EASE_IN")
    for curve in digest.curves_of(obj.animation_data.action):
        for point in curve.keyframe_points:
            point.handle_right = (point.co[0] + 5.0, point.co[1] + 0.3)
    before = poses(obj, range(1, NOW + 1))
    go_on()
    assert np.abs(poses(obj, range(1, NOW + 1)) - before).max() < 1e-5


def test_what_the_model_does_not_drive_keeps_all_its_keys(module, rig):
    old = curves(module, rig.animation_data.action)
    expected = {p: points(c) for p, c in old.items() if "Thumb" in p[0] or "energy" in p[0]}
    assert len(expected) == 5
    go_on()
    new = curves(module, rig.animation_data.action)
    assert {path: points(new[path]) for path in expected} == expected


def test_driven_channels_have_a_key_on_every_new_frame_and_none_of_the_old_ones(module, rig):
    go_on(duration=1.0)
    new = curves(module, rig.animation_data.action)
    driven = [c for (path, _), c in new.items() if "Thumb" not in path and "energy" not in path]
    assert len(driven) > 80
    for curve in driven:
        later = [point.co[0] for point in curve.keyframe_points if point.co[0] > NOW]
        assert later == list(range(NOW + 1, NOW + 25)), curve.data_path


def test_the_new_frames_are_what_was_generated(module, rig, steady):
    go_on()
    asked = steady.last.motion
    world = poses(rig, range(NOW + 1, NOW + 25))
    hips = world[:, rig.pose.bones.keys().index(HIPS), :3, 3]
    assert (
        np.abs(module("blender.rig.armature").blender_to_core(hips) - asked.root_positions).max()
        < 1e-4
    )


def test_a_steady_motion_goes_on_without_a_jump(rig):
    """The stand-in goes on as the rig last moved: then no bone may change its step at the seam."""
    go_on()
    world = poses(rig, range(NOW - 2, NOW + 4))
    steps = np.diff(world, axis=0)
    assert np.abs(steps).max() > 0.03  # of the arm: a turn of 0.05 rad bends by its square
    assert np.abs(np.diff(steps[1:], axis=0)).max() < 4e-3


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "ZYX", "AXIS_ANGLE"])
def test_channels_join_without_a_flip_whatever_the_old_keys_say(module, steady, mode):
    """Old keys on the other side of the quaternion sphere, or three turns on: ours follow."""
    obj = rigs.make("mixamo")
    arm = obj.pose.bones[ARM]
    arm.rotation_mode = mode
    name = module("blender.keys.channels").rotation_property(mode)
    old = {
        "QUATERNION": [(-1.0, 0.0, 0.0, 0.0), (-0.9, -0.3, 0.0, 0.1)],
        "AXIS_ANGLE": [(19.0, 0.0, 0.6, 0.8), (19.5, 0.0, 0.6, 0.8)],
    }.get(mode, [(0.1, 0.2, 18.9), (0.3, 0.1, 19.3)])
    key(arm, name, old, frames=(1, NOW))
    bpy.context.scene.frame_set(NOW)
    go_on()
    path = arm.path_from_id(name)
    for (found, _), curve in curves(module, obj.animation_data.action).items():
        if found == path:
            values = [curve.evaluate(frame) for frame in range(NOW - 5, NOW + 6)]
            assert np.abs(np.diff(values)).max() < 0.05


def test_it_works_and_stands_without_any_action(rig, module, steady):
    obj = rigs.make("accad")
    obj.pose.bones["LeftArm"].rotation_mode = "XYZ"
    obj.pose.bones["LeftArm"].rotation_euler = (0.2, 0.3, 0.4)
    bpy.context.view_layer.update()
    before = poses(obj, [NOW])
    assert go_on() == {"FINISHED"}
    assert len(steady.last.context) == 1
    assert np.abs(poses(obj, [1, NOW, NOW + 1, NOW + 24]) - before).max() < 1e-4


def test_context_is_the_last_two_seconds_at_the_rate_of_the_scene(rig, steady):
    for fps, base, frames in ((24, 1.0, 49), (30, 1.001, 60), (60, 1.0, 60), (25, 0.5, 60)):
        bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = fps, base
        go_on()
        context, rate = steady.last.context, fps / base
        assert context.fps == pytest.approx(rate) and len(context) == frames
        bpy.ops.quaternet.remove_take()


def test_at_high_rates_the_context_is_sampled_more_coarsely(rig, steady):
    bpy.context.scene.render.fps = 240
    bpy.context.scene.frame_set(100)
    go_on()
    assert steady.last.context.fps == pytest.approx(60.0) and len(steady.last.context) == 25
    assert steady.last.options["fps"] == pytest.approx(240.0)


def test_a_short_context_is_said(module, rig):
    job = module("blender.continuation.generation")
    warnings = job.ContinuationGeneration(bpy.context, rig, job.ContinuationOptions()).warnings
    assert not warnings
    bpy.context.scene.frame_set(13)
    warnings = job.ContinuationGeneration(bpy.context, rig, job.ContinuationOptions()).warnings
    assert "only 0.5 s of motion before frame 13, 2 s give the best" in warnings[0]


@pytest.mark.parametrize("frame", [1, 9])
def test_a_very_short_context_is_said_once(capfd, frame):
    """By the shipped model itself: the add-on told it in other words, too."""
    swing(rigs.make("mixamo"))
    bpy.context.scene.frame_set(frame)
    go_on(duration=0.1)
    told = [line for line in capfd.readouterr().out.splitlines() if line.startswith("Warning")]
    assert len(told) == 1 and " motion " in told[0]


def test_context_is_what_the_rig_does_in_the_world(module, rig, steady):
    """Object keys, a moving parent, a constraint on an unmapped bone: all of it is seen."""
    carrier = bpy.data.objects.new("Carrier", None)
    bpy.context.scene.collection.objects.link(carrier)
    rig.parent = carrier
    key(carrier, "rotation_euler", [(0, 0, 0), (0, 0, 2.0)], frames=(1, 80))
    key(rig, "location", [(0, 0, 0), (3, 1, 0)], frames=(1, 80))
    go_on()
    world = poses(rig, range(NOW - 48, NOW + 1))
    hips = world[:, rig.pose.bones.keys().index(HIPS), :3, 3]
    context = steady.last.context.root_positions
    assert np.abs(module("blender.rig.armature").blender_to_core(hips) - context).max() < 1e-5


def test_a_body_that_is_carried_about_still_does_what_was_generated(module, rig, steady):
    """Its object's and parent's later keys stay, and the keys of the bones make up for them."""
    test_context_is_what_the_rig_does_in_the_world(module, rig, steady)
    asked = steady.last.motion
    world = poses(rig, range(NOW + 1, NOW + 25))
    pose, core = rig.pose.bones.keys(), module("blender.rig.armature").blender_to_core
    joints, _ = asked.skeleton.forward_kinematics(asked.rotations, asked.root_positions)
    for joint, bone in (("Hips", HIPS), ("LeftHand", "mixamorig:LeftHand")):
        done = core(world[:, pose.index(bone), :3, 3])
        assert np.abs(done - joints[:, asked.skeleton.index(joint)]).max() < 1e-3, joint


def test_motion_from_nla_strips_is_baked_up_to_the_current_frame(rig, steady):
    data = rig.animation_data
    action, slot = data.action, getattr(data, "action_slot", None)
    strip = data.nla_tracks.new().strips.new("Strip", 11, action)
    if slot is not None:
        strip.action_slot = slot
    data.action = None
    before = poses(rig, range(11, NOW + 1))
    bpy.context.scene.frame_set(NOW)
    assert go_on() == {"FINISHED"}
    assert data.nla_tracks[0].strips[0].action == action
    assert np.abs(poses(rig, range(11, NOW + 1)) - before).max() < 1e-4
    hips = poses(rig, [NOW + 1, NOW + 24])[:, rig.pose.bones.keys().index(HIPS), :3, 3]
    asked = steady.last.motion.root_positions[[0, 23]]
    assert np.abs(hips - asked[:, [0, 2, 1]] * [1, -1, 1]).max() < 1e-4


def test_a_cycle_is_baked_up_to_the_current_frame_and_does_not_repeat_ours(rig, steady):
    for curve in digest.curves_of(rig.animation_data.action):
        curve.modifiers.new("CYCLES")
    rig.animation_data.action.update_tag()
    bpy.context.scene.frame_set(150)
    before = poses(rig, range(1, 151))
    go_on()
    assert np.abs(poses(rig, range(1, 151)) - before).max() < 1e-5
    held = poses(rig, [174, 190])
    body = rig.pose.bones.keys().index(ARM)
    assert np.abs(held[0, body] - held[1, body]).max() < 1e-6


def test_a_scaled_and_moved_bone_goes_back_to_rest_only_after_the_current_frame(rig, steady):
    head = rig.pose.bones["mixamorig:Head"]
    head.scale = (2.0, 2.0, 2.0)  # no keys
    key(rig.pose.bones["mixamorig:Neck"], "location", [(0, 0, 0), (0, 0.1, 0)], frames=(1, 90))
    before = poses(rig, range(1, NOW + 1))
    go_on()
    assert np.abs(poses(rig, range(1, NOW + 1)) - before).max() < 1e-5
    bpy.context.scene.frame_set(NOW + 12)  # half a second
    assert tuple(head.scale) == (1.0, 1.0, 1.0)
    assert tuple(rig.pose.bones["mixamorig:Neck"].location) == (0.0, 0.0, 0.0)


def test_curves_of_samples_without_keys_are_kept_too(rig, steady):
    for curve in digest.curves_of(rig.animation_data.action):
        curve.convert_to_samples(1, 100)
    rig.animation_data.action.update_tag()
    before = poses(rig, range(1, NOW + 1))
    bpy.context.scene.frame_set(NOW)
    go_on()
    assert np.abs(poses(rig, range(1, NOW + 1)) - before).max() < 1e-4


@pytest.mark.parametrize("mode", ["QUATERNION", "ZXY"])
def test_a_bent_bone_between_mapped_ones_unbends_softly_and_the_body_does_not_jump(
    module, steady, mode
):
    """Mixamo's middle spine bone has no joint: generated motion knows nothing of it."""
    obj = rigs.make("mixamo")
    spine = obj.pose.bones["mixamorig:Spine1"]
    spine.rotation_mode = mode
    name = module("blender.keys.channels").rotation_property(mode)
    bent = {"QUATERNION": [(0.96, 0.28, 0, 0), (0.98, 0.2, 0, 0)]}
    key(spine, name, bent.get(mode, [(0.5, 0.1, 0.0), (0.4, 0.1, 0.0)]), frames=(1, 90))
    bpy.context.scene.frame_set(NOW)
    assert spine.name not in go_on_mapping(obj)
    go_on()
    world = poses(obj, range(NOW - 3, NOW + 24))
    # 0.45 rad in 12 frames, at most twice as fast as even; a snap would be 0.4
    assert np.abs(np.diff(world, axis=0)).max() < 0.09
    bone = obj.pose.bones.keys().index(spine.name)
    local = np.linalg.inv(world[:, bone - 1]) @ world[:, bone]
    rest = np.linalg.inv(np.array(spine.parent.bone.matrix_local)) @ spine.bone.matrix_local
    assert np.abs(local[0] - rest)[:3, :3].max() > 0.2
    assert np.abs(local[-1] - rest)[:3, :3].max() < 1e-4
    head = obj.pose.bones.keys().index("mixamorig:Head")
    turn = np.abs(np.diff(world[:, head, :3, :3], axis=0)).max()
    assert turn < 0.01  # the bones below make up for it


def go_on_mapping(obj):
    bpy.ops.quaternet.detect_mapping()
    return obj.data.quaternet_mapping.as_dict().values()


def test_nothing_changes_before_the_end(module, rig, steady):
    rig.pose.bones["mixamorig:Head"].location = (0.1, 0.0, 0.0)  # not keyed: lost if re-evaluated
    rig.pose.bones[ARM].rotation_quaternion = (0.5, 0.5, 0.5, 0.5)  # keyed, posed over its key
    before = digest.of_file()
    continuation = module("blender.continuation.generation")
    job = continuation.ContinuationGeneration(
        bpy.context, rig, continuation.ContinuationOptions(variations=3)
    )
    for _ in job:
        pass
    assert digest.of_file() == before


def test_again_gives_the_same_keys_from_any_frame_and_action(rig, steady):
    go_on(seed=2)
    first = digest.of_action(rig.animation_data.action)
    bpy.context.scene.frame_set(3)
    bpy.ops.quaternet.continue_motion()
    assert bpy.ops.quaternet.regenerate_take(index=0) == {"FINISHED"}
    assert digest.of_action(rig.animation_data.action) == first
    assert bpy.context.scene.frame_current == 3


def test_variations_go_on_from_the_same_keys(rig, module):
    go_on(variations=3)
    takes = [take.action for take in rig.quaternet_takes.items]
    assert [action.name for action in takes] == [f"Continue Mixamo s{s}" for s in range(3)]
    hips = (f'pose.bones["{HIPS}"].location', 1)
    values = np.array(
        [[curves(module, a)[hips].evaluate(f) for f in (40, NOW, NOW + 20)] for a in takes]
    )
    assert np.ptp(values[:, :2]) and np.abs(np.ptp(values[:, :2], axis=0)).max() < 1e-6
    assert np.abs(np.diff(values[:, 2])).min() > 1e-3


def test_a_continuation_can_be_continued(rig, steady):
    go_on()
    bpy.context.scene.frame_set(NOW + 24)
    before = poses(rig, range(1, NOW + 25))
    bpy.context.scene.frame_set(NOW + 24)
    assert go_on() == {"FINISHED"}
    assert np.abs(poses(rig, range(1, NOW + 25)) - before).max() < 1e-5
    assert len(rig.quaternet_takes.items) == 2


def test_a_failing_write_leaves_the_file_as_it_was(module, rig, monkeypatch):
    before, calls = digest.of_file(), []

    def broken(*arguments):
        calls.append(arguments)
        if len(calls) > 50:
            raise ValueError("disk full")

    monkeypatch.setattr(module("blender.keys.continued"), "append_keys", broken)
    with pytest.raises(RuntimeError, match="disk full"):
        go_on(variations=2)
    assert digest.of_file() == before


def test_an_action_of_a_library_is_copied(rig, tmp_path, steady):
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, check_existing=False, copy=True)
    name = rig.animation_data.action.name
    with bpy.data.libraries.load(path, link=True) as (_, target):
        target.actions = [name]
    rig.animation_data.action = target.actions[0]
    if hasattr(rig.animation_data, "action_slot"):
        rig.animation_data.action_slot = target.actions[0].slots[0]
    before = poses(rig, range(1, NOW + 1))
    bpy.context.scene.frame_set(NOW)
    assert go_on() == {"FINISHED"}
    assert rig.animation_data.action.library is None
    assert np.abs(poses(rig, range(1, NOW + 1)) - before).max() < 1e-5


class TestShippedModel:
    """Continuations that the zip's own model makes, as Blender evaluates them."""

    @pytest.fixture
    def walked(self):
        """A rig in the middle of a walk along a straight line, at frame 61."""
        rigs.poly("Path", [(0, 0, 0), (0, -6, 0)])

        def make(name):
            obj = rigs.make(name)
            assert bpy.ops.quaternet.generate_locomotion(curve="Path") == {"FINISHED"}
            bpy.context.scene.frame_set(61)
            return obj

        return make

    @pytest.mark.parametrize("name", ["mixamo", "rigify-basic"])
    def test_a_walk_goes_on_without_a_pop_and_stays_above_the_floor(self, module, walked, name):
        obj = walked(name)
        bone = obj.pose.bones.keys().index(obj.data.quaternet_mapping.Hips)
        bpy.context.scene.frame_set(61)
        assert go_on(duration=2.0) == {"FINISHED"}
        world = poses(obj, range(30, 62 + 48))
        steps = np.diff(world, axis=0)
        angular = np.linalg.norm(steps[..., :3, :3], axis=(-2, -1)).max(-1)
        travel = np.linalg.norm(steps[:, bone, :3, 3], axis=-1)
        for step in (angular, travel):
            change = np.abs(np.diff(step))
            assert change[30:33].max() < np.median(step[:30])  # issue 4: the seam's bar
        heads = world[:, bone, 2, 3]
        assert heads.min() > 0.6 and heads.max() < 1.3

    def test_same_seed_same_keys_other_seed_other_keys(self, walked):
        obj, keys = walked("mixamo"), []
        for seed in (5, 5, 6):
            bpy.ops.quaternet.use_take(index=0)  # the walk
            go_on(seed=seed)
            keys.append(digest.of_action(obj.animation_data.action))
        assert keys[0] == keys[1] != keys[2]
