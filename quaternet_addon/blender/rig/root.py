# SPDX-License-Identifier: GPL-3.0-or-later
"""What travels: a root bone or the armature object, on the ground under the hips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.maths.quaternion import conjugate, matrix_to_quaternion, multiply, rotate
from ..keys.action import active_action, all_fcurves
from ..keys.channels import Channel, rotation_channels, rotation_property
from . import animatable
from .armature import bone_locations, core_rotations_to_blender, core_to_blender
from .movers import acts, driven, is_carried
from .private_scene import graph_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...core.body.motion import Motion
    from ...core.feet.root_track import RootTrack
    from .armature import Rig
    from .options import DrivingOptions


def root_of(
    obj: bpy.types.Object,
    rig: Rig,
    mapping: Mapping[str, str],
    options: DrivingOptions,
    controls: bool,
) -> RootBone | RootObject | None:
    """A RootBone, a RootObject or None (the hips travel), as the `DrivingOptions` say.

    controls: the mapped bones are controls, see `Driver`. ValueError for a root that could not
    carry the body.
    """
    carrier = animatable.unconnected(obj, mapping["Hips"])
    animatable.require_carrier(obj, mapping, carrier, controls, options)
    if options.root == "AUTO":
        name = _root_control(obj, mapping["Hips"]) if controls else ""
        free = name and name not in mapping.values() and not _hips_travel(obj, mapping, name)
        return RootBone(obj, rig, mapping, name, controls) if free else None
    if options.root == "BONE":
        return RootBone(obj, rig, mapping, options.root_bone, controls)
    if options.root == "OBJECT":
        return RootObject(obj, rig)
    return None


def under_root(
    root: RootBone | RootObject | None,
    track: RootTrack | None,
    motion: Motion,
    previous: Mapping[str, np.ndarray] | None,
) -> tuple[list[Channel], Motion, dict[int, tuple[np.ndarray, np.ndarray]]]:
    """Channels of the root for a motion, the motion as seen from it, and `RootBone.driven`.

    root: of `root_of`; track: of it, for the motion's frames; None without a root. previous: data
    path -> values of the frame before.
    """
    if root is None or track is None:
        return [], motion, {}
    return root.channels(track, previous), track.remove(motion), root.driven(track)


class RootBone:
    """A bone above the hips that goes along the ground."""

    moves_object = False

    def __init__(self, obj, rig, mapping, name, controls):
        self._obj, self._rig = obj, rig
        self._name = name = name or _root_control(obj, mapping["Hips"])
        if name not in obj.pose.bones:
            raise ValueError(
                f"Expected a root bone above the hips bone {mapping['Hips']!r}, got "
                f"{name or 'none'!r}. Choose one in Driving > Root Bone, or let the hips travel."
            )
        above = [bone.name for bone in obj.pose.bones[mapping["Hips"]].parent_recursive]
        if name in mapping.values() or (name not in above and not controls):
            raise ValueError(
                f"Expected a root bone that carries the hips bone {mapping['Hips']!r} and is no "
                f"joint itself, got {name!r}. Its parents are: {', '.join(above) or 'none'}."
            )
        if _is_moved(obj, name):
            raise ValueError(
                f"A constraint or a driver moves the bone {name!r}, so it cannot be the root. "
                "Choose another one in Driving > Root Bone, or mute the constraint."
            )
        pose = obj.pose.bones[name]
        self._turn_path = pose.path_from_id(rotation_property(pose.rotation_mode))
        self.paths = {pose.path_from_id("location"), self._turn_path}

    def driven(self, track: RootTrack) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """Index -> rotations and heads in armature space, for a `RootTrack`."""
        rig, index = self._rig, self._rig.names.index(self._name)
        rest = rig.rest_pose
        turns = multiply(track.turns, rest.rotations[index][None])
        places = rig.to_armature(track.move(rest.heads[index]))
        return {index: (rig.rotations_to_armature(turns), places)}

    def channels(
        self, track: RootTrack, previous: Mapping[str, np.ndarray] | None
    ) -> list[Channel]:
        """Its location and rotation for a `core.feet.root_track.RootTrack`."""
        rig, index = self._rig, self._rig.names.index(self._name)
        rest = rig.rest_pose
        globals_ = multiply(track.turns, rest.rotations[index][None])
        basis = multiply(conjugate(rest.rotations[index])[None], globals_)
        bone, pose = self._obj.data.bones[self._name], self._obj.pose.bones[self._name]
        places = bone_locations(rig, bone, track.move(rest.heads[index]))
        before = previous.get(self._turn_path)
        turns = rotation_channels(basis, pose.rotation_mode, before)
        return [
            Channel(pose.path_from_id("location"), places, self._name),
            Channel(self._turn_path, turns, self._name),
        ]


def _root_control(obj, hips):
    """Name of the topmost bone that carries the hips and that nothing but keys moves, or "".

    Where a constraint moves the bones above, it is the one that they follow in the end.
    """
    bones, seen, level = obj.pose.bones, {hips}, [hips]
    while level:
        followed = []
        for name in level:
            above = [bone.name for bone in bones[name].parent_recursive]
            free = [bone for bone in above if not _is_moved(obj, bone)]
            if free:
                return free[-1]
            for bone in [name, *above]:
                followed += _followed(obj, bones[bone])
        free = [name for name in followed if not bones[name].parent and not _is_moved(obj, name)]
        if free:
            return free[0]
        level = [name for name in dict.fromkeys(followed) if name not in seen]
        seen.update(level)
    return ""


def _is_moved(obj, name):
    """Does more than its keys move a bone?"""
    return bool(driven(obj).get(name)) or any(map(acts, obj.pose.bones[name].constraints))


def _followed(obj, bone):
    """Names of the bones of the same armature that constraints make a bone follow."""
    names = []
    for constraint in bone.constraints:
        if constraint.type == "ARMATURE":
            names += [t.subtarget for t in constraint.targets if t.target == obj]
        elif getattr(constraint, "target", None) == obj:
            names.append(constraint.subtarget)
    return [name for name in names if name in obj.pose.bones]


def _hips_travel(obj, mapping, root):
    """Do the keys of the active action move the hips along and leave the root where it is?"""
    action = active_action(obj)
    if action is None:
        return False
    keyed = {curve.data_path for curve in all_fcurves(action)}
    hips, above = (
        obj.pose.bones[name].path_from_id("location") for name in (mapping["Hips"], root)
    )
    return hips in keyed and above not in keyed


class RootObject:
    """The armature object itself."""

    moves_object = True
    paths = ()

    def __init__(self, obj, rig):
        self._obj, self._rig = obj, rig
        holding = [c.name for c in obj.constraints if acts(c)]
        if holding:
            raise ValueError(
                f"The constraint {holding[0]!r} holds the object {obj.name!r}, so it cannot "
                "travel. Mute it, or let a root bone or the hips travel."
            )
        if is_carried(obj):
            raise ValueError(
                f"Something else moves the object {obj.name!r}: its parent or drivers. Let a root "
                "bone or the hips travel, or clear the parent (Object > Parent > Clear)."
            )
        parts = [obj.delta_location, obj.delta_rotation_euler]
        if np.any([tuple(part) for part in parts]) or obj.delta_rotation_quaternion.angle > 1e-6:
            raise ValueError(
                f"The object {obj.name!r} has delta transforms. Apply them (Object > Apply > "
                "Delta Transforms are under Object properties), or let the hips travel."
            )
        # World matrix = parent's part @ what is keyed.
        with graph_of(bpy.context, obj) as graph:
            shown = obj.evaluated_get(graph)
            world, own = np.array(shown.matrix_world), np.array(shown.matrix_basis)
        self._carrier = world @ np.linalg.inv(own)

    def driven(self, track: RootTrack) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """No bone: see `RootBone.driven`."""
        return {}

    def channels(
        self, track: RootTrack, previous: Mapping[str, np.ndarray] | None
    ) -> list[Channel]:
        """Location and rotation of the object for a `core.feet.root_track.RootTrack`."""
        obj, rig = self._obj, self._rig
        places = core_to_blender(track.move(rig.to_core(np.zeros(3))), rig.unit)
        turns = multiply(core_rotations_to_blender(track.turns), rig.turn[None])
        linear = self._carrier[:3, :3]
        size = np.linalg.norm(linear[:, 0])
        carried = matrix_to_quaternion(linear / size)
        places = rotate(conjugate(carried)[None], places - self._carrier[:3, 3]) / size
        turns = multiply(conjugate(carried)[None], turns)
        path = rotation_property(obj.rotation_mode)
        turns = rotation_channels(turns, obj.rotation_mode, previous.get(path))
        return [
            Channel("location", places, "Object Transforms"),
            Channel(path, turns, "Object Transforms"),
        ]
