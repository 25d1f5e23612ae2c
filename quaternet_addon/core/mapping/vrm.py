# SPDX-License-Identifier: GPL-3.0-or-later
"""The humanoid bones of the VRM specification as canonical joints; pure.

Names are those of VRM 1.0, "humanoid" (VRMC_vrm-1.0/humanoid.md); VRM 0.x has the same ones for
these joints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


_JOINTS = {
    "hips": "Hips",
    "neck": "Neck",
    "head": "Head",
    **{
        side.lower() + part: side + joint
        for side in ("Left", "Right")
        for part, joint in {
            "UpperLeg": "UpLeg",
            "LowerLeg": "Leg",
            "Foot": "Foot",
            "Toes": "ToeBase",
            "Shoulder": "Shoulder",
            "UpperArm": "Arm",
            "LowerArm": "ForeArm",
            "Hand": "Hand",
            "IndexProximal": "HandIndex1",
        }.items()
    },
}
NAMES = (*_JOINTS, "spine", "chest", "upperChest")


def vrm_to_mapping(bones: Mapping[str, str]) -> dict[str, str]:
    """Canonical joint -> bone, from VRM name ("leftUpperLeg") -> bone; empty names are left out.

    The chest of ours is the highest spine bone that there is, the lower back the lowest.
    """
    mapping = {joint: bones[name] for name, joint in _JOINTS.items() if bones.get(name)}
    back = [bones[name] for name in ("spine", "chest", "upperChest") if bones.get(name)]
    if back:
        mapping["Spine"] = back[-1]
    if len(back) > 1:
        mapping["LowerBack"] = back[0]
    return mapping
