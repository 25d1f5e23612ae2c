# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches of control rigs between FK and IK, as custom properties on pose bones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..keys.channels import Channel
from .ik_limbs import switch_channels

if TYPE_CHECKING:
    from collections.abc import Iterable

    import bpy

    from .ik_limbs import Limb


# property -> its value for FK, for IK
_LIMBS = {"IK_FK": (1.0, 0.0), "IK/FK": (1.0, 0.0), "ik_fk_switch": (1.0, 0.0)}
_FOLLOW = {
    "neck_follow": 1.0,
    "head_follow": 1.0,
}  # keys of neck and head are then against the chest


def switches_of(
    obj: bpy.types.Object, limbs: Iterable[Limb], following: Iterable[Limb] = ()
) -> list[Channel]:
    """Channels that hand ``limbs`` (`ik_limbs.Limb`s) to IK, and all others to FK.

    following: limbs of FK whose poles count as soon as the user hands them to IK.
    """
    by_ik = switch_channels(obj, limbs) + switch_channels(obj, following, (("pole_vector", 1.0),))
    taken = {channel.path for channel in by_ik}
    return by_ik + [channel for channel in fk_switches(obj) if channel.path not in taken]


def fk_switches(obj: bpy.types.Object) -> list[Channel]:
    """Channels with one constant key that hand every limb to its FK controls."""
    return _switches(obj, 0)


def _switches(obj, side):
    channels = []
    for bone in obj.pose.bones:
        for name in bone.keys():  # noqa: SIM118  # a PoseBone is no dict
            if name in _LIMBS or name in _FOLLOW:
                value = _LIMBS[name][side] if name in _LIMBS else _FOLLOW[name]
                path = f'pose.bones["{bone.name}"]["{name}"]'
                values = np.array([[value]])
                channels.append(Channel(path, values, bone.name, "CONSTANT"))
    return channels
