# SPDX-License-Identifier: GPL-3.0-or-later
"""From nothing to a path: shapes before the feet, a stroke, the way of an object."""

import bpy
import pytest
from mathutils import Vector
from support import digest, rigs


@pytest.fixture
def rig():
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    return obj


def bezier():
    return bpy.context.scene.quaternet.curve.data.splines[0].bezier_points


@pytest.mark.parametrize("shape", ["STRAIGHT", "S", "CIRCLE", "SQUARE", "EIGHT"])
def test_a_new_path_begins_at_the_feet_and_can_be_walked(rig, shape):
    assert bpy.ops.quaternet.new_path(shape=shape) == {"FINISHED"}
    curve = bpy.context.scene.quaternet.curve
    assert curve.name in bpy.context.scene.objects
    assert bpy.context.view_layer.objects.active == rig
    start = curve.matrix_world @ bezier()[0].co
    assert start.length < 0.2  # the rig stands at the origin
    assert (bezier()[0].handle_right - bezier()[0].co).y < 0.0  # and faces -Y
    assert bpy.ops.quaternet.generate_locomotion() == {"FINISHED"}
    assert rig.animation_data.action.name.startswith("Walk")


def test_a_path_follows_a_rig_that_is_turned_moved_and_small(rig):
    rig.location, rig.rotation_euler = (3.0, 2.0, 0.5), (0.0, 0.0, 1.5707963)
    rig.scale = [0.1 * s for s in rig.scale]
    bpy.context.view_layer.update()
    bpy.ops.quaternet.new_path(shape="STRAIGHT")
    first, last = (p.co.copy() for p in bezier())
    assert (first - Vector((3.0, 2.0, 0.5))).length < 0.05
    way = last - first
    assert way.length == pytest.approx(0.6, rel=0.2)  # 6 m for a human
    assert way.x == pytest.approx(way.length, rel=1e-3)  # -Y, turned by a quarter


def test_the_way_of_an_object_becomes_a_path(rig):
    empty = bpy.data.objects.new("Leader", None)
    bpy.context.scene.collection.objects.link(empty)
    for frame, place in ((1, (0, 0, 2)), (50, (0, -3, 2)), (100, (2, -4, 2))):
        empty.location = place
        empty.keyframe_insert("location", frame=frame)
    assert not bpy.ops.quaternet.path_of_object.poll()
    empty.select_set(True)
    before = digest.of_action(empty.animation_data.action)
    scenes = len(bpy.data.scenes)
    assert bpy.ops.quaternet.path_of_object() == {"FINISHED"}
    assert (bezier()[-1].co - Vector((2, -4, 0))).length < 0.05
    assert digest.of_action(empty.animation_data.action) == before
    assert len(bpy.data.scenes) == scenes
    assert bpy.ops.quaternet.generate_locomotion() == {"FINISHED"}


def test_rays_meet_the_ground(module):
    new_path = module("blender.walk.new_path")
    place = new_path.on_plane(Vector((0, 0, 2)), Vector((0, -1, -1)).normalized(), 0.0)
    assert (place - Vector((0, -2, 0))).length < 1e-5
    assert new_path.on_plane(Vector((0, 0, 2)), Vector((0, -1, 1)), 0.0) is None
    bpy.ops.mesh.primitive_plane_add(size=10.0, location=(0, 0, 0.5))
    depsgraph = bpy.context.evaluated_depsgraph_get()
    plane = bpy.context.object
    hit = new_path.on_mesh(plane, Vector((1, 0, 3)), Vector((0, 0, -1)), depsgraph)
    assert (hit - Vector((1, 0, 0.5))).length < 1e-5
    plane.hide_viewport = True
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert new_path.on_mesh(plane, Vector((1, 0, 3)), Vector((0, 0, -1)), depsgraph) is None
