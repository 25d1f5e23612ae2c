# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion in the tab "QuaterNet" of the 3D View's sidebar."""

import bpy

from . import mapping as mappings
from .generating import GeneratingOperator
from .layout import Tab, wrapped
from .operators import QUATERNET_OT_generate_locomotion
from .properties import locomotion_options


class QUATERNET_PT_locomotion(Tab, bpy.types.Panel):
    """A walk along a curve"""

    bl_label = "Walk"

    def draw(self, context):
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.quaternet
        column = layout.column()
        column.prop(settings, "curve")
        for name in locomotion_options():
            column.prop(settings, name)
        self._draw_start(layout, context, settings)

    def _draw_start(self, layout, context, settings):
        progress = GeneratingOperator.progress
        if progress is not None:
            self._draw_progress(layout, progress)
            return
        reason = self._why_not(context, settings)
        if reason:
            wrapped(layout, reason, icon="INFO")
        row = layout.row()
        row.scale_y = 1.6
        row.enabled = not reason
        start = row.operator(QUATERNET_OT_generate_locomotion.bl_idname, icon="PLAY")
        start.curve = settings.curve.name if settings.curve else ""
        for name in locomotion_options():
            setattr(start, name, getattr(settings, name))

    def _draw_progress(self, layout, progress):
        text = f"{progress:.0%}   Esc: Cancel"
        if hasattr(layout, "progress"):  # 4.0 and newer
            layout.progress(text=text, factor=progress, type="BAR")
        else:
            layout.label(text=text, icon="TIME")

    def _why_not(self, context, settings):
        """Why the button is grey, in words; "" if it is not."""
        obj = mappings.selected_rig(context)
        reason = mappings.why_not_editable(obj)
        if reason:
            return "Rig: see above." if obj is not None else reason + "."
        if settings.curve is None:
            return "Choose the curve to walk along."
        if mappings.name_errors(obj):
            return "The bone mapping has errors, see above."
        return ""


CLASSES = (QUATERNET_PT_locomotion,)
