# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be dragged on the path itself: where each handle is, and what a drag of it changes.

Start, speed and facing at the curve's points, what is looked at, and the footprints of a preview.
Places are in the world; `handle_gizmos` shows them and turns the mouse into places.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from bpy.app.translations import pgettext_iface as iface_
from mathutils import Matrix, Vector

from ...core.feet.footprint_moves import moves_of, text_of, within_reach
from ..rig.armature import blender_to_core, metres_per_unit
from ..rig.selection import not_deleted
from . import preview
from .chosen_curve import curve_of
from .options import MODE
from .sketched_way import directions_of, line_of, points_of

if TYPE_CHECKING:
    from typing import Any

    import bpy


_TALL = 0.5  # metres: a speed handle this high over its point walks at the panel's speed
_TOLD = 8  # speed handles: of more, those are quiet that say what the one before says
_STOPS = 0.05  # of the speed: less is a stop
_AHEAD = 0.6  # metres from the start, or a point, to the handle of the facing
_LOOK, _NEARER = 1.2, 0.7  # metres and share of the way to what is looked at: the lesser
_STRAIGHT = np.radians(5.0)  # from the way: less is none
_RIGHT = 0.5 * np.pi
_FACINGS = ("AHEAD", "LEFT", "BACKWARD", "RIGHT")  # quarter turns to the left


@dataclass(frozen=True)
class Handle:
    """One thing to drag. kind: START, SPEED, FACING, TILT, LOOK or FOOT. key: which of its kind.

    place: where it is. foot: the place on the ground that it belongs to. text: beside it, where it
    is quiet only while the mouse is on it. before: what is looked at and the facing when it was
    made.
    """

    kind: str
    key: Any
    place: Vector
    foot: Vector
    text: str
    before: tuple = (None, "AHEAD")
    quiet: bool = False


def handles_of(context: bpy.types.Context) -> list[Handle]:
    """All handles of the panel's walk; none where there is no path, or it is being edited."""
    settings = context.scene.quaternet
    curve = curve_of(settings)
    if curve is None or curve.mode != "OBJECT" or settings.mode != MODE:
        return []
    line = line_of(curve)
    if len(line) < 2:
        return []
    metre = 1.0 / metres_per_unit(context.scene)
    start, ahead = at_distance(line, settings.start_distance * metre)
    found = [
        Handle("START", 0, start, start, iface_("Start {:.1f} m").format(settings.start_distance)),
        _facing(settings, start, ahead, metre),
        *_look(settings, start, metre),
    ]
    if settings.use_tilt:
        found += _tilts(settings, curve, metre)
    if settings.use_radius and settings.timing == "SPEED":
        found += _speeds(settings, curve, metre)
    return found + _prints(context)


def _facing(settings, start, ahead, metre):
    quarter = _FACINGS.index(settings.facing)
    turned = ahead.copy()
    for _ in range(quarter):
        turned = Vector((-turned.y, turned.x, 0.0))
    name = settings.bl_rna.properties["facing"].enum_items[settings.facing].name
    place = start + _AHEAD * metre * turned
    return Handle("FACING", 0, place, start, iface_(name), (settings.face, settings.facing))


def _look(settings, start, metre):
    """On the line to the object that is looked at, none without one."""
    if not_deleted(settings.face) is None or settings.loop:
        return []
    away = settings.face.matrix_world.translation - start
    away.z = 0.0
    near = min(_LOOK * metre, _NEARER * away.length)
    text = iface_("Look at {}").format(settings.face.name)
    return [Handle("LOOK", 0, start + near * away.normalized(), start, text)]


def _tilts(settings, curve, metre):
    """A handle before each point of the curve, where the body faces there."""
    found, base = [], _facing_angle(settings)
    pairs = zip(points_of(curve), directions_of(curve), strict=True)
    for index, ((place, point), ahead) in enumerate(pairs):
        faces = Matrix.Rotation(base + point.tilt, 3, "Z") @ ahead
        told = f"{np.degrees(point.tilt):.0f}°"
        found.append(Handle("TILT", index, place + _AHEAD * metre * faces, place, told))
    return found


def _facing_angle(settings):
    return _RIGHT * _FACINGS.index(settings.facing)


def _speeds(settings, curve, metre):
    """A handle over each point; of many, as a drawn path has, only those speak up that differ."""
    found, before, points = [], "", points_of(curve)
    for index, (place, point) in enumerate(points):
        speed = point.radius * settings.speed
        told = iface_("{:.1f} m/s").format(speed) if point.radius > 1e-3 else iface_("Stop")
        up = Vector((0.0, 0.0, point.radius * _TALL * metre))
        quiet = len(points) > _TOLD and told == before
        found.append(Handle("SPEED", index, place + up, place, told, quiet=quiet))
        before = told
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
    """Place, and direction on the ground, at a distance along the ground, Blender units."""
    for a, b in itertools.pairwise(line):
        step = (b.xy - a.xy).length
        if distance <= step or b is line[-1]:
            share = min(max(distance / step, 0.0), 1.0) if step > 0.0 else 0.0
            ahead = Vector((b.x - a.x, b.y - a.y, 0.0))
            return a.lerp(b, share), ahead.normalized() if ahead.length else Vector((0, -1, 0))
        distance -= step
    raise ValueError("Expected a line of two points or more.")


def drag(
    context: bpy.types.Context, handle: Handle, place: Vector, over: bpy.types.Object | None = None
) -> None:
    """Change what a handle stands for as if it was dragged to a place.

    handle: as it was when the drag began. over: an object that it is dragged on to.
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
        settings.face, settings.facing = handle.before
        if over is not None:
            settings.face = over
        else:
            _, ahead = at_distance(line_of(curve_of(settings)), settings.start_distance / metres)
            settings.facing = _FACINGS[round(_left_of(ahead, place - handle.foot) / _RIGHT) % 4]
    elif handle.kind == "LOOK":
        settings.face = over
    elif handle.kind == "TILT":
        _turn_point(settings, handle, place)
    else:
        _move_foot(settings, handle, place, metres)


def nearest_distance(line: list[Vector], place: Vector) -> float:
    """How far along the ground the point of a line nearest to a place is, Blender units."""
    best, found, so_far = float("inf"), 0.0, 0.0
    for a, b in itertools.pairwise(line):
        step = b - a
        share = (place - a).dot(step) / step.length_squared if step.length_squared else 0.0
        share = min(max(share, 0.0), 1.0)
        away = (a + share * step - place).length
        if away < best:
            best, found = away, so_far + share * step.xy.length
        so_far += step.xy.length
    return found


def _left_of(ahead, wanted):
    """Radians to the left from one direction on the ground to another, -pi to pi."""
    left = Vector((-ahead.y, ahead.x, 0.0))
    return float(np.arctan2(wanted.dot(left), wanted.dot(ahead)))


def _turn_point(settings, handle, place):
    """The tilt of a point of the curve, so that the body faces to a place there."""
    curve = curve_of(settings)
    turned = _left_of(directions_of(curve)[handle.key], place - handle.foot)
    tilt = float(np.angle(np.exp(1j * (turned - _facing_angle(settings)))))
    points_of(curve)[handle.key][1].tilt = tilt if abs(tilt) > _STRAIGHT else 0.0
    curve.data.update_tag()


def _move_foot(settings, handle, place, metres):
    """A footprint is where it was dragged to, as far as the body can follow."""
    moves = moves_of(settings.moved_footprints)
    now = moves_of(preview.shown().options.moved_footprints).get(handle.key, np.zeros(2))
    away = blender_to_core(np.array(place - handle.foot), metres)[[0, 2]]
    moves[handle.key] = within_reach(now + away, preview.shown().leg_length)
    settings.moved_footprints = text_of(moves)
