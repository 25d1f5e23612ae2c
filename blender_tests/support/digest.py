# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the file, as text: two equal digests mean that nothing was changed."""

import bpy

_PLAIN = ("BOOLEAN", "INT", "FLOAT", "STRING", "ENUM")
_BONE = (
    "location rotation_quaternion rotation_euler rotation_axis_angle scale rotation_mode".split()
)
_STRIP = "name frame_start frame_end action_frame_start mute blend_type influence".split()


def of_file():
    """Data-blocks, users, keys, NLA, poses, takes, mappings, options and scene state, sorted."""
    bpy.context.view_layer.update()
    lines = []
    for name, blocks in _collections():
        lines += [f"{name} {b.name} users={b.users} fake={b.use_fake_user}" for b in blocks]
    for action in bpy.data.actions:
        lines += [f"key {action.name} {text}" for text in of_action(action)]
        asset = action.asset_data
        if asset is not None:
            tags = sorted(tag.name for tag in asset.tags)
            lines.append(f"asset {action.name} {asset.description!r} {tags}")
    for obj in bpy.data.objects:
        lines += _of_object(obj)
    for scene in bpy.data.scenes:
        frames = scene.frame_current_final, scene.frame_start, scene.frame_end
        lines.append(f"scene {scene.name} {frames} {sorted(o.name for o in scene.objects)}")
        lines.append(f"settings {scene.name} {of_group(scene.quaternet)}")
    for armature in bpy.data.armatures:
        lines.append(f"mapping {armature.name} {of_group(armature.quaternet_mapping)}")
    active = bpy.context.view_layer.objects.active
    lines.append(f"active {active and active.name} {active and active.mode}")
    return sorted(lines)


def counts():
    """How many data-blocks of each kind there are."""
    return {name: len(blocks) for name, blocks in _collections()}


def _collections():
    left_out = {"screens", "window_managers", "all_ids"}  # the last, of 5.2, is all others again
    for prop in bpy.data.bl_rna.properties:
        if prop.type == "COLLECTION" and prop.identifier not in left_out:
            yield prop.identifier, getattr(bpy.data, prop.identifier)


def of_group(group):
    """All values of a property group, those in it included, as a dictionary."""
    values = {}
    for prop in group.bl_rna.properties:
        if prop.identifier in ("rna_type", "name"):
            continue
        value = getattr(group, prop.identifier)
        if prop.type in _PLAIN:
            values[prop.identifier] = list(value) if getattr(prop, "is_array", False) else value
        elif prop.type == "POINTER":
            block = isinstance(value, bpy.types.ID)
            values[prop.identifier] = _name(value) if block or value is None else of_group(value)
        elif prop.type == "COLLECTION":
            values[prop.identifier] = [of_group(item) for item in value]
    return values


def curves_of(action):
    """Every F-curve of an action."""
    if hasattr(action, "fcurves"):
        return list(action.fcurves)
    return [c for y in action.layers for s in y.strips for b in s.channelbags for c in b.fcurves]


def of_action(action):
    """Every key and marker of an action, its slots and its frame range."""
    lines = []
    for curve in curves_of(action):
        keys = [(*map(float, p.co), p.interpolation) for p in curve.keyframe_points]
        more = curve.extrapolation, curve.group and curve.group.name, curve.mute
        more = *more, [m.type for m in curve.modifiers], len(curve.sampled_points)
        lines.append(f"{curve.data_path}[{curve.array_index}] {more} {keys}")
    lines.append(f"markers {[(m.name, m.frame) for m in action.pose_markers]}")
    lines.append(f"range {action.use_frame_range} {action.use_cyclic}")
    lines.append(f"slots {[slot.identifier for slot in getattr(action, 'slots', ())]}")
    return lines


def _of_object(obj):
    data = obj.animation_data
    slot = getattr(data, "action_slot", None)
    state = (data is not None, data and _name(data.action), slot and slot.identifier)
    lines = [
        f"object {obj.name} {list(map(list, obj.matrix_world))} select={obj.select_get()}",
        f"hidden {obj.name} {obj.hide_viewport} {obj.hide_render} {obj.hide_get()}",
        f"own {obj.name} {list(map(list, obj.matrix_basis))} {obj.rotation_mode}",
        f"animation {obj.name} {state}",
        f"takes {obj.name} {of_group(obj.quaternet_takes)}",
        f"driving {obj.name} {of_group(obj.quaternet_driving)}",
    ]
    lines += [
        f"take {obj.name} {_name(take.action)} {take.mode} {take.settings} {_name(take.previous)}"
        for take in obj.quaternet_takes.items
    ]
    for track in data.nla_tracks if data else ():
        strips = [
            ([getattr(s, name) for name in _STRIP], _name(s.action), _handle(s))
            for s in track.strips
        ]
        lines.append(f"track {obj.name} {track.name} {track.mute} {strips}")
    if obj.pose is not None:
        lines += [f"pose {b.name} {_of_bone(b)}" for b in obj.pose.bones]
    return lines


def _of_bone(bone):
    values = [getattr(bone, name) for name in _BONE]
    values = [value if isinstance(value, str) else list(value) for value in values]
    own = [(key, _plain(bone[key])) for key in bone.keys()]  # noqa: SIM118  # of Blender
    return values, own, [constraint.mute for constraint in bone.constraints]


def _plain(value):
    if isinstance(value, (bool, int, float, str)):
        return value
    known = next((m for m in ("to_dict", "to_list") if hasattr(value, m)), None)
    return repr(getattr(value, known)() if known else value)  # a group's repr has its address


def _handle(strip):
    slot = getattr(strip, "action_slot", None)
    return slot and slot.identifier


def _name(block):
    """An undo may put a data-block elsewhere in memory: its name stays."""
    return block and block.name
