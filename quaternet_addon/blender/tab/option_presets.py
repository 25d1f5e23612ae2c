# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets of the panel's options, the way Blender keeps its own: in its header, as user scripts.

Objects (the curve, what to look at) belong to a scene, so they are no part of a preset.
"""

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel

from ..modes import COMMON_OPTIONS, KEY_OPTIONS, MODES
from .shipped_presets import OF_A_SCENE, draw_shipped

_FOLDER = "quaternet"


def preset_paths() -> list[str]:
    """Data paths of all options from the scene's settings, each once."""
    own = [
        f"{row.place}.{name}".lstrip(".")
        for row in MODES.values()
        for name in row.options()
        if name not in OF_A_SCENE
    ]
    return ["mode", *own, *KEY_OPTIONS, *COMMON_OPTIONS]


class QUATERNET_MT_presets(bpy.types.Menu):
    """Options kept under a name"""

    bl_label = "Motion Presets"
    preset_subdir = _FOLDER
    preset_operator = "script.execute_preset"
    draw = bpy.types.Menu.draw_preset


class QUATERNET_OT_preset_add(AddPresetBase, bpy.types.Operator):
    """Keep the options of this panel as a preset, or remove the chosen one"""

    bl_idname = "quaternet.preset_add"
    bl_label = "Add Motion Preset"
    preset_menu = "QUATERNET_MT_presets"
    preset_subdir = _FOLDER

    # Blender asks for them while the file is half written: nothing may fail then. Whole paths: up
    # to 4.3 names of `preset_defines` are unknown to it with Python 3.13, as in Debian's package.
    preset_values = tuple(f"bpy.context.scene.quaternet.{path}" for path in preset_paths())


class QUATERNET_PT_presets(PresetPanel, bpy.types.Panel):
    """Presets of the motion's options"""

    bl_label = "Motion Presets"
    preset_subdir = _FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "quaternet.preset_add"

    def draw(self, context: bpy.types.Context) -> None:
        draw_shipped(self.layout)
        self.layout.separator()
        if bpy.utils.preset_paths(_FOLDER):
            super().draw(context)
        else:  # none was kept so far, for which Blender would write "* Missing Paths *"
            self._draw_add(context.window_manager)

    def _draw_add(self, manager):
        row = self.layout.row(align=True)
        row.prop(manager, "preset_name", text="")
        row.operator(self.preset_add_operator, text="", icon="ADD").name = manager.preset_name


CLASSES = (QUATERNET_MT_presets, QUATERNET_OT_preset_add, QUATERNET_PT_presets)
