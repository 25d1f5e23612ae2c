# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Driving": what travels, which ground the feet stand on, and what is shared."""

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, PointerProperty, StringProperty

from ..interface.layout import field, name_and_value, tick
from ..interface.properties import OVERRIDE, overridable
from . import selection
from .folded_panel import FoldedPanel, in_columns


@overridable
class QUATERNET_PG_driving(bpy.types.PropertyGroup):
    """How motion drives one rig: see `options.DrivingOptions`."""

    __annotations__ = {
        "root": EnumProperty(
            name="Root",
            description="What carries the body along",
            items=[
                (
                    "AUTO",
                    "Automatic",
                    "The root of a control rig, unless only its hips have keys; else the hips",
                    "NONE",
                    3,  # the others have the numbers that older files hold
                ),
                ("HIPS", "Hips", "Location keys on the hips bone", "NONE", 0),
                (
                    "BONE",
                    "Root Bone",
                    "A bone above the hips goes along the ground and turns",
                    "NONE",
                    1,
                ),
                (
                    "OBJECT",
                    "Object",
                    "The armature object goes along the ground and turns",
                    "NONE",
                    2,
                ),
            ],
            default="AUTO",
        ),
        "root_bone": StringProperty(
            name="Root Bone",
            description="The bone that travels. Empty: the topmost bone above the hips",
        ),
        "ground": PointerProperty(
            name="Ground",
            description="A mesh that the feet stand on, as high over it as the rest pose stands "
            "over the rig's origin. Empty: the height of the path",
            type=bpy.types.Object,
            poll=lambda self, obj: obj.type == "MESH",
        ),
        "align": BoolProperty(
            name="Soles Follow Slopes",
            description="Turn planted feet along the slope of the ground",
            default=True,
        ),
        "ik": BoolProperty(
            name="Key IK Targets",
            description="Key the IK targets and poles of legs and arms that have them, instead of "
            "their FK controls",
            default=False,
        ),
        "follow": BoolProperty(
            name="IK Controls Follow",
            description="Legs and arms are keyed by their FK controls, and the IK targets and "
            "poles get keys too, so that they stay at the body and you can switch to IK anywhere",
            default=True,
        ),
        "arms_out": FloatProperty(
            name="Arms Out",
            description="Degrees by which hanging arms are farther from the body. At 0 they clear "
            "the mesh of a wide body by themselves",
            default=0.0,
            min=-30.0,
            max=60.0,
            step=100,
            precision=0,
        ),
        "twist": BoolProperty(
            name="Twist Forearms",
            description="Bones along the forearms take their share of the hands' twist",
            default=True,
        ),
    }


class QUATERNET_PT_driving(FoldedPanel, bpy.types.Panel):
    """How motion drives the rig"""

    bl_label = "Driving"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        in_columns(layout)
        obj = selection.selected_rig(context)
        settings = obj.quaternet_driving
        layout.enabled = obj.library is None
        field(layout, settings, "root")
        if settings.root == "BONE":
            name, value = name_and_value(layout)
            name.label(text="Root Bone")
            value.prop_search(settings, "root_bone", obj.data, "bones", text="")
        field(layout, settings, "ground")
        row = layout.row()
        row.active = selection.not_deleted(settings.ground) is not None
        tick(row, settings, "align")
        tick(layout, settings, "ik")
        if not settings.ik:
            tick(layout, settings, "follow")
        tick(layout, settings, "twist")
        field(layout, settings, "arms_out", slider=True)


CLASSES = (QUATERNET_PG_driving, QUATERNET_PT_driving)


def attach() -> None:
    """Give armature objects their options."""
    bpy.types.Object.quaternet_driving = PointerProperty(
        type=QUATERNET_PG_driving, override=OVERRIDE
    )


def detach() -> None:
    """Take them away again; what files hold stays in them."""
    del bpy.types.Object.quaternet_driving
