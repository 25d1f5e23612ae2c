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
from ..rig.armature import blender_to_core, metres_per_unit, rig_in
from ..rig.driver import Driver
from ..rig.options import options_of
from ..rig.selection import named
from ..rig.shown_mesh import shown_meshes
from ..rig.stored_mapping import own_mapping
from ..walk.chosen_curve import curve_of
from ..walk.curve import read_curve
from ..walk.inputs import WalkOptions

if TYPE_CHECKING:
    from typing import Any

    from ...core.walk.avoidance import Disc


_FARTHEST = 1e6  # metres


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
        rig = rig_in(context, obj)
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
        shown = _shown([_mesh(options.ground)], scene)
        ground = OpenGround(np.concatenate([np.empty((0, 3, 3)), *shown]))
        groups, room = -(-options.count // options.group), options.group * options.distance
        room = max(1.0, room + options.distance)
        return [Way(path) for path in ground.ways(groups, options.seed, room, discs)]
    curve = curve_of(scene.quaternet)
    if curve is None:
        raise ValueError("Expected a curve or a ground to walk on, got none: choose one in Crowd.")
    return [_way(curve, scene, unit)]


def discs_in(context: bpy.types.Context, name: str) -> list[Disc]:
    """What the meshes of a collection cover of the ground: hidden ones and instances, too."""
    if not name:
        return []
    things = sorted(_collection(name, "Obstacles").all_objects, key=lambda obj: obj.name_full)
    places = [shown.reshape(-1, 3)[:, [0, 2]] for shown in _shown(things, context.scene)]
    return [
        disc for points in places if len(points) for disc in discs_of(np.unique(points, axis=0))
    ]


def taken(
    context: bpy.types.Context, options: Any, figures: list[Figure]
) -> list[tuple[str, bpy.types.Object]]:
    """What the crowd took as it is in one frame, for `rig.moving.told_moving`."""
    grounds = [figure.driver.ground for figure in figures]
    found = [("ground", ground.object) for ground in grounds if ground is not None]
    if options.ways:
        there = _collection(options.ways, "Curves").all_objects
        found += [("curve", obj) for obj in there if obj.type == "CURVE"]
    elif not options.ground:
        found.append(("curve", curve_of(context.scene.quaternet)))
    if options.obstacles:
        found += [("obstacle", obj) for obj in _collection(options.obstacles, "").all_objects]
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


def _shown(objects, scene):
    """The triangles of each mesh that objects show now, ``[(M, 3, 3), ...]`` metres, core space."""
    found = []
    for name, world, triangles in shown_meshes(objects, scene.frame_current_final):
        points = blender_to_core(world, metres_per_unit(scene))
        if not (np.abs(points) < _FARTHEST).all():
            raise ValueError(
                f"Expected coordinates of less than 1000 km, got NaN or more in {name!r}: delete "
                "its broken points."
            )
        found.append(points[triangles])
    return found
