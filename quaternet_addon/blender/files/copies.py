# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of characters: an armature object and the meshes that it moves.

They share their data, but for shape keys that follow the armature.
"""

from __future__ import annotations

import bpy

_PLACES = "inverse_matrix", "matrix_inverse"  # of Child Of and Hook: new targets may reset them


def copied(
    armature: bpy.types.Object, collection: bpy.types.Collection, made: list[bpy.types.ID]
) -> bpy.types.Object:
    """A copy of an armature object, what hangs on it and what it moves, linked to a collection.

    What follows the armature, by constraint, driver or modifier, follows the copy. made: gets each
    new object, and mesh, as soon as it is there. The caller updates the view layer.
    """
    copies = {}
    for obj in _with_what_hangs_on(armature):
        copies[obj] = obj.copy()
        made.append(copies[obj])
        collection.objects.link(copies[obj])
    copies |= _own_shapes(copies, made)
    for obj, copy in copies.items():
        for curve in copy.animation_data.drivers if copy.animation_data else ():
            for variable in curve.driver.variables:
                _look_at(variable, copies)
        if not isinstance(obj, bpy.types.Object):
            continue
        if obj is not armature:
            _hang(copy, copies.get(obj.parent, obj.parent))
        for modifier in copy.modifiers:
            _follow(modifier, copies)
        bones = copy.pose.bones if copy.pose is not None else ()
        for holder in (copy, *bones):
            for constraint in holder.constraints:
                _follow(constraint, copies)
    return copies[armature]


def moved_meshes(rig: bpy.types.Object) -> list[bpy.types.Object]:
    """The mesh objects that an armature object moves: by a modifier, or as its children."""
    return [
        obj
        for obj in bpy.context.scene.objects
        if obj.type == "MESH"
        and (
            obj.parent == rig
            or any(m.type == "ARMATURE" and m.object == rig for m in obj.modifiers)
        )
    ]


def _with_what_hangs_on(armature):
    """An armature object, and what hangs on it or on meshes that it moves; each once."""
    found = {}
    for obj in (armature, *moved_meshes(armature)):
        found |= dict.fromkeys([obj, *obj.children_recursive])
    return found


def _own_shapes(copies, made):
    """Data of their own for copies whose shape keys follow what was copied: new by old, of both."""
    found = {}
    for copy in copies.values():
        keys = getattr(copy.data, "shape_keys", None)
        drivers = keys.animation_data.drivers if keys and keys.animation_data else ()
        targets = [t.id for d in drivers for v in d.driver.variables for t in v.targets]
        if any(target in copies for target in targets):
            shared, copy.data = copy.data, copy.data.copy()
            made.append(copy.data)
            found |= {shared: copy.data, keys: copy.data.shape_keys}
    return found


def _hang(copy, parent):
    """A copy on another parent, in the same place on it."""
    kind, bone = copy.parent_type, copy.parent_bone
    place = copy.matrix_parent_inverse.copy()  # a new parent sets it to none
    copy.parent = parent
    copy.parent_type, copy.parent_bone = kind, bone
    copy.matrix_parent_inverse = place


def _follow(held, copies):
    """A constraint or modifier on the copies of what it was on."""
    places = {name: getattr(held, name).copy() for name in _PLACES if hasattr(held, name)}
    for holder in (held, *getattr(held, "targets", ())):
        for name in _pointers(holder):
            if getattr(holder, name) in copies:
                setattr(holder, name, copies[getattr(holder, name)])
    if getattr(held, "type", "") == "NODES":
        for name, value in list(held.items()):
            if isinstance(value, bpy.types.Object) and value in copies:
                held[name] = copies[value]
    for name, place in places.items():
        setattr(held, name, place)


def _pointers(holder):
    """Names of what a constraint or modifier, or a target of one, lets choose."""
    properties = holder.bl_rna.properties
    return [p.identifier for p in properties if p.type == "POINTER" and not p.is_readonly]


def _look_at(variable, copies):
    for target in variable.targets:
        if target.id in copies:
            target.id = copies[target.id]
