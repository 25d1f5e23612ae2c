# SPDX-License-Identifier: GPL-3.0-or-later
"""A rig is read where it is, whatever the view layer shows of it, and so is its mesh."""

import bpy
import numpy as np
import pytest
from support import rigs

HIPS = "mixamorig:Hips"


@pytest.fixture
def rig():
    """A mapped rig alone in the collection Cast, beside a curve."""
    rigs.poly("Path", [(0, 0, 0), (0, -4, 0)])
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    cast = bpy.data.collections.new("Cast")
    bpy.context.scene.collection.children.link(cast)
    cast.objects.link(obj)
    bpy.context.scene.collection.objects.unlink(obj)
    rigs.activate(obj)
    return obj


def _cast():
    return bpy.context.view_layer.layer_collection.children["Cast"]


def _hide(rig, how):
    rig.hide_viewport = how == "disabled"
    _cast().exclude = how in {"excluded", "another scene"}
    _cast().hide_viewport = how == "collection"
    if how == "eye":
        rig.hide_set(True)
    bpy.context.view_layer.update()


def _walked(module, rig, **options):
    """The rig walks along the curve; where its hips are, ``(T, 3)`` world, and the warnings."""
    walk = module("blender.walk.generation")
    generation = walk.WalkGeneration(bpy.context, rig, walk.WalkOptions(curve="Path", **options))
    for _ in generation:
        pass
    generation.apply()
    rig.hide_viewport = _cast().exclude = _cast().hide_viewport = False
    places = []
    for frame in np.linspace(*rig.animation_data.action.frame_range, 9).round():
        bpy.context.scene.frame_set(int(frame))
        shown = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
        places.append(shown.matrix_world @ shown.pose.bones[HIPS].head)
    return np.array(places), generation.warnings


HOW = ["shown", "eye", "collection", "disabled", "excluded", "another scene"]


@pytest.mark.parametrize("root", ["HIPS", "OBJECT"])
@pytest.mark.parametrize("how", HOW)
def test_a_rig_that_was_moved_while_hidden_walks_on_the_curve(module, rig, how, root):
    if how == "another scene":
        bpy.data.scenes.new("Other").collection.objects.link(rig)
    rig.quaternet_driving.root = root
    _hide(rig, how)
    rig.location, rig.rotation_euler.z = (3.0, 2.0, 0.5), 1.0
    hips, warnings = _walked(module, rig)
    assert np.abs(hips[:, 0]).max() < 0.3
    assert not warnings


def test_a_walk_looks_at_where_a_hidden_object_is(module, rig):
    target = bpy.data.objects.new("Target", None)
    bpy.context.scene.collection.objects.link(target)
    target.hide_viewport = True
    bpy.context.view_layer.update()
    target.location = (5.0, -2.0, 1.0)
    inputs = module("blender.walk.inputs")
    options = inputs.WalkOptions(curve="Path", face="Target")
    assert inputs.read_inputs(bpy.context.scene, options, 1.0).face == (5.0, 1.0, 2.0)


@pytest.mark.parametrize("how", ["shown", "excluded"])
def test_soles_of_a_hidden_mesh_are_where_it_is(module, rig, how):
    """The mesh has another origin than the rig, which a stale matrix would not know."""
    feet = bpy.data.meshes.new("Feet")
    sole = [(0.09, -0.1, -0.95), (0.12, -0.1, -0.95), (0.09, 0.0, -0.95)]
    sides = sole + [(-x, y, z) for x, y, z in sole]
    feet.from_pydata(sides, [], [(0, 1, 2), (3, 4, 5)])
    body = bpy.data.objects.new("Feet", feet)
    bpy.data.collections["Cast"].objects.link(body)
    body.modifiers.new("Armature", "ARMATURE").object = rig
    for name, vertices in (("LeftFoot", [0, 1, 2]), ("RightFoot", [3, 4, 5])):
        body.vertex_groups.new(name=f"mixamorig:{name}").add(vertices, 1.0, "REPLACE")
    _hide(rig, how)
    body.parent, body.location.z = rig, 0.95
    bpy.context.view_layer.update()
    feet = module("blender.rig.foot_mesh").foot_points(
        rig,
        module("blender.rig.armature").rig_in(bpy.context, rig),
        module("blender.rig.stored_mapping").stored_mapping(rig).as_dict(),
    )
    assert np.abs(np.concatenate(feet)[:, 1]).max() < 1e-5
