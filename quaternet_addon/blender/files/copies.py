# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of characters: an armature object and the meshes that it moves, which share their data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import bpy


def copied(
    armature: bpy.types.Object, collection: bpy.types.Collection, made: list[bpy.types.Object]
) -> bpy.types.Object:
    """A copy of an armature object and of what hangs on it, linked to a collection.

    What follows the armature, by constraint, driver or modifier, follows the copy. made: gets each
    new object as soon as it is there. The caller updates the view layer.
    """
    copies = {}
    for obj in [armature, *armature.children_recursive]:
        copies[obj] = obj.copy()
        made.append(copies[obj])
        collection.objects.link(copies[obj])
    for obj, copy in copies.items():
        if obj is not armature:
            copy.parent = copies.get(obj.parent, obj.parent)
        for modifier in copy.modifiers:
            if getattr(modifier, "object", None) in copies:
                modifier.object = copies[modifier.object]
        bones = copy.pose.bones if copy.pose is not None else ()
        for holder in (copy, *bones):
            for constraint in holder.constraints:
                _follow(constraint, copies)
        for curve in copy.animation_data.drivers if copy.animation_data else ():
            for variable in curve.driver.variables:
                _look_at(variable, copies)
    return copies[armature]


def _follow(constraint, copies):
    """A constraint on the copies of what it was on."""
    if getattr(constraint, "target", None) in copies:
        constraint.target = copies[constraint.target]
    if getattr(constraint, "pole_target", None) in copies:
        constraint.pole_target = copies[constraint.pole_target]
    for target in getattr(constraint, "targets", ()):
        if target.target in copies:
            target.target = copies[target.target]


def _look_at(variable, copies):
    for target in variable.targets:
        if target.id in copies:
            target.id = copies[target.id]
