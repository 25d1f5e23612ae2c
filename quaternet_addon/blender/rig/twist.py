# SPDX-License-Identifier: GPL-3.0-or-later
"""Bones along a forearm share the twist of its hand: two-segment limbs and twist bones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import (
    axis_angle_to_quaternion,
    conjugate,
    multiply,
    rotate,
    swing_twist,
)
from .movers import taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    import bpy

    from .armature import Rig


_PARALLEL = np.cos(np.radians(10.0))
_ALONG = np.array([0.0, 1.0, 0.0])  # a bone's own axis in its space


def share_twist(
    obj: bpy.types.Object, rig: Rig, bones: Mapping[str, int], basis: dict[int, np.ndarray]
) -> dict[int, np.ndarray]:
    """Basis rotations with unmapped bones along the forearms turned by their share of the twist.

    bones: canonical joint -> bone index; basis: bone index -> ``(T, 4)`` in bone space. Bones
    between forearm and hand take turns from the hand, which stays where it was in the world;
    bones beside it (named twist) only turn along. Mapped bones keep their poses.
    """
    basis = dict(basis)
    for side in ("Left", "Right"):
        near, far = bones.get(side + "ForeArm"), bones.get(side + "Hand")
        if near is None or far is None:
            continue
        between, beside = _segments(obj, rig, set(bones.values()), near, far)
        axis = rotate(conjugate(rig.rotations[far]), _direction(rig, near))
        _, twist = swing_twist(basis[far], axis)
        angle = np.unwrap(2.0 * np.arctan2((twist[:, 1:] * axis).sum(-1), twist[:, 0]))
        angle -= 2.0 * np.pi * np.round(angle[0] / (2.0 * np.pi))
        for bone in between:
            basis[bone] = _turned(rig, bone, near, angle / (len(between) + 1))
        for bone, share in beside:
            basis[bone] = _turned(rig, bone, near, share * angle)
        taken = angle * len(between) / (len(between) + 1)
        basis[far] = multiply(axis_angle_to_quaternion(axis, -taken), basis[far])
    return basis


def _turned(rig, bone, near, angle):
    """Rotations of a bone along a limb about the limb's direction."""
    forward = _direction(rig, bone) @ _direction(rig, near) > 0.0
    return axis_angle_to_quaternion(_ALONG, angle if forward else -angle)


def _direction(rig, bone):
    along = rig.tails[bone] - rig.heads[bone]
    return along / max(np.linalg.norm(along), 1e-12)


def _segments(obj, rig, mapped, near, far):
    """Bones from ``near`` to ``far``, and (bone, share) beside ``far``: free and parallel ones."""
    moved = taken(obj, {"rotation"})

    def free(bone):
        pose = obj.pose.bones[rig.names[bone]]
        held = rig.names[bone] in moved or any(pose.lock_rotation)
        parallel = abs(_direction(rig, bone) @ _direction(rig, near)) > _PARALLEL
        return parallel and not held and bone not in mapped

    between, bone = [], rig.parents[far]
    while bone >= 0 and bone != near:
        between.append(bone)
        bone = rig.parents[bone]
    if bone != near or not all(free(bone) for bone in between):
        between = []
    beside = []
    length = max(np.linalg.norm(rig.tails[far] - rig.heads[near]), 1e-9)
    for bone, parent in enumerate(rig.parents):
        named = "twist" in rig.names[bone].lower()
        if parent == near and named and free(bone):
            place = (rig.heads[bone] - rig.heads[near]) @ _direction(rig, near) / length
            beside.append((bone, float(np.clip(place, 0.0, 1.0)) or 0.5))
    return between, beside
