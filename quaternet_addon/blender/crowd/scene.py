# SPDX-License-Identifier: GPL-3.0-or-later
"""What a crowd reads from the scene: its rigs, its ways, and what stands in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.walk.open_ground import OpenGround, discs_of
from ...core.walk.way import Way
from ..mapping import detection as mappings
from ..rig import selection
from ..rig.armature import blender_to_core, metres_per_unit, read_rig
from ..rig.driver import Driver
from ..rig.options import options_of
from ..rig.selection import named
from ..rig.stored_mapping import own_mapping
from ..walk.chosen_curve import curve_of
from ..walk.curve import read_curve
from ..walk.inputs import WalkOptions

if TYPE_CHECKING:
    from typing import Any

    from ...core.walk.avoidance import Disc


def rigs_of(context: bpy.types.Context, name: str) -> list[bpy.types.Object]:
    """The armature objects of a collection, or those that are selected; sorted by name."""
    if name:
        found = [obj for obj in _collection(name, "Rigs").all_objects if obj.type == "ARMATURE"]
    else:
        found = [obj for obj in context.view_layer.objects.selected if obj.type == "ARMATURE"]
        found = found or [obj for obj in [selection.selected_rig(context)] if obj is not None]
    if not found and name:
        raise ValueError(f"Expected armatures in the collection {name!r}, got none.")
    if not found:
        raise ValueError("Expected a selected armature, or a collection in Crowd > Rigs, got none.")
    return sorted(found, key=lambda obj: obj.name_full)


class Figure:
    """A rig whose copies walk: ``driver``, and ``detection`` if its mapping was not stored."""

    def __init__(self, context, obj, ground):
        reason = selection.why_not_editable(obj)
        if reason:
            raise ValueError(reason)
        self.object = obj
        rig = read_rig(obj, context.evaluated_depsgraph_get(), metres_per_unit(context.scene))
        mapping, self.detection = mappings.usable_mapping(obj, rig)
        options = options_of(obj)
        if ground:
            options = replace(options, ground=ground)
        self.driver = Driver(obj, rig, mapping, options)

    def remember(self) -> None:
        """Store the mapping that was found on the way."""
        found = self.detection
        if found is not None:
            own = own_mapping(self.object)
            own.store(found.mapping, found.confidence, found.doubtful, found.preset)


def ways_of(context: bpy.types.Context, options: Any, discs: list[Disc]) -> list[Way]:
    """A `Way` for each curve; or for each group one across the ground."""
    scene, unit = context.scene, metres_per_unit(context.scene)
    if options.ways:
        there = _collection(options.ways, "Curves").all_objects
        curves = sorted((o for o in there if o.type == "CURVE"), key=lambda o: o.name_full)
        if not curves:
            raise ValueError(f"Expected curves in the collection {options.ways!r}, got none.")
        return [_way(curve, scene, unit) for curve in curves]
    if options.ground:
        ground = OpenGround(_triangles(context, _mesh(options.ground), unit))
        groups, room = -(-options.count // options.group), options.group * options.distance
        room = max(1.0, room + options.distance)
        return [Way(path) for path in ground.ways(groups, options.seed, room, discs)]
    curve = curve_of(scene.quaternet)
    if curve is None:
        raise ValueError("Expected a curve or a ground to walk on, got none: choose one in Crowd.")
    return [_way(curve, scene, unit)]


def discs_in(context: bpy.types.Context, name: str) -> list[Disc]:
    """What the meshes of a collection cover of the ground."""
    if not name:
        return []
    unit, found = metres_per_unit(context.scene), []
    for obj in sorted(_collection(name, "Obstacles").all_objects, key=lambda o: o.name_full):
        if obj.type == "MESH":
            points = _triangles(context, obj, unit).reshape(-1, 3)[:, [0, 2]]
            found += discs_of(np.unique(points, axis=0)) if len(points) else []
    return found


def _way(curve, scene, unit):
    return read_curve(curve, scene, unit, WalkOptions.stop_time)[0]


def _collection(name, field):
    found = bpy.data.collections.get(name)
    if found is None:
        raise ValueError(f"Expected a collection, got {name!r}: choose one in Crowd > {field}.")
    return found


def _mesh(name):
    obj = named(bpy.data.objects, name)
    if obj is None or obj.type != "MESH":
        raise ValueError(f"Expected a mesh as ground, got {name!r}: choose one in Crowd > Ground.")
    return obj


def _triangles(context, obj, unit):
    """The triangles of a mesh object as it is now, ``(M, 3, 3)`` metres in core space."""
    evaluated = obj.evaluated_get(context.evaluated_depsgraph_get())
    mesh = evaluated.to_mesh()
    try:
        mesh.calc_loop_triangles()
        points = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", points)
        corners = np.empty(3 * len(mesh.loop_triangles), np.int32)
        mesh.loop_triangles.foreach_get("vertices", corners)
    finally:
        evaluated.to_mesh_clear()
    matrix = np.array(evaluated.matrix_world)
    places = points.reshape(-1, 3).astype(float) @ matrix[:3, :3].T + matrix[:3, 3]
    return blender_to_core(places, unit)[corners].reshape(-1, 3, 3)
