# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a continuation."""

import bpy
from bpy.props import FloatProperty


def continuation_options(**common):
    """The options of a continuation, see `walk_properties`."""
    return {
        "duration": FloatProperty(
            name="Duration (s)",
            description="How many seconds of motion to add after the current frame",
            default=1.0,
            min=0.0,
            max=600.0,
            soft_min=0.2,
            soft_max=10.0,
            **common,
        ),
        "blend": FloatProperty(
            name="Blend (s)",
            description="Seconds over which the keys so far pass into the new ones: longer is "
            "softer, shorter follows the generated motion sooner",
            default=0.2,
            min=0.0,
            max=10.0,
            soft_max=1.0,
            **common,
        ),
    }


class QUATERNET_PG_continuation(bpy.types.PropertyGroup):
    """The panel's options of "Continue Motion"."""

    __annotations__ = continuation_options()
