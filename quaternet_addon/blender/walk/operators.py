# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators around a walk that set no keys themselves: preview, and Live on and off."""

import bpy

from ..generate.operator import GeneratingOperator, OnRig
from ..interface.translating import reported, sentence, shown
from ..mapping import detection as mappings
from . import live, preview
from .generation import LocomotionJob, options_of_panel


def why_no_walk(context):
    """Why the panel's walk cannot start, in words; "" if it can."""
    obj = mappings.selected_rig(context)
    reason = mappings.why_not_editable(obj)
    if not reason and context.scene.quaternet.curve is None:
        reason = "Choose the curve to walk along"
    if not reason and mappings.name_errors(obj):
        reason = "The bone mapping has errors"
    return reason


class _OfPanel(OnRig):
    """Operators on the walk that the panel describes."""

    @classmethod
    def poll(cls, context):
        reason = why_no_walk(context)
        if reason:
            cls.poll_message_set(shown(reason))
        return not reason


class QUATERNET_OT_preview_walk(_OfPanel, GeneratingOperator, bpy.types.Operator):
    """Show path, footprints and poses of the walk in the 3D View, without setting any key"""

    bl_idname = "quaternet.preview_walk"
    bl_label = "Preview"
    bl_options = {"REGISTER"}
    doing, noun = "Previewing", "Preview"

    def _adopt_panel_options(self, context):
        """All options are those of the panel."""

    def _make_job(self, context):
        options = options_of_panel(context.scene.quaternet)
        return LocomotionJob(context, mappings.selected_rig(context), options)

    def _finish(self):
        job = self._job
        (motion,) = job.motions
        title = shown(
            f"Preview: {motion.duration:.1f} s, {len(motion)} frames. No keys are set yet"
        )
        picture = preview.picture(
            job.walk.travelling,
            scene=job.scene.name,
            rig=job.object.name,
            first=job.first,
            unit=job.rig.unit,
            title=title,
        )
        preview.show(picture)
        for warning in job.warnings:
            self.report({"WARNING"}, sentence(warning))
        self.report({"INFO"}, reported(title))
        return {"FINISHED"}


class QUATERNET_OT_hide_preview(bpy.types.Operator):
    """Take the preview out of the 3D View"""

    bl_idname = "quaternet.hide_preview"
    bl_label = "Hide Preview"

    @classmethod
    def poll(cls, context):
        if preview.shown() is None:
            cls.poll_message_set(shown("There is no preview in view"))
        return preview.shown() is not None

    def execute(self, context):
        preview.hide()
        return {"FINISHED"}


class QUATERNET_OT_live(_OfPanel, bpy.types.Operator):
    """Keep a new take up to date while you move the curve's points or change options here"""

    bl_idname = "quaternet.live"
    bl_label = "Live"
    bl_description = (
        "Keep a new take up to date while you move the curve's points or change options here. "
        "Keys that you set in it by hand are replaced; other takes and actions are left alone"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        return live.session() is not None or super().poll(context)

    def execute(self, context):
        if live.session() is not None:
            live.stop()
            self.report({"INFO"}, reported("Live is off, the take keeps its keys"))
            return {"FINISHED"}
        preview.hide()
        try:
            text = live.start(context, mappings.selected_rig(context))
        except ValueError as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, reported(f"Live: {text}"))
        return {"FINISHED"}


CLASSES = (QUATERNET_OT_preview_walk, QUATERNET_OT_hide_preview, QUATERNET_OT_live)
