# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets of the panel's options, the way Blender keeps its own: in its header, as user scripts.

Objects (the curve, what to look at) belong to a scene, so they are no part of a preset.
"""

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel

from ..generate.options import COMMON_OPTIONS
from .settings import OPTIONS, QUATERNET_PG_settings

_FOLDER = "quaternet"
_GROUPS = {"CONTINUE": "continuation.", "WALK": "", "DANCE": "dance."}


def preset_paths():
    """Data paths of all options from the scene's settings, each once."""
    names = [f"{_GROUPS[mode]}{name}" for mode, names in OPTIONS.items() for name in names]
    shared = [name for name in (*OPTIONS["WALK"], *COMMON_OPTIONS) if name not in names]
    found = [path for path in ("mode", *names, *shared) if _exists(path)]
    return list(dict.fromkeys(found))


def _exists(path):
    owner = QUATERNET_PG_settings.bl_rna
    group, _, name = path.rpartition(".")
    if group:
        owner = owner.properties[group].fixed_type
    return name in owner.properties


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
    preset_defines = ["settings = bpy.context.scene.quaternet"]
    preset_subdir = _FOLDER

    @property
    def preset_values(self):
        return [f"settings.{path}" for path in preset_paths()]


class QUATERNET_PT_presets(PresetPanel, bpy.types.Panel):
    """Presets of the motion's options"""

    bl_label = "Motion Presets"
    preset_subdir = _FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "quaternet.preset_add"


CLASSES = (QUATERNET_MT_presets, QUATERNET_OT_preset_add, QUATERNET_PT_presets)
