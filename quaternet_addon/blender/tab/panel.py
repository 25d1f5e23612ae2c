# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion in the tab "QuaterNet" of the 3D View's sidebar: mode, its options, the big button."""

import bpy

from ..continuation.operators import QUATERNET_OT_continue_motion
from ..continuation.panel import draw_continuation
from ..dance.operators import QUATERNET_OT_generate_dance
from ..dance.panel import draw_dance
from ..generate import computing_time
from ..generate.operator import GeneratingOperator, QUATERNET_OT_cancel
from ..generate.options import COMMON_OPTIONS
from ..generate.take import ICONS
from ..interface.layout import Tab, tick, told, wrapped
from ..interface.translating import shown
from ..mapping import detection as mappings
from ..rig import selection
from ..walk.operators import QUATERNET_OT_generate_locomotion
from ..walk.panel import draw_tools, draw_walk, walk_seconds
from .option_presets import QUATERNET_PT_presets

_BUTTONS = {
    "CONTINUE": QUATERNET_OT_continue_motion,
    "WALK": QUATERNET_OT_generate_locomotion,
    "DANCE": QUATERNET_OT_generate_dance,
}


def why_not(context):
    """Why the panel's mode cannot start, in words; "" if it can."""
    obj, settings = selection.selected_rig(context), context.scene.quaternet
    reason = selection.why_not_editable(obj)
    if reason:
        return "Rig: see above." if obj is not None else reason + "."
    if settings.mode == "WALK" and settings.curve is None:
        return "Choose the curve to walk along."
    if mappings.name_errors(obj):
        return "The bone mapping has errors, see above."
    return ""


def _ready_in(context, settings):
    """How long the big button will take, in words; "" where the length is not known."""
    if settings.mode == "WALK":
        seconds = walk_seconds(context.scene, settings)
    else:
        group = settings.continuation if settings.mode == "CONTINUE" else settings.dance
        seconds = group.duration
    if seconds is None:
        return ""
    render = context.scene.render
    frames = settings.variations * seconds * render.fps / render.fps_base
    rig = selection.selected_rig(context)
    return computing_time.in_words(settings.mode, rig.data.name, frames)


class QUATERNET_PT_motion(Tab, bpy.types.Panel):
    """What to generate for the rig"""

    bl_label = "Motion"

    def draw_header_preset(self, context):
        QUATERNET_PT_presets.draw_panel_header(self.layout)

    def draw(self, context):
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.quaternet
        running = GeneratingOperator.progress is not None
        options = layout.column()
        options.enabled = not running  # a click that reaches the panel is for Cancel
        modes = options.column(align=True)
        modes.use_property_split = False
        for mode in _BUTTONS:
            modes.prop_enum(settings, "mode", mode)
        options.separator()
        self._draw_options(options.column(), context, settings)
        if running:
            self._draw_progress(layout, GeneratingOperator.progress)
        else:
            self._draw_start(layout, context, settings)

    def _draw_options(self, column, context, settings):
        if settings.mode == "CONTINUE":
            draw_continuation(column, settings)
        elif settings.mode == "WALK":
            draw_walk(column, context, settings)
        else:
            draw_dance(column, settings)
        column.separator()
        for name in COMMON_OPTIONS:
            if name == "foot_lock":
                tick(column, settings, name)
            else:
                column.prop(settings, name)

    def _draw_start(self, layout, context, settings):
        reason = why_not(context)
        if reason:
            wrapped(layout, reason, icon="INFO")
        else:
            told(layout, _ready_in(context, settings))
        row = layout.row()
        row.scale_y = 1.6
        row.enabled = not reason
        operator = _BUTTONS[settings.mode]
        start = row.operator(operator.bl_idname, icon=ICONS[settings.mode])
        for name, place in settings.of_mode(settings.mode).items():
            setattr(start, name, getattr(place, name))
        if settings.mode == "WALK":
            start.curve = settings.curve.name if settings.curve else ""
            start.face = settings.face.name if settings.face else ""
            draw_tools(layout)

    def _draw_progress(self, layout, progress):
        text = shown(f"{progress:.0%}   Esc: Cancel")
        if hasattr(layout, "progress"):  # 4.0 and newer
            layout.progress(text=text, factor=progress, type="BAR")
        else:
            layout.label(text=text, icon="TIME")
        row = layout.row()
        row.scale_y = 1.6
        row.operator(QUATERNET_OT_cancel.bl_idname, icon="CANCEL")


CLASSES = (QUATERNET_PT_motion,)
