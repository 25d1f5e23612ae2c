# SPDX-License-Identifier: GPL-3.0-or-later
"""The curve to walk along is taken by itself where no other can be meant, and the rig stays."""

import bpy
import pytest
from support import rigs


@pytest.fixture
def chosen(module):
    """The name of the curve that a walk would take now, "" for none."""

    def chosen():
        bpy.context.view_layer.update()
        found = module("blender.walk.chosen_curve").curve_of(bpy.context.scene.quaternet)
        return found.name if found is not None else ""

    return chosen


def test_the_one_curve_of_the_scene_or_the_selected_one_is_taken(chosen):
    rigs.make("mixamo")
    assert not chosen()
    one = rigs.poly("One", [(0, 0, 0), (0, -4, 0)])
    assert chosen() == "One"
    other = rigs.poly("Other", [(1, 0, 0), (1, -4, 0)])
    one.select_set(False)
    other.select_set(False)
    assert not chosen()  # which one is meant?
    other.select_set(True)
    assert chosen() == "Other"
    bpy.context.scene.quaternet.curve = one  # what was chosen by hand goes before
    assert chosen() == "One"


def test_what_was_deleted_is_not_meant_though_a_property_still_holds_it(module):
    settings, scene = bpy.context.scene.quaternet, bpy.context.scene
    curve_of = module("blender.walk.chosen_curve").curve_of
    chosen, lamp = rigs.poly("Chosen", [(0, 0, 0), (0, -3, 0)]), bpy.data.objects.new("Lamp", None)
    rig = rigs.make("mixamo")
    scene.collection.objects.link(lamp)
    settings.curve, settings.face, rig.quaternet_driving.ground = chosen, lamp, None
    names, options = settings.names_of_mode, module("blender.rig.options").options_of
    assert curve_of(settings) == chosen and names("WALK")["face"] == "Lamp"
    bpy.ops.mesh.primitive_plane_add()
    ground = bpy.context.object
    rig.quaternet_driving.ground = ground
    assert options(rig).ground == ground.name
    for obj in (chosen, lamp, ground):
        scene.collection.objects.unlink(obj)
    assert settings.curve and settings.face and rig.quaternet_driving.ground
    assert curve_of(settings) is None
    assert names("WALK")["face"] == "" and options(rig).ground == ""


def test_a_hidden_curve_is_not_meant(chosen):
    rigs.make("mixamo")
    one = rigs.poly("One", [(0, 0, 0), (0, -4, 0)])
    one.hide_set(True)
    assert not chosen()


def test_the_rig_that_was_active_walks_while_its_path_is(module):
    selection = module("blender.rig.selection")
    rig, path = rigs.make("mixamo"), rigs.poly("Path", [(0, 0, 0), (0, -3, 0)])
    other = rigs.make("mixamo")
    bpy.context.view_layer.objects.active = rig
    assert selection.selected_rig(bpy.context) == rig
    for obj in (rig, other):
        obj.select_set(False)
    path.select_set(True)
    bpy.context.view_layer.objects.active = path
    assert selection.selected_rig(bpy.context) == rig
    assert bpy.ops.quaternet.generate_locomotion() == {"FINISHED"}
    assert rig.animation_data.action is not None and other.animation_data is None


def test_another_object_than_a_path_is_no_pin(module):
    selection = module("blender.rig.selection")
    rig = rigs.make("mixamo")
    assert selection.selected_rig(bpy.context) == rig
    rig.select_set(False)
    mesh = bpy.data.objects.new("Mesh", bpy.data.meshes.new("Mesh"))
    bpy.context.scene.collection.objects.link(mesh)
    bpy.context.view_layer.objects.active = mesh
    assert selection.selected_rig(bpy.context) is None


@pytest.mark.parametrize("keys", ["ALL", "FEWEST"])
def test_new_keys_are_not_selected(module, keys):
    rigs.poly("Path", [(0, 0, 0), (0, -2, 0)])
    rig = rigs.make("mixamo")
    assert bpy.ops.quaternet.generate_locomotion(keys=keys) == {"FINISHED"}
    curves = module("blender.keys.action").all_fcurves(rig.animation_data.action)
    points = [point for curve in curves for point in curve.keyframe_points]
    assert len(points) > 100
    assert not any(
        p.select_control_point or p.select_left_handle or p.select_right_handle for p in points
    )
