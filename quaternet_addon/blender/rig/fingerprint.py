# SPDX-License-Identifier: GPL-3.0-or-later
"""How a rig is built and how it is posed, as values: equal if nothing of it was changed."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    import bpy

    from .armature import Rig


_FLAGS = ("use_inherit_rotation", "use_local_location", "use_connect")
_SCALARS = {"BOOLEAN", "INT", "FLOAT", "ENUM", "STRING"}
_IDLE = {"name", "active", "show_expanded", "is_valid", "error_location", "error_rotation"}
_IDLE |= {"is_proxy_local", "is_override_data", "enabled"}  # enabled: mute says it already
_POSE = {"location": 3, "rotation_quaternion": 4, "rotation_euler": 3}
_POSE |= {"rotation_axis_angle": 4, "scale": 3}
_DRIVEN = ("influence", "mute")  # they change with the frame: their drivers count instead


def fingerprint(obj: bpy.types.Object, rig: Rig, leave_out: Any, more: Any = ()) -> tuple[Any, ...]:
    """A hashable value of an armature object's bones, modes, constraints, drivers, properties.

    rig: its `armature.Rig`. leave_out: data paths of custom properties that do not count. more:
    whatever else counts, hashable. Poses do not count.
    """
    bones = obj.data.bones
    rest = [rig.heads.tobytes(), rig.rotations.tobytes()]
    rest += [_read(bones, name) for name in _FLAGS]
    rest += [bone.inherit_scale for bone in bones]
    rest += [obj.data.pose_position, obj.pose.ik_solver]
    modes = [bone.rotation_mode for bone in obj.pose.bones]
    driven, drivers = _drivers(obj)
    return (
        rig.names,
        rig.parents,
        tuple(rest),
        tuple(modes),
        tuple(drivers),
        tuple(_constraints(obj, driven)),
        tuple(_properties(obj, leave_out)),
        more,
    )


def posture(obj: bpy.types.Object, leave_out: Any) -> tuple[Any, ...]:
    """A hashable value of where the bones are put, as the properties say.

    leave_out: channels that do not count, as they are set anyway.
    """
    bones = obj.pose.bones
    index = {name: row for row, name in enumerate(bones.keys())}
    rows = {name: [] for name in _POSE}
    for channel in leave_out:
        name = channel.path.rpartition(".")[2]
        if name in rows and channel.group in index:
            rows[name].append(index[channel.group])
    values = []
    for name, width in _POSE.items():
        buffer = np.empty(len(index) * width, np.float32)
        bones.foreach_get(name, buffer)
        buffer.reshape(-1, width)[rows[name]] = 0.0
        values.append(buffer.tobytes())
    return tuple(values)


def stands_alone(obj: bpy.types.Object) -> bool:
    """Do the bones follow nothing but each other: no other object, and not the time?"""
    own = {None, obj, obj.data}
    for curve in obj.animation_data.drivers if obj.animation_data else ():
        driver = curve.driver
        targets = {target.id for v in driver.variables for target in v.targets}
        scripted = driver.type == "SCRIPTED"
        if not own.issuperset(targets) or (scripted and not _is_plain(driver)):
            return False
    for bone in obj.pose.bones:
        for constraint in bone.constraints:
            if not own.issuperset(blocks_of(constraint)):
                return False
    return True


def blocks_of(constraint: bpy.types.Constraint) -> list[Any]:
    """The data-blocks that a constraint refers to, and None."""
    kind: Any = type(constraint)
    blocks = [getattr(constraint, name) for name in _getters(kind)[2]]
    if constraint.type == "ARMATURE":
        blocks += [target.target for target in constraint.targets]
    return blocks


def _is_plain(driver):
    return driver.is_simple_expression and "frame" not in driver.expression


def _read(collection, name):
    buffer = np.empty(len(collection), bool)
    collection.foreach_get(name, buffer)
    return buffer.tobytes()


def _drivers(obj):
    """Data paths that are driven, and all about their drivers."""
    found = []
    for curve in obj.animation_data.drivers if obj.animation_data else ():
        driver = curve.driver
        inputs = tuple(
            (variable.name, variable.type, *map(_target, variable.targets))
            for variable in driver.variables
        )
        shape = driver.type, driver.expression, curve.mute
        keys = tuple(tuple(point.co) for point in curve.keyframe_points)
        found.append((curve.data_path, curve.array_index, *shape, inputs, keys))
    return {row[0] for row in found}, found


def _target(target):
    name = target.id.name if target.id is not None else ""
    kind = target.transform_type, target.transform_space
    return name, target.data_path, target.bone_target, *kind


def _constraints(obj, driven):
    for bone in obj.pose.bones:
        for constraint in bone.constraints:
            path = f'pose.bones["{bone.name}"].constraints["{constraint.name}"].'
            scalars, arrays, blocks = _getters(type(constraint))
            yield bone.name, scalars(constraint)
            yield tuple(path + k in driven or getattr(constraint, k) for k in _DRIVEN)
            yield tuple(_hashable(getattr(constraint, name)) for name in arrays)
            yield tuple(_name(getattr(constraint, name)) for name in blocks)
            if constraint.type == "ARMATURE":
                yield tuple((_name(t.target), t.subtarget, t.weight) for t in constraint.targets)


@lru_cache(maxsize=64)
def _getters(kind):
    """Of a kind of constraint: a function to its numbers and texts; names of other properties."""
    count = [p for p in kind.bl_rna.properties if p.identifier not in (*_IDLE, *_DRIVEN)]
    plain = [p for p in count if p.type in _SCALARS]
    arrays = [p.identifier for p in plain if getattr(p, "is_array", False) or _is_set(p)]
    blocks = [p.identifier for p in count if p.type == "POINTER" and p.identifier != "rna_type"]
    return attrgetter(*(p.identifier for p in plain if p.identifier not in arrays)), arrays, blocks


def _is_set(prop):
    return prop.type == "ENUM" and prop.is_enum_flag


def _hashable(value):
    return frozenset(value) if isinstance(value, set) else np.array(value).tobytes()


def _name(block):
    return getattr(block, "name", "")


def _properties(obj, leave_out):
    """Custom properties of the bones, that drivers look at."""
    for bone in obj.pose.bones:
        for name, value in bone.items():
            counts = f'pose.bones["{bone.name}"]["{name}"]' not in leave_out
            if counts and isinstance(value, (bool, int, float, str)):
                yield bone.name, name, value
