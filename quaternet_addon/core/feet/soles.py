# SPDX-License-Identifier: GPL-3.0-or-later
"""How feet and toes lie on the ground: flat in mid-stance, on a slope, never through it; pure."""

from __future__ import annotations

import numpy as np

from ..maths import elementary
from ..maths.backend import norm
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    between,
    cross,
    quaternion_to_rotation_vector,
    rotate,
    rotation_vector_to_quaternion,
)
from ..maths.ragged import Ragged
from ..maths.smoothing import bridged, ease, smooth_maximum, smoothed, soft_positive

_FLATTEST = np.radians(10.0)  # a foot that stands steeper than this does so on purpose
_TILTED = np.radians(25.0)  # the same sideways
_HEEL_OFF = np.radians(25.0)  # pitch over the standing one at which the heel is on its way
_STANDING = 20.0  # percentile of the pitch in a contact that counts as standing
_SHORTEST = 0.13  # seconds of contact in which a foot comes to stand
_NEAR = 0.05  # seconds before and after it: farther off, a foot that lands is pitched as it was
_SMOOTH = 0.07  # seconds
_TOE_SOFT = np.radians(3.0)
_HEEL_UNDER = 0.03  # of the way from heel to ball: how deep a heel may be, as soles give
_HEEL_SOFT = 0.006  # of it
_HEEL_TIME = 0.07  # seconds
_HEEL_MOST = 0.35  # radians
_STEEPEST = np.radians(60.0)  # of a foot that leaves the ground, as recorded ones
_PUSHES = 0.1  # seconds
_UP = np.array([0.0, 1.0, 0.0])


def pitch(rotations: np.ndarray) -> np.ndarray:
    """Angle ``(T,)`` by which a foot with world ``rotations (T, 4)`` points down, radians."""
    return -elementary.arcsin(
        np.clip(rotate(rotations, np.array([0.0, 0.0, 1.0]))[:, 1], -1.0, 1.0)
    )


def sideways(rotations: np.ndarray) -> np.ndarray:
    """Angle ``(T,)`` by which a foot's left side is higher than its right one, radians."""
    return elementary.arcsin(np.clip(rotate(rotations, np.array([1.0, 0.0, 0.0]))[:, 1], -1.0, 1.0))


def level_axis(rotations: np.ndarray) -> np.ndarray:
    """Horizontal axis ``(T, 3)`` about which a foot pitches down by positive angles."""
    axis = rotate(rotations, np.array([1.0, 0.0, 0.0])) * [1.0, 0.0, 1.0]
    return axis / np.maximum(norm(axis), 1e-9)


def levelled(rotations: np.ndarray, share: np.ndarray) -> np.ndarray:
    """World turns ``(T, 4)`` that lay feet flat from side to side, by a share ``(T,)`` of it."""
    tilt = np.clip(sideways(rotations), -_TILTED, _TILTED)
    return axis_angle_to_quaternion(cross(level_axis(rotations), _UP), -tilt * ease(share))


def flatten(
    rotations: np.ndarray, contact: np.ndarray, fps: float, ragged: Ragged | None = None
) -> np.ndarray:
    """World turns ``(T, 4)`` that lay a foot flat where it stands and let it roll off as it did.

    rotations: ``(T, 4)`` of the foot, world, identity where its sole is level. contact:
    ``(T,)`` bool. ragged: of several clips. A foot that stands on its ball by a
    few degrees came so from other proportions; one that is steeper keeps the rest of it.
    """
    ragged = ragged or Ragged([len(contact)])
    down, turn = pitch(rotations), np.zeros(len(contact))
    stood, stands = np.zeros(len(contact), bool), ragged.runs(contact)
    stands = stands.kept(stands.lengths >= _SHORTEST * fps)
    here, frames = down[stands.frames], stands.frames
    standing = np.clip(stands.percentile(here, _STANDING), -_FLATTEST, _FLATTEST)[stands.of]
    turn[frames] = -standing * (1.0 - ease((here - standing) / _HEEL_OFF))
    stood[frames] = True
    near = np.minimum(smooth_maximum(stood.astype(float), _NEAR, fps, ragged), 1.0)
    turn = smoothed(near * bridged(turn, stood, ragged), _SMOOTH, fps, ragged)
    return axis_angle_to_quaternion(level_axis(rotations), turn)


def lean(
    normals: np.ndarray, contact: np.ndarray, fps: float, ragged: Ragged | None = None
) -> np.ndarray:
    """World turns ``(T, 4)`` that take a level sole to the slope it stands on.

    normals: ``(T, 3)`` of the ground under the foot. Swings pass from slope to slope.
    """
    vectors = quaternion_to_rotation_vector(between(_UP, normals))
    vectors = smoothed(bridged(vectors, contact, ragged), _SMOOTH, fps, ragged)
    return rotation_vector_to_quaternion(vectors)


def bend_toes(
    rotations: np.ndarray,
    clear: np.ndarray,
    length: float | np.ndarray,
    slope: np.ndarray | None = None,
) -> np.ndarray:
    """World turns ``(T, 4)`` of the toes about the ball so that their tips stay over the ground.

    rotations: ``(T, 4)`` of the toes, world. clear: ``(T,)`` height of the ball over its rest.
    length: of the toes, metres, scalar or ``(T,)``. slope: pitch ``(T,)`` of the ground
    ahead (down is positive).
    """
    steepest = elementary.arcsin(np.clip(np.maximum(clear, 0.0) / length, 0.0, 1.0))
    over = pitch(rotations) - steepest - (0.0 if slope is None else slope)
    bend = soft_positive(over, _TOE_SOFT) * ease((over + 4.0 * _TOE_SOFT) / (2.0 * _TOE_SOFT))
    return axis_angle_to_quaternion(level_axis(rotations), -bend)


def push_off(
    rotations: np.ndarray, length: np.ndarray, rise: np.ndarray, fps: float, ragged: Ragged
) -> np.ndarray:
    """World turns ``(F, 4)`` of a foot about its ball that raise the ankle by about ``rise``.

    rotations: ``(F, 4)`` of the foot, world. length: ``(F,)`` metres from ankle to ball. rise:
    ``(F,)`` metres, 0 or more. A foot comes up on its toes no steeper than people's at toe-off.
    """
    down = pitch(rotations)
    wanted = elementary.arcsin(
        np.clip(elementary.sin(down) + rise / np.maximum(length, 1e-6), -1.0, 1.0)
    )
    more = np.clip(np.minimum(wanted, _STEEPEST) - down, 0.0, None)
    more = smooth_maximum(np.where(rise > 0.0, more, 0.0), _PUSHES, fps, ragged)
    more = np.minimum(more, np.maximum(_STEEPEST - down, 0.0))
    return axis_angle_to_quaternion(level_axis(rotations), more)


def raise_heel(
    rotations: np.ndarray,
    to_heel: np.ndarray,
    over: np.ndarray,
    fps: float,
    share: float | np.ndarray = 1.0,
    ragged: Ragged | None = None,
) -> np.ndarray:
    """World turns ``(T, 4)`` of a foot about its ball that bring a sunk heel up to the ground.

    rotations: ``(T, 4)`` of the foot, world. to_heel: ``(T, 3)`` from ball to heel, metres, world.
    over: ``(T,)`` height of the heel over the ground, metres; soles give by a few millimetres.
    share: of the turn that is wanted, scalar or ``(T,)`` in [0, 1].
    """
    length = np.maximum(norm(to_heel)[:, 0], 1e-6)
    axis = level_axis(rotations)
    behind = np.maximum(cross(axis, to_heel)[:, 1], 0.5 * length)
    deep = -over / length - _HEEL_UNDER
    soft = soft_positive(deep, _HEEL_SOFT) * ease(deep / (2.0 * _HEEL_SOFT) + 2.0)
    angle = share * smooth_maximum(soft * length / behind, _HEEL_TIME, fps, ragged)
    return axis_angle_to_quaternion(axis, _HEEL_MOST * np.tanh(angle / _HEEL_MOST))
