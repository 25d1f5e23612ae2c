# SPDX-License-Identifier: GPL-3.0-or-later
"""A simple clay body for any mapped rig: one tapered mesh per bone, parented to the bone."""

import math

import bpy
from mathutils import Matrix, Vector

# joint: (joint at the far end or None for the bone's tail, radius there and here, depth)
# radii in leg lengths; depth: front-to-back size of the cross-section against left-to-right
_TRUNK = {
    "Hips": ("LowerBack", 0.185, 0.165, 0.70),
    "LowerBack": ("Spine", 0.160, 0.175, 0.68),
    "Spine": ("Neck", 0.195, 0.090, 0.62),
    "Neck": ("Head", 0.066, 0.060, 1.0),
    "Head": (None, 0.088, 0.108, 1.15),
}
_SIDE = {
    "UpLeg": ("Leg", 0.105, 0.070, 1.0),
    "Leg": ("Foot", 0.070, 0.045, 1.0),
    "Foot": ("ToeBase", 0.048, 0.052, 0.8),
    "ToeBase": (None, 0.052, 0.042, 0.6),
    "Shoulder": ("Arm", 0.060, 0.066, 1.0),
    "Arm": ("ForeArm", 0.062, 0.048, 1.0),
    "ForeArm": ("Hand", 0.048, 0.034, 1.0),
    "Hand": (None, 0.038, 0.026, 0.6),
}
_COLOURS = {
    "": (0.78, 0.72, 0.66, 1.0),
    "Left": (0.30, 0.52, 0.80, 1.0),
    "Right": (0.86, 0.47, 0.28, 1.0),
    "Face": (0.93, 0.86, 0.78, 1.0),
}
_SIDES, _RINGS = 16, 5


def make_body(rig, mapping):
    """Mesh objects that follow the rig's bones; returns them.

    rig: an armature object; its rest pose is taken as the body's. mapping: joint -> bone name.
    """
    bones = rig.data.bones
    place = {j: rig.matrix_world @ bones[b].head_local for j, b in mapping.items()}
    size = (place["LeftLeg"] - place["LeftUpLeg"]).length
    size += (place["LeftFoot"] - place["LeftLeg"]).length
    left = (place["LeftUpLeg"] - place["RightUpLeg"]).normalized()
    parts = dict(_TRUNK)
    for side in ("Left", "Right"):
        parts |= {side + j: (t and side + t, *rest) for j, (t, *rest) in _SIDE.items()}
    materials = {name: _material(name, colour) for name, colour in _COLOURS.items()}
    body = []
    for joint, (target, near, far, depth) in parts.items():
        if joint not in mapping:
            continue
        bone = bones[mapping[joint]]
        start = place[joint]
        end = place[target] if target in place else rig.matrix_world @ bone.tail_local
        if joint == "Head":
            end = start + (end - start).normalized() * 0.11 * size
        if (end - start).length < 0.02 * size:
            continue
        side = next((s for s in ("Left", "Right") if joint.startswith(s)), "")
        mesh = _tapered(joint, (start, end), (near * size, far * size), depth, left)
        mesh.materials.append(materials["Face" if joint == "Head" else side])
        body.append(_follow(rig, bone, mesh))
    if "Head" in mapping:
        body.append(_nose(rig, bones[mapping["Head"]], place, size, left, materials["Right"]))
    return body


def _material(name, colour):
    material = bpy.data.materials.new(f"Clay {name}".strip())
    material.diffuse_color = colour
    return material


def _tapered(name, ends, radii, depth, left):
    """A tube with round ends between two world points."""
    (start, end), (near, far) = ends, radii
    along = (end - start).normalized()
    across = left - left.dot(along) * along
    across = across if across.length > 0.3 else Vector((0, 0, 1)) - along.z * along
    across.normalize()
    front = along.cross(across)
    length = (end - start).length
    quarter = [0.5 * math.pi * step / _RINGS for step in range(_RINGS + 1)]
    rings = [(-0.9 * near * math.cos(a), near * math.sin(a)) for a in quarter]
    rings += [(length + 0.9 * far * math.sin(a), far * math.cos(a)) for a in quarter]
    points = []
    for distance, radius in rings:
        for turn in (2.0 * math.pi * side / _SIDES for side in range(_SIDES)):
            offset = across * math.cos(turn) + front * (depth * math.sin(turn))
            points.append(start + along * distance + offset * radius)
    faces = []
    for ring in range(len(rings) - 1):
        for side in range(_SIDES):
            after = (side + 1) % _SIDES
            a, b = ring * _SIDES, (ring + 1) * _SIDES
            faces.append((a + side, b + side, b + after, a + after))
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], faces)
    mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
    mesh.update()
    return mesh


def _nose(rig, bone, place, size, left, material):
    """Shows which way the head looks."""
    up = (place["Head"] - place["Hips"]).normalized()
    forward = left.cross(up).normalized()
    start = place["Head"] + up * 0.1 * size + forward * 0.09 * size
    end = start + forward * 0.05 * size
    mesh = _tapered("Nose", (start, end), (0.025 * size, 0.012 * size), 1.0, left)
    mesh.materials.append(material)
    return _follow(rig, bone, mesh)


def _follow(rig, bone, mesh):
    """An object whose mesh, given in world space at rest, moves with a bone."""
    obj = bpy.data.objects.new(f"Body {mesh.name}", mesh)
    bpy.context.scene.collection.objects.link(obj)
    obj.parent, obj.parent_type, obj.parent_bone = rig, "BONE", bone.name
    tail = Matrix.Translation((0.0, bone.length, 0.0))
    obj.matrix_parent_inverse = (rig.matrix_world @ bone.matrix_local @ tail).inverted()
    return obj
