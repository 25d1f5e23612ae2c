# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that generate motion, and the one that cancels it."""

import bpy
from bpy.props import StringProperty

from .continuation.generation import ContinuationJob
from .dance.generation import DanceJob
from .generate.operator import GeneratingOperator
from .interface.translating import shown
from .keys.thinning import key_options
from .tab.settings import common_options, continuation_options, dance_options
from .walk import preview
from .walk.generation import LocomotionJob
from .walk.options import locomotion_options

# what a script leaves out is the default, never what was used last
_UNSAVED = {"options": {"SKIP_SAVE"}}


class QUATERNET_OT_continue_motion(GeneratingOperator, bpy.types.Operator):
    """Go on after the current frame. A new action holds the keys up to it; the old one is kept"""

    bl_idname = "quaternet.continue_motion"
    bl_label = "Continue Motion"
    Job, doing, noun = ContinuationJob, "Continuing", "Continuation"

    __annotations__ = {
        **continuation_options(**_UNSAVED),
        **key_options(**_UNSAVED),
        **common_options(**_UNSAVED),
    }


class QUATERNET_OT_generate_locomotion(GeneratingOperator, bpy.types.Operator):
    """Walk along the curve: a new action from the current frame on. The action so far is kept"""

    bl_idname = "quaternet.generate_locomotion"
    bl_label = "Walk Along Curve"
    Job, doing, noun = LocomotionJob, "Walking", "Walk"

    __annotations__ = {
        "curve": StringProperty(
            name="Curve",
            description="Name of the curve object; empty: the panel's choice",
            **_UNSAVED,
        ),
        "face": StringProperty(
            name="Look at",
            description="Name of an object to turn and look to while walking by; empty: look ahead",
            **_UNSAVED,
        ),
        **locomotion_options(**_UNSAVED),
        **key_options(**_UNSAVED),
        **common_options(**_UNSAVED),
    }

    def _adopt_panel_options(self, context):
        super()._adopt_panel_options(context)
        face = context.scene.quaternet.face
        if face is not None and not self.properties.is_property_set("face"):
            self.face = face.name

    def _finish(self):
        preview.hide()  # the keys show it now
        return super()._finish()

    def _make_job(self, context):
        chosen = context.scene.quaternet.curve
        if not self.curve and chosen is not None:
            self.curve = chosen.name
        return super()._make_job(context)


class QUATERNET_OT_generate_dance(GeneratingOperator, bpy.types.Operator):
    """Dance where the character stands, from the current frame on. The action so far is kept"""

    bl_idname = "quaternet.generate_dance"
    bl_label = "Dance"
    Job, doing, noun = DanceJob, "Dancing", "Dance"

    __annotations__ = {
        **dance_options(**_UNSAVED),
        **key_options(**_UNSAVED),
        **common_options(**_UNSAVED),
    }


class QUATERNET_OT_cancel(bpy.types.Operator):
    """Stop generating. Nothing was changed so far"""

    bl_idname = "quaternet.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context):
        if GeneratingOperator.progress is None:
            cls.poll_message_set(shown("Nothing is being generated"))
        return GeneratingOperator.progress is not None

    def execute(self, context):
        GeneratingOperator.cancelling = True
        return {"FINISHED"}


CLASSES = (
    QUATERNET_OT_continue_motion,
    QUATERNET_OT_generate_locomotion,
    QUATERNET_OT_generate_dance,
    QUATERNET_OT_cancel,
)
