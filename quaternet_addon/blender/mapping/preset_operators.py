# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for rig presets: use one, and save, load, share and delete one's own."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, StringProperty

from ...core.mapping.detection import shipped_presets
from ...core.mapping.presets import match_preset, preset_text
from ..rig import selection
from ..rig.stored_mapping import own_mapping, stored_mapping
from . import detection as mappings
from . import user_presets
from .operators import MappingOperator

_OVERWRITE = BoolProperty(
    name="Overwrite",
    description="Replace a preset of the same name",
    default=False,
    options={"SKIP_SAVE"},
)
_FILTER = StringProperty(default="*.json", options={"HIDDEN"})
_PATH = StringProperty(
    name="File",
    description="The preset's file",
    subtype="FILE_PATH",
    options={"SKIP_SAVE"},
)


def _own(preset_id):
    return StringProperty(name="Preset", description=preset_id, options={"SKIP_SAVE"})


class QUATERNET_OT_apply_preset(MappingOperator, bpy.types.Operator):
    """Map the rig's bones as this preset does, whatever prefix or suffix their names have"""

    bl_idname = "quaternet.apply_preset"
    bl_label = "Apply Rig Preset"

    __annotations__ = {"preset": _own("Id of the preset")}

    def _change(self, context, obj):
        presets = {preset.id: preset for preset in shipped_presets()}
        preset = {**presets, **user_presets.load()[0]}.get(self.preset)
        if preset is None:
            raise ValueError(f"Expected the id of a rig preset, got {self.preset!r}")
        names = obj.data.bones.keys()
        found = match_preset(preset, names, exact=True)
        if not found.complete:
            other = match_preset(preset, names, exact=False)
            found = max(found, other, key=lambda match: len(match.mapping))
        if not found.mapping:
            raise ValueError(f"{obj.name!r} has none of the bones of the preset {preset.label!r}")
        own_mapping(obj).store(found.mapping, preset=preset.id)
        return f"{preset.label}: {mappings.summary(found.mapping)}"


class QUATERNET_OT_save_preset(MappingOperator, bpy.types.Operator):
    """Keep this mapping as a preset of your own, for every rig with the same bone names"""

    bl_idname = "quaternet.save_preset"
    bl_label = "Save Rig Preset"
    bl_options = {"REGISTER"}

    __annotations__ = {
        "name": StringProperty(
            name="Name",
            description="What the preset is called in the list",
            default="My Rig",
            maxlen=100,
            options={"SKIP_SAVE"},
        ),
        "overwrite": _OVERWRITE,
    }

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def _change(self, context, obj):
        mapping = stored_mapping(obj).as_dict()
        if not mapping:
            raise ValueError("There is nothing to save: map bones to joints first")
        user_presets.save(self.name, mapping, overwrite=self.overwrite)
        return f"Preset {self.name!r} saved"


class QUATERNET_OT_load_preset(MappingOperator, bpy.types.Operator):
    """Take over a rig preset from a file, as another user shared it"""

    bl_idname = "quaternet.load_preset"
    bl_label = "Load Rig Preset"
    bl_options = {"REGISTER"}

    __annotations__ = {"filepath": _PATH, "filter_glob": _FILTER, "overwrite": _OVERWRITE}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return True  # needs no rig

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def _change(self, context, obj):
        path = bpy.path.abspath(self.filepath)
        preset_id = user_presets.add_file(path, overwrite=self.overwrite)
        return f"Preset {user_presets.load()[0][preset_id].label!r} loaded"


class QUATERNET_OT_share_preset(MappingOperator, bpy.types.Operator):
    """Write this mapping to a file, to give it to others"""

    bl_idname = "quaternet.share_preset"
    bl_label = "Share Rig Preset"
    bl_options = {"REGISTER"}

    __annotations__ = {
        "filepath": _PATH,
        "filter_glob": _FILTER,
        "check_existing": BoolProperty(default=True, options={"HIDDEN"}),
    }

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        obj = selection.selected_rig(context)
        self.filepath = bpy.path.clean_name(obj.name) + ".json"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def _change(self, context, obj):
        mapping = stored_mapping(obj).as_dict()
        if not mapping:
            raise ValueError("There is nothing to share: map bones to joints first")
        path = Path(bpy.path.ensure_ext(bpy.path.abspath(self.filepath), ".json"))
        try:
            path.write_text(preset_text(path.stem, mapping), encoding="utf-8")
        except OSError as error:
            raise ValueError(f"Cannot write {path}: {error.strerror}") from error
        return f"Preset written to {path}"


class QUATERNET_OT_delete_preset(MappingOperator, bpy.types.Operator):
    """Delete this preset of your own. Mappings made with it stay"""

    bl_idname = "quaternet.delete_preset"
    bl_label = "Delete Rig Preset"
    bl_options = {"REGISTER"}

    __annotations__ = {"preset": _own("Id of the preset")}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return True  # needs no rig

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def _change(self, context, obj):
        user_presets.delete(self.preset)
        return "Preset deleted"


CLASSES = (
    QUATERNET_OT_apply_preset,
    QUATERNET_OT_save_preset,
    QUATERNET_OT_load_preset,
    QUATERNET_OT_share_preset,
    QUATERNET_OT_delete_preset,
)
