# SPDX-License-Identifier: GPL-3.0-or-later
"""The handles of `handles` as gizmos in the 3D View, and the button that shows or hides them."""

from __future__ import annotations

import itertools
from typing import Any

import bpy
import numpy as np
from bpy_extras.view3d_utils import (
    location_3d_to_region_2d,
    region_2d_to_origin_3d,
    region_2d_to_vector_3d,
)
from mathutils import Vector

from ..generate import progress
from ..interface.translating import reported, shown
from ..interface.versions import builtin_shader, text_size
from ..rig import selection
from . import handles, live, preview
from .labels import Box, Label, lay_out
from .options import MODE
from .sketched_way import points_of

_REACH = 11.0  # pixels around a handle that take it, at a resolution scale of 1
_SIZE = {"START": 8.0, "SPEED": 6.5, "FACING": 7.0, "TILT": 6.0, "LOOK": 7.0, "FOOT": 4.0}
_CORNERS = {"START": 4, "SPEED": 16, "FACING": 3, "TILT": 3, "LOOK": 5, "FOOT": 16}
_LETTERS = 11.0  # points of the texts
_OVER = 2.0  # times the reach: so near the mouse is on an object's origin
_COLOURS = {
    "START": (0.35, 0.85, 0.35),
    "SPEED": (1.0, 0.8, 0.25),
    "FACING": (0.75, 0.55, 1.0),
    "TILT": (0.9, 0.75, 1.0),
    "LOOK": (0.35, 0.85, 0.9),
}
_FEET = (0.25, 0.55, 1.0), (1.0, 0.5, 0.2)  # as the preview has them
_NAMES = {
    "START": "Start of the Walk",
    "SPEED": "Speed at a Point",
    "FACING": "Body Faces",
    "TILT": "Body Faces at a Point",
    "LOOK": "Look at",
    "FOOT": "Footprint",
}
_MOST = 160  # handles; more would only cover each other


class QUATERNET_GT_handle(bpy.types.Gizmo):
    """One handle: drawn in pixels, so that it is as large near as far"""

    bl_idname = "QUATERNET_GT_handle"
    __slots__ = ("_began", "_undo", "at", "handle", "text_at")

    def setup(self) -> None:
        empty: Any = None
        self.handle = self.at = self.text_at = self._began = self._undo = empty

    def test_select(self, context: bpy.types.Context, location: Any) -> int:
        if self.at is None:
            return -1
        near = (Vector(location) - self.at).length <= _REACH * _scale(context)
        return 0 if near else -1

    def draw(self, context: bpy.types.Context) -> None:
        if self.at is not None:
            lit = self.is_highlight or self.is_modal
            _draw_handle(context, self.handle, self.at, lit, self.text_at)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if progress.fraction() is not None:
            return {"CANCELLED"}
        self._began, self._undo = self.handle, _state(context, self.handle)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event, tweak: set) -> set[str]:
        mouse = (event.mouse_region_x, event.mouse_region_y)
        place = _under_mouse(context, self._began, mouse)
        if place is not None:
            over = _object_under(context, self._began, mouse)
            handles.drag(context, self._began, place, over)
        now = _same(handles.handles_of(context), self._began)
        told = now.text if now is not None else ""
        context.workspace.status_text_set(
            shown(f"{shown(_NAMES[self._began.kind])} {told}    Release: Done    Esc: Cancel")
        )
        self.at = Vector(mouse) if self._began.kind == "FOOT" else self.at
        context.area.tag_redraw()
        return {"RUNNING_MODAL"}

    def exit(self, context: bpy.types.Context, cancel: bool) -> None:
        context.workspace.status_text_set(None)
        if cancel:
            self._undo()
            return
        name = shown(_NAMES[self._began.kind])
        bpy.ops.ed.undo_push(message=name)
        if preview.shown() is not None and live.session() is None:
            bpy.app.timers.register(_preview_again, first_interval=0.01)


def _state(context, handle):
    """A function that puts back what a drag changes."""
    settings = context.scene.quaternet
    names = ("start_distance", "facing", "face", "moved_footprints")
    values = {name: getattr(settings, name) for name in names}
    curve = handles.curve_of(settings)
    drawn = [(point.radius, point.tilt) for _, point in points_of(curve)]

    def put_back():
        for name, value in values.items():
            setattr(settings, name, value)
        for (_, point), before in zip(points_of(curve), drawn, strict=True):
            point.radius, point.tilt = before
        curve.data.update_tag()

    return put_back


def _preview_again():
    """The preview follows what was dragged."""
    if preview.shown() is not None and progress.fraction() is None:
        bpy.ops.quaternet.preview_walk("INVOKE_DEFAULT")


def _same(found, handle):
    return next((h for h in found if (h.kind, h.key) == (handle.kind, handle.key)), None)


def _under_mouse(context, handle, mouse):
    """Where a handle is dragged to: up and down over its point, or along the ground."""
    region, view = context.region, context.region_data
    origin = region_2d_to_origin_3d(region, view, mouse)
    ray = region_2d_to_vector_3d(region, view, mouse)
    foot = handle.foot
    if handle.kind == "SPEED":
        side = ray.cross(Vector((0.0, 0.0, 1.0)))
        if side.length < 1e-6:
            return None
        normal = side.cross(Vector((0.0, 0.0, 1.0)))
        share = (foot - origin).dot(normal) / ray.dot(normal)
        return origin + share * ray
    if abs(ray.z) < 1e-6:
        return None
    share = (foot.z - origin.z) / ray.z
    return origin + share * ray if share > 0.0 else None


def _object_under(context, handle, mouse):
    """The object whose origin the mouse is on, while a handle is dragged that can take one."""
    if handle.kind not in {"FACING", "LOOK"}:
        return None
    rig, settings = selection.selected_rig(context), context.scene.quaternet
    others = {rig, handles.curve_of(settings), rig.quaternet_driving.ground}
    best, found = _OVER * _REACH * _scale(context), None
    for obj in context.visible_objects:
        if obj in others or obj.find_armature() == rig or rig in _carriers(obj):
            continue
        place = obj.matrix_world.translation
        at = location_3d_to_region_2d(context.region, context.region_data, place)
        if at is not None and (at - Vector(mouse)).length < best:
            best, found = (at - Vector(mouse)).length, obj
    return found


def _carriers(obj):
    while obj.parent is not None:
        obj = obj.parent
        yield obj


class QUATERNET_GGT_path(bpy.types.GizmoGroup):
    """Start, speed, facing and footprints of the walk, to drag on the path"""

    bl_idname = "QUATERNET_GGT_path"
    bl_label = "Path of the Walk"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"PERSISTENT", "SHOW_MODAL_ALL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        settings = context.scene.quaternet
        chosen = settings.show_handles and settings.mode == MODE
        return chosen and selection.selected_rig(context) is not None

    def setup(self, context: bpy.types.Context) -> None:
        self.draw_prepare(context)

    def refresh(self, context: bpy.types.Context) -> None:
        self.draw_prepare(context)

    def draw_prepare(self, context: bpy.types.Context) -> None:
        found = handles.handles_of(context)[:_MOST]
        while len(self.gizmos) < len(found):
            gizmo = self.gizmos.new(QUATERNET_GT_handle.bl_idname)
            gizmo.use_draw_modal = True
        for index, gizmo in enumerate(self.gizmos):
            if gizmo.is_modal and gizmo.handle is not None and gizmo.handle.kind == "FOOT":
                continue  # it is where the mouse is, whatever becomes of the preview
            gizmo.handle = found[index] if index < len(found) else None
            gizmo.hide = gizmo.handle is None
            gizmo.at = _on_screen(context, gizmo.handle) if gizmo.handle is not None else None
        _lay_out_texts(context, [g for g in self.gizmos if g.at is not None and g.handle.text])


def _on_screen(context, handle):
    return location_3d_to_region_2d(context.region, context.region_data, handle.place)


def _lay_out_texts(context, gizmos):
    """Where each handle's text goes; that of one that is quiet comes last."""
    import blf  # noqa: PLC0415  # nothing to import it for without a window

    scale = _scale(context)
    text_size(0, _LETTERS * scale)
    gizmos = sorted(gizmos, key=lambda gizmo: gizmo.handle.quiet)
    labels = []
    for gizmo in gizmos:
        away = (_SIZE[gizmo.handle.kind] + 5.0) * scale
        width, _ = blf.dimensions(0, gizmo.handle.text)
        labels.append(Label(*gizmo.at, away, width, (_LETTERS + 2.0) * scale))
    others = [box for _, box in preview.texts_in(context)]
    places = lay_out(labels, _free(context), others)
    for gizmo, place in zip(gizmos, places, strict=True):
        gizmo.text_at = Vector(place)


def _free(context):
    """The part of the view that no toolbar and no sidebar lies over."""
    region, area = context.region, context.area
    left, right = 0, region.width
    for other in area.regions:
        if other.width > 1 and other.type in {"TOOLS", "UI"}:
            if other.x > region.x + 0.5 * region.width:
                right = min(right, other.x - region.x)
            else:
                left = max(left, other.x + other.width - region.x)
    return Box(left, 0, right, region.height)


def _scale(context):
    return context.preferences.system.ui_scale


def _draw_handle(context, handle, at, lit, text_at):
    """A filled shape with a dark rim; a line to its place on the ground; its text."""
    import gpu  # noqa: PLC0415  # nothing to import it for without a window

    scale = _scale(context)
    colour = _COLOURS.get(handle.kind) or _FEET[handle.key[0]]
    gpu.state.blend_set("ALPHA")
    foot = location_3d_to_region_2d(context.region, context.region_data, handle.foot)
    if foot is not None and (foot - at).length > 1.0:
        _shape("LINES", [foot, at], (*colour, 0.8))
    size = _SIZE[handle.kind] * scale * (1.3 if lit else 1.0)
    for radius, shade in ((size + 1.5 * scale, (0.0, 0.0, 0.0, 0.7)), (size, (*colour, 0.95))):
        _shape("TRI_FAN", _disc(at, radius, _CORNERS[handle.kind]), shade)
    gpu.state.blend_set("NONE")
    if handle.text and (lit or not handle.quiet):
        _write(handle.text, text_at, scale)


def _disc(at, radius, corners):
    turns = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False) + 0.5 * np.pi
    return [Vector((at.x + radius * np.cos(t), at.y + radius * np.sin(t))) for t in turns]


def _shape(kind, points, colour):
    from gpu_extras.batch import batch_for_shader  # noqa: PLC0415

    shader = builtin_shader("UNIFORM_COLOR")
    if kind == "TRI_FAN":  # 5.0 draws triangles only
        fan = itertools.pairwise(points)
        points, kind = [p for a, b in fan for p in (points[0], a, b)], "TRIS"
    batch = batch_for_shader(shader, kind, {"pos": [(p.x, p.y, 0.0) for p in points]})
    shader.bind()
    shader.uniform_float("color", colour)
    batch.draw(shader)


def _write(text, at, scale):
    import blf  # noqa: PLC0415

    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, 0.0, 0.0, 0.0, 0.9)
    blf.color(0, 1.0, 1.0, 1.0, 0.95)
    text_size(0, _LETTERS * scale)
    blf.position(0, at.x, at.y, 0.0)
    blf.draw(0, text)
    blf.disable(0, blf.SHADOW)


class QUATERNET_OT_reset_footprints(bpy.types.Operator):
    """Give back all footprints that were moved: each is where the walk sets it"""

    bl_idname = "quaternet.reset_footprints"
    bl_label = "Reset Footprints"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        moved = bool(context.scene.quaternet.moved_footprints)
        if not moved:
            cls.poll_message_set(shown("No footprint was moved"))
        return moved

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.quaternet.moved_footprints = ""
        self.report({"INFO"}, reported("All footprints are where the walk sets them"))
        if preview.shown() is not None and not bpy.app.background:
            bpy.app.timers.register(_preview_again, first_interval=0.01)
        return {"FINISHED"}


CLASSES = (QUATERNET_GT_handle, QUATERNET_GGT_path, QUATERNET_OT_reset_footprints)
