# SPDX-License-Identifier: GPL-3.0-or-later
"""Joints that are turned in the world while others below them keep their rotations there; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import walk_down_together
from ..maths.quaternion import conjugate, multiply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.skeleton import Skeleton
    from ..maths.ragged import Ragged


class Turnable:
    """Some joints, and all above them, of clips on skeletons of one kind.

    rotations: ``(F, J, 4)``, parent space. names: of the joints.
    ``world`` holds their rotations in the world by joint, ``(F, 4)``.
    """

    def __init__(
        self,
        skeletons: Sequence[Skeleton],
        ragged: Ragged,
        rotations: np.ndarray,
        names: Sequence[str],
    ):
        self._body, self._changed = skeletons[0], set[int]()
        joints = self._body.down_to([self._body.index(name) for name in names])
        nowhere = np.zeros((len(rotations), 3))
        _, self.world = walk_down_together(skeletons, ragged, joints, rotations, nowhere)

    def turn(self, name: str, held: Sequence[str], turn: np.ndarray) -> None:
        """Turn a joint by ``turn: (F, 4)`` and what is below it, but for ``held`` and below."""
        parents, top = self._body.parents, self._body.index(name)
        kept = {self._body.index(other) for other in held}
        turned = {top}
        for joint in self.world:  # parents come first
            if joint == top or (parents[joint] in turned and joint not in kept):
                turned.add(joint)
                self.world[joint] = multiply(turn, self.world[joint])
        self._changed |= {top, *kept}

    def write(self, rotations: np.ndarray, frames: np.ndarray | slice = slice(None)) -> None:
        """Put what has changed into ``rotations: (..., J, 4)``, parent space, at these frames."""
        for joint in sorted(self._changed):
            above, here = self._body.parents[joint], self.world[joint]
            if above >= 0:
                here = multiply(conjugate(self.world[above]), here)
            rotations[frames, joint] = here
