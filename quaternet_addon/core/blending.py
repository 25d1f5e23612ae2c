# SPDX-License-Identifier: GPL-3.0-or-later
"""Inertialised seams: offsets that fade instead of poses that are mixed; pure.

Source: D. Bollo, "Inertialization: High-Performance Animation Transitions in Gears of War",
GDC 2018.
"""

from dataclasses import replace

import numpy as np

from .quaternion import (
    conjugate,
    multiply,
    normalize,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)


def inertialize(offset, velocity, duration, times):
    """An offset that starts with a velocity and comes to rest at zero.

    offset, velocity: ``(...)`` at time 0, units and units per second. duration, times: seconds,
    times ``(n,)`` >= 0. Returns ``(n, ...)``: the quintic with zero acceleration at both ends
    and zero offset and velocity at ``duration`` and after it.
    """
    offset, velocity = np.asarray(offset, float), np.asarray(velocity, float)
    u = np.clip(np.asarray(times, float) / max(duration, 1e-9), 0.0, 1.0)
    u = u.reshape(u.shape + (1,) * offset.ndim)
    keep = 1.0 - u**3 * (10.0 - u * (15.0 - 6.0 * u))
    drift = u - u**3 * (6.0 - u * (8.0 - 3.0 * u))
    return keep * offset + drift * (velocity * duration)


def blend_seam(before, after, duration):
    """The Motion ``after``, its start bent so that it goes on from ``before`` without a jump.

    The first frame of ``after`` follows the last of ``before``. What then differs, in the joint
    rotations and the root's position and in the velocities of both, decays within ``duration``
    seconds; later frames stay as they are. Raises ValueError for clips of different skeletons
    or rates, or without frames.
    """
    _require_seam(before, after)
    times = np.arange(len(after)) / after.fps
    (turn, turning), (shift, shifting) = _offsets(before, after)
    turns = rotation_vector_to_quaternion(inertialize(turn, turning, duration, times))
    shifts = inertialize(shift, shifting, duration, times)
    later = times >= duration
    rotations = normalize(multiply(turns, np.asarray(after.rotations, float)))
    rotations[later] = after.rotations[later]
    return replace(after, rotations=rotations, root_positions=after.root_positions + shifts)


def _require_seam(before, after):
    if before.skeleton.names != after.skeleton.names or before.fps != after.fps:
        raise ValueError(
            f"Expected two clips of one skeleton and rate, got {len(before.skeleton)} joints at "
            f"{before.fps} fps and {len(after.skeleton)} at {after.fps} fps."
        )
    if not len(before) or not len(after):
        raise ValueError(f"Expected two clips with frames, got {len(before)} and {len(after)}.")


def _offsets(before, after):
    """``before`` carried on over two frames, less the first two of ``after``.

    Each an offset and its velocity: rotation vectors ``(J, 3)``, then positions ``(3,)``.
    """
    last, previous = before.slice(-1, None), before.slice(-2, -1) if len(before) > 1 else None
    rotation, root = last.rotations[0], last.root_positions[0]
    step, stride = np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(3)
    if previous is not None:
        step = multiply(rotation, conjugate(previous.rotations[0]))
        stride = root - previous.root_positions[0]
    turns, shifts = [], []
    for index in (0, min(1, len(after) - 1)):
        rotation, root = multiply(step, rotation), root + stride
        gap = multiply(rotation, conjugate(after.rotations[index]))
        turns.append(quaternion_to_rotation_vector(gap))
        shifts.append(root - after.root_positions[index])
    return [(first, (second - first) * after.fps) for first, second in (turns, shifts)]
