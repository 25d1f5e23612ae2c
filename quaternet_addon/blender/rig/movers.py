# SPDX-License-Identifier: GPL-3.0-or-later
"""What really moves a bone or an object besides its keys: constraints, drivers, NLA, carriers.

The one place that knows which of them act: valid, not muted, with influence and a target; chains
of IK with all their bones; drivers by what they drive, under the names as bones have them.
"""

from collections import defaultdict

import bpy

# constraints that only limit or measure leave the keys in charge
HARMLESS = {"LIMIT_ROTATION", "LIMIT_LOCATION", "LIMIT_SCALE", "LIMIT_DISTANCE", "MAINTAIN_VOLUME"}
# what other constraints take away where it is not all of a transform
_PARTS = {
    "COPY_LOCATION": {"location"},
    "COPY_SCALE": {"scale"},
    "COPY_ROTATION": {"rotation"},
    "DAMPED_TRACK": {"rotation"},
    "TRACK_TO": {"rotation"},
    "LOCKED_TRACK": {"rotation"},
    "FLOOR": {"location"},
    "CLAMP_TO": {"location"},
    "SHRINKWRAP": {"location"},
}
_ALL = {"location", "rotation", "scale"}
_CHAINS = {"IK", "SPLINE_IK"}


def acts(constraint: bpy.types.Constraint) -> bool:
    """Does a constraint do anything that keys do not? A dead target or no influence: no."""
    if constraint.mute or constraint.influence == 0.0 or constraint.type in HARMLESS:
        return False
    return _is_whole(constraint)


def _is_whole(constraint):
    """True if it has all that it needs: targets that exist, bones of theirs that exist."""
    if not constraint.is_valid:
        return False
    if constraint.type == "ARMATURE":
        return any(_there(t.target, t.subtarget) for t in constraint.targets)
    if not hasattr(constraint, "target"):
        return True
    return _there(constraint.target, getattr(constraint, "subtarget", ""))


def _there(target, subtarget):
    if target is None:
        return False
    bones = target.type == "ARMATURE" and subtarget
    return not bones or subtarget in target.data.bones


def constrained(obj: bpy.types.Object) -> dict[str, list[tuple[bpy.types.Constraint, set[str]]]]:
    """What constraints take from bones' keys: bone name -> ``[(constraint, parts), ...]``.

    parts: of "location", "rotation", "scale". IK takes the rotation of all bones of its chain.
    """
    found = defaultdict(list)
    for bone in obj.pose.bones:
        for constraint in filter(acts, bone.constraints):
            whole = _PARTS.get(constraint.type, _ALL)
            parts = {"rotation"} if constraint.type in _CHAINS else whole
            for member in turned_by(bone, constraint):
                found[member.name].append((constraint, parts))
    return dict(found)


def turned_by(
    bone: bpy.types.PoseBone, constraint: bpy.types.Constraint
) -> list[bpy.types.PoseBone]:
    """The bones that a constraint of a bone moves: of IK all of its chain."""
    if constraint.type not in _CHAINS:
        return [bone]
    line = [bone, *bone.parent_recursive]
    if constraint.type == "IK" and not constraint.use_tail:
        line = line[1:]
    return line[: constraint.chain_count] if constraint.chain_count else line


def driven(obj: bpy.types.Object) -> dict[str, set[str]]:
    """Bone name -> parts of its transform that drivers set: "location", "rotation", "scale"."""
    found = defaultdict(set)
    for curve, name, part in _on_bones(obj):
        if _drives(curve):
            found[name].add(part)
    return found


def broken_drivers(obj: bpy.types.Object) -> set[str]:
    """Names of bones with a driver that does not run now: broken, or Python that may not run."""
    return {name for curve, name, _ in _on_bones(obj) if not (curve.mute or curve.driver.is_valid)}


def muted_drivers(obj: bpy.types.Object, parts: set[str]) -> set[str]:
    """Names of bones with a driver of such parts that is muted, and would move them else."""
    return {name for curve, name, part in _on_bones(obj) if part in parts and curve.mute}


def _on_bones(obj):
    """``(driver, bone name, part of its transform)`` of an armature object's drivers."""
    for curve in obj.animation_data.drivers if obj.animation_data is not None else ():
        owner, _, channel = curve.data_path.rpartition(".")
        if not (owner.startswith('pose.bones["') and owner.endswith('"]')):
            continue
        name = bpy.utils.unescape_identifier(owner[len('pose.bones["') : -len('"]')])
        part = channel.partition("_")[0]
        if name in obj.pose.bones and part in _ALL and _is_used(obj.pose.bones[name], channel):
            yield curve, name, part


def _drives(curve):
    """Has a driver what it needs? One without a target, or muted, sets nothing."""
    driver = curve.driver
    if curve.mute or not driver.is_valid:
        return False
    targets = [target for variable in driver.variables for target in variable.targets]
    fixed = driver.type == "SCRIPTED" and not driver.variables
    whole = all(t.id is not None for t in targets if getattr(t, "id_type", "") != "SCENE")
    return fixed or (bool(targets) and whole)


def _is_used(bone, channel):
    """Does a bone in its rotation mode look at a channel?"""
    if not channel.startswith("rotation_") or channel == "rotation_mode":
        return channel != "rotation_mode"
    used = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}
    return channel == used.get(bone.rotation_mode, "rotation_euler")


def taken(obj: bpy.types.Object, parts: set[str]) -> dict[str, str]:
    """Bones whose keys of ``parts`` lose: bone name -> words that name what wins."""
    found = {name: f"a driver on {name!r}" for name, of in driven(obj).items() if of & parts}
    for name, constraints in constrained(obj).items():
        for constraint, of in constraints:
            if of & parts:
                found.setdefault(name, f"the constraint {constraint.name!r}")
    return found


def solo_track(obj: bpy.types.Object) -> bpy.types.NlaTrack | None:
    """The NLA track that plays alone, or None."""
    data = obj.animation_data
    tracks = data.nla_tracks if data is not None and data.use_nla else ()
    return next((track for track in tracks if track.is_solo), None)


def is_carried(obj: bpy.types.Object) -> bool:
    """Does something else than its own keys move an object about over time?"""
    data = obj.animation_data
    own = [c for c in (data.drivers if data else ()) if not c.data_path.startswith("pose.")]
    return bool(own or any(map(acts, obj.constraints)) or _moves(obj.parent))


def _moves(obj):
    """May an object, or what carries it, move over time?"""
    if obj is None:
        return False
    # A path that children follow, or the vertices that they hang on, are of the object's data.
    keys = getattr(obj.data, "shape_keys", None)
    animated = any(map(_plays, (obj, obj.data, keys)))
    return bool(animated or is_carried(obj) or obj.rigid_body)


def _plays(block):
    """Has a data-block, or None, animation of its own?"""
    data = getattr(block, "animation_data", None)
    return data is not None and bool(data.action or len(data.drivers) or len(data.nla_tracks))


def hangs_on(obj: bpy.types.Object, rig: bpy.types.Object) -> str | None:
    """What of a rig carries another object along, in words; "": the rig's object; None: nothing.

    Parents, constraints and modifiers count, also those of parents.
    """
    found, seen = [], set()
    while obj is not None and obj not in seen:
        seen.add(obj)
        found += [_carrier(target, bone) for target, bone in _targets(obj) if target == rig]
        obj = obj.parent
    return max(found, default=None)


def _carrier(rig, bone):
    """A bone, all bones where it is None, the object where it is "", in words."""
    return "the bones" if bone is None else f"the bone {bone!r}" if bone else ""


def _targets(obj):
    """``(object, name of its bone)`` of what may move an object or its shape."""
    if obj.parent is not None:
        bones = {"BONE": obj.parent_bone, "ARMATURE": None}
        yield obj.parent, bones.get(obj.parent_type, "")
    for constraint in filter(acts, obj.constraints):
        yield getattr(constraint, "target", None), getattr(constraint, "subtarget", "")
    for modifier in obj.modifiers:
        bone = None if modifier.type == "ARMATURE" else getattr(modifier, "subtarget", "")
        yield getattr(modifier, "object", None), bone
