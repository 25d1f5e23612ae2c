# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators of a walk: walking, its preview, and Live on and off."""

import bpy
from bpy.props import StringProperty

from ..generate.operator import GeneratingOperator
from ..generate.options import TOLD, UNSAVED, common_options
from ..interface.late import Late
from ..interface.translating import reported, sentence, shown
from ..keys.options import key_options
from ..mapping import detection as mappings
from ..rig import selection
from ..rig.selection import OnRig
from . import handle_gizmos, live, new_path, preview
from .chosen_curve import curve_of
from .options import walk_options
from .panel import used_by_walk, why_no_walk


def why_not(context: bpy.types.Context) -> str:
    """Why the panel's walk cannot start, in words; "" if it can."""
    obj = selection.selected_rig(context)
    reason = selection.why_not_editable(obj)
    reason = reason or why_no_walk(context.scene.quaternet)
    if not reason and mappings.name_errors(obj):
        reason = "The bone mapping has errors"
    return reason


class _OfPanel(OnRig):
    """Operators on the walk that the panel describes."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_not(context)
        if reason:
            cls.poll_message_set(shown(reason))
        return not reason


class QUATERNET_OT_preview_walk(_OfPanel, GeneratingOperator, bpy.types.Operator):
    """Show path, footprints and poses of the walk in the 3D View, without setting any key"""

    bl_idname = "quaternet.preview_walk"
    bl_label = "Preview"
    bl_options = {"REGISTER"}
    doing, noun = "Previewing", "Preview"
    _Walk, _picture = Late("WalkGeneration"), Late("picture", "picture")
    _options_of_panel = Late("options_of_panel", "inputs")
    _chosen_in_panel = Late("chosen_in_panel", "inputs")

    def used_options(self) -> list[str]:
        """None: all options are those of the panel."""
        return []

    def _adopt_panel_options(self, context):
        """All options are those of the panel."""

    def _make_generation(self, context):
        settings = context.scene.quaternet
        options, chosen = self._options_of_panel(settings), self._chosen_in_panel(settings)
        return self._Walk(context, selection.selected_rig(context), options, chosen=chosen)

    def _finish(self):
        generation = self._generation
        (motion,) = generation.motions
        title = shown(
            f"Preview: {motion.duration:.1f} s, {len(motion)} frames. No keys are set yet"
        )
        picture = self._picture(
            generation.travelling(),
            scene=generation.scene.name,
            rig=generation.object.name,
            options=generation.options,
            leg_length=generation.driver.skeleton.leg_length,
            first=generation.first,
            unit=generation.rig.unit,
            title=title,
        )
        preview.show(picture)
        for warning in generation.warnings:
            self.report({"WARNING"}, sentence(warning))
        self.report({"INFO"}, reported(title))
        return {"FINISHED"}


class QUATERNET_OT_hide_preview(bpy.types.Operator):
    """Take the preview out of the 3D View"""

    bl_idname = "quaternet.hide_preview"
    bl_label = "Hide Preview"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if preview.shown() is None:
            cls.poll_message_set(shown("There is no preview in view"))
        return preview.shown() is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
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
    def poll(cls, context: bpy.types.Context) -> bool:
        return live.session() is not None or super().poll(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        if live.session() is not None:
            live.settle()
            live.stop()
            self.report({"INFO"}, reported("Live is off, the take keeps its keys"))
            return {"FINISHED"}
        preview.hide()
        context.scene.quaternet.curve = curve_of(context.scene.quaternet)
        try:
            text = live.start(context, selection.selected_rig(context))
        except ValueError as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, reported(f"Live: {text}"))
        return {"FINISHED"}


class QUATERNET_OT_generate_locomotion(GeneratingOperator, bpy.types.Operator):
    """Walk along the curve: a new action from the current frame on. The action so far is kept"""

    bl_idname = "quaternet.generate_locomotion"
    bl_label = "Walk Along Curve"
    Generation = Late("WalkGeneration")
    doing, noun = "Walking", "Walk"

    __annotations__ = {
        "curve": StringProperty(
            name="Curve",
            description="Name of the curve object; empty: the panel's choice",
            **UNSAVED,
        ),
        "face": StringProperty(
            name="Look at",
            description="Name of an object to turn and look to while walking by; empty: look ahead",
            **UNSAVED,
        ),
        **walk_options(**TOLD),
        **key_options(**TOLD),
        **common_options(**TOLD),
    }

    def own_options(self) -> list[str]:
        """Of a walk along this curve."""
        return used_by_walk(self, bpy.data.objects.get(self.curve))

    def _finish(self):
        preview.hide()  # the keys show it now
        return super()._finish()

    def _make_generation(self, context):
        chosen = curve_of(context.scene.quaternet)
        if not self.curve and chosen is not None:
            self.curve = chosen.name
        return super()._make_generation(context)


CLASSES = (
    *new_path.CLASSES,
    *handle_gizmos.CLASSES,
    QUATERNET_OT_generate_locomotion,
    QUATERNET_OT_preview_walk,
    QUATERNET_OT_hide_preview,
    QUATERNET_OT_live,
)
