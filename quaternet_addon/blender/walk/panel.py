# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a walk in the panel, the most used ones first, the others folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ...core.walk import from_pose
from ...core.walk.itinerary import FASTEST, SLOWEST, Itinerary
from ...core.walk.outline import Outline, outline
from ..interface.layout import field, fold, is_narrow, tick, told, wrapped
from ..interface.translating import shown
from ..keys.panel import draw_keys
from ..rig import selection
from ..rig.armature import frame_rate, metres_per_unit
from . import live, preview
from .chosen_curve import curve_of
from .new_path import feet_and_front
from .options import may_end_in_pose
from .sketched_way import longest_spline, sketched_way

if TYPE_CHECKING:
    from typing import Any


def why_no_walk(settings: Any) -> str:
    """What a walk still needs from the panel, in words; "" if nothing."""
    return "" if curve_of(settings) is not None else "Choose the curve to walk along"


def draw_walk(layout: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """Curve, timing and folds of a walk. layout: a column with split properties."""
    field(layout, settings, "curve")
    curve = curve_of(settings)
    if curve is None:
        draw_new_path(layout)
    elif settings.curve != curve:
        told(layout, shown(f"Along {curve.name!r}"))
    timing = layout.row()
    timing.use_property_split = not is_narrow()  # its two words need the whole line there
    timing.prop(settings, "timing", expand=True)
    field(layout, settings, "speed" if settings.timing == "SPEED" else "duration")
    route = outline_of(context, settings)
    if route is not None:
        told(layout, _in_words(route, context.scene, settings))
    field(layout, settings, "style")
    tick(layout, settings, "use_in_place")
    closed = _closed(curve)
    way, ends = _along(settings, closed), _ends(settings, closed)
    _draw_options(fold(layout, settings, "show_way", "Along the Curve"), settings, way)
    _draw_options(fold(layout, settings, "show_ends", "Start, End, Loop"), settings, ends)
    draw_keys(fold(layout, settings, "show_keys", "Keys and Markers"), settings)


def draw_new_path(layout: bpy.types.UILayout) -> None:
    """Ways to a path where there is none."""
    row = layout.row(align=True)
    row.operator("quaternet.new_path", icon="CURVE_PATH")
    row.operator_menu_enum("quaternet.new_path", "shape", text="", icon="DOWNARROW_HLT")
    layout.operator("quaternet.draw_path", icon="GREASEPENCIL")
    layout.operator("quaternet.path_of_object", icon="CON_FOLLOWPATH")


def draw_tools(layout: bpy.types.UILayout) -> None:
    """What goes with the big button: a preview, and Live with what it has to say."""
    row = layout.row(align=True)
    if preview.shown() is not None:
        row.operator("quaternet.hide_preview", text=shown("Hide"), icon="HIDE_ON")
    else:
        row.operator("quaternet.preview_walk", icon="HIDE_OFF")
    session = live.session()
    row.operator("quaternet.live", icon="FILE_REFRESH", depress=session is not None)
    settings = bpy.context.scene.quaternet
    row.prop(settings, "show_handles", text="", icon="GIZMO")
    if settings.moved_footprints:
        layout.operator("quaternet.reset_footprints", icon="LOOP_BACK")
    message = session.message if session is not None else live.last_words()
    if message:
        wrapped(layout, message, icon="INFO" if message.startswith("Live ") else "ERROR")


_TICKS = {
    *("use_in_place", "use_radius", "use_tilt", "loop", "standing_start", "standing_end"),
    *("from_pose", "end_in_pose"),
}


def _draw_options(column, settings, names):
    """Options one under the other; column: of `fold`, None: folded away."""
    for name in names if column is not None else ():
        if name in _TICKS:
            tick(column, settings, name)
        else:
            field(column, settings, name)


def used_by_walk(options: Any, curve: bpy.types.Object | None) -> list[str]:
    """Names of the options of a walk that mean something, in order.

    options: with their values. curve: that is walked along.
    """
    closed = _closed(curve)
    pace = "speed" if options.timing == "SPEED" else "duration"
    return [
        *("curve", "timing", pace, "style", "use_in_place"),
        *_along(options, closed),
        *_ends(options, closed),
    ]


def _along(options, closed):
    rounds = ("laps",) if closed else ()
    stops = ("stop_time",) if options.use_radius else ()
    return ("start_distance", *rounds, "use_radius", *stops, "facing", "use_tilt", "face")


def _ends(options, closed):
    if options.loop:
        return ("loop",) if closed else ("loop", "strides")
    stands = ["loop"]
    for end in ("start", "end"):
        stands.append(f"standing_{end}")
        stood = getattr(options, f"standing_{end}")
        over = ["from_pose"] if end == "start" else _into_pose(options)
        stands += [*over, f"turn_{end}"] if stood else []
    return stands


def _into_pose(options):
    if not may_end_in_pose(options):
        return []
    return ["end_in_pose", "pose_frame"] if options.end_in_pose else ["end_in_pose"]


def _closed(curve):
    spline = longest_spline(curve)
    return spline is not None and spline.use_cyclic_u


def outline_of(context: bpy.types.Context, settings: Any) -> Outline | None:
    """The `outline.Outline` of the panel's walk; None where the curve does not tell.

    Cheap enough for every redraw, so of the curve's own shape only: hooks and modifiers may make
    it longer or shorter.
    """
    curve, scene = curve_of(settings), context.scene
    stop_time = settings.stop_time if settings.use_radius else None
    way = sketched_way(curve, metres_per_unit(scene), stop_time)
    if way is None or settings.loop:
        return None
    rig = selection.selected_rig(context)
    scale = feet_and_front(rig, scene)[2] * metres_per_unit(scene) if rig is not None else 1.0
    standing = settings.standing_start
    wish = Itinerary(
        start=settings.start_distance,
        wait=from_pose.SECONDS * (settings.from_pose and standing),
        stay=from_pose.STAYS * (settings.end_in_pose and may_end_in_pose(settings)),
        standing_start=standing,
        standing_end=settings.standing_end,
        turn_start=settings.turn_start * settings.standing_start,
        turn_end=settings.turn_end * settings.standing_end,
    )
    try:
        return outline(
            way, wish, settings.laps, scale, turns=selection.not_deleted(settings.face) is None
        )
    except ValueError:
        return None


def walk_seconds(context: bpy.types.Context, settings: Any) -> float | None:
    """About how long the panel's walk lasts; None where the curve does not tell."""
    if settings.timing == "DURATION" and not settings.loop:
        return settings.duration
    route = outline_of(context, settings)
    return route.seconds(settings.speed) if route is not None and settings.speed > 0.0 else None


def _in_words(route, scene, settings):
    speed, seconds = settings.speed, settings.duration
    if settings.timing == "DURATION":
        speed = route.speed(seconds)
        if not SLOWEST * 0.5 < speed < FASTEST * 2.0:  # a person's limits, roughly: rigs differ
            return iface_("Too fast or too slow")
        return iface_("About {:.1f} m/s").format(speed)
    if speed <= 0.0:
        return ""
    seconds = route.seconds(speed)
    frames = seconds * frame_rate(scene)
    return iface_("About {:.1f} s, {:.0f} frames").format(seconds, frames)
