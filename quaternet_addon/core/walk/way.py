# SPDX-License-Identifier: GPL-3.0-or-later
"""What a curve says to a walk: its path, and the speeds and stops that are drawn on it; pure."""

from dataclasses import dataclass

from .path import Path


@dataclass(frozen=True)
class Way:
    """What a walk goes along, and what the curve itself says of speed and stops.

    factors, stops: as in `itinerary.Itinerary`.
    """

    path: Path
    factors: tuple = ()
    stops: tuple = ()
