# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that generate motion."""

import bpy
from bpy.props import StringProperty

from . import mapping as mappings
from .generating import GeneratingOperator
from .locomotion import LocomotionJob, WalkOptions
from .properties import locomotion_options


class QUATERNET_OT_generate_locomotion(GeneratingOperator, bpy.types.Operator):
    """Walk along the curve: a new action from the current frame on. The action so far is kept"""

    bl_idname = "quaternet.generate_locomotion"
    bl_label = "Walk Along Curve"
    doing, noun = "Walking", "Walk"

    __annotations__ = {
        "curve": StringProperty(
            name="Curve",
            description="Name of the curve object; empty: the panel's choice",
            options={"SKIP_SAVE"},
        ),
        # what a script leaves out is the default, never what was used last
        **locomotion_options(options={"SKIP_SAVE"}),
    }

    def _adopt_panel_options(self, context):
        """Options that the caller left open come from the panel."""
        settings = context.scene.quaternet
        for name in locomotion_options():
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(settings, name))

    def _make_job(self, context):
        chosen = context.scene.quaternet.curve
        if not self.curve and chosen is not None:
            self.curve = chosen.name
        options = WalkOptions(self.curve, self.speed, self.seed, self.foot_lock, self.use_in_place)
        return LocomotionJob(context, mappings.selected_rig(context), options)


CLASSES = (QUATERNET_OT_generate_locomotion,)
