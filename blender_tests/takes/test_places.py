# SPDX-License-Identifier: GPL-3.0-or-later
"""A take that is used again plays where it was made, whatever another action left behind."""

import bpy
import numpy as np
import pytest
from support import digest, rigs

HIPS, SAME = "mixamorig:Hips", 1e-4


def walk(**options):
    assert bpy.ops.quaternet.generate_locomotion(curve="Path", **options) == {"FINISHED"}


@pytest.fixture
def rig(module):
    """A rig that has a bone above the hips, and a take in which the hips travel."""
    rigs.poly("Path", [(0, 0, 0), (0, -4, 0)])
    obj = rigs.make("mixamo")
    bpy.ops.object.mode_set(mode="EDIT")
    root = obj.data.edit_bones.new("root")
    root.head, root.tail = (0, 0, 0), (0, 0, 0.2)
    for bone in obj.data.edit_bones:
        if bone.parent is None and bone != root:
            bone.parent = root
    bpy.ops.object.mode_set(mode="OBJECT")
    walk()
    return obj


def hips(obj):
    """Where the hips are on three frames."""
    places = []
    for frame in (1, 60, 120):
        bpy.context.scene.frame_set(frame)
        places.append(obj.matrix_world @ obj.pose.bones[HIPS].head)
    return np.array(places)


def walk_by(obj, root):
    obj.quaternet_driving.root = root
    if root == "BONE":
        obj.quaternet_driving.root_bone = "root"
    walk(seed=1)


def play_own(obj, path="location", owner=None):
    """An action of the animator's that moves the object or a bone plays instead."""
    owner = owner or obj
    obj.animation_data.action = bpy.data.actions.new("Own")
    for frame, x in ((1, 0.0), (100, 5.0)):
        setattr(owner, path, (x, 0.0, 0.0))
        owner.keyframe_insert(path, frame=frame)


@pytest.mark.parametrize("operator", ["use_take", "keep_take"])
@pytest.mark.parametrize("root", ["OBJECT", "BONE"])
def test_a_take_plays_where_it_was_made_after_one_whose_root_travels(rig, operator, root):
    before = hips(rig)
    walk_by(rig, root)
    bpy.context.scene.frame_set(120)
    assert getattr(bpy.ops.quaternet, operator)(index=0) == {"FINISHED"}
    np.testing.assert_allclose(hips(rig), before, atol=SAME)


@pytest.mark.parametrize("bone", [None, "root", "mixamorig:Head"])
def test_a_take_plays_where_it_was_made_after_the_animators_own_action(rig, bone):
    before = hips(rig)
    play_own(rig, owner=rig.pose.bones[bone] if bone else None)
    bpy.context.scene.frame_set(100)
    bpy.ops.quaternet.use_take(index=0)
    np.testing.assert_allclose(hips(rig), before, atol=SAME)
    assert tuple(rig.pose.bones[bone].location if bone else rig.location) == (0.0, 0.0, 0.0)


def test_properties_that_are_no_numbers_are_left_alone(rig):
    """Rigify keeps a group of parameters on every bone, riggers keep texts and data-blocks."""
    bone, kept = rig.pose.bones[HIPS], {"group": {"a": 1.0}, "text": "mine", "object": rig}
    for name, value in {**kept, "many": [1.0] * 8, "number": 0.5}.items():
        bone[name] = value
    walk(seed=2)
    bone["number"] = 0.7
    for index in (0, 1):
        assert bpy.ops.quaternet.use_take(index=index) == {"FINISHED"}
    assert bone["group"].to_dict() == kept["group"] and bone["object"] == rig
    assert bone["text"] == "mine" and bone["number"] == 0.7  # keyed by nobody


def test_a_take_of_a_moved_rig_goes_back_to_where_that_was(rig):
    rig.location = (2.0, 1.0, 0.0)
    bpy.context.view_layer.update()
    walk(seed=3)
    before = hips(rig)
    play_own(rig)
    bpy.context.scene.frame_set(100)
    bpy.ops.quaternet.use_take(index=1)
    np.testing.assert_allclose(hips(rig), before, atol=SAME)


def test_what_nothing_keyed_stays_as_it_was_set_by_hand(rig):
    bone = rig.pose.bones["root"]
    play_own(rig)
    bone.location, rig.scale = (0.5, 0.0, 0.0), (1.5, 1.5, 1.5)
    rig.animation_data.action = bpy.data.actions["Own"]
    for curve in digest.curves_of(rig.animation_data.action):
        curve.mute = curve.array_index == 1  # shows what was set by hand
    rig.location[1] = 3.0
    bpy.ops.quaternet.use_take(index=0)
    assert bone.location[0] == 0.5 and tuple(rig.scale) == (1.5, 1.5, 1.5)
    assert rig.location[1] == 3.0


def test_the_take_that_travels_by_its_object_is_as_before_in_every_round(rig):
    first = hips(rig)
    walk_by(rig, "OBJECT")
    second = hips(rig)
    for _ in range(2):
        for index, places in ((0, first), (1, second)):
            bpy.context.scene.frame_set(120)
            bpy.ops.quaternet.use_take(index=index)
            np.testing.assert_allclose(hips(rig), places, atol=SAME)


def test_live_that_followed_a_moved_rig_is_found_again_there(rig, module):
    live = module("blender.walk.live")
    bpy.context.scene.quaternet.curve = bpy.data.objects["Path"]
    try:
        assert bpy.ops.quaternet.live() == {"FINISHED"}
        rig.location[0] = 1.0
        bpy.context.view_layer.update()
        for _ in range(400):
            if live.tick() != 0.0 and not live.session().owes:
                break
    finally:
        live.stop()
    index, before = rig.quaternet_takes.active, hips(rig)
    assert rig.location[0] == 1.0 and abs(before[0][0]) < 0.1
    play_own(rig)
    bpy.context.scene.frame_set(100)
    bpy.ops.quaternet.use_take(index=index)
    np.testing.assert_allclose(hips(rig), before, atol=SAME)


def test_a_take_of_a_file_from_before_plays_as_it_did(rig):
    rig.quaternet_takes.items[0].place = ""
    play_own(rig)
    bpy.context.scene.frame_set(100)
    bpy.ops.quaternet.use_take(index=0)
    assert rig.location[0] == 5.0


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"location": [1]}', '{"location": ["a", 1, 2]}', '{"data": [1, 2, 3]}']
)
def test_a_place_that_no_rig_has_is_passed_over(rig, text):
    rig.quaternet_takes.items[0].place = text
    play_own(rig)
    assert bpy.ops.quaternet.use_take(index=0) == {"FINISHED"}


def test_a_curve_that_only_has_the_name_of_the_takes_own_is_told(rig, capfd):
    bpy.ops.quaternet.regenerate_take()
    assert "renamed or replaced" not in capfd.readouterr().out
    bpy.data.objects["Path"].name = "Old"
    rigs.poly("Path", [(0, 0, 0), (4, 0, 0)])
    rigs.activate(rig)
    assert bpy.ops.quaternet.regenerate_take() == {"FINISHED"}
    assert "curve 'Path' is not the one that this take was made" in capfd.readouterr().out
