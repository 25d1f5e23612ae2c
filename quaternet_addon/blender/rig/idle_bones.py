# SPDX-License-Identifier: GPL-3.0-or-later
"""Bones that have no say in what is sampled: their constraints rest meanwhile.

IK that a rig is switched away from still takes half of its evaluation. Only the evaluated copy of
a private scene is changed, which nobody else sees. It cannot be changed back: Blender marks the
constraints of an evaluated copy that were touched as invalid. So the scene has to go then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .fingerprint import blocks_of

if TYPE_CHECKING:
    import bpy


_CHAINS = {"IK", "SPLINE_IK"}
_SPACES = {"WORLD", "POSE"}
# custom properties and channels, which constraints leave as they are
_KEYED = re.compile(r'"\]$|\.(location|rotation_\w+|scale)(\.[wxyz]|\[\d\])?$')


class IdleBones:
    """The bones that ``names`` do not depend on, as their rig is evaluated now.

    obj: the armature object; evaluated: its evaluated copy, whose constraints are put to rest at
    once; `holds` says whether what was counted on is so in another frame. resting: how many rest.
    """

    def __init__(self, obj, evaluated, names):
        self._assumed, self.resting = [], 0
        needed = self._needed(obj, evaluated, names) if _only_by_constraints(obj) else None
        if needed is None:
            return
        for bone in evaluated.pose.bones:
            if bone.name in needed:
                continue
            for constraint in bone.constraints:
                constraint.mute = True
                if constraint.type == "IK":
                    constraint.iterations = 1  # where a driver takes it out of its rest again
                self.resting += 1

    def holds(self, evaluated: bpy.types.Object) -> bool:
        """Do the constraints that counted or did not still do so, now?"""
        bones = evaluated.pose.bones
        return all(
            _state(bones[bone].constraints[number]) == state
            for bone, number, state in self._assumed
        )

    def _needed(self, obj, evaluated, names):
        """Names of the bones that count for some; None if that is not known."""
        chains, needed, left = _chains(obj), set(), list(names)
        while left:
            name = left.pop()
            if name in needed:
                continue
            needed.add(name)
            bone = obj.pose.bones[name]
            if bone.bone.bbone_segments > 1:
                return None  # neighbours bend it
            left += chains.get(name, ())
            states = [_state(constraint) for constraint in evaluated.pose.bones[name].constraints]
            first = 0 if name in chains else _last_word(obj, bone, states)
            for number in range(first, len(states)):
                constraint, active = bone.constraints[number], states[number] > 0.0
                if (first and number == first) or not active:
                    self._assumed.append((name, number, states[number]))
                if active:
                    found = _targets(obj, constraint)
                    if found is None:
                        return None
                    left += found
            if bone.parent is not None:
                left.append(bone.parent.name)
        return needed


def _state(constraint):
    """How much an evaluated constraint counts, 0 to 1."""
    return 0.0 if constraint.mute else constraint.influence


def _last_word(obj, bone, states):
    """Number of the last constraint that leaves nothing of what came before it, else 0."""
    for number in range(len(states) - 1, 0, -1):
        constraint = bone.constraints[number]
        if constraint.type != "COPY_TRANSFORMS" or states[number] < 1.0:
            continue
        spaces = {constraint.owner_space, constraint.target_space}
        if constraint.target == obj and constraint.mix_mode == "REPLACE" and spaces <= _SPACES:
            return number
    return 0


def _targets(obj, constraint):
    """Names of the bones that a constraint follows; None if it follows more than bones."""
    blocks = blocks_of(constraint)
    if any(block is not None and block != obj for block in blocks):
        return None
    names = [getattr(constraint, name, "") for name in ("subtarget", "pole_subtarget")]
    if constraint.type == "ARMATURE":
        names += [target.subtarget for target in constraint.targets]
    return [name for name in names if name in obj.pose.bones]


def _chains(obj):
    """Name of a bone -> names of the bones whose IK moves it."""
    chains = {}
    for bone in obj.pose.bones:
        for constraint in bone.constraints:
            if constraint.type in _CHAINS:
                above = [bone, *bone.parent_recursive]
                for moved in above[: constraint.chain_count or None]:
                    chains.setdefault(moved.name, []).append(bone.name)
    return chains


def _only_by_constraints(obj):
    """Do drivers look at what is keyed only, so that no bone follows another one by them?"""
    for curve in obj.animation_data.drivers if obj.animation_data else ():
        driver = curve.driver
        if driver.use_self:
            return False
        for variable in driver.variables:
            keyed = _KEYED.search(variable.targets[0].data_path)
            if variable.type != "SINGLE_PROP" or keyed is None:
                return False
    return True
