# SPDX-License-Identifier: GPL-3.0-or-later
"""Pelvis and trunk of walks: their angles against the way, and turns of them; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import offsets_together
from ..maths import elementary
from ..maths.quaternion import axis_angle_to_quaternion, rotate, yaw, yaw_to_quaternion
from .turnable import Turnable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.skeleton import Skeleton
    from ..maths.ragged import Ragged


LEFT, UP, AHEAD = np.eye(3)
LEGS, ARMS = ("LeftUpLeg", "RightUpLeg"), ("Neck", "LeftArm", "RightArm")


class UpperBody:
    """Angles of pelvis and trunk, ``(F,)`` radians, of clips on skeletons of one kind.

    rotations: ``(F, J, 4)``, parent space. headings: ``(F,)`` of the way, radians. further: names
    of joints that are turned, too. ``joints``: the `Turnable` to write what was turned.
    """

    def __init__(
        self,
        skeletons: Sequence[Skeleton],
        ragged: Ragged,
        rotations: np.ndarray,
        headings: np.ndarray,
        further: Sequence[str] = (),
    ):
        self.joints = Turnable(skeletons, ragged, rotations, (*LEGS, *ARMS, *further))
        self._headings, self._facing = headings, yaw_to_quaternion(headings)
        self._world, body = self.joints.world, skeletons[0]
        self._chest, to_neck = body.index("Spine"), body.down_to([body.index("Neck")])[1:]
        offsets = offsets_together(skeletons, ragged, to_neck)
        self._trunk = [(body.parents[joint], offsets[joint]) for joint in to_neck]

    def aside(self) -> np.ndarray:
        """By how much the pelvis points to the left of the way, ``(F,)`` radians."""
        return _about(yaw(self._world[0]) - self._headings)

    def twist(self) -> np.ndarray:
        """By how much the chest points to the left of the way, ``(F,)`` radians."""
        return _about(yaw(self._world[self._chest]) - self._headings)

    def tilt(self) -> np.ndarray:
        """By how much the pelvis is tilted ahead, ``(F,)`` radians."""
        return -self._rise_of(AHEAD)

    def list(self) -> np.ndarray:
        """By how much the left hip is higher, ``(F,)`` radians."""
        return self._rise_of(LEFT)

    def leans(self) -> tuple[np.ndarray, np.ndarray]:
        """How far the trunk, from hips to neck, leans ahead and to the left, ``(F,)`` radians."""
        bones = [rotate(self._world[joint], bone) for joint, bone in self._trunk]
        x, y, z = np.sum(bones, axis=0).T
        sine, cosine = elementary.sin(self._headings), elementary.cos(self._headings)
        return (
            elementary.arctan2(x * sine + z * cosine, y),
            elementary.arctan2(x * cosine - z * sine, y),
        )

    def lean(self) -> np.ndarray:
        """How far the trunk leans ahead, ``(F,)`` radians."""
        return self.leans()[0]

    def _rise_of(self, axis):
        return elementary.arcsin(np.clip(rotate(self._world[0], axis)[:, 1], -1.0, 1.0))

    def turn(self, name: str, held: Sequence[str], axis: np.ndarray, radians: np.ndarray) -> None:
        """Turn a joint and what is below it, but for ``held``, by ``(F,)`` radians.

        axis: ``(3,)``, of who faces the way.
        """
        turn = axis_angle_to_quaternion(rotate(self._facing, axis), radians)
        self.joints.turn(name, held, turn)


def _about(radians):
    """An angle as one from -pi to pi."""
    return (radians + np.pi) % (2.0 * np.pi) - np.pi
