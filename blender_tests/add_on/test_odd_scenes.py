# SPDX-License-Identifier: GPL-3.0-or-later
"""What is odd about a scene or an option is said in words, never passed over or bent in silence."""

import bpy
import pytest
from support import digest, rigs

HIPS = "mixamorig:Hips"


@pytest.fixture
def rig(random_walk):
    """A mapped rig beside a curve; walks are random poses."""
    rigs.poly("Path", [(0, 0, 0), (0, -4, 0)])
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    return obj


def walk(**options):
    return bpy.ops.quaternet.generate_locomotion(**{"curve": "Path", **options})


def refused(match, call, **options):
    """The call fails with a message, and the file is as before."""
    before = digest.of_file()
    with pytest.raises(RuntimeError, match=match):
        call(**options)
    assert digest.of_file() == before


@pytest.mark.parametrize(
    ("verb", "options", "limits"),
    [
        ("generate_locomotion", {"variations": 1000}, "variations from 1 to 64, got 1000"),
        ("generate_locomotion", {"variations": 0}, "variations from 1 to 64, got 0"),
        ("generate_locomotion", {"strides": 5000}, "strides from 1 to 1000, got 5000"),
        ("generate_locomotion", {"speed": -1.0}, "speed above 0 and up to 1000 m/s, got -1"),
        ("generate_locomotion", {"duration": 1e6}, "duration above 0 and up to 36000 s"),
        ("generate_locomotion", {"duration": float("nan")}, "duration above 0 .*, got nan"),
        ("generate_locomotion", {"turn_end": 4.0}, "turn_end from -3.142 to 3.14159 rad, got 4"),
        ("generate_locomotion", {"key_step": 0}, "key_step from 1 to 1000, got 0"),
        ("generate_locomotion", {"seed": -1}, "seed of 0 or more, got -1"),
        ("generate_dance", {"duration": 100000.0}, "duration above 0 and up to 3600 s, got 100000"),
        ("generate_dance", {"temperature": 9.0}, "temperature from 0.2 to 2, got 9"),
        ("continue_motion", {"duration": 1000.0}, "duration above 0 and up to 600 s, got 1000"),
        ("continue_motion", {"blend": -1.0}, "blend from 0 to 10 s, got -1"),
        ("make_crowd", {"count": 5000}, "count from 1 to 1000, got 5000"),
        ("new_path", {"size": 1000.0}, "size from 0.1 to 100, got 1e"),
    ],
)
def test_options_beyond_their_limits_are_refused_not_bent(rig, verb, options, limits):
    rig.pose.bones[0].keyframe_insert("location", frame=1)
    refused(limits, getattr(bpy.ops.quaternet, verb), **options)


def test_every_number_of_an_operator_comes_as_it_was_told(package):
    """Blender clamps what a script gives to hard limits, without a word."""
    clamped = [
        f"{verb}.{prop.identifier}"
        for verb in dir(bpy.ops.quaternet)
        for prop in getattr(bpy.ops.quaternet, verb).get_rna_type().properties
        if prop.type in {"INT", "FLOAT"} and (prop.hard_min > -1e9 or prop.hard_max < 1e9)
    ]
    assert not clamped


def test_a_dance_of_one_frame_is_refused(rig):
    refused("dance of two frames or more, 0.042 s, got 0.01 s", bpy.ops.quaternet.generate_dance,
            duration=0.01)  # fmt: skip


def test_a_radius_of_any_way_can_be_made_again(rig, spinning):
    bpy.ops.quaternet.generate_dance(radius=0.0, duration=1.0)
    assert bpy.ops.quaternet.regenerate_take() == {"FINISHED"}


def test_options_without_effect_are_named(rig, said):
    told = said(walk, duration=5.0, strides=3)
    assert "Without effect beside the other options: duration, strides" in told
    assert "Without effect" not in said(walk, timing="DURATION", duration=5.0)
    assert "speed" in said(walk, timing="DURATION", duration=5.0, speed=1.0)
    assert "Without effect" not in said(walk, speed=1.0, use_in_place=True)


def hang(curve, rig, how):
    if how == "bone":
        curve.parent, curve.parent_type, curve.parent_bone = rig, "BONE", HIPS
    elif how == "through an empty":
        empty = bpy.data.objects.new("Between", None)
        bpy.context.scene.collection.objects.link(empty)
        empty.parent, empty.parent_type, empty.parent_bone = rig, "BONE", HIPS
        curve.parent = empty
    elif how == "constraint":
        constraint = curve.constraints.new("COPY_LOCATION")
        constraint.target, constraint.subtarget = rig, HIPS
    else:
        hook = curve.modifiers.new("Hook", "HOOK")
        hook.object, hook.subtarget = rig, HIPS
    bpy.context.view_layer.update()


@pytest.mark.parametrize("how", ["bone", "through an empty", "constraint", "hook"])
def test_a_curve_that_hangs_on_the_rig_itself_is_refused_by_its_name(rig, how):
    hang(bpy.data.objects["Path"], rig, how)
    refused(f"'Path' hangs on the bone '{HIPS}'", walk)
    refused(f"'Path' hangs on the bone '{HIPS}'", bpy.ops.quaternet.preview_walk)


def test_a_curve_that_hangs_on_the_armature_object_is_told_where_that_travels(rig, said):
    bpy.data.objects["Path"].parent = rig
    assert "hangs on" not in said(walk)
    rig.quaternet_driving.root = "OBJECT"
    assert "The curve 'Path' hangs on 'Mixamo', which travels" in said(walk)


@pytest.fixture
def ground(rig):
    """A floor that the rig is to stand on."""
    bpy.ops.mesh.primitive_plane_add(size=20.0)
    obj = bpy.context.active_object
    obj.name = "Floor"
    rig.quaternet_driving.ground = obj
    rigs.activate(rig)
    return obj


@pytest.mark.parametrize("how", ["bone", "through an empty", "constraint", "hook"])
def test_a_ground_that_hangs_on_the_rig_itself_is_refused_by_its_name(rig, ground, how):
    hang(ground, rig, how)
    refused(f"'Floor' hangs on the bone '{HIPS}'", walk)


def test_a_ground_that_the_rig_deforms_is_refused(rig, ground):
    ground.modifiers.new("Skin", "ARMATURE").object = rig
    refused("'Floor' hangs on the bones of the rig", walk)
    refused("'Floor' hangs on the bones of the rig", bpy.ops.quaternet.generate_dance)


def test_a_ground_that_hangs_on_the_armature_object_is_told_where_that_travels(rig, ground, said):
    assert "hangs on" not in said(walk)
    ground.parent = rig
    assert "hangs on" not in said(walk)
    rig.quaternet_driving.root = "OBJECT"
    assert "The ground 'Floor' hangs on 'Mixamo', which travels" in said(walk)


def test_a_curve_that_hangs_on_something_else_is_fine(rig, said):
    empty = bpy.data.objects.new("Stage", None)
    bpy.context.scene.collection.objects.link(empty)
    bpy.data.objects["Path"].parent = empty
    assert "hangs on" not in said(walk)


def test_a_curve_of_another_scene_or_of_none_is_told(rig, said):
    curve = bpy.data.objects["Path"]
    assert "not in this scene" not in said(walk)
    bpy.context.scene.collection.objects.unlink(curve)
    assert "The curve 'Path' is not in this scene" in said(walk)
    bpy.data.scenes.new("Other").collection.objects.link(curve)
    assert "The curve 'Path' is not in this scene" in said(walk)


def join(rig, away):
    """A second skeleton in the same armature, so far to the side; returns the rig."""
    other = rigs.make("mixamo")
    for bone in other.data.bones:
        bone.name = bone.name.replace("mixamorig", "other")
    other.location.x = away
    bpy.context.view_layer.update()
    rigs.activate(rig)
    other.select_set(True)
    rig.select_set(True)
    bpy.ops.object.join()
    return rig


def test_a_second_body_in_the_armature_is_named(rig, said):
    rig = join(rig, 2.0)
    assert "'Mixamo' holds another body, which does not move: that of 'other:Hips'" in said(walk)


def test_a_second_layer_of_the_same_body_is_none(rig, said):
    join(rig, 0.0)
    assert "another body" not in said(walk)


def test_scales_of_the_body_that_go_are_told(rig, said):
    assert "goes back to 1" not in said(walk)
    rig.animation_data_clear()
    rig.pose.bones[HIPS].scale = (0.0, 0.0, 0.0)
    bpy.context.view_layer.update()
    assert f"The scale of '{HIPS}' goes back to 1" in said(walk)


@pytest.mark.parametrize(("scale", "told"), [((-1, 1, 1), "-1, 1, 1"), ((1, 1, 2), "1, 1, 2")])
def test_an_uneven_scale_is_told_as_it_stands_in_the_panel(rig, scale, told):
    rig.scale = scale
    bpy.context.view_layer.update()
    refused(rf"got \({told}\) on 'Mixamo'", walk)


def test_a_scale_that_a_parent_mirrors_is_told(rig):
    parent = bpy.data.objects.new("Mirror", None)
    bpy.context.scene.collection.objects.link(parent)
    rig.parent, parent.scale = parent, (1.0, -1.0, 1.0)
    bpy.context.view_layer.update()
    refused(r"got \(1, 1, 1, mirrored\) on 'Mixamo'", walk)
