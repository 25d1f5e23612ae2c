# SPDX-License-Identifier: GPL-3.0-or-later
"""What the .blend file remembers of a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from ...core.body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from ..interface.properties import overridable
from ..interface.translating import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


# A part of the body for each joint, in the words of anatomy; sides come before them.
_PARTS = {
    "Hips": "Hips",
    "HipJoint": "Hip Socket",
    "UpLeg": "Thigh",
    "Leg": "Shin",
    "Foot": "Foot",
    "ToeBase": "Toes",
    "LowerBack": "Lower Spine",
    "Spine": "Chest",
    "Neck": "Neck",
    "Neck1": "Upper Neck",
    "Head": "Head",
    "Shoulder": "Collarbone",
    "Arm": "Upper Arm",
    "ForeArm": "Forearm",
    "Hand": "Hand",
    "HandIndex1": "Fingers",
}


def joint_label(joint: str) -> str:
    """As messages say it: "Left Thigh" of LeftUpLeg."""
    for prefix in ("Left", "Right"):
        if joint.startswith((prefix, f"{prefix[0]}Hip")):
            return f"{prefix} {part_label(joint)}"
    return part_label(joint)


def part_label(joint: str) -> str:
    """Without the side, for under a heading that says it: "Thigh" of LeftUpLeg."""
    if joint[1:] == "HipJoint":
        return _PARTS["HipJoint"]
    return _PARTS[joint.removeprefix("Left").removeprefix("Right")]


def in_words(joints: Iterable[str]) -> str:
    """Some joints as the panel shows them, in the user's language."""
    return ", ".join(shown(joint_label(joint)) for joint in joints if joint)


def _joint_property(joint):
    what = (
        "Bone of this joint" if joint in REQUIRED_JOINTS else "Bone of this joint, if there is one"
    )
    # Motion capture's own name of the joint, for those who know it.
    return StringProperty(name=joint_label(joint), description=f"{what} ({joint})")


@overridable
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

    def as_dict(self) -> dict[str, str]:
        """Canonical joint -> bone name, mapped joints only."""
        bones = {joint: getattr(self, joint) for joint in QUATERNET_SKELETON.names}
        return {joint: bone for joint, bone in bones.items() if bone}

    def store(
        self,
        mapping: Mapping[str, str],
        confidence: float = 1.0,
        doubtful: Iterable[str] = (),
        preset: str = "",
    ) -> None:
        """Replace the whole mapping. preset: id of the rig preset that it follows."""
        for joint in QUATERNET_SKELETON.names:
            setattr(self, joint, mapping.get(joint, ""))
        self.confidence, self.doubtful = confidence, ",".join(doubtful)
        self.preset = preset
