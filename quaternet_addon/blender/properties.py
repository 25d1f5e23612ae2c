# SPDX-License-Identifier: GPL-3.0-or-later
"""What the .blend file remembers: the mapping on each armature, the panel's options on the scene.

No state of a running job is kept here: it would be saved into the file.
"""

import bpy
from bpy.props import (
    BoolProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..core.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS


def joint_label(joint):
    """As the panel shows it: "Left Up Leg" of LeftUpLeg."""
    words = "".join(" " + c if c.isupper() else c for c in joint).split()
    return " ".join(words)


def _joint_property(joint):
    need = "" if joint in REQUIRED_JOINTS else " (may stay empty)"
    return StringProperty(name=joint_label(joint), description=f"Bone for {joint}{need}")


class QUATERNET_PG_mapping(bpy.types.PropertyGroup):
    """One bone name per canonical joint, empty where the armature has none."""

    __annotations__ = {
        **{joint: _joint_property(joint) for joint in QUATERNET_SKELETON.names},
        "confidence": FloatProperty(
            name="Confidence", description="How sure the last detection was", min=0.0, max=1.0
        ),
        "doubtful": StringProperty(
            name="Doubtful", description="Joints that the last detection was unsure of"
        ),
    }

    def as_dict(self):
        """Canonical joint -> bone name, mapped joints only."""
        bones = {joint: getattr(self, joint) for joint in QUATERNET_SKELETON.names}
        return {joint: bone for joint, bone in bones.items() if bone}

    def store(self, mapping, confidence=1.0, doubtful=()):
        """Replace the whole mapping."""
        for joint in QUATERNET_SKELETON.names:
            setattr(self, joint, mapping.get(joint, ""))
        self.confidence, self.doubtful = confidence, ",".join(doubtful)


def locomotion_options(**common):
    """The options of a walk, one definition for the operator and for the panel.

    common: further arguments of every property.
    """
    return {
        "speed": FloatProperty(
            name="Speed (m/s)",
            description="Walking speed along the curve, in metres per second of the scene's units",
            default=1.4,
            min=0.0,
            max=1000.0,
            soft_min=0.5,
            soft_max=3.5,
            **common,
        ),
        "seed": IntProperty(
            name="Seed",
            description="Another seed walks another variation",
            default=0,
            min=0,
            **common,
        ),
        "foot_lock": BoolProperty(
            name="Foot Lock",
            description="Hold planted feet where they touched down",
            default=True,
            **common,
        ),
        "use_in_place": BoolProperty(
            name="In Place",
            description="Walk on the spot where the curve begins: the hips only bob and sway",
            default=False,
            **common,
        ),
    }


class QUATERNET_PG_settings(bpy.types.PropertyGroup):
    """The panel's options."""

    __annotations__ = {
        "curve": PointerProperty(
            name="Curve",
            description="The curve to walk along",
            type=bpy.types.Object,
            poll=lambda self, obj: obj.type == "CURVE",
        ),
        **locomotion_options(),
    }


CLASSES = (QUATERNET_PG_mapping, QUATERNET_PG_settings)


def attach():
    """Add the properties to Blender's types; `CLASSES` are registered."""
    bpy.types.Armature.quaternet_mapping = PointerProperty(type=QUATERNET_PG_mapping)
    bpy.types.Scene.quaternet = PointerProperty(type=QUATERNET_PG_settings)


def detach():
    """Inverse of `attach`."""
    del bpy.types.Scene.quaternet
    del bpy.types.Armature.quaternet_mapping
