# SPDX-License-Identifier: GPL-3.0-or-later
"""The centre of mass of a body; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .skeleton import Skeleton


# Share of each joint in the body's mass (Winter's segments, put on their upper joints' midpoints).
SEGMENTS = (
    ("Hips", "LowerBack", 0.142),
    ("LowerBack", "Neck", 0.355),
    ("Neck", "Head", 0.081),
    ("LeftUpLeg", "LeftLeg", 0.100),
    ("RightUpLeg", "RightLeg", 0.100),
    ("LeftLeg", "LeftFoot", 0.0465),
    ("RightLeg", "RightFoot", 0.0465),
    ("LeftFoot", "LeftToeBase", 0.0145),
    ("RightFoot", "RightToeBase", 0.0145),
    ("LeftArm", "LeftForeArm", 0.028),
    ("RightArm", "RightForeArm", 0.028),
    ("LeftForeArm", "LeftHand", 0.016),
    ("RightForeArm", "RightHand", 0.016),
    ("LeftHand", "LeftHandIndex1", 0.006),
    ("RightHand", "RightHandIndex1", 0.006),
)


def mass_centre(skeleton: Skeleton, places: np.ndarray) -> np.ndarray:
    """Centre of mass ``(T, 3)`` of a body whose joints are at ``places: (T, J, 3)`` metres."""
    joint, total = skeleton.index, sum(mass for *_, mass in SEGMENTS)
    parts = [0.5 * (places[:, joint(a)] + places[:, joint(b)]) * m for a, b, m in SEGMENTS]
    return np.sum(parts, axis=0) / total
