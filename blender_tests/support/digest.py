# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the file, as text: two equal digests mean that nothing was changed."""

import bpy

_LISTS = "actions armatures cameras curves meshes objects scenes collections shape_keys".split()


def of_file():
    """Names, users, keys, poses, mappings and scene state of the whole file, sorted lines."""
    bpy.context.view_layer.update()
    lines = []
    for name in _LISTS:
        blocks = getattr(bpy.data, name)
        lines += [f"{name} {b.name} users={b.users} fake={b.use_fake_user}" for b in blocks]
    for action in bpy.data.actions:
        lines += [f"key {action.name} {text}" for text in of_action(action)]
    for obj in bpy.data.objects:
        lines += _of_object(obj)
    for scene in bpy.data.scenes:
        settings = scene.quaternet
        lines.append(f"scene {scene.name} {scene.frame_current} {scene.frame_start}")
        lines.append(f"settings {settings.curve} {settings.speed} {settings.seed}")
    for armature in bpy.data.armatures:
        mapping = armature.quaternet_mapping
        lines.append(f"mapping {armature.name} {sorted(mapping.as_dict().items())}")
    active = bpy.context.view_layer.objects.active
    lines.append(f"active {active and active.name} {active and active.mode}")
    return sorted(lines)


def curves_of(action):
    """Every F-curve of an action."""
    if hasattr(action, "fcurves"):
        return list(action.fcurves)
    return [c for y in action.layers for s in y.strips for b in s.channelbags for c in b.fcurves]


def of_action(action):
    """Every key of an action."""
    lines = []
    for curve in curves_of(action):
        keys = [(*map(float, p.co), p.interpolation) for p in curve.keyframe_points]
        lines.append(f"{curve.data_path}[{curve.array_index}] {keys}")
    return lines


def _of_object(obj):
    data = obj.animation_data
    slot = getattr(data, "action_slot", None)
    state = (data is not None, data and data.action, slot and slot.identifier)
    lines = [
        f"object {obj.name} {list(map(list, obj.matrix_world))} select={obj.select_get()}",
        f"animation {obj.name} {state}",
    ]
    lines += [
        f"take {obj.name} {_name(take.action)} {take.mode} {take.settings} {_name(take.previous)}"
        for take in obj.quaternet_takes.items
    ]
    if obj.pose is not None:
        lines += [f"pose {b.name} {list(map(list, b.matrix_basis))}" for b in obj.pose.bones]
    return lines


def _name(block):
    """An undo may put a data-block elsewhere in memory: its name stays."""
    return block and block.name
