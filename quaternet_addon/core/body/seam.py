# SPDX-License-Identifier: GPL-3.0-or-later
"""Inertialised seams: offsets that fade instead of poses that are mixed; pure.

Source: D. Bollo, "Inertialization: High-Performance Animation Transitions in Gears of War",
GDC 2018.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths.quaternion import (
    conjugate,
    multiply,
    normalize,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .motion import Motion


def inertialize(
    offset: np.ndarray, velocity: np.ndarray, duration: float, times: np.ndarray
) -> np.ndarray:
    """An offset that starts with a velocity and comes to rest at zero.

    offset, velocity: ``(...)`` at time 0, units and units per second. duration, times: seconds,
    times ``(n,)`` >= 0. Returns ``(n, ...)``: the quintic with zero acceleration at both ends
    and zero offset and velocity at ``duration`` and after it.
    """
    offset, velocity = np.asarray(offset, float), np.asarray(velocity, float)
    times = np.asarray(times, float)
    return fading(offset, velocity, duration, times.reshape(times.shape + (1,) * offset.ndim))


def fading(
    offset: np.ndarray, velocity: np.ndarray, duration: float | np.ndarray, times: np.ndarray
) -> np.ndarray:
    """`inertialize` number by number, ``(...)``: all four broadcast against each other, seconds."""
    u = np.clip(times / np.maximum(duration, 1e-9), 0.0, 1.0)
    keep = 1.0 - u**3 * (10.0 - u * (15.0 - 6.0 * u))
    drift = u - u**3 * (6.0 - u * (8.0 - 3.0 * u))
    return keep * offset + drift * (velocity * duration)


def blend_seam(
    before: Motion,
    after: Motion,
    duration: float,
    at_ease: float = 0.0,
    possible: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Motion:
    """The Motion ``after``, its start bent so that it goes on from ``before`` without a jump.

    The first frame of ``after`` follows the last of ``before``. What then differs, in the joint
    rotations and the root's position and in the velocities of both, decays within ``duration``
    seconds; later frames stay as they are. at_ease: changes of velocity that are this many times
    the usual ones of ``before`` stay too, and of greater ones as much (0: none): bodies do speed
    up, and a motion that knows how should not first have to go on as before. possible: makes
    rotations ``(T, J, 4)`` in which ``before`` goes on at its velocity poses of a body.
    Raises ValueError for clips of different skeletons or rates, or without frames.
    """
    _require_seam(before, after)
    turned, shifted = _offsets(_carried_on(before, possible), after)
    if at_ease and len(before) > 3:
        turned, shifted = (
            _beyond(offsets, at_ease * usual)
            for offsets, usual in zip((turned, shifted), _usual_changes(before), strict=True)
        )
    return _bent(after, turned, shifted, duration)


def blend_start(reference: Motion, after: Motion, duration: float) -> Motion:
    """The Motion ``after``, bent so that it starts with the pose and velocity of ``reference``.

    Both begin at the same frame; the difference decays within ``duration`` seconds.
    """
    _require_seam(reference, after)
    return _bent(after, *_offsets(reference.slice(0, 2), after), duration)


def _bent(after, turned, shifted, duration):
    """``after`` with the offsets and velocities of its first frame, which decay."""
    times = np.arange(len(after)) / after.fps
    turns = rotation_vector_to_quaternion(inertialize(*turned, duration, times))
    shifts = inertialize(*shifted, duration, times)
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


def _carried_on(before, possible):
    """``before`` carried on at its last velocity over two frames."""
    last, previous = before.slice(-1, None), before.slice(-2, -1) if len(before) > 1 else None
    rotation, root = last.rotations[0], last.root_positions[0]
    step, stride = np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(3)
    if previous is not None:
        step = multiply(rotation, conjugate(previous.rotations[0]))
        stride = root - previous.root_positions[0]
    rotations = np.stack([multiply(step, rotation), multiply(step, multiply(step, rotation))])
    if possible is not None:
        rotations = possible(rotations)
    roots = np.stack([root + stride, root + 2.0 * stride])
    return replace(last, rotations=rotations, root_positions=roots, contacts=None)


def _offsets(wanted, after):
    """``wanted`` less ``after`` in the first frame, and the velocity of that.

    For rotations ``(J, 3)`` each, as rotation vectors; for root positions ``(3,)`` each.
    """
    turns, shifts = [], []
    for index in range(2):
        here, there = min(index, len(wanted) - 1), min(index, len(after) - 1)
        gap = multiply(wanted.rotations[here], conjugate(after.rotations[there]))
        turns.append(quaternion_to_rotation_vector(gap))
        shifts.append(wanted.root_positions[here] - after.root_positions[there])
    return [(first, (second - first) * after.fps) for first, second in (turns, shifts)]


def _usual_changes(motion):
    """How much velocities change in a frame: of rotations ``(J, 1)`` radians, of the root metres.

    The 90th percentile over the motion.
    """
    turns = multiply(motion.rotations[1:], conjugate(motion.rotations[:-1]))
    changes = multiply(turns[1:], conjugate(turns[:-1]))
    radians = np.linalg.norm(quaternion_to_rotation_vector(changes), axis=-1)
    metres = np.linalg.norm(np.diff(motion.root_positions, 2, axis=0), axis=-1)
    return np.percentile(radians, 90, axis=0)[:, None], np.percentile(metres, 90)


def _beyond(offsets, limit):
    """Offset and velocity without the share that keeps the offset within ``limit``."""
    size = np.linalg.norm(offsets[0], axis=-1, keepdims=True)
    share = np.maximum(0.0, 1.0 - limit / np.maximum(size, 1e-12))
    return tuple(share * part for part in offsets)
