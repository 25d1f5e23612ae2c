# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether keys move the bones of a rig, or something else does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...core.body.skeleton import REQUIRED_JOINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import bpy


# constraints that only limit or measure leave the keys in charge
_HARMLESS = {"LIMIT_ROTATION", "LIMIT_LOCATION", "LIMIT_SCALE", "LIMIT_DISTANCE", "MAINTAIN_VOLUME"}


def check_animatable(obj: bpy.types.Object, mapping: Mapping[str, str]) -> list[str]:
    """Can rotation keys on the mapped bones, and location keys on the hips, move this rig?

    Returns warnings. ValueError for what would make the walk wrong or invisible.
    """
    bones = obj.data.bones
    hips = bones[mapping["Hips"]]
    if hips.use_connect and hips.parent is not None:
        raise ValueError(
            f"The hips bone {hips.name!r} is connected to {hips.parent.name!r}, so it cannot "
            "travel. Clear Connected on it in Edit Mode (Bone properties > Relations)."
        )
    _check_inheritance(bones, mapping)
    return [*_overridden(obj, mapping), *_mixed_in(obj)]


def _check_inheritance(bones, mapping):
    """A bone between mapped bones has to pass rotation on; mapped ones are handled either way."""
    mapped = set(mapping.values())
    for name in mapped:
        bone = bones[name].parent
        while bone is not None and bone.name not in mapped:
            inner = any(parent.name in mapped for parent in bone.parent_recursive)
            if inner and not bone.use_inherit_rotation:
                raise ValueError(
                    f"Bone {bone.name!r} above {name!r} does not inherit rotation, so the body "
                    "would come apart. Enable Inherit Rotation on it, or map it to a joint."
                )
            bone = bone.parent


def _overridden(obj, mapping):
    """Mapped bones whose keys lose against constraints or drivers."""
    driven = _driven_bones(obj)
    lost = {
        joint: bone
        for joint, bone in mapping.items()
        if bone in driven or any(_wins(c) for c in obj.pose.bones[bone].constraints)
    }
    needed = [bone for joint, bone in lost.items() if joint in REQUIRED_JOINTS]
    if needed:
        raise ValueError(
            f"Constraints or drivers move {', '.join(map(repr, needed[:4]))}"
            f"{' and others' if len(needed) > 4 else ''}, so keys on them would have no effect. "
            "Map the bones that you animate by hand instead, or mute those constraints."
        )
    if lost:
        yield f"constraints or drivers override {', '.join(lost.values())}"


def _wins(constraint):
    muted = constraint.mute or constraint.influence == 0.0
    return not muted and constraint.type not in _HARMLESS


def _driven_bones(obj):
    if obj.animation_data is None:
        return set()
    pattern = re.compile(r'pose\.bones\["(.+)"\]\.(?:rotation|location|scale)')
    matches = (pattern.match(curve.data_path) for curve in obj.animation_data.drivers)
    return {match.group(1) for match in matches if match}


def _mixed_in(obj):
    """What else moves the armature at the same time."""
    data = obj.animation_data
    if obj.data.pose_position == "REST":
        yield "the armature shows its rest position (Armature properties > Pose Position)"
    if data is None:
        return
    if data.action_blend_type != "REPLACE" or data.action_influence != 1.0:
        yield "the active action is blended, not replacing (NLA editor > sidebar)"
    strips = data.use_nla and any(len(t.strips) and not t.mute for t in data.nla_tracks)
    if strips:
        yield "NLA strips move the armature as well: mute their tracks"
