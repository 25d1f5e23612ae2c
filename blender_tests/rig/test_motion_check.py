# SPDX-License-Identifier: GPL-3.0-or-later
"""The check after every motion says what is wrong, whichever fix is missing, and nothing else."""

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support import drive, rigs, roots, sticks


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
        sticks.put_sticks(rig)
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
    monkeypatch.setattr(retarget, "soles_of_bones", lambda *_: [-1.5, -1.5])
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


@pytest.mark.parametrize("skin", [True, False])
def test_ends_of_chains_a_hand_below_the_floor_taken_for_soles(module, monkeypatch, skin):
    """`end_bones_under_the_floor.json`: the body floats by 10 cm."""
    rig = person(skin=skin)
    mapping = mapped(module, rig)
    true = module("core.rig.retarget").soles_of_bones
    monkeypatch.setattr(
        module("core.rig.retarget"), "soles_of_bones", lambda *a: [sole - 0.1 for sole in true(*a)]
    )
    monkeypatch.setattr(module("blender.rig.reading"), "foot_points", lambda *_: None)
    texts = missed(module, rig, mapping)
    assert len(texts) == 1 and "over the floor" in texts[0]


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


@pytest.mark.parametrize("lost", ["no weights", "a control", "no bone"])
def test_skin_without_weights_stays_behind(module, lost):
    """MakeHuman's weights of toes on a rig without toes; one vertex of a shirt in MORSE's human."""
    extra = [("control", "mixamorig:LeftFoot", (0.09, -0.1, 0.02), (0.09, -0.2, 0.02))]
    rig = person(extra)
    rig.data.bones["control"].use_deform = False
    mapping = mapped(module, rig)
    mesh = next(o for o in bpy.context.scene.objects if o.type == "MESH")
    assert missed(module, rig, mapping) == []
    for group in mesh.vertex_groups:
        group.remove([0])
    if lost != "no weights":
        name = "control" if lost == "a control" else "toe5"
        mesh.vertex_groups.new(name=name).add([0], 1.0, "REPLACE")
    texts = missed(module, rig, mapping)
    assert len(texts) == 1 and repr(mesh.name) in texts[0] and "no bone" in texts[0], texts
    mesh.modifiers.new("Hidden", "MASK")  # what hides helpers may hide that vertex
    assert missed(module, rig, mapping) == []


@pytest.mark.parametrize("welded", [True, False])
def test_ends_of_shins_in_place_of_feet_that_hang_on_the_root(module, welded):
    """`ik_feet_apart_leaf_bones.json`: the real feet stay at the origin."""
    ends = [
        (f"{side}Leg_end", f"mixamorig:{side}Leg", (x, 0.01, 0.085), (x, 0.01, 0.0))
        for side, x in (("Left", 0.09), ("Right", -0.09))
    ]
    rig = person([("root", "", (0, 0, 0), (0, 0.2, 0)), *ends])
    _feet_on_the_root(rig)
    mapping = mapped(module, rig)
    mesh = next(o for o in bpy.context.scene.objects if o.type == "MESH")
    if welded:
        _weld(mesh)
    for side in ("Left", "Right"):
        mapping[f"{side}Foot"] = f"{side}Leg_end"
        mapping.pop(f"{side}ToeBase", None)
    texts = missed(module, rig, mapping)
    said = "torn" if welded else "stays behind"
    assert any(said in text and "Foot" in text for text in texts), texts


def _weld(mesh):
    """Edges between the shins' and the feet's boxes, as a skin in one piece has them."""
    groups = {group.index: group.name for group in mesh.vertex_groups}
    owners = [groups[v.groups[0].group] for v in mesh.data.vertices]
    edges = []
    for side in ("Left", "Right"):
        shin = [i for i, name in enumerate(owners) if name == f"mixamorig:{side}Leg"]
        foot = [i for i, name in enumerate(owners) if name == f"mixamorig:{side}Foot"]
        edges += list(zip(shin, foot, strict=False))
    start = len(mesh.data.edges)
    mesh.data.edges.add(len(edges))
    for edge, ends in zip(mesh.data.edges[start:], edges, strict=True):
        edge.vertices = ends
    mesh.data.update()


def test_hips_that_are_connected_and_keyed_all_the_same(module, monkeypatch):
    """`connected_hips.json`: a connected bone stays at its parent's tail, whatever its keys say."""
    rig = person()
    roots.connect_hips(rig)
    mapping = mapped(module, rig)
    assert missed(module, rig, mapping) == []
    monkeypatch.setattr(module("blender.rig.animatable"), "unconnected", lambda _, hips: hips)
    assert any("footprints" in text for text in missed(module, rig, mapping))


def test_a_rest_that_is_not_the_figure_shown(module, monkeypatch):
    """The rest is a hundred times as large as what the rig shows."""
    rig = person()
    mapping = mapped(module, rig)
    rig.pose.bones[mapping["Hips"]].scale = [0.01] * 3
    with pytest.raises(RuntimeError, match="Stands in This Frame"):
        bpy.ops.quaternet.detect_mapping()
    monkeypatch.setattr(module("blender.rig.rest"), "settle", lambda *_: None)
    assert missed(module, rig, mapping)


def _with_mesh(rig, bone, low, high, name):
    """A box on a bone, corners in metres."""
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    box = bpy.context.object
    box.name = name
    for vertex in box.data.vertices:
        vertex.co = [(low, high)[vertex.co[axis] > 0.0][axis] for axis in range(3)]
    group = box.vertex_groups.new(name=bone)
    group.add(range(8), 1.0, "REPLACE")
    box.modifiers.new("Armature", "ARMATURE").object = rig
    rigs.activate(rig)
    return box


def test_arms_in_a_belly(module, monkeypatch):
    rig = person()
    _with_mesh(rig, "mixamorig:Hips", (-0.46, -0.4, 0.6), (0.46, 0.4, 1.35), "Belly")
    mapping = mapped(module, rig)
    assert missed(module, rig, mapping) == []
    monkeypatch.setattr(module("blender.rig.driver"), "spread_of", lambda *_: 0.0)
    texts = missed(module, rig, mapping)
    assert any("deep in the body" in text and "ForeArm" in text for text in texts), texts


@pytest.mark.parametrize("hangs", ["skinned", "on the bone"])
def test_an_axe_through_the_floor(module, monkeypatch, hangs):
    rig = person()
    axe = _with_mesh(rig, "mixamorig:LeftHand", (0.72, -0.05, 1.4), (1.75, 0.05, 1.46), "Axe")
    if hangs == "on the bone":
        axe.modifiers.clear()
        axe.parent, axe.parent_type, axe.parent_bone = rig, "BONE", "mixamorig:LeftHand"
        axe.matrix_world = axe.matrix_world.Identity(4)
    bpy.context.view_layer.update()
    mapping = mapped(module, rig)
    assert missed(module, rig, mapping) == []
    monkeypatch.setattr(module("blender.rig.driver"), "clear_of_floor", lambda motion, _: motion)
    texts = missed(module, rig, mapping)
    assert any("through the floor" in text and "LeftHand" in text for text in texts), texts


def test_a_hand_whose_palms_hang_on_the_forearm(module, monkeypatch):
    """As in Quaternius' robot: the hand of the mapping is one palm of three."""
    tips = ("mixamorig:LeftForeArm", (0.75, 0, 1.36), (0.9, 0, 1.36))
    rig = person([("Palm", *tips), ("PalmTip", "Palm", (0.9, 0, 1.36), (1.0, 0, 1.36))])
    _with_mesh(rig, "PalmTip", (0.72, -0.05, 1.4), (1.75, 0.05, 1.46), "Palms")
    bpy.context.view_layer.update()
    mapping = mapped(module, rig)
    points = module("blender.rig.foot_mesh").hand_points
    found = points(rig, module("blender.rig.armature").rig_in(bpy.context, rig), mapping)
    assert found["LeftForeArm"][0] == mapping["LeftForeArm"] and "LeftHand" not in found
    assert missed(module, rig, mapping) == []
    monkeypatch.setattr(module("blender.rig.driver"), "clear_of_floor", lambda motion, _: motion)
    texts = missed(module, rig, mapping)
    assert any("through the floor" in text and "LeftForeArm" in text for text in texts), texts


def test_a_face_on_an_armature_of_its_own_that_stays_behind(module):
    """As in Quaternius' goblin; a second person at the same place is somebody else."""
    rig = person()
    mapping = mapped(module, rig)
    face = bpy.data.objects.new("Face", bpy.data.armatures.new("Face"))
    bpy.context.scene.collection.objects.link(face)
    rigs.activate(face)
    bpy.ops.object.mode_set(mode="EDIT")
    bone = face.data.edit_bones.new("Jaw")
    bone.head, bone.tail = (0.0, -0.02, 1.55), (0.0, -0.12, 1.55)
    bpy.ops.object.mode_set(mode="OBJECT")
    _with_mesh(face, "Jaw", (-0.05, -0.1, 1.5), (0.05, 0.0, 1.6), "Jaw")
    person()
    texts = missed(module, rig, mapping)
    assert len(texts) == 1 and "'Face'" in texts[0] and "parent it" in texts[0]
    face.parent, face.parent_type, face.parent_bone = rig, "BONE", mapping["Head"]
    assert missed(module, rig, mapping) == []


def test_legs_that_an_ik_constraint_holds(module, monkeypatch):
    rig = person([("target", "", (0.09, 0, 0.5), (0.09, 0, 0.6))])
    mapping = mapped(module, rig)
    constraint = rig.pose.bones[mapping["LeftToeBase"]].constraints.new("IK")
    constraint.target, constraint.subtarget = rig, "target"
    with pytest.raises(ValueError, match=constraint.name):
        missed(module, rig, mapping)
    monkeypatch.setattr(module("blender.rig.animatable"), "taken", lambda *_: {})
    assert any("footprints" in text for text in missed(module, rig, mapping))


def _with_drivers(rig, bones, part):
    """Drivers as Auto-Rig Pro's controls have them on their scale."""
    for name in bones:
        for index in range(3):
            path = rig.pose.bones[name].path_from_id(part)
            rig.driver_add(path, index).driver.expression = "1.0" if part == "scale" else "0.6"


def test_scale_drivers_that_are_taken_for_drivers_of_rotations(module, monkeypatch):
    """`arp_scale_drivers.py`: without its fix the rig is refused, by the driver's name."""
    rig = person()
    mapping = mapped(module, rig)
    _with_drivers(rig, (mapping["LeftUpLeg"], mapping["RightArm"]), "scale")
    assert missed(module, rig, mapping) == []
    animatable = module("blender.rig.animatable")
    true = animatable.taken
    everything = {"location", "rotation", "scale"}
    monkeypatch.setattr(animatable, "taken", lambda obj, _: true(obj, everything))
    with pytest.raises(ValueError, match="driver"):
        missed(module, rig, mapping)


def test_drivers_of_rotations_that_are_taken_for_drivers_of_scales(module, monkeypatch):
    rig = person()
    mapping = mapped(module, rig)
    rig.pose.bones[mapping["LeftUpLeg"]].rotation_mode = "XYZ"
    _with_drivers(rig, (mapping["LeftUpLeg"],), "rotation_euler")
    with pytest.raises(ValueError, match="driver"):
        missed(module, rig, mapping)
    monkeypatch.setattr(module("blender.rig.animatable"), "taken", lambda *_: {})
    assert any("footprints" in text for text in missed(module, rig, mapping))


def test_wings_that_are_taken_for_the_trunk_are_told(module, monkeypatch):
    """Second Life's avatar: arms that hang beside folded wings lie in no belly."""
    rig = person([("mWing1Left", "mixamorig:Spine2", (0.1, 0.1, 1.3), (0.5, 0.1, 1.3))])
    _with_mesh(rig, "mWing1Left", (-0.7, -0.5, 0.6), (0.7, 0.5, 1.25), "Wing")
    mapping = mapped(module, rig)
    assert missed(module, rig, mapping) == []
    width = module("blender.rig.body_width")
    monkeypatch.setattr(width, "read", lambda _: type("Label", (), {"extra": False}))
    monkeypatch.setattr(module("blender.rig.driver"), "spread_of", lambda *_: 0.0)
    assert any("deep in the body" in text for text in missed(module, rig, mapping))


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
    curve = rigs.way(3.0)
    rigs.activate(rig)
    monkeypatch.setattr(module("core.rig.retarget"), "soles_of_bones", lambda *_: [-1.5, -1.5])
    monkeypatch.setattr(module("blender.rig.reading"), "foot_points", lambda *_: None)
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    take = rig.quaternet_takes.items[-1]
    assert "over the floor" in take.missed
