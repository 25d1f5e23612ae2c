# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh for an armature that has none: boxes along its bones, soles under its feet."""

import bpy
import numpy as np

_UP = np.array([0.0, 0.0, 1.0])


class _Boxes:
    """Boxes along lines, each bound to a bone."""

    def __init__(self):
        self._points, self._faces, self._owners = [], [], []

    def add(self, bone, start, end, width):
        if np.linalg.norm(end - start) < 1e-6 * width:
            return  # two bones that begin at one place
        along = (end - start) / np.linalg.norm(end - start)
        side = np.cross(along, _UP if abs(along[2]) < 0.9 else [0.0, 1.0, 0.0])
        side = side / np.linalg.norm(side)
        over, first = np.cross(along, side), len(self._points)
        for place in (start, end):
            for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
                self._points.append(place + width * (a * side + b * over))
        rows = [(0, 1, 2, 3), (7, 6, 5, 4)]
        rows += [(k, 4 + k, 4 + (k + 1) % 4, (k + 1) % 4) for k in range(4)]
        self._faces.extend(tuple(first + k for k in row) for row in rows)
        self._owners.extend([bone] * 8)

    def turned_back(self, turns):
        """From a pose to the rest. turns: bone -> ``(4, 4)`` of its points, world."""
        for index, owner in enumerate(self._owners):
            self._points[index] = (turns[owner] @ np.append(self._points[index], 1.0))[:3]

    def skin(self, rig):
        """The mesh object, moved by the rig."""
        mesh = bpy.data.meshes.new("Sticks")
        mesh.from_pydata([tuple(p) for p in self._points], [], self._faces)
        obj = bpy.data.objects.new("Sticks", mesh)
        bpy.context.scene.collection.objects.link(obj)
        for name in dict.fromkeys(self._owners):
            group = obj.vertex_groups.new(name=name)
            own = [i for i, owner in enumerate(self._owners) if owner == name]
            group.add(own, 1.0, "REPLACE")
        obj.modifiers.new("Armature", "ARMATURE").object = rig


def put_sticks(rig, facing=0.0):
    """A body of boxes for an armature without a mesh, as it rests.

    A bone without children has a box of a hand's length; below the lowest bones of each side a
    sole lies on the ground, its tip to the front. facing: degrees of it from -Y towards +X.
    """
    scale, boxes = rig.matrix_world.to_scale()[0], _Boxes()
    sine, cosine = np.sin(np.radians(facing)), np.cos(np.radians(facing))
    left, front = np.array([cosine, sine, 0.0]), np.array([sine, -cosine, 0.0])
    heads = {b.name: np.array(rig.matrix_world @ b.head_local) for b in rig.data.bones}
    height = np.ptp([head[2] for head in heads.values()])
    floor = min([0.0, *(h[2] for n, h in heads.items() if not _is_end(n))])
    ground, knees = floor + 0.06 * height, floor + 0.3 * height
    for bone in [b for b in rig.data.bones if not _is_end(b.name)]:
        head = heads[bone.name]
        low = head[2] < ground  # ends below feet may point anywhere
        for child in [c for c in bone.children if not (low and _is_end(c.name))]:
            if bone.parent is not None or head[2] > knees:
                boxes.add(bone.name, head, heads[child.name], 0.02 * height)
        if not bone.children and head[2] > knees:
            way = np.array(bone.tail_local - bone.head_local) * scale
            way *= min(1.0, 0.06 * height / max(np.linalg.norm(way), 1e-9))
            boxes.add(bone.name, head, head + way, 0.02 * height)
    for side in (1.0, -1.0):
        feet = {
            n: h for n, h in heads.items() if side * (h @ left) > 0.01 * height and h[2] < ground
        }
        feet = {n: h for n, h in feet.items() if not _is_end(n)} or feet
        if feet:
            bone = max(feet, key=lambda name: feet[name][2])  # the ankle carries its sole
            start = feet[bone] - 0.02 * height * front
            start[2] = _under(rig, bone, floor, height) + 0.01 * height
            boxes.add(bone, start, start + 0.12 * height * front, 0.01 * height)
    boxes.skin(rig)


def _is_end(name):
    """Ends of chains, and limbs that people do not have: Second Life's meshes leave them alone."""
    return any(part in name.lower() for part in ("_end", "hindlimb", "tail", "wing"))


def _under(rig, foot, floor, height):
    """Where a sole lies: a foot without toes ends at its tail, if that is no longer than a foot."""
    bone = rig.data.bones[foot]
    tail = np.array(rig.matrix_world @ bone.tail_local)
    long = np.linalg.norm(tail - np.array(rig.matrix_world @ bone.head_local)) > 0.18 * height
    return floor if bone.children or long else min(floor, tail[2])


def put_posed_sticks(rig):
    """The same of thin boxes along all bones as they are posed now."""
    boxes, world = _Boxes(), np.array(rig.matrix_world)
    height = np.ptp([(rig.matrix_world @ bone.head)[2] for bone in rig.pose.bones])
    turns = {}
    for bone in [b for b in rig.pose.bones if not _is_end(b.name)]:
        rest = np.array(rig.data.bones[bone.name].matrix_local @ bone.matrix.inverted())
        turns[bone.name] = world @ rest @ np.linalg.inv(world)
        for end in [child.head for child in bone.children] or [bone.tail]:
            places = [np.array(rig.matrix_world @ place) for place in (bone.head, end)]
            boxes.add(bone.name, *places, 0.015 * height)
    boxes.turned_back(turns)
    boxes.skin(rig)
