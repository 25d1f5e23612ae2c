# SPDX-License-Identifier: GPL-3.0-or-later
"""A root bone for rigs that have none, as game engines want it: it carries the hips and travels."""

from __future__ import annotations

from dataclasses import replace

import bpy
from mathutils import Vector

from ..files.exporting import visible
from ..rig import selection
from ..rig.options import DrivingOptions, options_of
from .mapped import mapped_rig

NAME, _LENGTH = "root", 0.2  # of the bone that is added; of the height of the hips


def with_root_bone(obj: bpy.types.Object) -> DrivingOptions:
    """The options by which the bone above the hips travels; one that has none gets one, in memory.

    ValueError for a rig that cannot be edited, or whose mapping cannot be used.
    """
    reason = selection.why_not_editable(obj)
    if reason:
        raise ValueError(reason)
    _, mapping = mapped_rig(obj)
    if obj.data.bones[mapping["Hips"]].parent is None:
        _add(obj, mapping["Hips"])
    return replace(options_of(obj), root="BONE")


def _add(obj, hips):
    """A bone on the ground at the armature's origin, above all bones that have no parent."""
    layer, length = bpy.context.view_layer, obj.data.bones[hips].head_local.length
    to_rig = obj.matrix_world.inverted().to_3x3()
    with visible([obj]):
        before, layer.objects.active = layer.objects.active, obj
        bpy.ops.object.mode_set(mode="EDIT")
        bones = obj.data.edit_bones
        tops = [bone for bone in bones if bone.parent is None]
        root = bones.new(NAME)
        ahead, up = (to_rig @ Vector(axis) for axis in ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
        root.head, root.tail = (0.0, 0.0, 0.0), ahead.normalized() * length * _LENGTH
        root.align_roll(up)
        root.use_deform = False
        for bone in tops:
            bone.parent = root
        bpy.ops.object.mode_set(mode="OBJECT")
        layer.objects.active = before
