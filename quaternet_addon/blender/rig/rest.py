# SPDX-License-Identifier: GPL-3.0-or-later
"""What is put to rest when a rig is driven: leftovers of an earlier pose that no key overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..keys.channels import PROPERTIES, Channel, rotation_property
from .control_solver import set_property

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import bpy

    from .ik_limbs import Limb


AT_REST = {
    "location": (0.0, 0.0, 0.0),
    "rotation_quaternion": (1.0, 0.0, 0.0, 0.0),
    "rotation_euler": (0.0, 0.0, 0.0),
    "rotation_axis_angle": (0.0, 0.0, 1.0, 0.0),
    "scale": (1.0, 1.0, 1.0),
}


_SCALED = 1e-3  # from 1: less is rounding


def rest_channels(
    obj: bpy.types.Object,
    mapping: Mapping[str, str],
    limbs: Iterable[Limb],
    keyed: Iterable[str] = (),
) -> list[Channel]:
    """``[Channel, ...]`` with one row each, as keys would hold it.

    Of the chain that carries the body: bones above mapped bones go to rest, mapped bones lose a
    moved place (hips: keyed) or scale. Faces, fingers and other bones keep their pose.

    mapping: canonical joint -> bone name. limbs: `ik_limbs.Limb`s that are keyed by IK. keyed:
    data paths that have keys of their own.
    """
    mapped, seen, channels = set(mapping.values()), set(), []
    for name in mapping.values():
        bone = obj.pose.bones[name]
        keep = ("location",) if name == mapping["Hips"] else ()
        channels += _rest(bone, {"scale", "location"}.difference(keep))
        for parent in bone.parent_recursive:
            if parent.name not in mapped and parent.name not in seen:
                seen.add(parent.name)
                channels += _rest(parent, AT_REST)
    for limb in limbs:
        for bone in limb.at_rest(obj):
            channels += _rest(bone, AT_REST)
    return [channel for channel in channels if channel.path not in keyed]


def scaled(obj: bpy.types.Object, mapping: Mapping[str, str]) -> list[str]:
    """Warnings, none or one, of the body's bones whose scale `rest_channels` takes away."""
    carriers = {p.name for n in mapping.values() for p in obj.pose.bones[n].parent_recursive}
    odd = [
        bone.name
        for bone in obj.pose.bones
        if bone.name in carriers | set(mapping.values())
        and max(abs(scale - 1.0) for scale in bone.scale) > _SCALED
    ]
    if not odd:
        return []
    names = ", ".join(map(repr, odd[:4])) + (" and others" if len(odd) > 4 else "")
    return [f"the scale of {names} goes back to 1"]


def in_use(obj: bpy.types.Object, channels: Iterable[Channel]) -> list[Channel]:
    """Those of some channels that are no rotations of a mode that the bone is not in."""
    unused, bones = {"rotation_euler", *PROPERTIES.values()}, obj.pose.bones
    return [
        channel
        for channel in channels
        if (name := channel.path.rpartition(".")[2]) not in unused
        or name == rotation_property(bones[channel.group].rotation_mode)
    ]


def settle(obj: bpy.types.Object, channels: Iterable[Channel]) -> None:
    """Set what channels with one row say on the rig itself, of a rig that is ours alone."""
    for channel in channels:
        set_property(obj, channel.path, channel.values[0])


def _rest(bone, properties):
    """Channels that put properties of a pose bone to rest."""
    return [
        Channel(bone.path_from_id(name), np.array([value]), bone.name)
        for name, value in AT_REST.items()
        if name in properties
    ]
