# SPDX-License-Identifier: GPL-3.0-or-later
"""What is keyed, and rotations as a bone's own rotation mode holds them, without jumps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from mathutils import Euler, Quaternion

from ...core.maths.quaternion import make_continuous, normalize

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Channel:
    """One property to key.

    path: data path from the armature object. values: ``(T, n)``, one column for each index of
    the property; a single row is keyed once. group: name for the channel's group, its bone.
    interpolation: a Blender keyframe interpolation, for every key.
    """

    path: str
    values: np.ndarray
    group: str
    interpolation: str = "LINEAR"


def filled(channel: Channel, frames: np.ndarray) -> Channel:
    """A channel of some frames with rows for all up to the last one: on the line between them.

    frames: ``(F,)`` ascending from 0, one for each row; a channel with a single row stays as it is.
    """
    known = channel.values
    if len(known) != len(frames) or len(known) < 2:
        return channel
    every = np.arange(frames[-1] + 1)
    if channel.interpolation == "CONSTANT":
        return replace(channel, values=known[np.searchsorted(frames, every, side="right") - 1])
    before = np.minimum(np.searchsorted(frames, every, side="right"), len(frames) - 1) - 1
    share = ((every - frames[before]) / (frames[before + 1] - frames[before]))[:, None]
    values = known[before] + share * (known[before + 1] - known[before])
    if channel.path.endswith("rotation_quaternion"):
        values = normalize(values)
    return replace(channel, values=values)


PROPERTIES = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}


def rotation_property(mode: str) -> str:
    """Name of the property that holds the rotation in a mode: "rotation_euler" for all orders."""
    return PROPERTIES.get(mode, "rotation_euler")


def rotation_channels(
    rotations: np.ndarray, mode: str, previous: Sequence[float] | np.ndarray | None = None
) -> np.ndarray:
    """Channel values of one bone: ``(T, 4)`` for QUATERNION and AXIS_ANGLE, ``(T, 3)`` for Euler.

    rotations: ``(T, 4)`` unit quaternions in bone space. mode: `PoseBone.rotation_mode`. No
    channel jumps by a sign or a turn between neighbours (Euler orders: gimbal lock excepted),
    nor from ``previous``, the channels' values ``(4,)`` or ``(3,)`` on the frame before.
    """
    rotations = make_continuous(rotations)
    if mode == "QUATERNION":
        before = np.array([1.0, 0.0, 0.0, 0.0]) if previous is None else np.asarray(previous)
        return rotations if rotations[0] @ before >= 0.0 else -rotations
    if mode == "AXIS_ANGLE":
        return _axis_angles(rotations, previous)
    return _eulers(rotations, mode, (0.0, 0.0, 0.0) if previous is None else previous)


def _eulers(rotations, order, previous):
    values = np.empty((len(rotations), 3))
    previous = Euler(previous, order)
    for row, rotation in enumerate(rotations):
        previous = Quaternion(rotation).to_euler(order, previous)
        values[row] = previous
    return values


def _axis_angles(rotations, previous):
    """``(T, 4)``: angle, then axis. The axis keeps its side (the angle may be negative)."""
    values = np.empty((len(rotations), 4))
    axis, turns = np.array([0.0, 1.0, 0.0]), 0.0
    if previous is not None and np.linalg.norm(previous[1:]) > 1e-7:
        axis, turns = np.asarray(previous[1:]) / np.linalg.norm(previous[1:]), previous[0]
    for row, rotation in enumerate(rotations):
        sine = np.linalg.norm(rotation[1:])
        if sine > 1e-7:
            new = rotation[1:] / sine
            axis = new if new @ axis >= 0.0 else -new
        angle = 2.0 * np.arctan2(rotation[1:] @ axis, rotation[0])
        if row or previous is not None:
            angle += 2.0 * np.pi * np.round((turns - angle) / (2.0 * np.pi))
        turns = angle
        values[row] = turns, *axis
    return values


def rotation_value(values: Sequence[float] | np.ndarray, mode: str) -> np.ndarray:
    """Inverse of `rotation_channels` for one frame: the unit quaternion ``(4,)``."""
    if mode == "QUATERNION":
        return np.array(Quaternion(values).normalized())
    if mode == "AXIS_ANGLE":
        return np.array(Quaternion(values[1:], values[0]))
    return np.array(Euler(values, mode).to_quaternion())
