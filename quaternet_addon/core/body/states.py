# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole body's motion as numbers that do not depend on where it is and faces; pure.

What an autoregressive network of the whole body reads and writes, frame by frame: the pose in
the body's own frame and the step that led into it. Networks put out the same numbers; summing
the steps gives the way through the world again.

The *heading* is the twist of the hips about the vertical (swing-twist decomposition), unsmoothed,
so the last frame's is known when the next one is wanted. Seen from it the body's axes are X (its
left), Y (up) and Z (ahead). A mirrored motion has mirrored states: left and right joints
exchanged, the step to the left and the turn negated. Where the hips hang exactly upside down the
heading is undefined: there, in a cartwheel, it may turn by up to half a turn in a frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..maths import elementary
from ..maths.backend import namespace, unstack
from ..maths.quaternion import multiply, rotate, yaw_to_quaternion
from .contacts import detect_contacts

if TYPE_CHECKING:
    from .motion import Motion


@dataclass(frozen=True)
class BodyStates:
    """T frames, perhaps of a batch (``...`` is empty or its axes); NumPy arrays or tensors.

    rotations: ``(..., T, J, 4)`` unit, parent space, w >= 0; the root's without its heading.
    hips_height: ``(..., T)`` metres. root_velocity: ``(..., T, 2)``, metres that the hips moved
    since the frame before, to the left and ahead as that frame faces. turn: ``(..., T)`` radians
    of heading, about +Y, since the frame before. contacts: ``(..., T, 2)``, left and right ball
    of the foot, 0 to 1 (bool from `encode`).
    """

    rotations: np.ndarray
    hips_height: np.ndarray
    root_velocity: np.ndarray
    turn: np.ndarray
    contacts: np.ndarray


def heading(q: np.ndarray) -> np.ndarray:
    """Twist about +Y of rotations ``q: (..., 4)``, radians in (-2 pi, 2 pi]; NumPy or torch."""
    w, _, y, _ = unstack(q)
    return 2.0 * namespace(q).arctan2(y, w)


def encode(motion: Motion) -> BodyStates:
    """A Motion of T frames as BodyStates; NumPy only.

    The first frame has no frame before it: its step and turn are zero, so that
    ``decode(encode(motion), motion.root_positions[0, [0, 2]], heading of frame 0)`` is the
    motion. Contacts that the motion lacks are detected, over a ground at 0.
    """
    rotations = np.array(motion.rotations, float)
    headings = np.unwrap(heading(rotations[:, 0]))
    rotations[:, 0] = multiply(yaw_to_quaternion(-headings), rotations[:, 0])
    steps = np.zeros((len(motion), 3))
    steps[1:] = rotate(yaw_to_quaternion(-headings[:-1]), np.diff(motion.root_positions, axis=0))
    contacts = detect_contacts(motion) if motion.contacts is None else motion.contacts
    return BodyStates(
        rotations=np.where(rotations[..., :1] < 0.0, -rotations, rotations),
        hips_height=np.array(motion.root_positions[:, 1], float),
        root_velocity=steps[:, [0, 2]],
        turn=np.diff(headings, prepend=headings[:1]),
        contacts=np.asarray(contacts),
    )


def decode(
    states: BodyStates, position: Any = (0.0, 0.0), start_heading: Any = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Rotations ``(..., T, J, 4)`` and root positions ``(..., T, 3)`` in the world.

    position ``(..., 2)`` metres (x and z) and start_heading ``(...)`` radians are those of the
    frame before the first one, from which the first frame's step starts; arrays of the states'
    library or numbers. NumPy or torch, with gradients.
    """
    xp = namespace(states.turn)
    headings = xp.cumsum(states.turn, -1)
    left, ahead = unstack(states.root_velocity)
    x, z = unstack(position) if hasattr(position, "shape") else position
    start = _column(start_heading)
    headings = headings + start
    before = headings - states.turn
    sine, cosine = elementary.sin(before), elementary.cos(before)
    x = _column(x) + xp.cumsum(cosine * left + sine * ahead, -1)
    z = _column(z) + xp.cumsum(cosine * ahead - sine * left, -1)
    local = states.rotations
    root = multiply(yaw_to_quaternion(headings), local[..., 0, :])
    rotations = xp.concatenate((root[..., None, :], local[..., 1:, :]), -2)
    return rotations, xp.stack((x, states.hips_height, z), -1)


def _column(value):
    """``(...)`` with an axis of frames behind it; a number stays one."""
    return value[..., None] if getattr(value, "ndim", 0) else value
