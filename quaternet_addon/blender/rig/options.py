# SPDX-License-Identifier: GPL-3.0-or-later
"""How a rig is driven: what the user chooses for it."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from .selection import not_deleted
from .stored_mapping import stored_mapping

_PACKAGE = __package__.rpartition(".blender")[0]


def begin_as_preferred(obj: bpy.types.Object) -> None:
    """A rig for which nobody chose a root has that of the preferences."""
    addon = bpy.context.preferences.addons.get(_PACKAGE)
    settings = obj.quaternet_driving
    if addon is None or addon.preferences is None or settings.is_property_set("root"):
        return
    if addon.preferences.root != settings.root:
        settings.root = addon.preferences.root


@dataclass(frozen=True)
class DrivingOptions:
    """What the user chose about how motion drives the rig, the same for every mode.

    root: what travels, HIPS, BONE, OBJECT, or AUTO: the root of a control rig, a root bone with
    skin on it, else the hips. root_bone: its name, "": the one above the hips.
    ground: full name of a mesh object that the feet stand on, "": none; align: soles follow its
    slopes. ik: limbs that have IK targets and poles are keyed by them. follow: where FK is keyed,
    the targets and poles come along. twist: bones along a limb share its twist. arms_out: degrees
    by which hanging arms are farther from the body than its mesh asks for. standing: number of the
    frame in which the rig stands as at rest, None: its rest pose is one.
    """

    root: str = "AUTO"
    root_bone: str = ""
    ground: str = ""
    align: bool = True
    ik: bool = False
    follow: bool = True
    twist: bool = True
    arms_out: float = 0.0
    standing: float | None = None


def options_of(obj: bpy.types.Object) -> DrivingOptions:
    """The `DrivingOptions` of the panel for an armature object."""
    settings = getattr(obj, "quaternet_driving", None)
    mapping = stored_mapping(obj)
    standing = mapping.reference_frame if getattr(mapping, "use_reference", False) else None
    if settings is None:
        return DrivingOptions(standing=standing)
    ground = not_deleted(settings.ground)
    return DrivingOptions(
        root=settings.root,
        root_bone=settings.root_bone,
        ground=ground.name_full if ground is not None else "",
        align=settings.align,
        ik=settings.ik,
        follow=settings.follow,
        twist=settings.twist,
        arms_out=settings.arms_out,
        standing=standing,
    )
