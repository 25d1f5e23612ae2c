# SPDX-License-Identifier: GPL-3.0-or-later
"""Unmapped bones between mapped ones, such as a third of three spine bones, at a seam.

Generated motion knows nothing of them: they go to rest, softly, and the bones below make up for
it, so that no part of the body jumps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import quaternion_to_rotation_vector, rotation_vector_to_quaternion
from ..keys.channels import rotation_property, rotation_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import bpy


SECONDS = 0.5  # from the pose at the seam to rest
_TWISTED = ("LeftHand", "RightHand")  # bones above them share their twist, see `twist`


def bones_between(obj: bpy.types.Object, mapping: Mapping[str, str]) -> list[str]:
    """Names of the unmapped bones between mapped ones, forearms apart."""
    mapped, found = set(mapping.values()), []
    for joint, name in mapping.items():
        if joint in _TWISTED:
            continue
        between = []
        for bone in obj.data.bones[name].parent_recursive:
            if bone.name in mapped:
                found += between
                break
            between.append(bone.name)
    return sorted(set(found))


def fade_out(
    obj: bpy.types.Object,
    names: Iterable[str],
    values: Mapping[str, np.ndarray],
    rate: float,
    count: int,
) -> dict[str, np.ndarray]:
    """``{bone name: basis rotations (count, 4)}`` from the pose at a seam to rest.

    values: data path -> values of the channels on the frame before. rate: frames a second.
    Bones that are at rest already are left out.
    """
    out, left = {}, left_of_seam(rate, count)
    for name in names:
        bone = obj.pose.bones[name]
        path = bone.path_from_id(rotation_property(bone.rotation_mode))
        turn = quaternion_to_rotation_vector(rotation_value(values[path], bone.rotation_mode))
        if np.linalg.norm(turn) > 1e-6:
            out[name] = rotation_vector_to_quaternion(left[:, None] * turn)
    return out


def left_of_seam(rate: float, count: int) -> np.ndarray:
    """How much of the pose at a seam is left in the frames after it: ``(count,)``, 1 to 0."""
    part = np.clip(np.arange(1, count + 1) / (SECONDS * rate), 0.0, 1.0)
    return 1.0 - part**3 * (10.0 - part * (15.0 - 6.0 * part))  # starts and ends without a jerk
