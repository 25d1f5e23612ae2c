# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators: detect the mapping, walk along a curve."""

import time
from contextlib import suppress

import bpy
from bpy.props import StringProperty

from . import mapping as mappings
from .armature import metres_per_unit, read_rig
from .locomotion import LocomotionJob, WalkOptions
from .properties import locomotion_options

_SLICE = 0.03  # seconds of work between two looks at the keyboard
_NAVIGATION = {"MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "TRACKPADPAN", "TRACKPADZOOM"}


class _OnRig:
    """Operators that write to the selected armature."""

    @classmethod
    def poll(cls, context):
        reason = mappings.why_not_editable(mappings.selected_rig(context))
        if reason:
            cls.poll_message_set(reason)
        return not reason


class QUATERNET_OT_detect_mapping(_OnRig, bpy.types.Operator):
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


class QUATERNET_OT_generate_locomotion(_OnRig, bpy.types.Operator):
    """Walk along the curve: a new action from the current frame on. The action so far is kept"""

    bl_idname = "quaternet.generate_locomotion"
    bl_label = "Walk Along Curve"
    bl_options = {"REGISTER", "UNDO"}

    __annotations__ = {
        "curve": StringProperty(
            name="Curve",
            description="Name of the curve object; empty: the panel's choice",
            options={"SKIP_SAVE"},
        ),
        # what a script leaves out is the default, never what was used last
        **locomotion_options(options={"SKIP_SAVE"}),
    }

    progress = None  # of the walk that is running now, for the panel; never saved

    def invoke(self, context, event):
        """From the interface: in slices, with progress, until done or Esc."""
        self._adopt_panel_options(context)
        if not self._begin(context):
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(0.01, window=context.window)
        manager.progress_begin(0, 100)
        manager.modal_handler_add(self)
        self._show(context, 0.0)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type == "ESC" and event.value == "PRESS":
            self.cancel(context)
            self.report({"INFO"}, "Walk cancelled, nothing was changed")
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"} if event.type in _NAVIGATION else {"RUNNING_MODAL"}
        try:
            progress = self._advance(time.perf_counter() + _SLICE)
        except ValueError as error:
            self.cancel(context)
            return self._failed(error)
        except BaseException:
            self.cancel(context)
            raise
        if progress is not None:
            self._show(context, progress)
            return {"RUNNING_MODAL"}
        self.cancel(context)
        return self._finish()

    def execute(self, context):
        """From a script, in background, or from the Adjust Last Operation panel: to the end."""
        if not self._begin(context):
            return {"CANCELLED"}
        try:
            self._advance(float("inf"))
        except ValueError as error:
            return self._failed(error)
        return self._finish()

    def cancel(self, context):
        """Give back timer and progress display; the job just goes, it changed nothing."""
        manager = context.window_manager
        manager.event_timer_remove(self._timer)
        manager.progress_end()
        self._show(context, None)

    def _adopt_panel_options(self, context):
        """Options that the caller left open come from the panel."""
        settings = context.scene.quaternet
        for name in locomotion_options():
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(settings, name))

    def _begin(self, context):
        chosen = context.scene.quaternet.curve
        if not self.curve and chosen is not None:
            self.curve = chosen.name
        options = WalkOptions(self.curve, self.speed, self.seed, self.foot_lock, self.use_in_place)
        try:
            self._job = LocomotionJob(context, mappings.selected_rig(context), options)
            self._steps = iter(self._job)
        except ValueError as error:
            self._failed(error)
            return False
        return True

    def _advance(self, deadline):
        """Work until the deadline; the progress so far, or None when the walk is complete."""
        for progress in self._steps:
            if time.perf_counter() >= deadline:
                return progress
        return None

    def _finish(self):
        try:
            text = self._job.apply()
        except (ValueError, ReferenceError) as error:
            return self._failed(error)
        for warning in self._job.warnings:
            self.report({"WARNING"}, warning[:1].upper() + warning[1:])
        self.report({"INFO"}, text)
        return {"FINISHED"}

    def _failed(self, error):
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}

    def _show(self, context, progress):
        """Progress in the panel and the status bar; None: not running."""
        QUATERNET_OT_generate_locomotion.progress = progress
        text = None if progress is None else f"Walking: {progress:.0%}    Esc: Cancel"
        with suppress(AttributeError):  # no workspace without a window
            context.workspace.status_text_set(text)
        if progress is not None:
            context.window_manager.progress_update(round(100 * progress))
        for window in context.window_manager.windows:
            for area in window.screen.areas:
                if area.type == "VIEW_3D":
                    area.tag_redraw()


CLASSES = (QUATERNET_OT_detect_mapping, QUATERNET_OT_generate_locomotion)
