# SPDX-License-Identifier: GPL-3.0-or-later
"""What a crowd reads from the scene: its rigs, its ways, and what stands in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.walk.company import half_width
from ...core.walk.open_ground import OpenGround, discs_of
from ...core.walk.way import Way
from ..mapping import detection as mappings
from ..rig import selection
from ..rig.animatable import told_rest
from ..rig.armature import blender_to_core, metres_per_unit, rig_in
from ..rig.driver import Driver
from ..rig.options import options_of
from ..rig.rest import scaled
from ..rig.selection import named
from ..rig.shown_mesh import shown_meshes
from ..rig.stored_mapping import own_mapping
from ..walk.chosen_curve import curve_of
from ..walk.curve import read_curve
from ..walk.inputs import WalkOptions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ...core.walk.avoidance import Disc


_FARTHEST = 1e6  # metres
_SEEN = {*"MESH CURVE SURFACE FONT META CURVES POINTCLOUD VOLUME GPENCIL GREASEPENCIL".split()}
_NAMED = 5  # things that a warning names


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
    """A rig whose copies walk: ``driver``, and ``detection`` if its mapping was not stored.

    told: warnings of it. What else moves this rig, actions and strips, is not for its copies.
    """

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
        self.driver = Driver(obj, rig, mapping, options, fingers=False)
        odd = [*mappings.bystanders(obj, rig, mapping), *scaled(obj, self.driver.driven)]
        self.told = [*told_rest(obj), *self.driver.locks.warnings, *odd]

    def remember(self) -> None:
        """Store the mapping that was found on the way."""
        found = self.detection
        if found is not None:
            own = own_mapping(self.object)
            own.store(found.mapping, found.confidence, found.doubtful, found.preset)


def ways_of(context: bpy.types.Context, options: Any, discs: list[Disc]) -> Iterable[Way]:
    """A `Way` for each curve; or for each group one across the ground.

    Those across a ground are looked for while they are iterated, which may raise ValueError; what
    the scene has to say is read before.
    """
    scene, unit = context.scene, metres_per_unit(context.scene)
    if options.ways:
        there = _collection(options.ways, "Curves").all_objects
        curves = sorted((o for o in there if o.type == "CURVE"), key=lambda o: o.name_full)
        if not curves:
            raise ValueError(f"Expected curves in the collection {options.ways!r}, got none.")
        return [_way(curve, scene, unit) for curve in curves]
    if options.ground:
        shown = _shown([_mesh(options.ground)], scene)
        ground = OpenGround(np.concatenate([np.empty((0, 3, 3)), *shown.values()]))
        groups, room = -(-options.count // options.group), options.group * options.distance
        room = max(1.0, room + options.distance)
        beside = half_width(options.group)
        return map(Way, ground.ways(groups, options.seed, room, discs, beside))
    curve = curve_of(scene.quaternet)
    if curve is None:
        raise ValueError("Expected a curve or a ground to walk on, got none: choose one in Crowd.")
    return [_way(curve, scene, unit)]


def discs_in(context: bpy.types.Context, name: str) -> tuple[list[Disc], list[str]]:
    """What things of a collection cover of the ground, hidden ones and instances, too.

    And warnings about those that cover nothing.
    """
    if not name:
        return [], []
    things = sorted(_collection(name, "Obstacles").all_objects, key=lambda obj: obj.name_full)
    shown, discs = _shown(things, context.scene), []
    for points in shown.values():
        corners = np.unique(points.reshape(-1, 3)[:, [0, 2]], axis=0)
        discs += discs_of(corners) if len(corners) else []
    return discs, _bare(things, {by for (_, by), points in shown.items() if len(points)})


def _bare(things, solid):
    """A warning about obstacles without faces; solid: names of those that have some."""
    balls = any(obj.type == "META" and obj.name in solid for obj in things)  # one stands for all
    bare = [
        obj.name
        for obj in things
        if obj.type in _SEEN and obj.name not in solid and not (balls and obj.type == "META")
    ]
    if not bare:
        return []
    named = ", ".join(map(repr, bare[:_NAMED])) + (", ..." if len(bare) > _NAMED else "")
    return [f"nobody keeps clear of {named}: obstacles need faces"]


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
    """The triangles ``(M, 3, 3)`` of what objects show now, metres, core space.

    By numbers, and the names of who shows them: ``{(number, name): triangles}``.
    """
    found = {}
    for number, shown in enumerate(shown_meshes(objects, scene.frame_current_final)):
        points = blender_to_core(shown.points, metres_per_unit(scene))
        if not (np.abs(points) < _FARTHEST).all():
            raise ValueError(
                f"Expected coordinates of less than 1000 km, got NaN or more in {shown.name!r}: "
                "delete its broken points."
            )
        found[number, shown.shown_by] = points[shown.triangles]
    return found
