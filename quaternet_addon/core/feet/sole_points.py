# SPDX-License-Identifier: GPL-3.0-or-later
"""Where soles are: heels, balls and tips of the toes; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths.quaternion import rotate
from .legs import UP, Legs, read_legs

if TYPE_CHECKING:
    from ..body.motion import Motion

AHEAD = np.array([0.0, 0.0, 1.0])


def sole_points(motion: Motion) -> np.ndarray:
    """Heel, ball and tip of the toes under both feet, ``(T, 2, 3, 3)`` metres, world.

    On level ground they are at its height where a foot stands flat.
    """
    _, legs = read_legs([motion])
    points = soles_of(legs, legs.limb()[2])
    return np.stack(np.split(points, 2), axis=1)


def soles_of(legs: Legs, ankle: np.ndarray) -> np.ndarray:
    """The same of `Legs` whose ankles are at ``ankle: (F, 3)``: ``(F, 3, 3)``."""
    lengths, ball = legs.lengths, ankle + legs.to_ball()
    under = lengths.ball_rest[:, None] * UP
    toes = lengths.tip[:, None] * AHEAD
    return np.stack(
        [
            ankle + rotate(legs.foot, lengths.heel),
            ball - rotate(legs.foot, under),
            ball + rotate(legs.toes, toes - under),
        ],
        axis=1,
    )
