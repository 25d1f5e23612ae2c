# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue Motion on actions and in scenes that are unlike others."""

import bpy
import numpy as np
import pytest
from support import digest
from support.swinging import ARM, HIPS, NOW, key, poses


@pytest.mark.skipif(not hasattr(bpy.types.ActionGroup, "mute"), reason="has no muted groups")
def test_what_goes_on_in_muted_groups_plays(module, rig):
    source = rig.animation_data.action
    groups = {c.group.name: c.group for c in digest.curves_of(source) if c.group}
    assert groups
    for group in groups.values():
        group.mute = True
    bpy.context.scene.frame_set(NOW)
    bpy.ops.quaternet.continue_motion()
    made = digest.curves_of(rig.animation_data.action)
    assert not any(c.group.mute or c.mute for c in made if c.range()[1] > NOW + 5)
    assert all(group.mute for group in groups.values())


def test_a_key_that_is_no_number_is_named(rig):
    curve = next(c for c in digest.curves_of(rig.animation_data.action) if ARM in c.data_path)
    for point in curve.keyframe_points:
        point.co[1] = float("nan")
    with pytest.raises(RuntimeError, match="got NaN for the bone 'mixamorig"):
        bpy.ops.quaternet.continue_motion()


@pytest.mark.parametrize(("fps", "base"), [(1, 1000.0), (32000, 1.0)])
def test_a_frame_rate_that_no_motion_has_is_refused(rig, fps, base):
    render = bpy.context.scene.render
    render.fps, render.fps_base = fps, base
    with pytest.raises(RuntimeError, match="Expected 1 to 1000 frames a second"):
        bpy.ops.quaternet.continue_motion()


@pytest.mark.parametrize("go_on", ["continue_motion", "reach_pose"])
def test_handles_that_an_older_blender_drew_stay_where_they_are(rig, go_on):
    """Automatic ones that this Blender would place elsewhere, as in files of its forerunners."""
    for curve in digest.curves_of(rig.animation_data.action):
        for point in curve.keyframe_points:
            point.handle_right_type = "AUTO_CLAMPED"
        where = np.array([point.handle_right for point in curve.keyframe_points])
        curve.keyframe_points.foreach_set("handle_right", (where + [3.0, 0.05]).ravel())
    frames = np.arange(1.0, 45.0, 0.5)
    before = poses(rig, frames)
    bpy.context.scene.frame_set(NOW)
    assert getattr(bpy.ops.quaternet, go_on)() == {"FINISHED"}
    assert np.abs(poses(rig, frames) - before).max() < 1e-5


def _constrained(rig, bone, kind, later, **settings):
    """A constraint that keys switch on after the current frame."""
    target = bpy.data.objects.new("Target", None)
    bpy.context.scene.collection.objects.link(target)
    constraint = rig.pose.bones[f"mixamorig:{bone}"].constraints.new(kind)
    constraint.target = target
    for name, value in settings.items():
        setattr(constraint, name, value)
    for frame, influence in ((1, 0.0), (NOW + 5, 0.0), (NOW + 10, later)):
        constraint.influence = influence
        constraint.keyframe_insert("influence", frame=frame)
    bpy.context.scene.frame_set(NOW)
    return constraint


@pytest.mark.parametrize(
    ("bone", "kind", "settings"),
    [
        ("LeftHand", "IK", {"chain_count": 3}),
        ("Spine1", "COPY_ROTATION", {}),
        ("LeftUpLeg", "COPY_ROTATION", {}),
    ],
)
def test_a_constraint_that_keys_switch_on_later_is_named(module, rig, bone, kind, settings):
    name = _constrained(rig, bone, kind, 1.0, **settings).name
    job = module("blender.continuation.generation")
    made = job.ContinuationGeneration(bpy.context, rig, job.ContinuationOptions())
    said = [text for text in made.warnings if "win over ours" in text]
    assert len(said) == 1 and f"after frame {NOW}, " in said[0] and repr(name) in said[0]


@pytest.mark.parametrize(
    ("bone", "kind", "later"),
    [
        ("LeftHandThumb1", "COPY_ROTATION", 1.0),  # no part of the body
        ("LeftHand", "IK", 0.0),  # never acts
        ("LeftHand", "LIMIT_DISTANCE", 1.0),
    ],
)
def test_a_constraint_that_takes_nothing_from_our_keys_is_not(module, rig, bone, kind, later):
    _constrained(rig, bone, kind, later)
    job = module("blender.continuation.generation")
    made = job.ContinuationGeneration(bpy.context, rig, job.ContinuationOptions())
    assert not [text for text in made.warnings if "win over ours" in text]


@pytest.mark.parametrize(("later", "told"), [("XYZ", 1), ("QUATERNION", 0)])
def test_a_rotation_mode_that_keys_change_later_is_named(module, rig, later, told):
    """An arm snapped at 23 m/s, in silence."""
    bone = rig.pose.bones[ARM]
    for frame, mode in ((1, "QUATERNION"), (NOW + 10, later)):
        bone.rotation_mode = mode
        bone.keyframe_insert("rotation_mode", frame=frame)
    bpy.context.scene.frame_set(NOW)
    job = module("blender.continuation.generation")
    made = job.ContinuationGeneration(bpy.context, rig, job.ContinuationOptions())
    said = [text for text in made.warnings if "rotation modes change by their keys" in text]
    assert len(said) == told and all(repr(ARM) in text for text in said)


def test_before_the_scene_begins_a_cycle_stays_as_it_was(rig):
    for curve in digest.curves_of(rig.animation_data.action):
        curve.modifiers.new("CYCLES")
    rig.animation_data.action.update_tag()
    bpy.context.scene.frame_start = 100
    frames = range(-60, -19)
    before = poses(rig, frames)
    bpy.context.scene.frame_set(-20)
    assert bpy.ops.quaternet.continue_motion() == {"FINISHED"}
    assert np.abs(poses(rig, frames) - before).max() < 1e-5


def test_what_only_holds_the_first_key_is_no_context(rig, steady):
    """A rig with a constraint was taken to have stood in its first pose for two seconds."""
    target = bpy.data.objects.new("Target", None)
    bpy.context.scene.collection.objects.link(target)
    rig.pose.bones["mixamorig:LeftHandThumb1"].constraints.new("COPY_ROTATION").target = target
    bpy.context.scene.frame_set(13)
    bpy.ops.quaternet.continue_motion()
    assert len(steady.last.context) == 13
    key(target, "location", [(0, 0, 0), (0, 0, 1)], frames=(-100, 100))
    rig.pose.bones[HIPS].constraints.new("LIMIT_DISTANCE").target = target
    rig.pose.bones[HIPS].constraints[0].limit_mode = "LIMITDIST_ONSURFACE"
    bpy.context.scene.frame_set(13)
    bpy.ops.quaternet.continue_motion()
    assert len(steady.last.context) == 49  # who is moved by something else is seen before that


@pytest.mark.parametrize("now", [10, 40, 140])
@pytest.mark.parametrize("start", [0, 30])
def test_linear_extrapolation_costs_no_key_or_handle(rig, now, start):
    """All keys before the cut were exchanged for one on every frame."""
    source = rig.animation_data.action
    for curve in digest.curves_of(source):
        curve.extrapolation = "LINEAR"
    source.update_tag()
    bpy.context.scene.frame_start = start
    frames = np.arange(min(start, 1), now + 0.1, 0.5 if now > 100 else 1.0)
    before = poses(rig, frames)
    bpy.context.scene.frame_set(now)
    assert bpy.ops.quaternet.continue_motion() == {"FINISHED"}
    assert np.abs(poses(rig, frames) - before).max() < 1e-5
    made = digest.curves_of(rig.animation_data.action)
    arm = next(c for c in made if ARM in c.data_path and c.array_index == 0)
    kept = {1, 20, 45, 80, 100} & set(range(now + 1))
    ours = [p for p in arm.keyframe_points if p.co[0] < max(kept)]
    assert kept <= {int(p.co[0]) for p in arm.keyframe_points}
    assert len(ours) < len(kept) + 1
