# SPDX-License-Identifier: GPL-3.0-or-later
"""The bone of a joint lights up in the 3D View while the mouse is over its name.

Blender tells an add-on nothing of the mouse over a panel, but asks an operator for its tooltip.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ..interface.translating import reported, shown
from ..interface.versions import builtin_shader
from ..rig import selection
from ..rig.selection import OnRig
from ..rig.stored_mapping import stored_mapping

if TYPE_CHECKING:
    from typing import Any

    from mathutils import Vector


_SECONDS = 3.0  # that a bone stays lit
_COLOUR, _WIDTH = (1.0, 0.75, 0.1, 1.0), 7.0  # pixels at a resolution scale of 1
_lit = ("", "", 0.0)  # names of the armature object and its bone, and when it goes out
_handlers: list[Any] = []


def lit() -> tuple[str, str]:
    """Names of the armature object and its bone that is lit now; "" where none is."""
    return _lit[:2] if time.monotonic() < _lit[2] else ("", "")


def light(obj: bpy.types.Object, bone: str) -> None:
    """Light a bone up for some seconds; in the place of another one."""
    global _lit  # noqa: PLW0603  # one mouse, one bone
    _lit = obj.name, bone, time.monotonic() + _SECONDS
    if not _handlers:
        view = bpy.types.SpaceView3D
        _handlers.append(view.draw_handler_add(_draw, (), "WINDOW", "POST_VIEW"))
    _redraw()
    if not bpy.app.background and not bpy.app.timers.is_registered(_go_out):
        bpy.app.timers.register(_go_out, first_interval=_SECONDS)


def put_out() -> None:
    """Nothing is lit, and nothing draws."""
    global _lit  # noqa: PLW0603  # as above
    _lit = ("", "", 0.0)
    while _handlers:
        bpy.types.SpaceView3D.draw_handler_remove(_handlers.pop(), "WINDOW")
    _redraw()


def _go_out():
    left = _lit[2] - time.monotonic()
    if left > 0.0:
        return left
    put_out()
    return None


def _redraw():
    for window in getattr(bpy.context.window_manager, "windows", ()):
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def ends_of(obj: bpy.types.Object, bone: str) -> list[Vector]:
    """Head and tail of a pose bone in the world; [] where there is none."""
    found = obj.pose.bones.get(bone) if obj is not None and obj.pose is not None else None
    return [] if found is None else [obj.matrix_world @ place for place in (found.head, found.tail)]


def _draw():
    import gpu  # noqa: PLC0415  # nothing to import it for without a window
    from gpu_extras.batch import batch_for_shader  # noqa: PLC0415

    name, bone = lit()
    ends = ends_of(bpy.data.objects.get(name), bone)
    if not ends:
        return
    shader = builtin_shader("POLYLINE_UNIFORM_COLOR")
    batch = batch_for_shader(shader, "LINES", {"pos": [tuple(place) for place in ends]})
    gpu.state.depth_test_set("ALWAYS")
    shader.bind()
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", _WIDTH * bpy.context.preferences.system.ui_scale)
    shader.uniform_float("color", _COLOUR)
    batch.draw(shader)
    gpu.state.depth_test_set("NONE")


class QUATERNET_OT_show_bone(OnRig, bpy.types.Operator):
    """Light this bone up in the 3D View; a click makes it the active bone"""

    bl_idname = "quaternet.show_bone"
    bl_label = "Show Bone"
    bl_options = {"INTERNAL"}
    __annotations__ = {
        "joint": StringProperty(
            name="Joint",
            description="Motion capture's name of the joint",
            options={"SKIP_SAVE", "HIDDEN"},
        )
    }

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        """The tooltip: Blender asks for it when the mouse rests on the button."""
        obj = selection.selected_rig(context)
        bone = _bone_of(obj, properties.joint)
        if not bone:
            return shown("No bone is chosen for this joint")
        light(obj, bone)
        return shown(f"The bone {bone!r} lights up in the 3D View. A click makes it the active one")

    def execute(self, context: bpy.types.Context) -> set[str]:
        obj = selection.selected_rig(context)
        bone = _bone_of(obj, self.joint)
        if not bone:
            self.report({"ERROR"}, reported("No bone is chosen for this joint"))
            return {"CANCELLED"}
        obj.data.bones.active = obj.data.bones[bone]
        light(obj, bone)
        return {"FINISHED"}


def _bone_of(obj, joint):
    """Name of the bone that is mapped to a joint, "" for none that is there."""
    bone = stored_mapping(obj).as_dict().get(joint, "") if obj is not None else ""
    return bone if bone and bone in obj.data.bones else ""


CLASSES = (QUATERNET_OT_show_bone,)


@bpy.app.handlers.persistent
def _on_load(*_):
    put_out()


def attach() -> None:
    """Nothing is lit in another file."""
    bpy.app.handlers.load_pre.append(_on_load)


def detach() -> None:
    """Inverse of `attach`."""
    put_out()
    if _on_load in bpy.app.handlers.load_pre:
        bpy.app.handlers.load_pre.remove(_on_load)
