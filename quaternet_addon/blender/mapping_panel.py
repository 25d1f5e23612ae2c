# SPDX-License-Identifier: GPL-3.0-or-later
"""The character in the tab "QuaterNet": which rig, and which bone is which joint."""

import bpy

from ..core.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from . import mapping as mappings
from .layout import Tab, wrapped
from .mapping_operators import QUATERNET_OT_detect_mapping

_GROUPS = {
    "Trunk": lambda joint: not joint.startswith(("Left", "Right", "LHip", "RHip")),
    "Left": lambda joint: joint.startswith(("Left", "LHip")),
    "Right": lambda joint: joint.startswith(("Right", "RHip")),
}


class QUATERNET_PT_rig(Tab, bpy.types.Panel):
    """The character and the state of its mapping"""

    bl_label = "Rig"

    def draw(self, context):
        layout = self.layout
        obj = mappings.selected_rig(context)
        reason = mappings.why_not_editable(obj)
        if reason:
            wrapped(layout, reason + ".", icon="INFO")
        if obj is not None:
            layout.label(text=obj.name, icon="ARMATURE_DATA")
            self._draw_state(layout, obj)
        layout.operator(QUATERNET_OT_detect_mapping.bl_idname, icon="VIEWZOOM")

    def _draw_state(self, layout, obj):
        mapping = obj.data.quaternet_mapping
        stored = mapping.as_dict()
        errors = mappings.name_errors(obj)
        if not stored:
            layout.label(text="Not mapped yet", icon="QUESTION")
        for message in errors[:2]:
            wrapped(layout, message, icon="ERROR")
        if stored and not errors:
            layout.label(text=mappings.summary(stored), icon="CHECKMARK")
            if mapping.doubtful:
                doubtful = mapping.doubtful.replace(",", ", ")
                wrapped(layout, f"Please check: {doubtful}", icon="QUESTION")


class QUATERNET_PT_mapping(Tab, bpy.types.Panel):
    """Bone of each joint"""

    bl_label = "Bone Mapping"
    bl_parent_id = "QUATERNET_PT_rig"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context):
        return mappings.selected_rig(context) is not None

    def draw(self, context):
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        armature = mappings.selected_rig(context).data
        mapping = armature.quaternet_mapping
        layout.enabled = armature.library is None and armature.override_library is None
        doubtful = mapping.doubtful.split(",")
        for title, belongs in _GROUPS.items():
            column = layout.column(align=True)
            column.label(text=title)
            for joint in filter(belongs, QUATERNET_SKELETON.names):
                missing = joint in REQUIRED_JOINTS and not getattr(mapping, joint)
                icon = "ERROR" if missing else "QUESTION" if joint in doubtful else "BONE_DATA"
                column.prop_search(mapping, joint, armature, "bones", icon=icon)


CLASSES = (QUATERNET_PT_rig, QUATERNET_PT_mapping)
