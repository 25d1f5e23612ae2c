# SPDX-License-Identifier: GPL-3.0-or-later
"""Our operators where an animator looks for them: Pose and Object > Animation, the key editors."""

import bpy

from ..interface.layout import GUIDE
from ..interface.translating import shown
from ..modes import MODES

_PLACES = ("VIEW3D_MT_object_animation", "DOPESHEET_MT_key", "GRAPH_MT_key")


class QUATERNET_MT_motion(bpy.types.Menu):
    """Generate motion for the active armature"""

    bl_label = "QuaterNet"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator_context = "INVOKE_REGION_WIN"
        for mode in MODES.values():
            layout.operator(mode.operator.bl_idname)
        layout.separator()
        layout.operator("quaternet.preview_walk", text=shown("Preview Walk"))
        layout.operator("quaternet.live", text=shown("Live Walk"))
        layout.separator()
        layout.operator_menu_enum("quaternet.new_path", "shape")
        layout.operator("quaternet.draw_path")
        layout.operator("quaternet.path_of_object")
        layout.separator()
        layout.operator("quaternet.detect_mapping")
        for verb in ("regenerate", "keep", "mark", "remove"):
            layout.operator(f"quaternet.{verb}_take")
        layout.operator("quaternet.push_take_to_nla")
        layout.operator("quaternet.extend_scene")
        layout.separator()
        layout.operator(GUIDE)


def _draw(self, context):
    self.layout.separator()
    self.layout.menu("QUATERNET_MT_motion", icon="ARMATURE_DATA")


CLASSES = (QUATERNET_MT_motion,)


def attach() -> None:
    """Append our menu to Blender's."""
    for name in _PLACES:
        getattr(bpy.types, name).append(_draw)


def detach() -> None:
    """Inverse of `attach`."""
    for name in _PLACES:
        getattr(bpy.types, name).remove(_draw)
