# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays <-> F-curves, Blender 3.4 to 5.x; the only file with action and slot version branches.

Actions have slots from 4.4 and nothing but slots from 5.0:
https://developer.blender.org/docs/release_notes/4.4/upgrading/slotted_actions/
"""

import bpy
import numpy as np

_SLOTTED = hasattr(bpy.types, "ActionSlot")  # 4.4 and newer


def in_tweak_mode(obj):
    """True while an NLA strip's action is being edited: the active action cannot be changed."""
    data = obj.animation_data
    return data is not None and data.use_tweak_mode


def new_action(obj, name):
    """A new action, made the active one of ``obj``; what was active is kept, not changed.

    Returns the action and a function that takes it all back.
    """
    had_data = obj.animation_data is not None
    data = obj.animation_data or obj.animation_data_create()
    previous = data.action
    slot = data.action_slot if _SLOTTED else None
    kept = _keep(previous)
    action = bpy.data.actions.new(name)

    def take_back():
        data.action = previous
        if _SLOTTED and previous is not None:
            data.action_slot = slot
        bpy.data.actions.remove(action)
        if kept:
            previous.use_fake_user = False
        if not had_data:
            obj.animation_data_clear()

    try:
        data.action = action
        if _SLOTTED:
            data.action_slot = action.slots.new(id_type=obj.id_type, name=obj.name)
    except Exception:
        take_back()
        raise
    return action, take_back


def _keep(action):
    """Give an action that only this object uses a fake user: it is saved and never purged."""
    if action is None or action.library is not None or action.use_fake_user or action.users > 1:
        return False
    action.use_fake_user = True
    return True


def fcurve_bag(obj, action):
    """The owner of ``fcurves`` and ``groups`` of ``obj`` in its active action; made if missing."""
    if not _SLOTTED:
        return action
    slot = obj.animation_data.action_slot
    layer = action.layers[0] if len(action.layers) else action.layers.new("Layer")
    strip = layer.strips[0] if len(layer.strips) else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True)


def all_fcurves(action):
    """Every F-curve of an action, whatever the slot."""
    if not _SLOTTED:
        return list(action.fcurves)
    return [
        curve
        for layer in action.layers
        for strip in layer.strips
        if strip.type == "KEYFRAME"
        for bag in strip.channelbags
        for curve in bag.fcurves
    ]


def write_channels(bag, channel, frames):
    """New F-curves for one property: a `driving.Channel`, frames ``(T,)`` ascending.

    Linear keys, one a frame, hold what was generated, also between the frames.
    """
    kinds = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items
    kind = kinds[channel.interpolation].value
    for index, values in enumerate(channel.values.T):
        curve = bag.fcurves.new(channel.path, index=index)
        curve.group = bag.groups.get(channel.group) or bag.groups.new(channel.group)
        points = curve.keyframe_points
        points.add(len(frames))
        co = np.empty((len(frames), 2), np.float32)
        co[:, 0], co[:, 1] = frames, values
        points.foreach_set("co", co.ravel())
        points.foreach_set("interpolation", np.full(len(frames), kind, np.int32))
        curve.update()
