# SPDX-License-Identifier: GPL-3.0-or-later
"""The mesh of a character's feet and hands at rest: where soles are, and what hands carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .skin import at_rest, deforming, meshes_of, state_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import bpy

    from .armature import Rig


_AROUND = 0.8  # leg lengths around an ankle: where its foot is
_KEPT = 16  # characters whose feet are kept
_BEYOND = 0.15  # of a forearm: a bone that begins so far behind the wrist is a part of the hand
_HALF = 0.5  # of a vertex's weights
_DIRECTIONS = 256  # in which the farthest points of a hand's mesh are kept
_feet, _hands = {}, {}


def foot_points(
    obj: bpy.types.Object, rig: Rig, mapping: Mapping[str, str]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Points ``(N, 3)`` of the left and the right foot at rest, core world, metres; or None.

    obj: the armature object, rig: its `armature.Rig`. Vertices count that foot bones carry for
    the most part, of meshes that are shown. None if neither foot has any.
    """
    meshes = meshes_of(obj)
    if not meshes or not {"LeftFoot", "RightFoot", "LeftUpLeg"} <= set(mapping):
        return None
    body = rig.heads.tobytes(), rig.turn.tobytes(), rig.origin.tobytes(), rig.size, rig.unit
    key = obj.name_full, tuple(mapping.items()), state_of(meshes), *body
    if key not in _feet:
        while len(_feet) >= _KEPT:
            _feet.pop(next(iter(_feet)))
        sides = [_points(obj, rig, meshes, mapping, side) for side in ("Left", "Right")]
        _feet[key] = tuple(sides) if any(map(len, sides)) else None
    return _feet[key]


def hand_points(
    obj: bpy.types.Object, rig: Rig, mapping: Mapping[str, str]
) -> dict[str, tuple[str, np.ndarray]]:
    """Joint -> ``(name, points)``: the bone that carries all of each hand, and what it carries.

    That is the hand's, or the forearm's if there is none or if parts of the hand, palms or fingers
    beside it, hang on the forearm. points: ``(N, 3)`` at rest, armature space: the farthest ones of
    all that hangs on the bone, fingers, weapons and shields. Empty without a mesh. Arguments as of
    `foot_points`.
    """
    meshes = meshes_of(obj)
    ends = _hand_joints(obj, mapping)
    if not meshes or not all(ends.values()):
        return {}
    key = obj.name_full, tuple(ends.items()), state_of(meshes), rig.heads.tobytes()
    if key not in _hands:
        while len(_hands) >= _KEPT:
            _hands.pop(next(iter(_hands)))
        found = {joint: (name, _outermost(_on(obj, meshes, name))) for joint, name in ends.items()}
        _hands[key] = {joint: hand for joint, hand in found.items() if len(hand[1])}
    return _hands[key]


def _hand_joints(obj, mapping):
    """Joint -> bone, one of each arm, that carries all of the hand; None: it has neither."""
    found = {}
    for side in ("Left", "Right"):
        hand, forearm = (mapping.get(side + part) for part in ("Hand", "ForeArm"))
        whole = hand and not (forearm and _in_parts(obj.data.bones, forearm, hand))
        found[side + ("Hand" if whole else "ForeArm")] = hand if whole else forearm
    return found


def _in_parts(bones, forearm, hand):
    """Whether bones beyond the wrist hang on the forearm beside the hand's."""
    elbow, wrist = bones[forearm].head_local, bones[hand].head_local
    along, own = wrist - elbow, {bones[hand], *bones[hand].children_recursive}
    beside = [bone for bone in bones[forearm].children_recursive if bone not in own]
    most = (1.0 + _BEYOND) * along.dot(along)
    return any((bone.head_local - elbow).dot(along) > most for bone in beside)


def _outermost(points):
    """Those of the points ``(N, 3)`` that are farthest in some direction."""
    if len(points) <= _DIRECTIONS:
        return points
    steps = np.arange(_DIRECTIONS) + 0.5  # a spiral from pole to pole
    height, turn = 1.0 - 2.0 * steps / _DIRECTIONS, steps * np.pi * (1.0 + np.sqrt(5.0))
    level = np.sqrt(1.0 - height * height)
    ways = np.stack([level * np.cos(turn), level * np.sin(turn), height])
    return points[np.unique(np.argmax(points @ ways, axis=0))]


def _points(obj, rig, meshes, mapping, side):
    index = rig.names.index
    ankle, hip = (rig.heads[index(mapping[side + joint])] for joint in ("Foot", "UpLeg"))
    reach = _AROUND * np.linalg.norm(hip - ankle)
    return rig.to_core(_on(obj, meshes, mapping[side + "Foot"], (ankle, reach)))


def _on(obj, meshes, top, around=None):
    """Points ``(N, 3)`` in armature space that a bone, and all below it, carry at rest.

    around: (place, radius) in which they count; None: anywhere.
    """
    bone = obj.data.bones[top]
    names = {bone.name, *(child.name for child in bone.children_recursive)}
    found = [np.zeros((0, 3))]
    for mesh, carrier in meshes:
        if carrier and carrier not in names:
            continue
        local = at_rest(obj, mesh, carrier)
        near = np.arange(len(local))
        if around is not None:
            near = np.flatnonzero(np.linalg.norm(local - around[0], axis=-1) < around[1])
        chosen = near if carrier else _carried(mesh, near, deforming(obj, mesh), names)
        found.append(local[chosen])
    return np.concatenate(found)


def _carried(mesh, vertices, deforming_groups, names):
    """Those of the vertices that bones of these names carry for the most part."""
    groups = {group for group, name in deforming_groups.items() if name in names}
    if not groups:
        return np.zeros(0, int)
    kept = []
    for vertex in vertices:
        total = own = 0.0
        for element in mesh.data.vertices[vertex].groups:
            total += element.weight
            own += element.weight if element.group in groups else 0.0
        if own > _HALF * total > 0.0:
            kept.append(vertex)
    return np.array(kept, int)
