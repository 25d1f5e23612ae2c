# SPDX-License-Identifier: GPL-3.0-or-later
"""The check after every motion says what is wrong, whichever fix is missing, and nothing else."""

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support import drive, rigs, shown_body


@pytest.fixture(autouse=True)
def nothing_measured(module):
    """What a fix measured is kept for equal rigs: each test measures anew."""
    known = module("blender.rig.reading")._retargets
    known.clear()
    yield
    known.clear()


def person(extra=(), skin=True):
    """A Mixamo-like rig with a mesh of sticks; extra: (name, parent, head, tail) in metres."""
    rig = rigs.make("mixamo")
    rigs.activate(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    for name, parent, head, tail in extra:
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = (rig.matrix_world.inverted() @ Vector(p) for p in (head, tail))
        bone.parent = rig.data.edit_bones.get(parent)
    bpy.ops.object.mode_set(mode="OBJECT")
    if skin:
        shown_body.put_sticks(rig)
    return rig


def mapped(module, rig):
    bpy.ops.quaternet.detect_mapping()
    return rig.data.quaternet_mapping.as_dict()


def missed(module, rig, mapping, height=0.0):
    """What the check says of a walk on a floor at 0. height: how much too high it is planned."""
    driven = drive.driver(module, rig, mapping)
    motion = drive.walk(module, driven, points=[[0, 0, 0], [0, 0, 3]])
    drive.play(module, driven, motion)
    if height:
        places = motion.root_positions + [0.0, height, 0.0]
        motion = motion.__class__(motion.skeleton, motion.rotations, places, motion.fps)
    floor = np.zeros(len(motion))
    return module("blender.rig.motion_check").misses(driven, motion, 1, floor)


def test_a_right_walk_misses_nothing(module):
    rig = person()
    assert missed(module, rig, mapped(module, rig)) == []


def test_without_a_mesh_a_right_walk_misses_nothing(module):
    rig = person(skin=False)
    assert missed(module, rig, mapped(module, rig)) == []


@pytest.mark.parametrize("skin", [True, False])
def test_soles_measured_from_tails_that_importers_point_anywhere(module, monkeypatch, skin):
    rig = person(skin=skin)
    mapping = mapped(module, rig)
    retarget = module("core.rig.retarget")
    monkeypatch.setattr(retarget, "_soles", lambda *_: [-1.5, -1.5])
    monkeypatch.setattr(module("blender.rig.reading"), "foot_points", lambda *_: None)
    texts = missed(module, rig, mapping)
    assert len(texts) == 1 and "over the floor" in texts[0] and "Foot" in texts[0]


def test_feet_whose_heading_is_read_from_a_tail(module, monkeypatch):
    rig = person()
    mapping = mapped(module, rig)
    quaternion = module("core.maths.quaternion")
    turned = quaternion.yaw_to_quaternion(np.array(np.radians(175.0)))
    monkeypatch.setattr(module("core.rig.retarget"), "_foot_turn", lambda *_: turned)
    assert any("away from the front" in text for text in missed(module, rig, mapping))


def test_left_and_right_exchanged(module):
    rig = person()
    mapping = mapped(module, rig)
    swap = {"Left": "Right", "Righ": "Left", "LHip": "RHip", "RHip": "LHip"}
    other = {}
    for joint, bone in mapping.items():
        word = next((w for w in ("Left", "Right", "LHip", "RHip") if joint.startswith(w)), "")
        other[swap[word[:4]] + joint[len(word) :] if word else joint] = bone
    assert any("away from the front" in text for text in missed(module, rig, other))


def _feet_on_the_root(rig):
    rigs.activate(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    for side in ("Left", "Right"):
        bones[f"mixamorig:{side}Foot"].parent = bones["root"]
    bpy.ops.object.mode_set(mode="OBJECT")


def test_feet_under_the_root_that_are_not_driven(module, monkeypatch):
    rig = person([("root", "", (0, 0, 0), (0, 0.2, 0))])
    _feet_on_the_root(rig)
    mapping = mapped(module, rig)
    assert missed(module, rig, mapping) == []
    monkeypatch.setattr(module("blender.rig.placed_bones"), "_ends_apart", lambda *_: {})
    assert any("footprints" in text for text in missed(module, rig, mapping))


def test_skin_on_a_bone_that_stays_behind_names_the_bone(module):
    """Ends of the shins are mapped in place of feet that hang on the root: the mesh tears."""
    rig = person([("root", "", (0, 0, 0), (0, 0.2, 0))])
    mapping = mapped(module, rig)
    mesh = next(o for o in bpy.context.scene.objects if o.type == "MESH")
    group = mesh.vertex_groups.new(name="root")
    soles = [v.index for v in mesh.data.vertices if v.co.z < 0.04]
    for other in mesh.vertex_groups:
        if other != group:
            other.remove(soles[::2])
    group.add(soles[::2], 1.0, "REPLACE")
    texts = missed(module, rig, mapping)
    assert any("torn" in text and "'root'" in text for text in texts)


def test_legs_that_an_ik_constraint_holds(module, monkeypatch):
    rig = person([("target", "", (0.09, 0, 0.5), (0.09, 0, 0.6))])
    mapping = mapped(module, rig)
    constraint = rig.pose.bones[mapping["LeftToeBase"]].constraints.new("IK")
    constraint.target, constraint.subtarget = rig, "target"
    with pytest.raises(ValueError, match=constraint.name):
        missed(module, rig, mapping)
    monkeypatch.setattr(module("blender.rig.animatable"), "taken", lambda *_: {})
    assert any("footprints" in text for text in missed(module, rig, mapping))


def test_an_object_that_is_carried_away(module):
    """Follow Path on the object moves it under the walk."""
    rig = person()
    mapping = mapped(module, rig)
    empty = bpy.data.objects.new("Carrier", None)
    bpy.context.scene.collection.objects.link(empty)
    for frame, x in ((1, 0.0), (60, 6.0)):
        empty.location.x = x
        empty.keyframe_insert("location", frame=frame)
    rig.parent = empty
    assert any("footprints" in text for text in missed(module, rig, mapping))


def test_an_nla_track_that_plays_alone(module):
    rig = person()
    mapping = mapped(module, rig)
    driven = drive.driver(module, rig, mapping)
    motion = drive.walk(module, driven, points=[[0, 0, 0], [0, 0, 3]])
    drive.play(module, driven, motion)
    track = rig.animation_data.nla_tracks.new()
    track.name = "Alone"
    track.strips.new("Other", 1, bpy.data.actions.new("Other"))
    track.is_solo = True
    texts = module("blender.rig.motion_check").misses(driven, motion, 1, np.zeros(len(motion)))
    assert any("footprints" in text for text in texts)
    with pytest.raises(ValueError, match="Alone"):
        drive.driver(module, rig, mapping)


def test_what_is_missed_is_reported_and_kept_with_the_take(module, monkeypatch):
    rig = person()
    data = bpy.data.curves.new("Way", "CURVE")
    spline = data.splines.new("POLY")
    spline.points.add(1)
    spline.points[1].co = (0.0, -3.0, 0.0, 1.0)
    curve = bpy.data.objects.new("Way", data)
    bpy.context.scene.collection.objects.link(curve)
    rigs.activate(rig)
    monkeypatch.setattr(module("core.rig.retarget"), "_soles", lambda *_: [-1.5, -1.5])
    monkeypatch.setattr(module("blender.rig.reading"), "foot_points", lambda *_: None)
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    take = rig.quaternet_takes.items[-1]
    assert "over the floor" in take.missed
