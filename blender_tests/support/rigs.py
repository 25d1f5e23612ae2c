# SPDX-License-Identifier: GPL-3.0-or-later
"""Armatures as the world makes them, built from one body: names, hierarchies, rest poses.

Blender space: Z up, facing -Y, left is +X, metres. The proportions are our own.
"""

from pathlib import Path

import addon_utils
import bpy
from mathutils import Matrix, Quaternion, Vector
from support import convention_rigs

ROOT = Path(__file__).resolve().parents[2]

# joints of the left half and the middle of a person in T-pose
BODY = {
    "hips": (0.0, 0.0, 0.95),
    "back": (0.0, 0.01, 1.00),
    "waist": (0.0, 0.015, 1.10),
    "ribs": (0.0, 0.01, 1.20),
    "chest": (0.0, 0.0, 1.28),
    "neck": (0.0, 0.02, 1.47),
    "neck1": (0.0, 0.01, 1.52),
    "neck2": (0.0, 0.0, 1.55),
    "head": (0.0, -0.01, 1.58),
    "crown": (0.0, -0.01, 1.78),
    "buttock": (0.05, 0.0, 0.93),
    "upleg": (0.09, 0.0, 0.90),
    "leg": (0.09, -0.01, 0.49),
    "foot": (0.09, 0.01, 0.085),
    "toe": (0.09, -0.12, 0.03),
    "toe_end": (0.09, -0.19, 0.0),
    "shoulder": (0.03, 0.0, 1.42),
    "arm": (0.17, 0.01, 1.43),
    "forearm": (0.44, 0.02, 1.43),
    "hand": (0.69, 0.01, 1.43),
    "thumb": (0.72, -0.03, 1.42),
    "thumb_end": (0.77, -0.06, 1.42),
    "finger": (0.78, 0.0, 1.43),
    "finger_end": (0.86, 0.0, 1.43),
}
_ARM = ("forearm", "hand", "thumb", "thumb_end", "finger", "finger_end")
_LEG = ("leg", "foot", "toe", "toe_end")


def body(arms=0.0, legs=0.0, size=1.0):
    """Joint places with arms lowered and legs spread by degrees, everything times ``size``."""
    places = {joint: Vector(place) for joint, place in BODY.items()}
    for pivot, joints, degrees in (("arm", _ARM, arms), ("upleg", _LEG, -legs)):
        turn = Matrix.Rotation(degrees * 0.017453292519943295, 3, "Y")
        for joint in joints:
            places[joint] = places[pivot] + turn @ (places[joint] - places[pivot])
    return {joint: place * size for joint, place in places.items()}


def _sided(rows, left, right):
    """Rows for both sides; names with {S} (Left), {s} (l), {D} (L) belong to a side."""
    out = []
    for row in rows:
        if "{" in row[0]:
            out += [tuple(_name(part, *left) for part in row) + (1.0,)]
        else:
            out += [row + (0.0,)]
    for row in rows:
        if "{" in row[0]:
            out += [tuple(_name(part, *right) for part in row) + (-1.0,)]
    return out


def _name(text, word, letter):
    return text.format(S=word, s=letter.lower(), D=letter)


def build(name, rows, places, connect=False):
    """An armature object. rows: (bone, parent or "", joint of the head, joint of the tail)."""
    data = bpy.data.armatures.new(name)
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    for bone_name, parent, head, tail, side in _sided(rows, ("Left", "L"), ("Right", "R")):
        bone = data.edit_bones.new(bone_name)
        bone.parent = data.edit_bones[parent] if parent else None
        bone.head, bone.tail = _at(places[head], side), _at(places[tail], side)
        if connect and bone.parent and (bone.head - bone.parent.tail).length < 1e-6:
            bone.use_connect = True
    bpy.ops.object.mode_set(mode="OBJECT")
    return obj


def _at(place, side):
    return Vector((place.x * (side or 1.0), place.y, place.z))


def activate(obj):
    for other in bpy.context.view_layer.objects.selected:
        other.select_set(False)
    obj.select_set(True)
    bpy.context.view_layer.objects.active = obj


_LIMBS = [
    ("{S}UpLeg", "Hips", "upleg", "leg"),
    ("{S}Leg", "{S}UpLeg", "leg", "foot"),
    ("{S}Foot", "{S}Leg", "foot", "toe"),
    ("{S}ToeBase", "{S}Foot", "toe", "toe_end"),
    ("{S}Arm", "{S}Shoulder", "arm", "forearm"),
    ("{S}ForeArm", "{S}Arm", "forearm", "hand"),
    ("{S}Hand", "{S}ForeArm", "hand", "finger"),
]
_MIXAMO = [
    ("Hips", "", "hips", "back"),
    ("Spine", "Hips", "back", "waist"),
    ("Spine1", "Spine", "waist", "chest"),
    ("Spine2", "Spine1", "chest", "neck"),
    ("Neck", "Spine2", "neck", "head"),
    ("Head", "Neck", "head", "crown"),
    ("HeadTop_End", "Head", "crown", "head"),
    ("{S}Shoulder", "Spine2", "shoulder", "arm"),
    *_LIMBS,
    ("{S}HandThumb1", "{S}Hand", "thumb", "thumb_end"),
    ("{S}HandIndex1", "{S}Hand", "finger", "finger_end"),
]
_CMU = [
    ("Hips", "", "hips", "back"),
    ("{D}HipJoint", "Hips", "hips", "upleg"),
    ("LowerBack", "Hips", "back", "waist"),
    ("Spine", "LowerBack", "waist", "chest"),
    ("Spine1", "Spine", "chest", "neck"),
    ("Neck", "Spine1", "neck", "neck1"),
    ("Neck1", "Neck", "neck1", "head"),
    ("Head", "Neck1", "head", "crown"),
    ("{S}Shoulder", "Spine1", "shoulder", "arm"),
    ("{S}UpLeg", "{D}HipJoint", "upleg", "leg"),
    *_LIMBS[1:],
    ("{S}FingerBase", "{S}Hand", "finger", "finger_end"),
    ("{S}HandIndex1", "{S}FingerBase", "finger_end", "finger"),
    ("{D}Thumb", "{S}Hand", "thumb", "thumb_end"),
]
_ACCAD = [
    ("Hips", "", "hips", "back"),
    ("ToSpine", "Hips", "back", "waist"),
    ("Spine", "ToSpine", "waist", "chest"),
    ("Spine1", "Spine", "chest", "neck"),
    ("Neck", "Spine1", "neck", "head"),
    ("Head", "Neck", "head", "crown"),
    ("{S}Shoulder", "Spine1", "shoulder", "arm"),
    *_LIMBS,
]
_DAZ = [
    ("hip", "", "hips", "back"),
    ("abdomen", "hip", "back", "chest"),
    ("chest", "abdomen", "chest", "neck"),
    ("neck", "chest", "neck", "head"),
    ("head", "neck", "head", "crown"),
    ("leftEye", "head", "crown", "head"),
    ("{s}Collar", "chest", "shoulder", "arm"),
    ("{s}Shldr", "{s}Collar", "arm", "forearm"),
    ("{s}ForeArm", "{s}Shldr", "forearm", "hand"),
    ("{s}Hand", "{s}ForeArm", "hand", "finger"),
    ("{s}Thumb1", "{s}Hand", "thumb", "thumb_end"),
    ("{s}Index1", "{s}Hand", "finger", "finger_end"),
    ("{s}Buttock", "hip", "buttock", "upleg"),
    ("{s}Thigh", "{s}Buttock", "upleg", "leg"),
    ("{s}Shin", "{s}Thigh", "leg", "foot"),
    ("{s}Foot", "{s}Shin", "foot", "toe"),
]
_MAKEHUMAN = [
    ("root", "", "hips", "back"),
    ("spine05", "root", "back", "waist"),
    ("spine04", "spine05", "waist", "ribs"),
    ("spine03", "spine04", "ribs", "chest"),
    ("spine01", "spine03", "chest", "neck"),
    ("neck01", "spine01", "neck", "neck1"),
    ("neck02", "neck01", "neck1", "neck2"),
    ("neck03", "neck02", "neck2", "head"),
    ("head", "neck03", "head", "crown"),
    ("clavicle.{D}", "spine01", "shoulder", "arm"),
    ("upperarm01.{D}", "clavicle.{D}", "arm", "forearm"),
    ("lowerarm01.{D}", "upperarm01.{D}", "forearm", "hand"),
    ("upperleg01.{D}", "root", "upleg", "leg"),
    ("lowerleg01.{D}", "upperleg01.{D}", "leg", "foot"),
    ("foot.{D}", "lowerleg01.{D}", "foot", "toe"),
]


def mixamo(prefix="mixamorig:", arms=0.0, size=1.0):
    rows = [
        (prefix + bone, parent and prefix + parent, head, tail)
        for bone, parent, head, tail in _MIXAMO
    ]
    return build("Mixamo", rows, body(arms=arms, size=size))


def mixamo_imported():
    """As Blender imports Mixamo FBX: centimetres and Y up inside, object at 0.01 and 90 degrees."""
    obj = mixamo(size=100.0)
    lie_down = Matrix.Rotation(-1.5707963267948966, 4, "X")
    obj.data.transform(lie_down)
    obj.scale, obj.rotation_euler = (0.01, 0.01, 0.01), (1.5707963267948966, 0.0, 0.0)
    bpy.context.view_layer.update()
    return obj


def placed():
    """Turned and moved in the scene, carried by a parent."""
    obj = mixamo(prefix="")
    carrier = bpy.data.objects.new("Carrier", None)
    bpy.context.scene.collection.objects.link(carrier)
    carrier.location, carrier.rotation_euler = (1.0, -2.0, 0.5), (0.0, 0.0, 0.7)
    obj.parent = carrier
    obj.location, obj.rotation_euler = (3.0, 1.0, 0.2), (0.1, -0.2, 2.0)
    bpy.context.view_layer.update()
    return obj


def _metarig(operator):
    addon_utils.enable("rigify", default_set=True)
    operator()
    return bpy.context.view_layer.objects.active


BUILDERS = {
    "rigify-basic": lambda: _metarig(bpy.ops.object.armature_basic_human_metarig_add),
    "rigify-human": lambda: _metarig(bpy.ops.object.armature_human_metarig_add),
    "mixamo": mixamo,
    "mixamo-a-pose": lambda: mixamo(arms=45.0),
    "mixamo-no-prefix": lambda: mixamo(prefix=""),
    "mixamo-imported": mixamo_imported,
    "placed": placed,
    "cmu": lambda: build("CMU", _CMU, body(legs=20.0)),
    "daz": lambda: build("DAZ", _DAZ, body()),
    "accad": lambda: build("ACCAD", _ACCAD, body()),
    "makehuman": lambda: build("MakeHuman", _MAKEHUMAN, body(arms=40.0, legs=6.0)),
}


# Rigs that Rigify generates of its metarigs: slow to make, and see `conftest` on Blender 4.2.
GENERATED = {"generated-basic": "basic", "generated-human": "human"}


def make(name):
    """Build a rig by its name, of `BUILDERS` or `GENERATED`, as the active object."""
    obj = make_rigify(GENERATED[name]) if name in GENERATED else BUILDERS[name]()
    activate(obj)
    bpy.context.view_layer.update()
    return obj


def make_convention(name, **options):
    """Build a rig of `convention_rigs` as the active object; returns it and its truth."""
    rig = convention_rigs.build(name, **options)
    data = bpy.data.armatures.new(name)
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    for index, bone_name in enumerate(rig.names):
        bone = data.edit_bones.new(bone_name)
        bone.parent = data.edit_bones[rig.parents[index]] if rig.parents[index] >= 0 else None
        bone.head, bone.tail = _from_core(rig.heads[index]), _from_core(rig.tails[index])
        z = Quaternion(rig.rotations[index]) @ Vector((0.0, 0.0, 1.0))
        bone.align_roll(_from_core(z))
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.view_layer.update()
    return obj, rig.truth


def _from_core(point):
    return Vector((point[0], -point[2], point[1]))


def s_curve(length=8.0, width=1.5):
    """A Bezier S, beside the origin."""
    return bezier("Path", [(0, 0, 0), (width, -length / 2, 0), (0, -length, 0)])


def way(length=2.0):
    """A straight curve ahead, from the origin along -Y; metres."""
    return poly("Way", [(0.0, 0.0, 0.0), (0.0, -length, 0.0)])


def bezier(name, points, cyclic=False):
    """A Bezier curve object through points, with automatic handles."""
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new("BEZIER")
    spline.bezier_points.add(len(points) - 1)
    for point, place in zip(spline.bezier_points, points, strict=True):
        point.co, point.handle_left_type, point.handle_right_type = place, "AUTO", "AUTO"
    spline.use_cyclic_u = cyclic
    return _linked(name, data)


def poly(name, points, cyclic=False, kind="POLY"):
    """A poly or NURBS curve object."""
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new(kind)
    spline.points.add(len(points) - 1)
    for point, place in zip(spline.points, points, strict=True):
        point.co = (*place, 1.0)
    spline.use_cyclic_u, spline.use_endpoint_u, spline.order_u = cyclic, True, 4
    return _linked(name, data)


def _linked(name, data):
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.update()
    return obj


def make_animal(name):
    """A Rigify metarig that is no human, as the active object."""
    addon_utils.enable("rigify", default_set=True)
    operators = {
        "wolf": bpy.ops.object.armature_wolf_metarig_add,
        "cat": bpy.ops.object.armature_cat_metarig_add,
        "horse": bpy.ops.object.armature_horse_metarig_add,
        "shark": bpy.ops.object.armature_shark_metarig_add,
        "bird": bpy.ops.object.armature_bird_metarig_add,
    }
    return _metarig(operators[name])


def make_chain(links=6):
    """A chain of bones, a cube on each, as the active object."""
    data = bpy.data.armatures.new("Chain")
    obj = bpy.data.objects.new("Chain", data)
    bpy.context.scene.collection.objects.link(obj)
    activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    parent = None
    for link in range(links):
        bone = data.edit_bones.new(f"Link.{link:03}")
        bone.head, bone.tail, bone.parent = (0, 0, link), (0, 0, link + 1), parent
        bone.use_connect, parent = parent is not None, bone
    bpy.ops.object.mode_set(mode="OBJECT")
    for link in range(links):
        bpy.ops.mesh.primitive_cube_add()
        cube = bpy.context.object
        cube.parent, cube.parent_type, cube.parent_bone = obj, "BONE", f"Link.{link:03}"
    activate(obj)
    return obj


_SIDES = (("Left", "L"), ("Right", "R"))
_LIMB_JOINTS = {
    "Shoulder": "shoulder",
    "Arm": "upper_arm",
    "ForeArm": "forearm",
    "Hand": "hand",
    "UpLeg": "thigh",
    "Leg": "shin",
    "Foot": "foot",
    "ToeBase": "toe",
}
_TRUNK_DEFORM = {
    "Hips": "DEF-spine",
    "LowerBack": "DEF-spine.002",
    "Spine": "DEF-spine.003",
    "Neck": "DEF-spine.004",
    "Head": "DEF-spine.006",
}
# canonical joint -> bone of a generated Rigify rig
RIGIFY_CONTROLS = {
    "Hips": "torso",
    "LowerBack": "spine_fk.002",
    "Spine": "spine_fk.003",
    "Neck": "neck",
    "Head": "head",
    **{
        side + joint: f"{bone}{'' if joint == 'Shoulder' else '_fk'}.{letter}"
        for side, letter in _SIDES
        for joint, bone in _LIMB_JOINTS.items()
    },
}
RIGIFY_DEFORM = _TRUNK_DEFORM | {
    side + joint: f"DEF-{bone}.{letter}"
    for side, letter in _SIDES
    for joint, bone in _LIMB_JOINTS.items()
}


def make_rigify(kind="basic"):
    """A rig that Rigify generated of its basic (222 bones) or human (706) metarig, active."""
    operators = {
        "basic": bpy.ops.object.armature_basic_human_metarig_add,
        "human": bpy.ops.object.armature_human_metarig_add,
    }
    addon_utils.enable("rigify", default_set=True)
    operators[kind]()
    metarig = bpy.context.view_layer.objects.active
    bpy.ops.pose.rigify_generate()
    obj = bpy.context.view_layer.objects.active
    bpy.data.objects.remove(metarig)
    activate(obj)
    return obj
