# SPDX-License-Identifier: GPL-3.0-or-later
"""Skin on the root bone: there the root has to travel, or that skin stays behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .skin import skin_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import bpy

    from .armature import Rig
    from .options import DrivingOptions
    from .placed_bones import PlacedBones


_COUNTS = 0.01  # of a vertex's weights: a hundredth of a long walk is a spike
_FEWEST = 1  # vertices of the sample: one that stays behind is a spike


def with_root_of_skin(
    options: DrivingOptions,
    obj: bpy.types.Object,
    rig: Rig,
    placed: PlacedBones,
    mapping: Mapping[str, str],
) -> DrivingOptions:
    """`DrivingOptions` whose root is a bone above the hips that carries skin, if nobody chose.

    obj: the armature object, rig: its `armature.Rig`. placed: its `placed_bones.PlacedBones`.
    """
    if options.root != "AUTO" or placed.carrier != mapping["Hips"]:
        return options
    above = [bone.name for bone in obj.data.bones[mapping["Hips"]].parent_recursive]
    skin = skin_of(obj, rig) if above and not _controlled(obj, above) else None
    if skin is None:
        return options
    bones = skin.bones[skin.weights > _COUNTS]
    names, counts = np.unique(bones, return_counts=True)
    carrying = {
        rig.names[bone] for bone, count in zip(names, counts, strict=True) if count >= _FEWEST
    }
    found = [name for name in above if name in carrying]
    return replace(options, root="BONE", root_bone=found[-1]) if found else options


def _controlled(obj, names):
    """True if something else than keys moves one of the bones: such a root is no one's to key."""
    return any(len(obj.pose.bones[name].constraints) for name in names)
