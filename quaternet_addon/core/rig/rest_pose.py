# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of a rig's bones, wherever they come from; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class RestPose:
    """The rest of a rig's bones in core axes (Y up), metres, world orientation.

    parents: B indices, parents first, -1 for roots. heads, tails: ``(B, 3)``.
    rotations: ``(B, 4)`` global (not parent space), with whatever roll the rig has.
    """

    names: tuple
    parents: tuple
    heads: np.ndarray
    tails: np.ndarray
    rotations: np.ndarray
