# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a dance."""

import bpy
from bpy.props import BoolProperty, FloatProperty


def dance_options(**common):
    """The options of a dance, see `walk_properties`."""
    return {
        "duration": FloatProperty(
            name="Duration (s)",
            description="How many seconds to dance",
            default=20.0,
            min=0.0,
            max=3600.0,
            soft_min=2.0,
            soft_max=300.0,
            **common,
        ),
        "temperature": FloatProperty(
            name="Variety",
            description="How freely the dance varies: little keeps to the usual moves, 1 varies "
            "as dancers do, more is wilder",
            default=1.0,
            min=0.2,
            max=2.0,
            **common,
        ),
        "radius": FloatProperty(
            name="Radius (m)",
            description="How far from its place the character may dance, in metres. 0: as far as "
            "it goes",
            default=3.0,
            min=0.0,
            max=1000.0,
            soft_max=10.0,
            **common,
        ),
        "from_pose": BoolProperty(
            name="From Current Pose",
            description="Go over into the dance from the rig's own movement before the current "
            "frame, and keep its keys. Off: begin with one of the shipped dance poses",
            default=False,
            **common,
        ),
        "exact_windows": BoolProperty(
            name="Exact Windows",
            description="Read the last 128 poses anew for every frame, as the model was trained: "
            "slower, for comparisons",
            default=False,
            **common,
        ),
    }


class QUATERNET_PG_dance(bpy.types.PropertyGroup):
    """The panel's options of "Dance"."""

    __annotations__ = dance_options()
