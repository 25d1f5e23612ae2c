# SPDX-License-Identifier: GPL-3.0-or-later
"""A skeleton in other proportions, and the built-in body; pure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from .skeleton import QUATERNET_SKELETON, Skeleton

if TYPE_CHECKING:
    from .motion import Motion


def built_in(leg: float) -> Skeleton:
    """The canonical skeleton with legs of so many metres."""
    scale = leg / QUATERNET_SKELETON.leg_length
    if math.isclose(scale, 1.0):
        return QUATERNET_SKELETON
    return QUATERNET_SKELETON.scaled(scale)


def fit(motion: Motion, skeleton: Skeleton) -> Motion:
    """The same rotations on other proportions; the root is scaled by the ratio of leg lengths.

    Height above the ground scales from rest to rest, so that stretched legs reach the ground.
    """
    scale = skeleton.leg_length / motion.skeleton.leg_length
    roots = motion.root_positions * scale
    roots[:, 1] += skeleton.root_height - motion.skeleton.root_height * scale
    return replace(motion, skeleton=skeleton, root_positions=roots)
