# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab "QuaterNet" in the 3D View's sidebar."""

import bpy

from ..core.mapping import validate_names
from ..core.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from . import mapping as mappings
from .operators import QUATERNET_OT_detect_mapping, QUATERNET_OT_generate_locomotion
from .properties import locomotion_options

_GROUPS = {
    "Trunk": lambda joint: not joint.startswith(("Left", "Right", "LHip", "RHip")),
    "Left": lambda joint: joint.startswith(("Left", "LHip")),
    "Right": lambda joint: joint.startswith(("Right", "RHip")),
}


class _Tab:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "QuaterNet"


def _wrapped(layout, text, icon="NONE", width=38):
    """A long message on several lines: labels do not wrap."""
    column = layout.column(align=True)
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            column.label(text=line, icon=icon)
            line, icon = "", "BLANK1"
        line = f"{line} {word}".strip()
    column.label(text=line, icon=icon)


def _name_errors(obj):
    """Errors of the stored mapping that names alone show: cheap enough for every redraw."""
    stored = obj.data.quaternet_mapping.as_dict()
    problems = validate_names(stored, [bone.name for bone in obj.data.bones]) if stored else ()
    return [problem.message for problem in problems if problem.level == "ERROR"]


class QUATERNET_PT_rig(_Tab, bpy.types.Panel):
    """The character and the state of its mapping"""

    bl_label = "Rig"

    def draw(self, context):
        layout = self.layout
        obj = mappings.selected_rig(context)
        reason = mappings.why_not_editable(obj)
        if reason:
            _wrapped(layout, reason + ".", icon="INFO")
        if obj is not None:
            layout.label(text=obj.name, icon="ARMATURE_DATA")
            self._draw_state(layout, obj)
        layout.operator(QUATERNET_OT_detect_mapping.bl_idname, icon="VIEWZOOM")

    def _draw_state(self, layout, obj):
        mapping = obj.data.quaternet_mapping
        stored = mapping.as_dict()
        errors = _name_errors(obj)
        if not stored:
            layout.label(text="Not mapped yet", icon="QUESTION")
        for message in errors[:2]:
            _wrapped(layout, message, icon="ERROR")
        if stored and not errors:
            layout.label(text=mappings.summary(stored), icon="CHECKMARK")
            if mapping.doubtful:
                doubtful = mapping.doubtful.replace(",", ", ")
                _wrapped(layout, f"Please check: {doubtful}", icon="QUESTION")


class QUATERNET_PT_mapping(_Tab, bpy.types.Panel):
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


class QUATERNET_PT_locomotion(_Tab, bpy.types.Panel):
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
        progress = QUATERNET_OT_generate_locomotion.progress
        if progress is not None:
            self._draw_progress(layout, progress)
            return
        reason = self._why_not(context, settings)
        if reason:
            _wrapped(layout, reason, icon="INFO")
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
        if _name_errors(obj):
            return "The bone mapping has errors, see above."
        return ""


CLASSES = (QUATERNET_PT_rig, QUATERNET_PT_mapping, QUATERNET_PT_locomotion)
