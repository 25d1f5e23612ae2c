# SPDX-License-Identifier: GPL-3.0-or-later
"""The skinned mesh of a character, measured as the viewport shows it: what a viewer would see.

Knows nothing of the add-on or its mapping. A character stands upright at rest and faces -Y, as
files do in Blender; `Body` compares its mesh at some frame with the mesh at rest.
"""

from collections import Counter
from dataclasses import dataclass

import bpy
import numpy as np

_MOST = 6000  # vertices of a body that are looked at
_SOLE = 0.03  # of the height over the lowest point: vertices of soles
_TRUNK = (0.5, 0.75)  # of the height: where the trunk is


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

    facing: degrees from -Y by which the rest faces elsewhere, positive towards +X. stands: frame
    that is taken for the rest, where the rest is no pose; it faces as its sides' names say.
    """

    def __init__(self, rig, facing=0.0, stands=None):
        self.stands = stands
        facing = facing if stands is None else _facing(rig)
        turn = np.radians(facing)
        self.rig, self._forward = rig, np.array([np.sin(turn), -np.cos(turn), 0.0])
        self.meshes = [o for o in bpy.context.scene.objects if _follows(o, rig)]
        before = rig.data.pose_position
        rig.data.pose_position = "REST" if stands is None else "POSE"
        bpy.context.view_layer.update()
        points, self._edges = self._points(), None
        rig.data.pose_position = before
        if not len(points):
            raise ValueError(f"Expected a mesh on {rig.name!r}, got none.")
        low, high = points[:, 2].min(), points[:, 2].max()
        self.height = float(high - low)
        self.rest, heights = points, (points[:, 2] - low) / self.height
        across = points[:, :2] @ [np.cos(turn), np.sin(turn)]  # to its left
        across = across - 0.5 * (across.min() + across.max())
        sole = heights < _SOLE
        self._soles = [np.flatnonzero(sole & (side * across > 0.0)) for side in (1.0, -1.0)]
        trunk = (heights > _TRUNK[0]) & (heights < _TRUNK[1])
        self._trunk = np.flatnonzero(trunk & (np.abs(across) < 0.12 * self.height))
        self._feet = _of_same_bones(self, np.concatenate(self._soles))
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
        floor = float(points[self._feet, 2].min()) / self.height
        place = tuple(map(float, place))
        return Sight(floor, front, tuple(feet), tuple(reach), self.stretch(points), place)

    def stretch(self, points):
        """How much longer than at rest the worst edge of a thousand is."""
        return worst_of(self.stretched(points))

    def stretched(self, points):
        """How much longer than at rest each edge is ``(E,)``."""
        return _lengths(points, self._edges) / np.maximum(self._lengths, 0.003 * self.height)

    def feet(self, bones=("", "")):
        """Vertices of both feet: of the bones that carry soles, of ``bones`` and all below."""
        return [_of_same_bones(self, s, b) for s, b in zip(self._soles, bones, strict=True)]

    def points_at(self, frame):
        """World places ``(V, 3)`` of all vertices at a frame of the scene."""
        bpy.context.scene.frame_set(int(frame))
        return self._points()

    def _turn(self, points, chosen):
        """Yaw in degrees from -Y, to +X, of the front of vertices; and their middle."""
        if len(chosen) < 3:
            return float("nan"), np.full(3, np.nan)
        before, now = self.rest[chosen], points[chosen]
        middle = now.mean(0)
        left, _, right = np.linalg.svd((before - before.mean(0)).T @ (now - middle))
        flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
        forward = (right.T @ flip @ left.T) @ self._forward
        return float(np.degrees(np.arctan2(forward[0], -forward[1]))), middle


def _of_same_bones(body, vertices, bone=""):
    """Those, and what else their bones, ``bone`` and all below them carry: toes that lean back."""
    owners = np.array([owner for obj in body.meshes for owner in _owners(obj)])
    if len(owners) != len(body.rest):
        return vertices  # modifiers made more of them
    bones, names = body.rig.data.bones, {*owners[vertices], bone} - {""}
    names |= {b.name for n in names if n in bones for b in bones[n].children_recursive}
    below = {n for n in names if n in bones and bones[n].parent is not None}
    return np.union1d(vertices, np.flatnonzero(np.isin(owners, sorted(below))))


def _owners(obj):
    """Name of the bone that carries most of each vertex, "" for none."""
    groups = {group.index: group.name for group in obj.vertex_groups}
    for vertex in obj.data.vertices:
        most = max(vertex.groups, key=lambda element: element.weight, default=None)
        yield obj.parent_bone or ("" if most is None else groups.get(most.group, ""))


def worst_of(ratios):
    """Of edges that are so many times as long as at rest: the worst of a thousand."""
    return float(np.quantile(ratios, 0.999))


def bent(body, angle):
    """The `Sight.stretch` where each bone is turned alone, about its axes across.

    What the weights of a mesh do where a joint bends, whatever moves it. Every edge counts as it
    is in the worst of these poses: in a motion all joints bend at once.
    """
    worst = np.zeros(len(body._lengths))
    for bone in _carrying(body):
        mode, bone.rotation_mode = bone.rotation_mode, "XYZ"
        for axis in (0, 2):
            bone.rotation_euler[axis] = angle
            bpy.context.view_layer.update()
            worst = np.maximum(worst, body.stretched(body._points()))
            bone.rotation_euler[axis] = 0.0
        bone.rotation_mode = mode
    return worst_of(worst)


def _carrying(body, most=16):
    """The pose bones that carry most vertices, without those that carry the whole body."""
    counts = Counter(owner for obj in body.meshes for owner in _owners(obj))
    bones = [body.rig.pose.bones.get(name) for name in sorted(counts, key=counts.get)[-most:]]
    return [bone for bone in bones if bone is not None and bone.parent is not None]


def _follows(obj, rig):
    if obj.type != "MESH" or obj.hide_render or len(obj.data.vertices) < 4:
        return False
    if any(m.type == "ARMATURE" and m.object == rig for m in obj.modifiers):
        return True
    return obj.parent == rig and obj.parent_type == "BONE"


def _lengths(points, edges):
    return np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=-1)


def _facing(rig):
    """Degrees from -Y, to +X, to which a posed rig faces, by its bones called left and right."""
    sides = []
    for words in (("left", "l_", "lThigh", "_L_"), ("right", "r_", "rThigh", "_R_")):
        bones = [
            b for b in rig.pose.bones if any(w in b.name or w in b.name.lower() for w in words)
        ]
        sides.append(np.mean([rig.matrix_world @ b.head for b in bones], axis=0))
    left = sides[0] - sides[1]
    return float(np.degrees(np.arctan2(left[1], left[0])))
