# SPDX-License-Identifier: GPL-3.0-or-later
"""Joints kept within the range of the recordings; pure."""

from __future__ import annotations

import numpy as np

from ..maths.quaternion import (
    normalize,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)


def clamp_rotations(rotations: np.ndarray, lowest: np.ndarray, highest: np.ndarray) -> np.ndarray:
    """Keep joints within the data's range, per axis of the rotation vector.

    rotations: ``(T, J, 4)``; lowest, highest: ``(J, 3)`` radians.
    """
    rotations = normalize(rotations)
    vectors = quaternion_to_rotation_vector(rotations)
    inside = np.clip(vectors, lowest, highest)
    beyond = np.nonzero(np.any(inside != vectors, axis=-1))
    rotations[beyond] = rotation_vector_to_quaternion(inside[beyond])
    return rotations
