# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be dragged on the path itself: where each handle is, and what a drag of it changes.

Start, speed at the curve's points, facing, and the footprints of a preview. Places are in the
world; `handle_gizmos` shows them and turns the mouse into places.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from bpy.app.translations import pgettext_iface as iface_
from mathutils import Vector

from ...core.feet.footprint_moves import moves_of, text_of, within_reach
from ..rig.armature import blender_to_core, metres_per_unit
from . import preview
from .chosen_curve import curve_of
from .generation import WalkGeneration
from .sketched_way import line_of, points_of

if TYPE_CHECKING:
    from typing import Any

    import bpy


_TALL = 0.5  # metres: a speed handle this high over its point walks at the panel's speed
_STOPS = 0.05  # of the speed: less is a stop
_AHEAD = 0.6  # metres from the start to the handle of the facing
_FACINGS = ("AHEAD", "LEFT", "BACKWARD", "RIGHT")  # quarter turns to the left


@dataclass(frozen=True)
class Handle:
    """One thing to drag. kind: START, SPEED, FACING or FOOT. key: which of its kind.

    place: where it is. foot: the place on the ground that it belongs to. text: beside it.
    """

    kind: str
    key: Any
    place: Vector
    foot: Vector
    text: str


def handles_of(context: bpy.types.Context) -> list[Handle]:
    """All handles of the panel's walk; none where there is no path, or it is being edited."""
    settings = context.scene.quaternet
    curve = curve_of(settings)
    if curve is None or curve.mode != "OBJECT" or settings.mode != WalkGeneration.mode:
        return []
    line = line_of(curve)
    if len(line) < 2:
        return []
    metre = 1.0 / metres_per_unit(context.scene)
    start, ahead = at_distance(line, settings.start_distance * metre)
    found = [
        Handle("START", 0, start, start, iface_("Start {:.1f} m").format(settings.start_distance)),
        _facing(settings, start, ahead, metre),
    ]
    if settings.use_radius and settings.timing == "SPEED":
        found += _speeds(settings, curve, metre)
    return found + _prints(context)


def _facing(settings, start, ahead, metre):
    quarter = _FACINGS.index(settings.facing)
    turned = ahead.copy()
    for _ in range(quarter):
        turned = Vector((-turned.y, turned.x, 0.0))
    name = settings.bl_rna.properties["facing"].enum_items[settings.facing].name
    return Handle("FACING", 0, start + _AHEAD * metre * turned, start, iface_(name))


def _speeds(settings, curve, metre):
    found = []
    for index, (place, point) in enumerate(points_of(curve)):
        speed = point.radius * settings.speed
        told = iface_("{:.1f} m/s").format(speed) if point.radius > 1e-3 else iface_("Stop")
        up = Vector((0.0, 0.0, point.radius * _TALL * metre))
        found.append(Handle("SPEED", index, place + up, place, told))
    return found


def _prints(context):
    """The footprints of a preview of this scene that is not out of date, and can be moved."""
    shown, settings = preview.shown(), context.scene.quaternet
    still = settings.loop or settings.use_in_place
    if shown is None or still or shown.scene != context.scene.name or preview.out_of_date():
        return []
    places = [(key, Vector(place)) for key, place in shown.prints]
    return [Handle("FOOT", key, place, place, "") for key, place in places]


def at_distance(line: list[Vector], distance: float) -> tuple[Vector, Vector]:
    """Place and direction on the ground at a distance along a line, Blender units."""
    for a, b in itertools.pairwise(line):
        step = (b - a).length
        if distance <= step or b is line[-1]:
            share = min(max(distance / step, 0.0), 1.0) if step > 0.0 else 0.0
            ahead = Vector((b.x - a.x, b.y - a.y, 0.0))
            return a.lerp(b, share), ahead.normalized() if ahead.length else Vector((0, -1, 0))
        distance -= step
    raise ValueError("Expected a line of two points or more.")


def drag(context: bpy.types.Context, handle: Handle, place: Vector) -> None:
    """Change what a handle stands for as if it was dragged to a place.

    handle: as it was when the drag began.
    """
    settings = context.scene.quaternet
    metres = metres_per_unit(context.scene)
    if handle.kind == "START":
        line = line_of(curve_of(settings))
        settings.start_distance = nearest_distance(line, place) * metres
    elif handle.kind == "SPEED":
        curve = curve_of(settings)
        share = (place.z - handle.foot.z) * metres / _TALL
        points_of(curve)[handle.key][1].radius = share if share > _STOPS else 0.0
        curve.data.update_tag()
    elif handle.kind == "FACING":
        _, ahead = at_distance(line_of(curve_of(settings)), settings.start_distance / metres)
        settings.facing = _FACINGS[_quarter(ahead, place - handle.foot)]
    else:
        _move_foot(settings, handle, place, metres)


def nearest_distance(line: list[Vector], place: Vector) -> float:
    """How far along a line the point nearest to a place is, Blender units."""
    best, found, so_far = float("inf"), 0.0, 0.0
    for a, b in itertools.pairwise(line):
        step = b - a
        share = (place - a).dot(step) / step.length_squared if step.length_squared else 0.0
        share = min(max(share, 0.0), 1.0)
        away = (a + share * step - place).length
        if away < best:
            best, found = away, so_far + share * step.length
        so_far += step.length
    return found


def _quarter(ahead, wanted):
    """Quarter turns to the left from one direction to the nearest to another, 0 to 3."""
    left = Vector((-ahead.y, ahead.x, 0.0))
    return int(round(np.arctan2(wanted.dot(left), wanted.dot(ahead)) / (0.5 * np.pi))) % 4


def _move_foot(settings, handle, place, metres):
    """A footprint is where it was dragged to, as far as the body can follow."""
    moves = moves_of(settings.moved_footprints)
    now = moves_of(preview.shown().options.moved_footprints).get(handle.key, np.zeros(2))
    away = blender_to_core(np.array(place - handle.foot), metres)[[0, 2]]
    moves[handle.key] = within_reach(now + away, preview.shown().leg_length)
    settings.moved_footprints = text_of(moves)
