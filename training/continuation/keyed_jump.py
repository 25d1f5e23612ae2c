# SPDX-License-Identifier: GPL-3.0-or-later
"""A jump on the spot as an animator keys it, and what to look at in jumps. NumPy only."""

from __future__ import annotations

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion

THIGH, SHIN, AIR, FPS = 0.43, 0.41, 14, 30.0  # metres, metres, frames, 1/s
LOW, OFF = 52, 57
"""Frames up to the crouch, and up to the last one on the ground."""
LANDED = OFF + AIR
_KNOWN = 61


def heights() -> np.ndarray:
    """Of the hips over their rest: a stand, 12 frames down, 5 up, 14 in the air, and a crouch."""
    down = -0.15 * (1.0 - np.cos(np.pi * np.arange(1, 13) / 12.0))
    up = -0.3 + 0.3 * (np.arange(1, 6) / 5.0) ** 1.3
    times = np.arange(1, AIR + 1) / FPS
    air = 0.5 * 9.81 * times * (AIR / FPS - times)
    return np.concatenate([np.zeros(LOW - 12), down, up, air])


def drawn(height: float, up: int) -> np.ndarray:
    """Of the hips over their rest up to the top of a jump of smooth curves, ``(T,)`` metres.

    A stand, a crouch, and the top ``up`` frames later: keys with level handles.
    """
    down, high = (0.5 - 0.5 * np.cos(np.pi * np.arange(1, count + 1) / count) for count in (12, up))
    return np.concatenate([np.zeros(40), -0.3 * down, -0.3 + (0.3 + height) * high])


def jump(frames: int, rise: np.ndarray | None = None) -> Motion:
    """The first frames of it: feet are flat on the floor, or go up with straight legs.

    rise: ``(T,)`` metres, other heights than `heights`.
    In the frame before it leaves the ground the knees stretch by 44 degrees; in the one before it
    lands the feet come down by 7 cm.
    """
    skeleton, rise = QUATERNET_SKELETON, (heights() if rise is None else rise)[:frames]
    reach = np.minimum(THIGH + SHIN + np.minimum(rise, 0.0), 0.9995 * (THIGH + SHIN))
    forward = np.arccos((THIGH**2 + reach**2 - SHIN**2) / (2.0 * THIGH * reach))
    bend = np.pi - np.arccos((THIGH**2 + SHIN**2 - reach**2) / (2.0 * THIGH * SHIN))
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(skeleton), 1))
    for side in ("Left", "Right"):
        for part, angle in (("UpLeg", -forward), ("Leg", bend), ("Foot", forward - bend)):
            turn = rotation_vector_to_quaternion(angle[:, None] * [1.0, 0.0, 0.0])
            rotations[:, skeleton.index(side + part)] = turn
    roots = np.stack([0.0 * rise, skeleton.root_height + rise, 0.0 * rise], -1)
    return Motion(skeleton, rotations, roots, FPS).slice(-_KNOWN, None)


def bends(motion: Motion) -> np.ndarray:
    """Of both knees, ``(T, 2)`` degrees; below 0 is backward."""
    places, joint = motion.positions(), motion.skeleton.index
    left = places[:, joint("LeftUpLeg")] - places[:, joint("RightUpLeg")]
    found = []
    for side in ("Left", "Right"):
        hip, knee, ankle = (places[:, joint(side + part)] for part in ("UpLeg", "Leg", "Foot"))
        across = (np.cross(knee - hip, ankle - knee) * left).sum(-1)
        size = np.linalg.norm(left, axis=-1)
        found.append(np.arctan2(across / size, ((knee - hip) * (ankle - knee)).sum(-1)))
    return np.degrees(np.stack(found, -1))


def soles(motion: Motion) -> np.ndarray:
    """The lower of ball and ankle over their rest, ``(T, 2)`` metres."""
    places, rest = motion.positions()[..., 1], motion.skeleton.rest_positions[:, 1]
    joints = [motion.skeleton.index(name) for name in ("LeftToeBase", "RightToeBase")]
    ankles = [motion.skeleton.index(name) for name in ("LeftFoot", "RightFoot")]
    return np.minimum(*((places - rest)[:, part] for part in (joints, ankles)))
