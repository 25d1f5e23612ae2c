# SPDX-License-Identifier: GPL-3.0-or-later
"""What a curve says to a walk: its path, and the speeds and stops that are drawn on it; pure."""

from dataclasses import dataclass

import numpy as np

from .path import Path


@dataclass(frozen=True, eq=False)
class Way:
    """What a walk goes along, and what the curve itself says of speed and stops.

    factors, stops, facings: ``((metres, factor), ...)``, ``((metres, seconds), ...)`` and
    ``((metres, radians), ...)``, as in `itinerary.Itinerary`. Two are equal if a walk along both
    is the same.
    """

    path: Path
    factors: tuple = ()
    stops: tuple = ()
    facings: tuple = ()

    def __eq__(self, other):
        return (
            isinstance(other, Way)
            and self._said == other._said
            and self.path.closed == other.path.closed
            and np.array_equal(self.path.points, other.path.points)
        )

    def __hash__(self):
        return hash(self._said)

    @property
    def _said(self):
        return self.factors, self.stops, self.facings
