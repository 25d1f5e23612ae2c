# SPDX-License-Identifier: GPL-3.0-or-later
"""What the .blend file remembers of a mapping."""

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from ...core.body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS


def joint_label(joint):
    """As the panel shows it: "Left Up Leg" of LeftUpLeg."""
    words = "".join(" " + c if c.isupper() else c for c in joint).split()
    return " ".join(words)


def _joint_property(joint):
    what = "Bone of this joint"
    if joint not in REQUIRED_JOINTS:
        what = "Bone of this joint, if there is one"
    return StringProperty(name=joint_label(joint), description=what)


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
        "preset": StringProperty(
            name="Preset", description="The rig preset that this mapping follows, if any"
        ),
        "use_reference": BoolProperty(
            name="Stands in a Frame",
            description="Take the standing pose from a frame of the animation, not from the rest",
        ),
        "reference_frame": IntProperty(
            name="Frame", description="Frame in which the character stands upright, arms to rest"
        ),
    }

    def as_dict(self):
        """Canonical joint -> bone name, mapped joints only."""
        bones = {joint: getattr(self, joint) for joint in QUATERNET_SKELETON.names}
        return {joint: bone for joint, bone in bones.items() if bone}

    def store(self, mapping, confidence=1.0, doubtful=(), preset=""):
        """Replace the whole mapping. preset: id of the rig preset that it follows."""
        for joint in QUATERNET_SKELETON.names:
            setattr(self, joint, mapping.get(joint, ""))
        self.confidence, self.doubtful = confidence, ",".join(doubtful)
        self.preset = preset
