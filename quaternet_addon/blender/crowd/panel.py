# SPDX-License-Identifier: GPL-3.0-or-later
"""The crowd in the tab "QuaterNet": who, where, how many, and what was not solved."""

from __future__ import annotations

import bpy

from ..generate import progress
from ..interface.layout import Tab, field, wrapped
from ..walk.chosen_curve import curve_of


def why_no_crowd(context: bpy.types.Context) -> str:
    """Why there can be no crowd, in words; "" if there can."""
    chosen = context.scene.quaternet.crowd
    objects = context.view_layer.objects
    rig = chosen.cast is not None or any(o.type == "ARMATURE" for o in objects.selected)
    active = objects.active
    if not rig and (active is None or active.type != "ARMATURE"):
        return "Select the rigs to copy, or choose a collection of them"
    ways = chosen.ways or chosen.ground or curve_of(context.scene.quaternet)
    return "" if ways is not None else "Choose curves or a ground to walk on"


class QUATERNET_PT_crowd(Tab, bpy.types.Panel):
    """Many walkers at once, copies of one rig or of several"""

    bl_label = "Crowd"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        chosen = context.scene.quaternet.crowd
        column = layout.column()
        column.enabled = progress.fraction() is None
        for name in ("count", "cast", "ways", "ground", "obstacles"):
            field(column, chosen, name)
        reason = why_no_crowd(context)
        if reason:
            wrapped(column, reason + ".", icon="INFO")
        row = column.row()
        row.scale_y = 1.4
        row.enabled = not reason
        row.operator("quaternet.make_crowd", icon="COMMUNITY")
        for line in chosen.told.splitlines():
            wrapped(column, line + ".", icon="ERROR")
        column.separator()
        for name in ("speed", "distance", "variety", "group", "stops", "width", "seed"):
            field(column, chosen, name)


CLASSES = (QUATERNET_PT_crowd,)
