# SPDX-License-Identifier: GPL-3.0-or-later
"""What sets the walks of the people who were recorded apart from the network's of them; pure.

The network draws everybody a little towards the mean. Measured on the clips that it learnt from, no
held-out one, each beside a walk of that person at that speed:
``python -m training.walk.gait.likeness`` makes this table anew for another model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = (
    "trunk lean mean",
    "pelvis tilt mean",
    "head pitch",
    "elbow mean",
    "step width cm",
    "arms out",
)
ELBOW = (0.9, 1.3, 1.75), (0.0, -2.2, -6.0)
"""Speeds, m/s, and what everybody's elbows are straighter by there, degrees; the rest is theirs."""
# No feet come closer: the thighs of characters are wider than those of actors.
_PEOPLE = {
    "Female 1": (-1.1, 0.0, 0.5, 1.7, 2.5, 1.1),
    "Male 1": (0.1, 0.4, 1.3, 1.4, 0.8, 0.3),
    "CMU 02": (0.4, 2.3, -0.6, -2.3, 0.0, 2.5),
    "CMU 05": (0.5, 3.1, 3.0, 0.7, 0.0, 1.0),
    "CMU 07": (0.6, 1.9, 3.8, -2.1, 1.8, 1.4),
    "CMU 08": (0.5, 2.5, 6.7, -0.7, 0.0, 2.3),
    "CMU 10": (1.2, 3.4, 3.8, -0.5, 0.0, 1.1),
    "CMU 16": (1.5, 3.6, 4.0, 1.1, 0.0, 1.5),
    "CMU 32": (0.4, 2.6, 2.2, -2.3, 1.0, 1.5),
    "CMU 35": (1.0, 1.8, 2.1, -0.7, 0.0, 1.3),
    "CMU 38": (1.4, 3.2, 3.6, -1.0, 0.0, 2.1),
    "CMU 39": (-0.9, 2.1, 1.6, 0.4, 0.0, 0.4),
    "CMU 43": (0.8, 1.8, 2.4, 0.1, 0.9, 1.4),
    "CMU 49": (0.4, 3.8, 2.6, -0.5, 0.0, 1.0),
    "CMU 55": (0.9, 2.8, 2.0, -0.1, 0.0, 1.8),
}
_OF_A_TAKE = (0.5, 0.6, 1.5, 2.5, 0.4, 2.5)  # s.d.; takes of one actor are 1.5 to 2.2 cm apart
_LEAST = (-np.inf, -np.inf, -np.inf, -np.inf, 0.0, -1.0)  # feet and arms come hardly closer


def likeness(names: Sequence[str]) -> np.ndarray:
    """What is missing of each style, ``(S, 6)``: degrees and centimetres, in the order of COLUMNS.

    names: of a model's styles; who is not known has nothing missing.
    """
    return np.array([_PEOPLE.get(name, (0.0,) * len(COLUMNS)) for name in names])


def take(seed: int) -> np.ndarray:
    """How somebody carries himself this time, ``(6,)`` as in `likeness`; nothing for seed 0."""
    if seed == 0:
        return np.zeros(len(COLUMNS))
    drawn = np.random.default_rng([int(seed) & 0xFFFFFFFF, len(COLUMNS)]).normal(size=len(COLUMNS))
    return np.maximum(drawn.clip(-1.8, 1.8) * _OF_A_TAKE, _LEAST)
