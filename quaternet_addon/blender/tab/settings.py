# SPDX-License-Identifier: GPL-3.0-or-later
"""What the .blend file remembers: the mapping on each armature, the panel's options on the scene.

No state of a running job is kept here: it would be saved into the file.
"""

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    PointerProperty,
)

from ..continuation.options import QUATERNET_PG_continuation, continuation_options
from ..dance.options import QUATERNET_PG_dance, dance_options
from ..generate.options import COMMON_OPTIONS, common_options
from ..generate.take import MODES
from ..keys.options import key_options
from ..mapping.properties import QUATERNET_PG_mapping
from ..walk.options import locomotion_options

# Names, in the order of the panel.
OPTIONS = {
    "CONTINUE": (*continuation_options(), *key_options()),
    "WALK": (*locomotion_options(), *key_options()),
    "DANCE": (*dance_options(), *key_options()),
}
_KEY_OPTIONS = set(key_options())  # shared by all modes


# Parts of the panel that open and close.
_FOLDS = {
    "show_way": "Along the Curve",
    "show_ends": "Start, End, Loop",
    "show_keys": "Keys",
    "show_advanced": "Advanced",
}


class QUATERNET_PG_settings(bpy.types.PropertyGroup):
    """The panel's options: those of all modes, those of walks, and a group for each other mode."""

    __annotations__ = {
        "mode": EnumProperty(
            name="Mode", description="What to generate", items=MODES, default="WALK"
        ),
        "curve": PointerProperty(
            name="Curve",
            description="The curve to walk along. Feet stand as high over it as the rig's rest "
            "pose stands over its origin",
            type=bpy.types.Object,
            poll=lambda self, obj: obj.type == "CURVE",
        ),
        "face": PointerProperty(
            name="Look at",
            description="Turn and look to this object while walking by, as far as a body can. "
            "Empty: look ahead",
            type=bpy.types.Object,
        ),
        **locomotion_options(),
        **key_options(),
        **{name: BoolProperty(name=text, default=False) for name, text in _FOLDS.items()},
        **common_options(),
        "continuation": PointerProperty(type=QUATERNET_PG_continuation),
        "dance": PointerProperty(type=QUATERNET_PG_dance),
    }

    def of_mode(self, mode):
        """``{option: where it is stored}`` of a mode's own options, then of those of all modes."""
        own = {"CONTINUE": self.continuation, "WALK": self, "DANCE": self.dance}[mode]
        places = {name: self if name in _KEY_OPTIONS else own for name in OPTIONS[mode]}
        return places | dict.fromkeys(COMMON_OPTIONS, self)


CLASSES = (
    QUATERNET_PG_mapping,
    QUATERNET_PG_continuation,
    QUATERNET_PG_dance,
    QUATERNET_PG_settings,
)


def attach():
    """Add the properties to Blender's types; `CLASSES` are registered."""
    bpy.types.Armature.quaternet_mapping = PointerProperty(type=QUATERNET_PG_mapping)
    bpy.types.Scene.quaternet = PointerProperty(type=QUATERNET_PG_settings)


def detach():
    """Inverse of `attach`."""
    del bpy.types.Scene.quaternet
    del bpy.types.Armature.quaternet_mapping
