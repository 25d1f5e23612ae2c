# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion in the tab "QuaterNet" of the 3D View's sidebar: mode, its options, the big button."""

import bpy

from ..generate import computing_time, progress
from ..generate.operator import QUATERNET_OT_cancel
from ..generate.take import ICONS
from ..interface.layout import Tab, field, tick, told, wrapped
from ..interface.translating import shown
from ..interface.versions import progress_bar
from ..mapping import detection as mappings
from ..modes import COMMON_OPTIONS, MODES
from ..rig import selection
from ..rig.armature import frame_rate
from .option_presets import QUATERNET_PT_presets
from .scene_end import draw_frames


def why_not(context: bpy.types.Context) -> str:
    """Why the panel's mode cannot start, in words; "" if it can."""
    obj, settings = selection.selected_rig(context), context.scene.quaternet
    reason = selection.why_not_editable(obj)
    if reason:
        return "Rig: see above." if obj is not None else reason + "."
    reason = MODES[settings.mode].why_not(settings)
    if reason:
        return reason + "."
    if mappings.name_errors(obj):
        return "The bone mapping has errors, see above."
    return ""


def _ready_in(context, settings):
    """How long the big button will take, in words; "" where the length is not known."""
    mode, rig = MODES[settings.mode], selection.selected_rig(context)
    seconds = mode.seconds(context, settings)
    if seconds is None:
        return ""
    frames = settings.variations * seconds * frame_rate(context.scene)
    return computing_time.in_words(settings.mode, rig.data.name, frames, mode.frames_a_second)


class QUATERNET_PT_motion(Tab, bpy.types.Panel):
    """What to generate for the rig"""

    bl_label = "Motion"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        QUATERNET_PT_presets.draw_panel_header(self.layout)
        super().draw_header_preset(context)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.quaternet
        done = progress.fraction()
        modes = layout.column(align=True)
        modes.use_property_split = False
        modes.enabled = done is None  # a click that reaches the panel is for Cancel
        for mode in MODES:
            modes.prop_enum(settings, "mode", mode)
        # The button stands over the options: however many there are, it is in view.
        if done is not None:
            self._draw_progress(layout, done)
        else:
            self._draw_start(layout, context, settings)
        layout.separator()
        options = layout.column()
        options.enabled = done is None
        self._draw_options(options, context, settings)

    def _draw_options(self, column, context, settings):
        MODES[settings.mode].draw(column, context, settings)
        column.separator()
        for name in COMMON_OPTIONS:
            if name == "foot_lock":
                tick(column, settings, name)
            else:
                field(column, settings, name)

    def _draw_start(self, layout, context, settings):
        reason = why_not(context)
        if reason:
            wrapped(layout, reason, icon="INFO")
        row = layout.row()
        row.scale_y = 1.6
        row.enabled = not reason
        mode = MODES[settings.mode]
        # Nothing is written into the button: Undo changes the settings without drawing it anew, and
        # it would walk the old choice. The operator reads the settings when it runs.
        row.operator(mode.operator.bl_idname, icon=ICONS[settings.mode])
        if mode.draw_tools is not None:
            mode.draw_tools(layout)
        if not reason:  # under the button, which is in view at twice the size then, too
            draw_frames(layout, context)
            told(layout, _ready_in(context, settings))

    def _draw_progress(self, layout, done):
        progress_bar(layout, shown(f"{done:.0%}   Esc: Cancel"), done)
        row = layout.row()
        row.scale_y = 1.6
        row.operator(QUATERNET_OT_cancel.bl_idname, icon="CANCEL")


CLASSES = (QUATERNET_PT_motion,)
