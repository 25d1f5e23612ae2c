# SPDX-License-Identifier: GPL-3.0-or-later
"""How much longer the same movement takes a body of another size; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .skeleton import Skeleton

_LEGS = 0.1, 7.0  # metres: from a doll to a giant; else the scene is in other units


def tempo_of(skeleton: Skeleton, like: Skeleton) -> float:
    """Seconds of a body for one of another: equal Froude numbers (Alexander 1984)."""
    shortest, longest = _LEGS
    if not shortest <= skeleton.leg_length <= longest:
        return 1.0
    return float(np.sqrt(skeleton.leg_length / like.leg_length))
