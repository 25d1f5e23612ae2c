# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations -> the channels of a bone's own rotation mode, continuous from key to key."""

import numpy as np
from mathutils import Euler, Quaternion

from ..core.quaternion import make_continuous

PROPERTIES = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}


def rotation_property(mode):
    """Name of the property that holds the rotation in a mode: "rotation_euler" for all orders."""
    return PROPERTIES.get(mode, "rotation_euler")


def rotation_channels(rotations, mode):
    """Channel values of one bone: ``(T, 4)`` for QUATERNION and AXIS_ANGLE, ``(T, 3)`` for Euler.

    rotations: ``(T, 4)`` unit quaternions in bone space. mode: `PoseBone.rotation_mode`. No
    channel jumps by a sign or a turn between neighbours (Euler orders: gimbal lock excepted).
    """
    rotations = make_continuous(rotations)
    if mode == "QUATERNION":
        return rotations if rotations[0, 0] >= 0.0 else -rotations
    if mode == "AXIS_ANGLE":
        return _axis_angles(rotations)
    return _eulers(rotations, mode)


def _eulers(rotations, order):
    values = np.empty((len(rotations), 3))
    previous = Euler((0.0, 0.0, 0.0), order)
    for row, rotation in enumerate(rotations):
        previous = Quaternion(rotation).to_euler(order, previous)
        values[row] = previous
    return values


def _axis_angles(rotations):
    """``(T, 4)``: angle, then axis. The axis keeps its side (the angle may be negative)."""
    values = np.empty((len(rotations), 4))
    axis, turns = np.array([0.0, 1.0, 0.0]), 0.0
    for row, rotation in enumerate(rotations):
        sine = np.linalg.norm(rotation[1:])
        if sine > 1e-7:
            new = rotation[1:] / sine
            axis = new if new @ axis >= 0.0 else -new
        angle = 2.0 * np.arctan2(rotation[1:] @ axis, rotation[0])
        turns = angle + 2.0 * np.pi * np.round((turns - angle) / (2.0 * np.pi)) if row else angle
        values[row] = turns, *axis
    return values
