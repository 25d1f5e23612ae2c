# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths made from nothing: a shape before the character's feet, a stroke on the ground, a motion.

Each makes one curve object, chooses it for the walk, and leaves the rig selected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, FloatProperty
from bpy_extras.view3d_utils import region_2d_to_origin_3d, region_2d_to_vector_3d
from mathutils import Vector

from ...core.walk.path_shapes import SHAPES
from ..generate import progress
from ..interface.translating import reported, shown
from ..keys.action import source
from ..keys.transaction import Transaction
from ..rig import selection
from ..rig.armature import metres_per_unit
from ..rig.private_scene import PrivateScene
from ..rig.selection import OnRig
from ..rig.stored_mapping import stored_mapping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


_LEG = 0.84  # metres: the shapes are for a body with such legs
_APART = 0.3  # metres between two points of a drawn path, for such a body
_SIZES = 0.1, 100.0  # of a new path, times what suits the character
_UP = Vector((0.0, 0.0, 1.0))
# Blender has these while a path is drawn, unless Ctrl is held: to look round.
_FREE = {"MOUSEMOVE", "INBETWEEN_MOUSEMOVE", "TIMER", "NDOF_MOTION", "NUMPAD_PERIOD"}
_FREE |= {f"NUMPAD_{number}" for number in range(10)}


def feet_and_front(obj: bpy.types.Object, scene: bpy.types.Scene) -> tuple[Any, Any, float]:
    """Where a character stands and where it faces: ``(place, ahead, size)``.

    place, ahead: `Vector`s in the world; size: Blender units for a metre of a body of human size.
    From the pose that is shown; from the object alone while nothing is mapped.
    """
    unit = 1.0 / metres_per_unit(scene)
    origin = obj.matrix_world.translation
    mapping = stored_mapping(obj).as_dict()
    sides = []
    for side in ("Left", "Right"):
        names = [mapping.get(f"{side}{part}", "") for part in ("UpLeg", "Foot")]
        bones = [obj.pose.bones.get(name) for name in names]
        if None in bones:
            ahead = (obj.matrix_world.to_3x3() @ Vector((0.0, -1.0, 0.0))).normalized()
            return origin.copy(), ahead, unit
        sides.append([obj.matrix_world @ bone.head for bone in bones])
    (left, left_foot), (right, right_foot) = sides
    ahead = (left - right).cross(_UP)
    ahead.z = 0.0
    place = 0.5 * (left_foot + right_foot)
    place.z = origin.z
    size = 0.5 * ((left - left_foot).length + (right - right_foot).length) / _LEG
    return place, ahead.normalized(), size


def make_curve(
    context: bpy.types.Context,
    name: str,
    points: Sequence[Any],
    handles: Any = None,
    closed: bool = False,
) -> bpy.types.Object:
    """A Bezier curve through world points, chosen for the walk. handles: None: automatic ones."""
    with Transaction(context.scene, None):
        return _made_curve(context, name, points, handles, closed)


def _made_curve(context, name, points, handles, closed):
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new("BEZIER")
    spline.bezier_points.add(len(points) - 1)
    for index, point in enumerate(spline.bezier_points):
        point.co = points[index]
        if handles is None:
            point.handle_left_type = point.handle_right_type = "AUTO"
        else:
            point.handle_left_type = point.handle_right_type = "FREE"
            point.handle_left, point.handle_right = handles[index]
    spline.use_cyclic_u = closed
    obj = bpy.data.objects.new(name, data)
    context.scene.collection.objects.link(obj)
    context.scene.quaternet.curve = obj
    context.scene.quaternet.mode = "WALK"
    return obj


class QUATERNET_OT_new_path(OnRig, bpy.types.Operator):
    """Make a path from the character's feet along its facing, and choose it for the walk"""

    bl_idname = "quaternet.new_path"
    bl_label = "New Path"
    bl_options = {"REGISTER", "UNDO"}
    __annotations__ = {
        "shape": EnumProperty(
            name="Shape",
            description="What the path looks like from above",
            items=[
                ("STRAIGHT", "Straight Line", "Straight ahead"),
                ("S", "S-Bend", "To the left, then to the right"),
                ("CIRCLE", "Circle", "Round to the left"),
                ("SQUARE", "Square", "Four corners to the left"),
                ("EIGHT", "Figure Eight", "Round to the left, then round to the right"),
            ],
            default="STRAIGHT",
        ),
        "size": FloatProperty(
            name="Size",
            description="1 suits the character; 2 is twice as large",
            default=1.0,
            soft_min=0.1,
            soft_max=5.0,
        ),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        least, most = _SIZES
        if not least <= self.size <= most:
            text = f"Expected a size from {least:g} to {most:g}, got {self.size:.3g}."
            self.report({"ERROR"}, reported(text))
            return {"CANCELLED"}
        rig = selection.selected_rig(context)
        place, ahead, size = feet_and_front(rig, context.scene)
        left = _UP.cross(ahead)
        points, handles, closed = SHAPES[self.shape]()

        def world(flat):
            return place + self.size * size * (float(flat[0]) * ahead + float(flat[1]) * left)

        pairs = [(world(before), world(after)) for before, after in handles]
        curve = make_curve(context, "Path", [world(p) for p in points], pairs, closed)
        self.report({"INFO"}, reported(f"{curve.name!r} is the path now"))
        return {"FINISHED"}


class QUATERNET_OT_draw_path(OnRig, bpy.types.Operator):
    """Draw a path: drag a stroke on the ground, or click points; Enter ends it, Esc cancels"""

    bl_idname = "quaternet.draw_path"
    bl_label = "Draw Path"
    bl_options = {"REGISTER", "UNDO"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if context.region is None or context.region.type not in {"WINDOW", "UI"}:
            self.report({"ERROR"}, reported("Draw Path needs a 3D View."))
            return {"CANCELLED"}
        rig = selection.selected_rig(context)
        self._place, _, self._size = feet_and_front(rig, context.scene)
        ground = selection.not_deleted(rig.quaternet_driving.ground)
        self._ground = ground.name_full if ground is not None else ""  # it may go meanwhile
        self._points, self._dragging, self._dragged = [], False, False
        context.window_manager.modal_handler_add(self)
        context.workspace.status_text_set(
            shown("Draw the path: drag, or click points    Enter: Done    Esc: Cancel")
        )
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            self.cancel(context)
            return {"CANCELLED"}
        if event.type in {"RET", "NUMPAD_ENTER"} and event.value == "PRESS":
            return self._done(context)
        if event.type == "LEFTMOUSE":
            self._dragging = event.value == "PRESS"
            stroke = len(self._points) > 2 and event.value == "RELEASE" and self._dragged
            if event.value == "PRESS":
                self._dragged = False
                self._add(context, event, 0.0)
            return self._done(context) if stroke else {"RUNNING_MODAL"}
        if event.type == "MOUSEMOVE" and self._dragging:
            self._dragged |= self._add(context, event, _APART * self._size)
            return {"RUNNING_MODAL"}
        free = event.type in progress.NAVIGATION or (event.type in _FREE and not event.ctrl)
        return {"PASS_THROUGH"} if free else {"RUNNING_MODAL"}  # Ctrl+Z would take the rig away

    def cancel(self, context: bpy.types.Context) -> None:
        """The status bar is Blender's own again."""
        context.workspace.status_text_set(None)

    def _add(self, context, event, least):
        """A point under the mouse, if it is far enough from the last one."""
        point = self._under_mouse(context, event)
        if point is None or (self._points and (point - self._points[-1]).length <= least):
            return False
        self._points.append(point)
        return True

    def _under_mouse(self, context, event):
        found = _view_under(context, event.mouse_x, event.mouse_y)
        if found is None:
            return None
        region, view = found
        at = event.mouse_x - region.x, event.mouse_y - region.y
        origin = region_2d_to_origin_3d(region, view, at)
        ray = region_2d_to_vector_3d(region, view, at)
        ground = selection.named(context.scene.objects, self._ground)
        if ground is not None:
            hit = on_mesh(ground, origin, ray, context.evaluated_depsgraph_get())
            if hit is not None:
                return hit
        return on_plane(origin, ray, self._place.z)

    def _done(self, context):
        self.cancel(context)
        if len(self._points) < 2:
            self.report({"ERROR"}, reported("A path needs two points: drag, or click twice."))
            return {"CANCELLED"}
        curve = make_curve(context, "Path", self._points)
        self.report({"INFO"}, reported(f"{curve.name!r} is the path now"))
        return {"FINISHED"}


def _view_under(context, x, y):
    """Region and view of the 3D View that a pixel of the window shows; None: something else."""
    for area in context.window.screen.areas:
        if area.type != "VIEW_3D":
            continue
        here = [
            region
            for region in area.regions
            if 0 <= x - region.x < region.width and 0 <= y - region.y < region.height
        ]
        if [region.type for region in here] == ["WINDOW"]:  # else a sidebar or toolbar lies over it
            return here[0], _view_of(area, here[0])
    return None


def _view_of(area, region):
    """The view that a region shows: an area may have four of them."""
    space = area.spaces.active
    if not space.region_quadviews:
        return space.region_3d
    windows = [other for other in area.regions if other.type == "WINDOW"]
    return space.region_quadviews[windows.index(region)]


def on_plane(origin: Any, ray: Any, height: float) -> Any:
    """Where a ray meets the level plane of a height, a `Vector`; None if it does not."""
    if abs(ray.z) < 1e-6:
        return None
    distance = (height - origin.z) / ray.z
    return origin + distance * ray if distance > 0.0 else None


def on_mesh(obj: bpy.types.Object, origin: Any, ray: Any, depsgraph: bpy.types.Depsgraph) -> Any:
    """Where a ray meets an object's evaluated mesh, in the world; None if it does not.

    One that is hidden has no such mesh.
    """
    evaluated = obj.evaluated_get(depsgraph)
    inverse = evaluated.matrix_world.inverted_safe()
    start, end = inverse @ origin, inverse @ (origin + ray)
    try:
        found, place, *_ = evaluated.ray_cast(start, end - start)
    except RuntimeError:
        return None
    return evaluated.matrix_world @ place if found else None


class QUATERNET_OT_path_of_object(OnRig, bpy.types.Operator):
    """Make a path of the way that another selected object goes with its keys"""

    bl_idname = "quaternet.path_of_object"
    bl_label = "Follow Object"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if moving_object(context) is None:
            cls.poll_message_set(shown("Select the rig and one more object that has keys"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        mover = moving_object(context)
        with Transaction(context.scene, None):  # it is looked at in a scene of its own
            points = way_of_object(mover)
        rig = selection.selected_rig(context)
        place, _, size = feet_and_front(rig, context.scene)
        kept = spaced(points, _APART * size)
        if len(kept) < 2:
            self.report({"ERROR"}, reported(f"{mover.name!r} does not go anywhere."))
            return {"CANCELLED"}
        for point in kept:
            point.z = place.z
        curve = make_curve(context, f"Path of {mover.name}", kept)
        self.report({"INFO"}, reported(f"{curve.name!r} is the path now"))
        return {"FINISHED"}


def moving_object(context: bpy.types.Context) -> bpy.types.Object | None:
    """The one other selected object that has an action, or None."""
    rig = selection.selected_rig(context)
    found = [
        obj
        for obj in context.view_layer.objects.selected
        if obj != rig and obj.animation_data is not None and obj.animation_data.action is not None
    ]
    return found[0] if len(found) == 1 else None


def way_of_object(obj: bpy.types.Object) -> list[Any]:
    """World places of an object in every frame of its action, a list of `Vector`s."""
    moving = source(obj) or obj.animation_data.action
    first, last = (int(frame) for frame in moving.frame_range)
    places = []
    with PrivateScene(obj) as private:
        for frame in range(first, last + 1):
            evaluated = obj.evaluated_get(private.at(frame))
            places.append(evaluated.matrix_world.translation.copy())
    return places


def spaced(points: Sequence[Any], least: float) -> list[Any]:
    """Points of which none is nearer to the last one than ``least``; the last one is kept."""
    kept = list(points[:1])
    for point in points:
        if (point - kept[-1]).length >= least:
            kept.append(point)
    if len(kept) > 1:
        kept[-1] = points[-1]
    return kept


CLASSES = (QUATERNET_OT_new_path, QUATERNET_OT_draw_path, QUATERNET_OT_path_of_object)
