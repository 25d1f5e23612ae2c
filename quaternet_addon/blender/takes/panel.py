# SPDX-License-Identifier: GPL-3.0-or-later
"""The takes of the rig in the tab "QuaterNet": a list to try, keep, remove and make again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..generate import progress
from ..generate.take import ICONS
from ..interface.layout import Tab, wrapped
from ..interface.translating import shown
from ..keys import action as actions
from ..rig import selection

if TYPE_CHECKING:
    from typing import Any


class QUATERNET_UL_takes(bpy.types.UIList):
    """One line for each take: whether it plays, what it is, its name"""

    def draw_item(  # noqa: PLR0917  # Blender calls it so
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: Any,
        item: Any,
        icon: int,
        active_data: Any,
        active_property: str,
        index: int = 0,
    ) -> None:
        row = layout.row(align=True)
        obj = selection.selected_rig(context)
        if item.action is None:
            row.label(text="Action was deleted", icon="ERROR")
            return
        playing = obj is not None and actions.active_action(obj) == item.action
        use = row.operator(
            "quaternet.use_take",
            text="",
            icon="RADIOBUT_ON" if playing else "RADIOBUT_OFF",
            emboss=False,
        )
        use.index = index
        row.prop(item.action, "name", text="", emboss=False, icon=ICONS[item.mode])
        star = "SOLO_ON" if item.favourite else "SOLO_OFF"
        row.prop(item, "favourite", text="", emboss=False, icon=star)


class QUATERNET_PT_takes(Tab, bpy.types.Panel):
    """Motions generated for this rig, to try and to choose from"""

    bl_label = "Takes"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        obj = selection.selected_rig(context)
        if obj is None or not len(obj.quaternet_takes.items):
            wrapped(layout, "Every motion you generate is listed here.")
            return
        layout.enabled = progress.fraction() is None
        takes = obj.quaternet_takes
        column = layout.column(align=True)
        column.template_list(
            "QUATERNET_UL_takes", "", takes, "items", takes, "active", rows=3, maxrows=8
        )
        self._draw_tools(column.row(align=True))
        if 0 <= takes.active < len(takes.items):
            chosen = takes.items[takes.active]
            start, end = chosen.frame_start, chosen.frame_end
            wrapped(layout, f"Seed {chosen.seed}, frames {start} to {end}")
            note = layout.row()
            note.prop(chosen, "note", text="", icon="TEXT")
            for missed in filter(None, chosen.missed.split("\n")):
                wrapped(layout, missed, icon="ERROR")
        row = layout.column(align=True)
        row.operator("quaternet.keep_take", text=shown("Keep Only This"), icon="CHECKMARK")
        row.operator("quaternet.push_take_to_nla", text=shown("Push to NLA"), icon="NLA_PUSHDOWN")

    def _draw_tools(self, row):
        """Below the list: beside it they would cut the names in a narrow sidebar."""
        row.operator("quaternet.remove_take", text="", icon="REMOVE")
        row.operator("quaternet.regenerate_take", text="", icon="FILE_REFRESH")
        reseed = row.operator("quaternet.regenerate_take", text="", icon="ADD")
        reseed.reseed = True
        row.operator("quaternet.adopt_take_settings", text="", icon="COPYDOWN")
        row.operator("quaternet.mark_take", text="", icon="ASSET_MANAGER")


CLASSES = (QUATERNET_UL_takes, QUATERNET_PT_takes)
