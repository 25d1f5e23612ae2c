# SPDX-License-Identifier: GPL-3.0-or-later
"""The skinned mesh of a character, measured as the viewport shows it: what a viewer would see.

Knows nothing of the add-on or its mapping. A character stands upright at rest and faces -Y, as
files do in Blender; `Body` compares its mesh at some frame with the mesh at rest.
"""

from dataclasses import dataclass

import bpy
import numpy as np

_MOST = 6000  # vertices of a body that are looked at
_SOLE = 0.03  # of the height over the lowest point: vertices of soles
_TRUNK = (0.5, 0.75)  # of the height: where the trunk is
_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Sight:
    """A body at one frame, lengths in its heights, angles in degrees.

    floor: z of the lowest sole. front: yaw of the trunk against the rest. feet: yaw of each foot
    against the trunk ``(2,)``. reach: distance of each foot from the trunk ``(2,)``. stretch: how
    much longer than at rest the worst edge of a thousand is. place: of the trunk ``(3,)``, units.
    """

    floor: float
    front: float
    feet: tuple
    reach: tuple
    stretch: float
    place: tuple


class Body:
    """The meshes that an armature object moves. ValueError if there are none.

    facing: degrees from -Y by which the rest faces elsewhere, positive towards +X.
    """

    def __init__(self, rig, facing=0.0):
        self.rig, self.facing = rig, facing
        self.meshes = [o for o in bpy.context.scene.objects if _follows(o, rig)]
        before, rig.data.pose_position = rig.data.pose_position, "REST"
        bpy.context.view_layer.update()
        points, self._edges = self._points(), None
        rig.data.pose_position = before
        if not len(points):
            raise ValueError(f"Expected a mesh on {rig.name!r}, got none.")
        low, high = points[:, 2].min(), points[:, 2].max()
        self.height = float(high - low)
        self.rest, heights = points, (points[:, 2] - low) / self.height
        middle = 0.5 * (points[:, 0].min() + points[:, 0].max())
        across = points[:, 0] - middle
        sole = heights < _SOLE
        self._soles = [np.flatnonzero(sole & (side * across > 0.0)) for side in (1.0, -1.0)]
        trunk = (heights > _TRUNK[0]) & (heights < _TRUNK[1])
        self._trunk = np.flatnonzero(trunk & (np.abs(across) < 0.12 * self.height))
        self._edges = self._lines()
        self._lengths = _lengths(points, self._edges)

    def _points(self):
        """World places ``(V, 3)`` of the meshes as they are shown now."""
        depsgraph, found = bpy.context.evaluated_depsgraph_get(), []
        for obj in self.meshes:
            shown = obj.evaluated_get(depsgraph)
            mesh = shown.to_mesh()
            flat = np.empty(len(mesh.vertices) * 3, np.float32)
            mesh.vertices.foreach_get("co", flat)
            matrix = np.array(shown.matrix_world)
            found.append(flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
            shown.to_mesh_clear()
        return np.concatenate(found) if found else np.zeros((0, 3))

    def _lines(self):
        """Edges ``(E, 2)`` of all meshes, at most `_MOST` of them."""
        depsgraph, start, found = bpy.context.evaluated_depsgraph_get(), 0, []
        for obj in self.meshes:
            shown = obj.evaluated_get(depsgraph)
            mesh = shown.to_mesh()
            flat = np.empty(len(mesh.edges) * 2, np.int32)
            mesh.edges.foreach_get("vertices", flat)
            found.append(flat.reshape(-1, 2) + start)
            start += len(mesh.vertices)
            shown.to_mesh_clear()
        edges = np.concatenate(found)
        return edges[:: max(1, len(edges) // _MOST)]

    def at(self, frame):
        """The `Sight` of the body at a frame of the scene."""
        bpy.context.scene.frame_set(int(frame))
        points = self._points()
        front, place = self._turn(points, self._trunk)
        feet, reach = [], []
        for sole in self._soles:
            turn, at = self._turn(points, sole)
            feet.append(float((turn - front + 180.0) % 360.0 - 180.0))
            reach.append(float(np.linalg.norm(at - place)) / self.height)
        soles = np.concatenate(self._soles)
        ratio = _lengths(points, self._edges) / np.maximum(self._lengths, 0.003 * self.height)
        floor = float(points[soles, 2].min()) / self.height
        stretch = float(np.quantile(ratio, 0.999))
        front += self.facing
        return Sight(floor, front, tuple(feet), tuple(reach), stretch, tuple(map(float, place)))

    def _turn(self, points, chosen):
        """Yaw in degrees by which vertices are turned against the rest, and their middle."""
        if len(chosen) < 3:
            return float("nan"), np.full(3, np.nan)
        before, now = self.rest[chosen], points[chosen]
        middle = now.mean(0)
        left, _, right = np.linalg.svd((before - before.mean(0)).T @ (now - middle))
        flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
        forward = (right.T @ flip @ left.T) @ np.array([0.0, -1.0, 0.0])
        return float(np.degrees(np.arctan2(forward[0], -forward[1]))), middle


def _follows(obj, rig):
    if obj.type != "MESH" or obj.hide_render or len(obj.data.vertices) < 4:
        return False
    if any(m.type == "ARMATURE" and m.object == rig for m in obj.modifiers):
        return True
    return obj.parent == rig and obj.parent_type == "BONE"


def _lengths(points, edges):
    return np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=-1)


def put_sticks(rig):
    """A body of boxes for an armature without a mesh: along the bones, soles under the feet.

    A bone without children has a box of a hand's length; below the lowest bones of each side a
    sole lies on the ground, its tip towards -Y.
    """
    scale = rig.matrix_world.to_scale()[0]
    heads = {b.name: np.array(rig.matrix_world @ b.head_local) for b in rig.data.bones}
    height = np.ptp([head[2] for head in heads.values()])
    points, faces, owners = [], [], []

    def box(bone, start, end, width):
        along = (end - start) / max(np.linalg.norm(end - start), 1e-9)
        side = np.cross(along, _UP if abs(along[2]) < 0.9 else [0.0, 1.0, 0.0])
        side = side / np.linalg.norm(side)
        over, first = np.cross(along, side), len(points)
        for end_point in (start, end):
            for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
                points.append(end_point + width * (a * side + b * over))
        rows = [(0, 1, 2, 3), (7, 6, 5, 4)]
        rows += [(k, 4 + k, 4 + (k + 1) % 4, (k + 1) % 4) for k in range(4)]
        faces.extend(tuple(first + k for k in row) for row in rows)
        owners.extend([bone] * 8)

    for bone in [b for b in rig.data.bones if "_end" not in b.name.lower()]:
        low = heads[bone.name][2] < 0.1  # ends below feet may point anywhere
        for child in [c for c in bone.children if not (low and "_end" in c.name.lower())]:
            if bone.parent is not None or heads[bone.name][2] > 0.3 * height:
                box(bone.name, heads[bone.name], heads[child.name], 0.02 * height)
        if not bone.children and heads[bone.name][2] > 0.3 * height:
            way = np.array(bone.tail_local - bone.head_local) * scale
            way *= min(1.0, 0.06 * height / max(np.linalg.norm(way), 1e-9))
            box(bone.name, heads[bone.name], heads[bone.name] + way, 0.02 * height)
    for side in (1.0, -1.0):
        feet = {n: h for n, h in heads.items() if side * h[0] > 0.01 * height and h[2] < 0.1}
        feet = {n: h for n, h in feet.items() if "_end" not in n.lower()} or feet
        if feet:
            bone = max(feet, key=lambda name: feet[name][2])  # the ankle carries its sole
            start = np.array([feet[bone][0], feet[bone][1] + 0.02 * height, 0.01 * height])
            box(bone, start, start - [0.0, 0.12 * height, 0.0], 0.01 * height)
    _skin(rig, np.array(points), faces, owners)


def _skin(rig, points, faces, owners):
    mesh = bpy.data.meshes.new("Sticks")
    mesh.from_pydata([tuple(p) for p in points], [], faces)
    obj = bpy.data.objects.new("Sticks", mesh)
    bpy.context.scene.collection.objects.link(obj)
    for name in dict.fromkeys(owners):
        group = obj.vertex_groups.new(name=name)
        group.add([i for i, owner in enumerate(owners) if owner == name], 1.0, "REPLACE")
    obj.modifiers.new("Armature", "ARMATURE").object = rig
