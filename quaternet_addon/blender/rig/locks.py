# SPDX-License-Identifier: GPL-3.0-or-later
"""Locked channels of mapped bones: they keep their values, and bones below take up the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from mathutils import Euler, Quaternion

from ..keys.channels import rotation_channels

if TYPE_CHECKING:
    from ..keys.channels import Channel


class Locks:
    """The locks of one rig's mapped bones.

    bones: canonical joint -> bone index. warnings: what is locked, for the user. ValueError if
    the hips cannot travel.
    """

    def __init__(self, obj, rig, mapping, bones):
        self._pose, self._names = obj.pose.bones, rig.names
        self._hips = self._pose[mapping["Hips"]]
        if all(self._hips.lock_location):
            raise ValueError(
                f"The location of the hips bone {self._hips.name!r} is locked, so the body cannot "
                "travel. Unlock it (Bone properties > Transform), or choose another hips bone."
            )
        self._locked = {bone for bone in bones.values() if any(self._axes(bone))}
        names = [rig.names[bone] for bone in sorted(self._locked)]
        self.warnings = []
        if names:
            self.warnings.append(f"locked rotations stay as they are: {', '.join(names)}")
        if any(self._hips.lock_location):
            self.warnings.append(f"locked axes of {self._hips.name!r} do not travel")

    def _axes(self, bone):
        """Which of x, y, z (and w, last) are locked in the bone's rotation mode."""
        pose = self._pose[self._names[bone]]
        four = pose.rotation_mode in {"QUATERNION", "AXIS_ANGLE"}
        separate = four and pose.lock_rotations_4d
        return (*pose.lock_rotation, pose.lock_rotation_w if separate else False)

    def is_fixed(self, bone: int) -> bool:
        """True if no rotation of a bone may be keyed."""
        return all(self._axes(bone)[:3])

    def restrict(self, bone: int, turns: np.ndarray) -> np.ndarray:
        """Rotations ``(T, 4)`` in bone space with what is locked as the bone has it now.

        Locked axes of quaternions count as those of XYZ Euler angles.
        """
        if bone not in self._locked:
            return turns
        pose = self._pose[self._names[bone]]
        four = pose.rotation_mode in {"QUATERNION", "AXIS_ANGLE"}
        order = "XYZ" if four else pose.rotation_mode
        now = self._now(pose, order)
        angles = rotation_channels(turns, order)
        for axis in range(3):
            if pose.lock_rotation[axis]:
                angles[:, axis] = now[axis]
        return np.array([Euler(row, order).to_quaternion() for row in angles])

    @staticmethod
    def _now(pose, order):
        if pose.rotation_mode == "QUATERNION":
            return pose.rotation_quaternion.to_euler(order)
        if pose.rotation_mode == "AXIS_ANGLE":
            turn, *axis = pose.rotation_axis_angle
            return Quaternion(axis, turn).to_euler(order)
        return pose.rotation_euler

    def location(self, channel: Channel) -> Channel:
        """A location channel; of the hips, with its locked axes as they are."""
        if channel.group != self._hips.name or not any(self._hips.lock_location):
            return channel
        values = np.where(self._hips.lock_location, self._hips.location, channel.values)
        return replace(channel, values=values)
