# SPDX-License-Identifier: GPL-3.0-or-later
"""Other armatures that are part of a character, as a face's: do they go along?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import numpy as np

from .movers import acts
from .skin import meshes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_AROUND = 0.15  # of its size: so far around a character's bones its mesh may be
_PART = 0.6  # of the character's size: what is larger is somebody else


def left_alone(obj: bpy.types.Object) -> Iterator[str]:
    """Names of armature objects inside the resting body of another one that do not follow it."""
    low, high = _box(obj)
    size = np.max(high - low)
    low, high = low - _AROUND * size, high + _AROUND * size  # faces lie before the bones of heads
    for other in bpy.data.objects:
        if other.type != "ARMATURE" or other == obj or not other.data.bones or _follows(other):
            continue
        own_low, own_high = _box(other)
        inside = (own_low > low).all() and (own_high < high).all()
        if inside and np.max(own_high - own_low) < _PART * size and meshes_of(other):
            yield other.name


def _box(obj):
    """Lowest and highest corner of the heads of the bones at rest, world."""
    heads = np.array([obj.matrix_world @ bone.head_local for bone in obj.data.bones])
    return heads.min(axis=0), heads.max(axis=0)


def _follows(obj):
    """True if something carries an object or its bones."""
    bones = [constraint for bone in obj.pose.bones for constraint in bone.constraints]
    return obj.parent is not None or any(map(acts, [*obj.constraints, *bones]))
