# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for the mapping of bones to joints."""

import bpy

from . import mapping as mappings
from .armature import metres_per_unit, read_rig
from .generating import OnRig


class QUATERNET_OT_detect_mapping(OnRig, bpy.types.Operator):
    """Find out which bones are hips, spine, head, arms and legs, by names and hierarchy"""

    bl_idname = "quaternet.detect_mapping"
    bl_label = "Detect Mapping"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context):
        obj = mappings.selected_rig(context)
        try:
            unit = metres_per_unit(context.scene)
            rig = read_rig(obj, context.evaluated_depsgraph_get(), unit)
            found = mappings.detect(obj, rig)
            if not found.completable:
                mappings.require_valid(obj, found.problems)
        except ValueError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        obj.data.quaternet_mapping.store(found.mapping, found.confidence, found.doubtful)
        for problem in found.problems:
            self.report({"WARNING"}, problem.message)
        text = f"{mappings.summary(found.mapping)}, {found.confidence:.0%} sure"
        if found.doubtful:
            text += f"; please check {', '.join(found.doubtful)}"
        self.report({"INFO"}, text)
        return {"FINISHED"}


CLASSES = (QUATERNET_OT_detect_mapping,)
