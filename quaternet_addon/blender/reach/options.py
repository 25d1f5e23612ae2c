# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of reaching a pose."""

import bpy
from bpy.props import StringProperty


def reach_options(**common):
    """The options of reaching poses, see `walk_properties`."""
    return {
        "frames": StringProperty(
            name="Frames",
            description="Frames of the poses to reach, such as 90, 120. Empty: every frame after "
            "the current one on which a mapped bone has a key",
            default="",
            **common,
        ),
    }


class QUATERNET_PG_reach(bpy.types.PropertyGroup):
    """The panel's options of "Reach Pose"."""

    __annotations__ = reach_options()
