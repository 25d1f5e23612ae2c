# SPDX-License-Identifier: GPL-3.0-or-later
"""All or nothing: what an operator writes into the file is whole, or the file is as before.

A `Transaction` remembers what the add-on may change, before anything is changed, and puts it back
whatever ends its block, KeyboardInterrupt too: active actions and their slots, poses, fake users,
NLA tracks, takes, mappings, options, frame, and which data-blocks there are. What cannot be put
back, the removal of an action, is to be the last thing in the block: see `remove_unused`.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

import bpy
import numpy as np

from . import action as actions

if TYPE_CHECKING:
    from collections.abc import Iterable


_PLAIN = {"BOOLEAN", "INT", "FLOAT", "STRING", "ENUM"}
_POSE = {
    "location": 3,
    "rotation_quaternion": 4,
    "rotation_euler": 3,
    "rotation_axis_angle": 4,
    "scale": 3,
}
_OURS = "QuaterNet"  # begins the names of scenes that nobody is to see


class Transaction:
    """``with Transaction(scene, obj):`` around everything that is written. obj: the rig, or None.

    Nothing is remembered of other rigs: nothing of them is changed.
    """

    def __init__(self, scene, obj):
        self._scene, self._obj = scene, obj

    def __enter__(self):
        scene, obj = self._scene, self._obj
        self._blocks = {
            name: _pointers(name) for name in ("actions", "scenes", "objects", "curves")
        }
        self._fake = {action.name: action.use_fake_user for action in bpy.data.actions}
        self._assets = {action.name for action in bpy.data.actions if action.asset_data}
        self._hidden = _hidden()
        self._frame = scene.frame_current, scene.frame_subframe
        groups = [scene.quaternet] if hasattr(scene, "quaternet") else []
        if obj is not None:
            groups += [obj.data.quaternet_mapping, obj.quaternet_mapping]
            groups += [obj.quaternet_driving, obj.quaternet_takes]
            self._rig = _RigState(obj)
        self._groups = [(group, _values(group)) for group in groups]
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self._roll_back()

    def _roll_back(self):
        """Every step is tried, also where one before it fails."""
        with contextlib.ExitStack() as steps:  # the last one comes first
            frame, part = self._frame
            steps.callback(self._scene.frame_set, frame, subframe=part)
            steps.callback(self._restore_hidden)
            steps.callback(self._restore_fake_users)
            steps.callback(self._restore_assets)
            for name in ("actions", "curves", "objects"):
                steps.callback(_remove_new, name, self._blocks)
            steps.callback(_remove_new, "scenes", self._blocks, _OURS)
            if self._obj is not None:
                self._rig.push_restoring(steps)
            for group, values in reversed(self._groups):
                steps.callback(_restore, group, values)

    def _restore_hidden(self):
        """What is disabled in viewports, as a private scene enables it; new objects are gone."""
        if not np.array_equal(_hidden(), self._hidden):
            bpy.data.objects.foreach_set("hide_viewport", self._hidden)

    def _restore_assets(self):
        for action in bpy.data.actions:
            if action.asset_data and action.name not in self._assets:
                action.asset_clear()

    def _restore_fake_users(self):
        for action in bpy.data.actions:
            fake = self._fake.get(action.name, action.use_fake_user)
            if action.use_fake_user != fake:
                action.use_fake_user = fake


def remove_unused(blocks: Iterable[bpy.types.Action | None]) -> None:
    """Remove those of some actions (or None) that nothing uses any more, in one step.

    It cannot be taken back, so it is the last statement in a transaction's block.
    """
    unused = [action for action in blocks if action is not None and not action.users]
    if unused:
        bpy.data.batch_remove(unused)


class _RigState:
    """What keys, drafts and rest values change on an armature object."""

    def __init__(self, obj):
        self._obj = obj
        self._animation = actions.AnimationState(obj)
        self._own = {name: tuple(getattr(obj, name)) for name in _POSE}
        bones = obj.pose.bones
        self._pose = {name: _array(bones, name, width) for name, width in _POSE.items()}
        self._properties = {bone.name: _custom(bone) for bone in bones if len(bone.keys())}

    def push_restoring(self, steps: contextlib.ExitStack) -> None:
        """Have an ExitStack put all of it back."""
        steps.callback(self._obj.update_tag)
        steps.callback(self._restore_properties)
        steps.callback(self._restore_pose)
        steps.callback(self._restore_own)
        steps.callback(self._animation.restore)

    def _restore_own(self):
        for name, values in self._own.items():
            if tuple(getattr(self._obj, name)) != values:
                setattr(self._obj, name, values)

    def _restore_pose(self):
        bones = self._obj.pose.bones
        for name, values in self._pose.items():
            if not np.array_equal(_array(bones, name, _POSE[name]), values):
                bones.foreach_set(name, values)

    def _restore_properties(self):
        bones = self._obj.pose.bones
        for name, values in self._properties.items():
            for key, value in values.items():
                if bones[name].get(key) != value:
                    bones[name][key] = value


def _custom(bone):
    """Numbers and switches of a bone; nothing else is ever set."""
    return {key: value for key, value in bone.items() if isinstance(value, (bool, int, float))}


def _array(bones, name, width):
    values = np.empty(len(bones) * width, np.float32)
    bones.foreach_get(name, values)
    return values


def _hidden():
    values = np.empty(len(bpy.data.objects), bool)
    bpy.data.objects.foreach_get("hide_viewport", values)
    return values


def _pointers(name):
    return {block.as_pointer() for block in getattr(bpy.data, name)}


def _remove_new(name, before, start=""):
    """Remove the data-blocks of a kind that were not there before. start: of their names."""
    known, blocks = before[name], getattr(bpy.data, name)
    new = [b for b in blocks if b.as_pointer() not in known and b.name.startswith(start)]
    if new:
        bpy.data.batch_remove(new)


def _values(group):
    """All that a property group holds, as a dictionary; None for what was never set."""
    values = {}
    for name, kind, is_array in _properties(type(group)):
        value = getattr(group, name)
        if kind == "COLLECTION":
            values[name] = [_values(item) for item in value]
        elif kind == "POINTER" and isinstance(value, bpy.types.PropertyGroup):
            values[name] = _values(value)
        else:
            values[name] = tuple(value) if is_array else value
    return values


@functools.lru_cache(maxsize=64)
def _properties(kind_of_group):
    """``((name, type, is_array), ...)`` of what a class of property groups holds: asked once."""
    return tuple(
        (prop.identifier, prop.type, getattr(prop, "is_array", False))
        for prop in kind_of_group.bl_rna.properties
        if prop.identifier not in ("rna_type", "name")
        and (prop.type in _PLAIN or prop.type in ("COLLECTION", "POINTER"))
    )


def _restore(group, values):
    """Set what differs from `_values`."""
    for name, value in values.items():
        now = getattr(group, name)
        if isinstance(value, dict):
            _restore(now, value)
        elif isinstance(value, list):
            _restore_list(now, value)
        elif (tuple(now) if isinstance(value, tuple) else now) != value:
            setattr(group, name, value)


def _restore_list(items, values):
    if [_values(item) for item in items] == values:
        return
    items.clear()
    for value in values:
        _restore(items.add(), value)
