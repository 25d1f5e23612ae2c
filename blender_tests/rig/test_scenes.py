# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes as studios have them: hidden curves, roads, shared actions, a second copy of us."""

import bpy
import numpy as np
import pytest
from support import drive, rigs


@pytest.fixture
def length(module):
    """Metres of the path that a curve object makes now."""
    read = module("blender.walk.curve").read_curve
    return lambda obj: read(obj, bpy.context.scene, 1.0, stop_time=1.0)[0].path.length


@pytest.mark.parametrize("hidden", ["disabled", "eye", "excluded collection"])
def test_a_hook_and_an_animation_of_a_hidden_curve_count(length, hidden):
    curve, empty = rigs.poly("P", [(0, 0, 0), (1, 0, 0)]), bpy.data.objects.new("Hook", None)
    bpy.context.scene.collection.objects.link(empty)
    bpy.context.view_layer.update()
    hook = curve.modifiers.new("Hook", "HOOK")
    hook.object = empty
    hook.vertex_indices_set([1])
    for frame, x in ((1, 4.0), (10, 9.0)):
        empty.location.x = x
        empty.keyframe_insert("location", frame=frame)
    _hide(curve, hidden)
    bpy.context.scene.frame_set(1)
    assert length(curve) == pytest.approx(5.0, abs=1e-3)
    bpy.context.scene.frame_set(10)
    assert length(curve) == pytest.approx(10.0, abs=1e-3)


def _hide(obj, how):
    if how == "disabled":
        obj.hide_viewport = True
    elif how == "eye":
        obj.hide_set(True)
    else:
        collection = bpy.data.collections.new("Hidden")
        bpy.context.scene.collection.children.link(collection)
        collection.objects.link(obj)
        bpy.context.scene.collection.objects.unlink(obj)
        bpy.context.view_layer.layer_collection.children["Hidden"].exclude = True


def _road(joined):
    """A node group that makes a mesh of a curve, alone or joined with the curve."""
    group = bpy.data.node_groups.new("Road", "GeometryNodeTree")
    if bpy.app.version >= (4, 0):
        for kind in ("INPUT", "OUTPUT"):
            group.interface.new_socket("Geometry", in_out=kind, socket_type="NodeSocketGeometry")
    else:
        group.inputs.new("NodeSocketGeometry", "Geometry")
        group.outputs.new("NodeSocketGeometry", "Geometry")
    names = (
        "NodeGroupInput NodeGroupOutput GeometryNodeCurveToMesh GeometryNodeCurvePrimitiveCircle"
    )
    start, end, sweep, circle = (group.nodes.new(name) for name in names.split())
    join = group.nodes.new("GeometryNodeJoinGeometry")
    group.links.new(start.outputs[0], sweep.inputs["Curve"])
    group.links.new(circle.outputs[0], sweep.inputs["Profile Curve"])
    group.links.new(sweep.outputs[0], join.inputs[0])
    if joined:
        group.links.new(start.outputs[0], join.inputs[0])
    group.links.new(join.outputs[0], end.inputs[0])
    return group


@pytest.mark.parametrize("joined", [False, True])
def test_a_curve_that_nodes_make_a_road_of_is_walked_along(length, joined):
    curve = rigs.poly("P", [(0, 0, 0), (3, 0, 0), (3, 4, 0)])
    curve.modifiers.new("Nodes", "NODES").node_group = _road(joined)
    assert length(curve) == pytest.approx(7.0, abs=1e-3)


def test_a_second_copy_of_the_add_on_is_refused_in_words(module):
    registration = module("blender.registration")
    with pytest.raises(RuntimeError, match="enabled already, as another copy"):
        registration.register()
    assert bpy.ops.quaternet.detect_mapping.idname()  # the first one is as it was


@pytest.mark.skipif(bpy.app.version < (4, 4), reason="actions have slots from 4.4")
def test_continue_goes_on_from_the_rig_s_slot_of_an_action_that_a_prop_shares(module):
    rig = rigs.make("mixamo")
    rigs.activate(rig)
    bpy.ops.quaternet.detect_mapping()
    driven = drive.driver(module, rig, rig.data.quaternet_mapping.as_dict())
    motion = drive.walk(module, driven, points=[[0, 0, 0], [0, 0, 2]])
    drive.play(module, driven, motion)
    shared, prop = rig.animation_data.action, bpy.data.objects.new("Prop", None)
    bpy.context.scene.collection.objects.link(prop)
    prop.animation_data_create().action = shared
    slot = shared.slots.new(id_type="OBJECT", name="Prop")
    prop.animation_data.action_slot = slot
    last = len(motion)
    for frame, x in ((1, 0.0), (last + 500, 9.0)):
        prop.location.x = x
        prop.keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(last)
    rigs.activate(rig)
    bpy.ops.quaternet.continue_motion(duration=1.0)
    action = rig.animation_data.action
    assert action != shared and len(action.slots) == 1
    assert action.frame_range[1] < last + 60
    paths = {curve.data_path for curve in module("blender.keys.action").all_fcurves(action)}
    assert "location" not in paths
    assert prop.animation_data.action == shared
    assert np.isclose(shared.frame_range[1], last + 500)
