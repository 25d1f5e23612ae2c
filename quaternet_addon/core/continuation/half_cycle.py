# SPDX-License-Identifier: GPL-3.0-or-later
"""Gaits of which only one step was seen: the other foot does the same, mirrored; pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..maths.turns import mirror_image
from .cycle import LONGEST, SHORTEST, Cycle, apart, closed, sure

_FEWEST, _SEEN = 6, 0.6  # frames, share of a step: how much of the one before it has to be seen


@dataclass(frozen=True)
class Sides:
    """The other side of each joint, ``(J,)``, and of each moving one among them, ``(M,)``."""

    joints: np.ndarray
    moving: np.ndarray


def find_half_cycle(
    points: np.ndarray,
    fps: float,
    rotations: np.ndarray,
    heights: np.ndarray,
    steps: np.ndarray,
    sides: Sides,
) -> Cycle | None:
    """The Cycle of two steps at the end of given frames that are like mirror images, or None.

    Arguments as of `cycle.find_cycle`. A body on its way is seen for too short a time to have
    repeated itself, but its two last steps may have been alike.
    """
    found = []
    for length in range(int(SHORTEST * fps / 2), int(LONGEST * fps / 2) + 1):
        count = min(length, len(points) - length)
        if count >= max(_FEWEST, _SEEN * length):
            image = points[-count - length : -length, sides.joints] * [-1.0, 1.0, 1.0]
            found.append((apart(points[-count:], image, points[-length:]), length))
    strength = sure(min(found)[0]) if found else 0.0
    if not strength:
        return None
    length = min(found)[1]
    image = mirror_image(rotations[-length - 1 :], sides.moving)
    half = closed(rotations[-1], heights[-1], image, heights[-length - 1 :])
    share = np.minimum(half[2], half[2][sides.moving])
    both = np.concatenate([half[0], mirror_image(half[0], sides.moving)])
    return Cycle(
        both, np.concatenate([half[1], half[1]]), _in_turn(steps[-length:]), strength, share=share
    )


def _in_turn(steps):
    """Steps of the other foot and of this one, ``(2 T, 4)``: what sways goes the other way."""
    other, mean = np.array(steps), steps.mean(axis=0)
    other[:, [1, 3]] = 2.0 * mean[[1, 3]] - steps[:, [1, 3]]
    return np.concatenate([other, steps])
