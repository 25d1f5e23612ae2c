# SPDX-License-Identifier: GPL-3.0-or-later
"""Where walks stand: stretches of frames on the axis of all of them; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..maths.smoothing import ease

if TYPE_CHECKING:
    from ..maths.ragged import Ragged, Runs

MOSTLY, FULL = 0.5, 0.9  # of `idle.stillness`: in a stand, and in one without its ends


@dataclass(frozen=True)
class Stands:
    """The S stands of some motions.

    runs: their frames. of: ``(S,)``, whose motion. first, last: ``(S,)`` frames, the first and the
    last one at full rest. weight: ``(M,)`` at ``runs.frames``, how much each counts in a mean;
    smooth, so that a frame that is at rest by a hair changes nothing. headings: ``(S,)`` radians.
    """

    runs: Runs
    of: np.ndarray
    first: np.ndarray
    last: np.ndarray
    weight: np.ndarray
    headings: np.ndarray

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Of ``values: (M,)`` or ``(M, C)`` at the runs' frames, one a stand."""
        return self.runs.mean(values, self.weight)


def stands_of(share: np.ndarray, headings: np.ndarray, ragged: Ragged) -> Stands:
    """share, headings: ``(F,)`` of `idle.stillness`, and radians, clip after clip."""
    runs = ragged.runs(share > MOSTLY)
    runs = runs.kept(runs.maximum(share[runs.frames]) >= FULL)
    frames = runs.frames
    rests = share[frames] >= FULL
    weight = ease((share[frames] - MOSTLY) / (FULL - MOSTLY))
    return Stands(
        runs,
        of=ragged.of[runs.start],
        first=-runs.maximum(np.where(rests, -frames, -len(ragged))),
        last=runs.maximum(np.where(rests, frames, -1)),
        weight=weight,
        headings=runs.mean(headings[frames], weight),
    )
