# SPDX-License-Identifier: GPL-3.0-or-later
"""What a motion took as it was in one frame, and what moves meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .movers import hangs_on
from .private_scene import PrivateScene

if TYPE_CHECKING:
    from collections.abc import Iterable

    import bpy


# modifiers that have to see every frame before: a look at single ones shows nothing
_SIMULATING = {"CLOTH", "SOFT_BODY", "DYNAMIC_PAINT", "FLUID", "EXPLODE"}
_LOOKS = (0.0, 0.13, 0.29, 0.47, 0.61, 0.83, 1.0)  # unevenly: something may swing in time
_SEEN = 0.02  # leg lengths
_NAMED = 4  # of a kind


def told_moving(
    taken: Iterable[tuple[str, bpy.types.Object]],
    frames: tuple[float, float],
    leg: float,
    scene: bpy.types.Scene,
    rig: bpy.types.Object | None = None,
) -> list[str]:
    """Warnings of what moves between the first and the last frame of a motion.

    taken: ``[(kind, object), ...]``, kind: "ground", "curve", "target" or "obstacle"; as they are
    in the scene's current frame. leg: Blender units. rig: what hangs on it is told elsewhere.
    """
    kinds = {obj: kind for kind, obj in taken if rig is None or hangs_on(obj, rig) is None}
    found: dict = {}
    for obj in moving(kinds, frames, _SEEN * leg):
        found.setdefault(kinds[obj], []).append(repr(obj.name))
    return [_sentence(kind, names, scene.frame_current) for kind, names in found.items()]


def _sentence(kind, names, frame):
    named = ", ".join(names[:_NAMED]) + (" and others" if len(names) > _NAMED else "")
    if kind == "ground":
        return f"the ground moves, and was taken as it is in frame {frame}: {named}"
    if kind == "curve":
        return f"the curve moves, and was taken as it is in frame {frame}: {named}"
    if kind == "obstacle":
        return f"obstacles move, and were taken as they are in frame {frame}: {named}"
    return f"what is looked at moves, and was taken as it is in frame {frame}: {named}"


def moving(
    objects: Iterable[bpy.types.Object], frames: tuple[float, float], step: float
) -> list[bpy.types.Object]:
    """Those of some objects of which a point moves by more than ``step`` within some frames.

    Keys, drivers, parents, constraints and modifiers count. frames: the first and the last.
    """
    wanted = [obj for obj in objects if _may_move(obj)]
    found = [obj for obj in wanted if _is_simulated(obj)]
    looked = [obj for obj in wanted if obj not in found]
    if not looked:
        return found
    first, last = frames
    with PrivateScene(*looked) as private:
        before: dict = {}
        for share in _LOOKS:
            graph = private.at(round(first + share * (last - first)))
            for obj in looked:
                now = _points(obj.evaluated_get(graph))
                if _is_elsewhere(before.setdefault(obj, now), now, step) and obj not in found:
                    found.append(obj)
    return found


def _is_elsewhere(before, now, step):
    return before.shape != now.shape or bool((np.abs(now - before) > step).any())


def _points(shown):
    """World points ``(V, 3)`` of an evaluated object; its origin where it has no mesh."""
    matrix = np.array(shown.matrix_world)
    mesh = shown.to_mesh() if shown.type in {"MESH", "CURVE"} else None
    if mesh is None:
        return matrix[None, :3, 3]
    flat = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", flat)
    shown.to_mesh_clear()
    return flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def _may_move(obj):
    """False for what nothing at all moves, which is quickly known."""
    while obj is not None:
        data = [obj, obj.data, getattr(obj.data, "shape_keys", None)]
        if any(getattr(block, "animation_data", None) is not None for block in data):
            return True
        if len(obj.constraints) or len(obj.modifiers) or obj.rigid_body or obj.pose:
            return True
        obj = obj.parent
    return False


def _is_simulated(obj):
    """Does physics move an object, or what carries it?"""
    while obj is not None:
        body = obj.rigid_body
        if body is not None and body.type == "ACTIVE" and body.enabled and not body.kinematic:
            return True
        if any(m.type in _SIMULATING and m.show_viewport for m in obj.modifiers):
            return True
        obj = obj.parent
    return False
