# SPDX-License-Identifier: GPL-3.0-or-later
"""A pie menu of what is used most, and its shortcut, which the user sets in the preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..interface.translating import shown
from ..modes import MODES

if TYPE_CHECKING:
    from typing import Any


_CALL = "wm.call_menu_pie"
_KEYMAP = "3D View"
_added = []  # (keymap, item) of ours


class QUATERNET_MT_pie(bpy.types.Menu):
    """What is used most, around the mouse"""

    bl_label = "QuaterNet"

    def draw(self, context: bpy.types.Context) -> None:
        pie = self.layout.menu_pie()
        pie.operator_context = "INVOKE_REGION_WIN"
        for name in ("WALK", "CONTINUE", "REACH", "DANCE"):
            pie.operator(MODES[name].operator.bl_idname)
        pie.operator("quaternet.preview_walk", text=shown("Preview Walk"))
        pie.operator("quaternet.live", text=shown("Live Walk"))
        pie.operator("quaternet.new_path")
        pie.operator("quaternet.draw_path")


CLASSES = (QUATERNET_MT_pie,)


def shortcut(context: bpy.types.Context) -> tuple[Any, Any, Any] | None:
    """Key configuration, keymap and item of the pie menu as the user has them; None: no window."""
    configuration = context.window_manager.keyconfigs.user
    keymap = configuration.keymaps.get(_KEYMAP) if configuration is not None else None
    for item in keymap.keymap_items if keymap is not None else ():
        if item.idname == _CALL and item.properties.name == QUATERNET_MT_pie.__name__:
            return configuration, keymap, item
    return None


def attach() -> None:
    """Add the shortcut, without a key: none of Blender's or the user's is taken away."""
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is None:
        return
    keymap = configuration.keymaps.new(name=_KEYMAP, space_type="VIEW_3D")
    item = keymap.keymap_items.new(_CALL, "NONE", "PRESS")
    item.properties.name = QUATERNET_MT_pie.__name__
    _added.append((keymap, item))


def detach() -> None:
    """Inverse of `attach`."""
    while _added:
        keymap, item = _added.pop()
        keymap.keymap_items.remove(item)
