# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys are written."""

from dataclasses import dataclass

import numpy as np
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty


@dataclass(frozen=True, kw_only=True)
class KeyOptions:
    """What the user chose about keys; a base of the options of every mode.

    keys: ALL, NTH or FEWEST. key_step: of NTH. key_angle: radians, key_distance: metres, of
    FEWEST. contact_markers: mark in the action when feet come down and leave.
    """

    keys: str = "ALL"
    key_step: int = 2
    key_angle: float = float(np.radians(0.5))
    key_distance: float = 0.005
    contact_markers: bool = False


def key_options(**common):
    """Properties of the same names, see `properties.walk_options`."""
    return {
        "keys": EnumProperty(
            name="Keys",
            description="On which frames keys are set",
            items=[
                ("ALL", "Every Frame", "A key on every frame: exactly what was generated"),
                ("NTH", "Every n-th Frame", "A key on every n-th frame, smooth curves between"),
                (
                    "FEWEST",
                    "Fewest",
                    "As few keys as hold the motion: the easiest to edit. Planted feet stay",
                ),
            ],
            default="ALL",
            **common,
        ),
        "key_step": IntProperty(
            name="Every",
            description="Frames from one key to the next",
            default=2,
            min=1,
            max=1000,
            soft_max=12,
            **common,
        ),
        "key_angle": FloatProperty(
            name="Angle",
            description="How far a joint may turn away from the generated motion between keys",
            default=float(np.radians(0.5)),
            min=0.0,
            max=float(np.pi),
            soft_max=float(np.radians(5.0)),
            precision=2,
            subtype="ANGLE",
            **common,
        ),
        "key_distance": FloatProperty(
            name="Offset (m)",
            description="How far the hips and other controls may move away from the generated "
            "motion between keys, in metres",
            default=0.005,
            min=0.0,
            max=1.0,
            soft_max=0.05,
            precision=3,
            step=0.1,
            **common,
        ),
        "contact_markers": BoolProperty(
            name="Mark Foot Contacts",
            description="Add markers to the action where a foot comes down and where it leaves "
            "the ground (Dope Sheet > Action Editor > Show Pose Markers)",
            default=False,
            **common,
        ),
    }
