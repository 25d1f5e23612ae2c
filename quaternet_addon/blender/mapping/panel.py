# SPDX-License-Identifier: GPL-3.0-or-later
"""The character in the tab "QuaterNet": which rig, and which bone is which joint."""

import bpy

from ...core.body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from ...core.mapping.detection import shipped_presets
from ..interface.layout import Tab, letters, name_and_value, wrapped
from ..interface.translating import shown
from ..rig import selection
from ..rig.folded_panel import FoldedPanel, in_columns
from ..rig.stored_mapping import stored_mapping
from . import detection as mappings
from . import user_presets
from .lit_bone import QUATERNET_OT_show_bone
from .operators import (
    QUATERNET_OT_clear_mapping,
    QUATERNET_OT_confirm_mapping,
    QUATERNET_OT_detect_mapping,
    QUATERNET_OT_mirror_mapping,
    QUATERNET_OT_set_standing_frame,
)
from .preset_operators import (
    QUATERNET_OT_apply_preset,
    QUATERNET_OT_delete_preset,
    QUATERNET_OT_load_preset,
    QUATERNET_OT_save_preset,
    QUATERNET_OT_share_preset,
)
from .properties import in_words, part_label

_GROUPS = {
    "Trunk": lambda joint: not joint.startswith(("Left", "Right", "LHip", "RHip")),
    "Left": lambda joint: joint.startswith(("Left", "LHip")),
    "Right": lambda joint: joint.startswith(("Right", "RHip")),
}


class QUATERNET_MT_rig_presets(bpy.types.Menu):
    """Rig presets, shipped and one's own"""

    bl_label = "Rig Presets"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        for preset in sorted(shipped_presets(), key=lambda preset: preset.label.lower()):
            apply = layout.operator(QUATERNET_OT_apply_preset.bl_idname, text=preset.label)
            apply.preset = preset.id
        own, problems = user_presets.load()
        layout.separator()
        for preset in own.values():
            apply = layout.operator(
                QUATERNET_OT_apply_preset.bl_idname, text=preset.label, icon="USER"
            )
            apply.preset = preset.id
        for problem in problems:
            layout.label(text=shown(problem), icon="ERROR", translate=False)
        layout.operator(QUATERNET_OT_save_preset.bl_idname, text=shown("Save As..."), icon="ADD")
        layout.operator(QUATERNET_OT_load_preset.bl_idname, text=shown("Load..."), icon="IMPORT")
        layout.operator(QUATERNET_OT_share_preset.bl_idname, text=shown("Share..."), icon="EXPORT")
        for preset in own.values():
            text = shown(f"Delete {preset.label}")
            delete = layout.operator(QUATERNET_OT_delete_preset.bl_idname, text=text, icon="TRASH")
            delete.preset = preset.id


class QUATERNET_PT_rig(Tab, bpy.types.Panel):
    """The character and the state of its mapping"""

    bl_label = "Rig"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        obj = selection.selected_rig(context)
        reason = selection.why_not_editable(obj)
        if reason:
            wrapped(layout, reason + ".", icon="INFO")
        if obj is not None:
            active = context.view_layer.objects.active == obj
            icon = "ARMATURE_DATA" if active else "PINNED"
            layout.label(text=obj.name, icon=icon, translate=False)
            self._draw_state(layout, obj)
        layout.operator(QUATERNET_OT_detect_mapping.bl_idname, icon="VIEWZOOM")

    def _draw_state(self, layout, obj):
        mapping = stored_mapping(obj)
        stored = mapping.as_dict()
        errors = mappings.name_errors(obj)
        if not stored:
            layout.label(text="Not mapped yet", icon="QUESTION")
        for message in errors[:2]:
            wrapped(layout, message, icon="ERROR")
        if stored and not errors:
            wrapped(layout, mappings.summary(stored), icon="CHECKMARK")
            if mapping.doubtful:
                doubtful = in_words(mapping.doubtful.split(","))
                wrapped(layout, f"Please check: {doubtful}", icon="QUESTION")
            if mappings.is_unsure(mapping):
                text = f"This mapping is a guess, {mapping.confidence:.0%} sure"
                wrapped(layout, text, icon="QUESTION")
                layout.operator(QUATERNET_OT_confirm_mapping.bl_idname, icon="CHECKMARK")


class QUATERNET_PT_mapping(FoldedPanel, bpy.types.Panel):
    """Bone of each joint"""

    bl_label = "Bone Mapping"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        in_columns(layout)
        obj = selection.selected_rig(context)
        layout.enabled = obj.library is None
        self._draw_tools(layout, obj)
        self._draw_standing(layout, stored_mapping(obj))
        self._draw_joints(layout, obj.data, stored_mapping(obj))

    def _draw_tools(self, layout, obj):
        preset = mappings.preset_of(obj)
        text = "Presets" if preset is None else preset.label
        if len(text) > letters() - 8:  # room for icon and arrow
            wrapped(layout, text)
            text = "Presets"
        layout.menu(QUATERNET_MT_rig_presets.__name__, text=text, icon="PRESET")
        row = layout.row(align=True)
        mirror = QUATERNET_OT_mirror_mapping.bl_idname
        row.operator(mirror, text=shown("Left to Right")).side = "LEFT"
        row.operator(mirror, text=shown("Right to Left")).side = "RIGHT"
        row.operator(QUATERNET_OT_clear_mapping.bl_idname, text="", icon="TRASH")

    def _draw_standing(self, layout, mapping):
        row = layout.row(align=True)
        options = {}
        if mapping.use_reference:
            options["text"] = shown(f"Stands in frame {mapping.reference_frame}")
        row.operator(QUATERNET_OT_set_standing_frame.bl_idname, icon="ARMATURE_DATA", **options)
        if mapping.use_reference:
            back = row.operator(QUATERNET_OT_set_standing_frame.bl_idname, text="", icon="X")
            back.use_rest = True

    def _draw_joints(self, layout, armature, mapping):
        doubtful = mapping.doubtful.split(",")
        for title, belongs in _GROUPS.items():
            column = layout.column(align=True)
            column.label(text=title)
            for joint in filter(belongs, QUATERNET_SKELETON.names):
                bone = getattr(mapping, joint)
                missing = bone not in armature.bones if bone else joint in REQUIRED_JOINTS
                icon = "ERROR" if missing else "QUESTION" if joint in doubtful else "BONE_DATA"
                part = shown(part_label(joint))
                name, value = name_and_value(column)
                # Its tooltip lights the bone up. Greyed out it would have none.
                show = name.operator(QUATERNET_OT_show_bone.bl_idname, text=part, emboss=False)
                show.joint = joint
                value.prop_search(mapping, joint, armature, "bones", icon=icon, text="")


CLASSES = (QUATERNET_MT_rig_presets, QUATERNET_PT_rig, QUATERNET_PT_mapping)
