# SPDX-License-Identifier: GPL-3.0-or-later
"""The takes of the rig in the tab "QuaterNet": a list to try, keep, remove and make again."""

import bpy

from . import action as actions
from . import mapping as mappings
from .generating import GeneratingOperator
from .layout import Tab, letters, wrapped
from .takes import ICONS
from .translating import shown

_NARROW = 30  # letters: in a sidebar of this width names and seeds are all that fits


class QUATERNET_UL_takes(bpy.types.UIList):
    """One line for each take: what it is, which seed, which frames, and whether it plays"""

    def draw_item(  # noqa: PLR0917  # Blender calls it so
        self, context, layout, data, item, icon, active_data, active_property, index=0
    ):
        row = layout.row(align=True)
        obj = mappings.selected_rig(context)
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
        details = row.row()
        details.alignment = "RIGHT"
        frames = f"   {item.frame_start}-{item.frame_end}" if letters() > _NARROW else ""
        details.label(text=shown(f"Seed {item.seed}{frames}"), translate=False)


class QUATERNET_PT_takes(Tab, bpy.types.Panel):
    """Motions generated for this rig, to try and to choose from"""

    bl_label = "Takes"

    def draw(self, context):
        layout = self.layout
        obj = mappings.selected_rig(context)
        if obj is None or not len(obj.quaternet_takes.items):
            wrapped(layout, "Every motion you generate is listed here.")
            return
        layout.enabled = GeneratingOperator.progress is None
        takes = obj.quaternet_takes
        row = layout.row()
        row.template_list(
            "QUATERNET_UL_takes", "", takes, "items", takes, "active", rows=4, maxrows=8
        )
        column = row.column(align=True)
        column.operator("quaternet.remove_take", text="", icon="REMOVE")
        column.separator()
        column.operator("quaternet.regenerate_take", text="", icon="FILE_REFRESH")
        reseed = column.operator("quaternet.regenerate_take", text="", icon="ADD")
        reseed.reseed = True
        column.operator("quaternet.adopt_take_settings", text="", icon="COPYDOWN")
        row = layout.column(align=True)
        row.operator("quaternet.keep_take", text="Keep Only This", icon="CHECKMARK")
        row.operator("quaternet.push_take_to_nla", text="Push to NLA", icon="NLA_PUSHDOWN")


CLASSES = (QUATERNET_UL_takes, QUATERNET_PT_takes)
