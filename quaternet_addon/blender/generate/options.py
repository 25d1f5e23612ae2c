# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that all modes share."""

from bpy.props import BoolProperty, IntProperty


def common_options(**common):
    """The options that every mode has, see `walk_properties`."""
    return {
        "seed": IntProperty(
            name="Seed",
            description="Another seed makes another variation; the same one makes the same keys",
            default=0,
            min=0,
            **common,
        ),
        "variations": IntProperty(
            name="Variations",
            description="How many motions to make, with this seed and the ones after it. All of "
            "them are listed in Takes, to compare and to keep the best",
            default=1,
            min=1,
            max=64,
            soft_max=10,
            **common,
        ),
        "foot_lock": BoolProperty(
            name="Foot Lock",
            description="Hold planted feet where they touched down",
            default=True,
            **common,
        ),
    }


COMMON_OPTIONS = tuple(common_options())

# what a script leaves out is the default, never what was used last
UNSAVED = {"options": {"SKIP_SAVE"}}
