# SPDX-License-Identifier: GPL-3.0-or-later
"""Limbs that are posed by an IK target and a pole: where those go for a motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import (
    conjugate,
    multiply,
    quaternion_to_rotation_vector,
    rotate,
    rotation_vector_to_quaternion,
)
from ..keys.channels import Channel
from .movers import acts, driven

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import bpy

    from .armature import Rig
    from .options import DrivingOptions


_BEND = 0.05  # of the limb: a straighter one bends the way its upper bone faces
_FOLDED, _BEGUN = np.radians((60.0, 100.0)), np.radians(115.0)  # from 105 on all are found
_POLE = 0.7  # limb lengths from the middle joint to a pole
_CHAINS = (("UpLeg", "Leg", "Foot", "ToeBase"), ("Arm", "ForeArm", "Hand", ""))
# end joint -> names in rigs that Rigify generated: target, pole, switches, control of the toes
_RIGIFY = {
    "Foot": ("foot_ik.{}", "thigh_ik_target.{}", "thigh_parent.{}", "toe_ik.{}"),
    "Hand": ("hand_ik.{}", "upper_arm_ik_target.{}", "upper_arm_parent.{}", ""),
}


_ROLLS = ("thigh_ik.{}", "upper_arm_ik.{}", "foot_heel_ik.{}", "foot_spin_ik.{}")


@dataclass(frozen=True)
class Limb:
    """One limb: bone names. toes, pole, switch: "" where there is none.

    joints: upper, lower, end (canonical). turns: the target carries the end's rotation.
    """

    joints: tuple
    target: str
    pole: str = ""
    toes: str = ""
    switch: str = ""
    turns: bool = True

    @property
    def side(self) -> str:
        """Left or Right."""
        return "Left" if self.joints[0].startswith("Left") else "Right"

    @property
    def replaced(self) -> tuple[str, ...]:
        """Joints whose own bones are not keyed."""
        own = self.joints[:2] + (self.joints[2:] if self.turns else ())
        return (*own, self.side + "ToeBase") if self.toes else own

    def at_rest(self, obj: bpy.types.Object) -> list[bpy.types.PoseBone]:
        """Pose bones that move what the target carries, so they have to be at rest."""
        if not self.switch:
            return []
        names = (name.format(self.side[0]) for name in _ROLLS)
        return [obj.pose.bones[name] for name in names if name in obj.pose.bones]


def find_limbs(
    obj: bpy.types.Object, mapping: Mapping[str, str], wanted: bool = True
) -> list[Limb]:
    """The `Limb`s of a rig: those of Rigify, and mapped bones with an IK constraint.

    wanted: False for those only whose own bones no switch frees: IK holds them anyway.
    """
    limbs = []
    for side, letter in (("Left", "L"), ("Right", "R")):
        for upper, lower, end, _ in _CHAINS:
            joints = tuple(side + joint for joint in (upper, lower, end))
            if not all(joint in mapping for joint in joints):
                continue
            limb = _rigify_limb(obj, joints, end, letter) or _constrained(obj, joints, mapping)
            limbs += [limb] if limb else []
    return [limb for limb in limbs if wanted or not limb.switch]


def told_stretch(obj: bpy.types.Object, mapping: Mapping[str, str], limbs: list[Limb]) -> list[str]:
    """A warning where IK would lengthen limbs in place of bending them, or none."""
    stretched = []
    for limb in (limb for limb in limbs if not limb.switch):
        bones = [obj.pose.bones[mapping[joint]] for joint in limb.joints]
        if any(c.type == "IK" and c.use_stretch for bone in bones for c in bone.constraints):
            stretched += [bone.name for bone in bones[:2] if bone.ik_stretch > 0.0]
    if not stretched:
        return []
    named = ", ".join(map(repr, stretched[:4])) + (" and others" if len(stretched) > 4 else "")
    told = (
        f"IK Stretch lengthens {named} in place of bending: set it to 0 "
        "(Bone properties > Inverse Kinematics)"
    )
    return [told]


def find_following(
    obj: bpy.types.Object, mapping: Mapping[str, str], options: DrivingOptions
) -> list[Limb]:
    """`Limb`s whose IK controls come along while FK turns the limb: nothing else moves them.

    options: `DrivingOptions`, which say whether they are wanted.
    """
    if options.ik or not options.follow:
        return []
    moved = driven(obj)
    following = []
    for limb in find_limbs(obj, mapping):
        names = [name for name in (limb.target, limb.pole, limb.toes) if name]
        held = [n for n in names if moved.get(n) or any(map(acts, obj.pose.bones[n].constraints))]
        if limb.switch and not held and (not limb.toes or limb.side + "ToeBase" in mapping):
            following.append(limb)
    return following


def _rigify_limb(obj, joints, end, letter):
    names = [name.format(letter) for name in _RIGIFY[end]]
    bones = obj.pose.bones
    if any(name not in bones for name in names[:3]) or "IK_FK" not in bones[names[2]]:
        return None
    target, pole, switch, toes = names
    return Limb(joints, target, pole, toes if toes in bones else "", switch)


def _constrained(obj, joints, mapping):
    """A limb whose lower bone has an IK constraint to a bone of the same armature."""
    for constraint in obj.pose.bones[mapping[joints[1]]].constraints:
        if constraint.type == "IK" and acts(constraint) and constraint.target == obj:
            pole = constraint.pole_subtarget if constraint.pole_target == obj else ""
            if constraint.subtarget:
                return Limb(joints, constraint.subtarget, pole, turns=False)
    return None


def without_ik(bones: Mapping[str, Any], limbs: Iterable[Limb]) -> dict[str, Any]:
    """``{joint: bone}`` without the joints of limbs that IK turns."""
    replaced = {joint for limb in limbs for joint in limb.replaced}
    return {joint: bone for joint, bone in bones.items() if joint not in replaced}


def switch_channels(
    obj: bpy.types.Object,
    limbs: Iterable[Limb],
    values: Iterable[tuple[str, float]] = (("IK_FK", 0.0), ("pole_vector", 1.0)),
) -> list[Channel]:
    """Channels with one constant key that hand Rigify's limbs to IK and their poles.

    values: properties and what they are set to.
    """
    channels = []
    for limb in limbs:
        for name, value in values:
            if limb.switch and name in obj.pose.bones[limb.switch]:
                path = f'pose.bones["{limb.switch}"]["{name}"]'
                channels.append(Channel(path, np.array([[value]]), limb.switch, "CONSTANT"))
    return channels


def targets_of(
    limb: Limb,
    rig: Rig,
    mapping: Mapping[str, str],
    rotations: Mapping[int, np.ndarray],
    places: Mapping[str, np.ndarray],
) -> tuple[dict[Any, np.ndarray], dict[Any, np.ndarray]]:
    """Where a limb's controls go: ``({bone: (T, 4)}, {bone: (T, 3)})``, armature space.

    rotations: mapped bone's index -> ``(T, 4)`` in armature space; places: joint -> ``(T, 3)``.
    """
    turns, goals = {}, {}
    end = rig.names.index(mapping[limb.joints[2]])
    turn = multiply(rotations[end], conjugate(rig.rotations[end])[None])
    target = rig.names.index(limb.target)
    goals[target] = places[limb.joints[2]] + rotate(turn, rig.heads[target] - rig.heads[end])
    if limb.turns:
        turns[target] = multiply(turn, rig.rotations[target][None])
    if limb.toes:
        toe, mapped = (rig.names.index(n) for n in (limb.toes, mapping[limb.side + "ToeBase"]))
        turn = multiply(rotations[mapped], conjugate(rig.rotations[mapped])[None])
        turns[toe] = multiply(turn, rig.rotations[toe][None])
    if limb.pole:
        upper = rig.names.index(mapping[limb.joints[0]])
        turn = multiply(rotations[upper], conjugate(rig.rotations[upper])[None])
        goals[rig.names.index(limb.pole)] = _pole(limb, rig, mapping, places, turn)
    return turns, goals


def begun(turns: np.ndarray) -> np.ndarray:
    """From which rotation of a knee or an elbow IK is to go on, ``(T, 4)``, for what it is to have.

    Blender goes from the pose below the constraint, step by step. From a straight limb it does not
    find one that is folded by more than 120 degrees, and puts its middle joint anywhere. From one
    whose upper bone is at right angles to the line to its end it would not see where the pole is.
    """
    turned = quaternion_to_rotation_vector(turns)
    far = np.linalg.norm(turned, axis=-1, keepdims=True)
    less = np.interp(far, _FOLDED, (0.0, 1.0)) * np.minimum(far, _BEGUN)
    return rotation_vector_to_quaternion(turned * (less / np.maximum(far, 1e-9)))


def _pole(limb, rig, mapping, places, turn):
    """In front of the knee, or behind the elbow, in the plane of the bend: ``(T, 3)``."""
    root, middle, end = (places[joint] for joint in limb.joints)
    line = end - root
    along = ((middle - root) * line).sum(-1) / np.maximum((line * line).sum(-1), 1e-12)
    bend = middle - root - along[:, None] * line
    length = np.linalg.norm(middle - root, axis=-1) + np.linalg.norm(end - middle, axis=-1)
    bones = [rig.heads[rig.names.index(mapping[joint])] for joint in limb.joints]
    pole = rig.heads[rig.names.index(limb.pole)]
    rest = pole - bones[1]
    rest_line = bones[2] - bones[0]
    rest = rest - rest_line * (rest @ rest_line) / max(rest_line @ rest_line, 1e-12)
    facing = rotate(turn, rest / max(np.linalg.norm(rest), 1e-12))
    bend = bend / length[:, None] + _BEND * facing
    bend /= np.maximum(np.linalg.norm(bend, axis=-1, keepdims=True), 1e-12)
    return middle + _POLE * length[:, None] * bend
