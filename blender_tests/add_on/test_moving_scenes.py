# SPDX-License-Identifier: GPL-3.0-or-later
"""Grounds, curves and obstacles are taken at one frame: where they move or end, that is said."""

import bpy
import pytest
from support import rigs

HIPS = "mixamorig:Hips"


@pytest.fixture
def rig(random_walk, steady, spinning):
    """A mapped rig beside a curve; motions are random poses."""
    bpy.context.scene.quaternet.curve = rigs.poly("Path", [(0, 0, 0), (0, -6, 0)])
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    return obj


@pytest.fixture
def floor(rig):
    """A floor of 20 m that the rig is to stand on."""
    obj = plane("Floor", 20.0)
    rig.quaternet_driving.ground = obj
    rigs.activate(rig)
    return obj


def plane(name, size, place=(0.0, 0.0, 0.0)):
    bpy.ops.mesh.primitive_plane_add(size=size, location=place)
    bpy.context.active_object.name = name
    return bpy.context.active_object


def walk(**options):
    return bpy.ops.quaternet.generate_locomotion(**{"curve": "Path", **options})


def dance(**options):
    return bpy.ops.quaternet.generate_dance(**{"duration": 1.0, **options})


def go_on(**options):
    return bpy.ops.quaternet.continue_motion(**{"duration": 1.0, **options})


def keyed(obj, path="location", index=2, value=1.0):
    for frame, at in ((1, 0.0), (40, value)):
        getattr(obj, path)[index] = at
        obj.keyframe_insert(path, index=index, frame=frame)
    bpy.context.scene.frame_set(1)


def empty(name="Stage"):
    obj = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def move(obj, how):
    if how == "keys":
        keyed(obj)
    elif how == "driver":
        obj.driver_add("location", 0).driver.expression = "frame * 0.01"
    elif how == "parent":
        obj.parent = empty()
        keyed(obj.parent, index=0)
    elif how == "constraint":
        obj.constraints.new("COPY_LOCATION").target = empty()
        keyed(obj.constraints[0].target)
    elif how == "shape key":
        obj.shape_key_add(name="Basis")
        key = obj.shape_key_add(name="Up")
        for point in key.data:
            point.co.z += 1.0
        for frame, value in ((1, 0.0), (40, 1.0)):
            key.value = value
            key.keyframe_insert("value", frame=frame)
        bpy.context.scene.frame_set(1)
    elif how == "hook":
        hook = obj.modifiers.new("Hook", "HOOK")
        hook.object = empty()
        hook.vertex_indices_set([0])
        keyed(hook.object)
    elif how == "cloth":
        obj.modifiers.new("Cloth", "CLOTH")
    bpy.context.view_layer.update()


HOW = ["keys", "driver", "parent", "constraint", "shape key", "hook", "cloth"]


@pytest.mark.parametrize("how", HOW)
def test_a_ground_that_moves_is_told(floor, said, how):
    move(floor, how)
    told = "The ground moves, and was taken as it is in frame 1: 'Floor'"
    assert told in said(walk)
    assert told in said(dance)


def test_a_ground_that_rests_is_not(floor, said):
    floor.modifiers.new("Solid", "SOLIDIFY")
    keyed(floor, value=0.0)
    floor.parent = empty()
    assert " moves" not in said(walk)


def test_a_ground_that_moves_after_the_motion_is_not(floor, said):
    for frame, at in ((5000, 0.0), (5100, 1.0)):
        floor.location.z = at
        floor.keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(1)
    assert " moves" not in said(walk)


@pytest.mark.parametrize("how", ["keys", "driver", "parent"])
def test_a_curve_that_moves_is_told(rig, said, how):
    assert " moves" not in said(walk)
    move(bpy.data.objects["Path"], how)
    assert "The curve moves, and was taken as it is in frame 1: 'Path'" in said(walk)


def test_what_is_looked_at_and_moves_is_told(rig, said):
    target = empty("Bird")
    assert " moves" not in said(walk, face="Bird")
    keyed(target)
    told = said(walk, face="Bird")
    assert "What is looked at moves, and was taken as it is in frame 1: 'Bird'" in told


@pytest.mark.parametrize("act", [dance, go_on])
def test_where_the_ground_is_not_under_the_body_is_told(rig, floor, said, act):
    rig.pose.bones[HIPS].keyframe_insert("location", frame=1)
    assert "not under the body" not in said(act)
    floor.location.x = 50.0
    bpy.context.view_layer.update()
    assert "The ground 'Floor' is not under the body, first in frame" in said(act)


def test_crowds_tell_what_moves_and_who_has_no_ground(rig, said):
    plane("Floor", 4.0)
    things = bpy.data.collections.new("Things")
    bpy.context.scene.collection.children.link(things)
    bpy.ops.mesh.primitive_cube_add(size=0.3, location=(5.0, 0.0, 0.0))
    box = bpy.context.active_object
    things.objects.link(box)
    rig.quaternet_driving.ground = bpy.data.objects["Floor"]
    rigs.activate(rig)
    told = said(bpy.ops.quaternet.make_crowd, count=1, obstacles="Things")
    assert "1 walkers have no ground: 1 at frame" in told
    assert "move" not in told
    keyed(box)
    keyed(bpy.data.objects["Floor"])
    keyed(bpy.data.objects["Path"])
    told = said(bpy.ops.quaternet.make_crowd, count=1, obstacles="Things")
    assert "Obstacles move, and were taken as they are in frame 1: 'Cube'" in told
    assert "The ground moves, and was taken as it is in frame 1: 'Floor'" in told
    assert "The curve moves, and was taken as it is in frame 1: 'Path'" in told
