# SPDX-License-Identifier: GPL-3.0-or-later
"""Knees between poses do not bend backward, in poses whose knees do they stay as keyed; pure.

Feet are planted on knees that bend forward: inverse kinematics that met a knee on its way backward
would throw it from one side to the other. So legs are brought forward first, and around poses that
have them backward they go there and back afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..feet.stretch import Stretch
from ..maths.quaternion import (
    conjugate,
    multiply,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)
from ..maths.smoothing import ease

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion

_GOES = 0.3  # seconds to each side of a pose in which a knee goes backward, and comes back
_BACKWARD = 0.02  # radians beyond straight: nothing is to be seen of less


@dataclass(frozen=True)
class KeyedBackward:
    """What turns legs that are forward backward, around rows that are given so.

    stretch: as far backward as the knees are in one of them. turns: ``(T, 2, 3, 3)`` rotation
    vectors from the right, of thighs, shins and feet.
    """

    stretch: Stretch
    turns: np.ndarray

    def put_back(self, motion: Motion) -> Motion:
        """The motion, whose legs are forward, with those turned."""
        if not self.turns.any():
            return motion
        rotations, legs = np.array(motion.rotations), self.stretch.joints
        turned = multiply(rotations[:, legs], rotation_vector_to_quaternion(self.turns))
        moved = np.abs(self.turns).max(axis=-1) > 0.0
        rotations[:, legs] = np.where(moved[..., None], turned, rotations[:, legs])
        return replace(motion, rotations=self.stretch.kept(rotations))


def forward(
    motion: Motion, given: Sequence[int], *, free: bool = False
) -> tuple[Motion, KeyedBackward]:
    """The motion with no knee backward, and what puts those back that are so in given rows.

    given, free: see `plant`. A leg that bends backward on its way is straight, its ankle on the
    line from the hip. In given rows it bends forward as much, its ankle where it was; around them
    it is something between. Who stands from one such row to the next is so all the time.
    """
    stretch, rows = Stretch.straight(motion.skeleton), np.asarray(given)
    over = stretch.least[:, None] - stretch.bends(motion.rotations)  # radians, ``(2, T)``
    keyed = (over[:, rows] > _BACKWARD).T  # ``(R, 2)``
    keyed[len(rows) - free :] = False
    shares = _shares(motion, given, keyed)
    near = shares.sum(axis=1).T
    made = stretch.kept(motion.rotations, stretch.least[:, None] + near * np.maximum(over, 0.0))
    most = np.maximum((keyed * over[:, rows].T).max(axis=0), _BACKWARD)
    turns = _turns(made[rows][:, stretch.joints], motion.rotations[rows][:, stretch.joints])
    turns = np.einsum("trl,rljc->tljc", shares, turns)
    backward = KeyedBackward(replace(stretch, least=stretch.least - most), turns)
    return replace(motion, rotations=made), backward


def _turns(here, there):
    """Rotation vectors from the right."""
    return quaternion_to_rotation_vector(multiply(conjugate(here), there))


def _shares(motion, given, keyed):
    """How much of each given row, if its knee is backward, is in every row: ``(T, R, 2)``."""
    shares = np.zeros((len(motion), *keyed.shape))
    for number, (first, last) in enumerate(pairwise(given)):
        count, rows = last - first, slice(first, last + 1)
        stands = np.asarray(motion.contacts)[rows].all(axis=0)
        all_along = keyed[number] & keyed[number + 1] & stands
        goes = np.where(all_along, count, min(_GOES * motion.fps, max(0.5 * count, 1.0)))
        since = np.arange(count + 1)[:, None]
        shares[rows, number] = keyed[number] * (1.0 - ease(since / goes))
        shares[rows, number + 1] = keyed[number + 1] * (1.0 - ease((count - since) / goes))
    return shares
