# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a walk will take, about, before anything is planned: for a panel that is drawn; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .hairpins import with_hairpins
from .itinerary import Itinerary, Route
from .path import Path

if TYPE_CHECKING:
    from .way import Way


@dataclass(frozen=True)
class Outline:
    """A route in the model's proportions, and the size of who walks it, times the model's.

    Stands, stops, turns on the spot and speeds along the way count; that bends slow a walk does
    not.
    """

    route: Route
    scale: float = 1.0

    @property
    def _tempo(self):
        """As `body.tempo` has it."""
        return float(np.sqrt(self.scale))

    def seconds(self, speed: float) -> float:
        """Seconds of the whole walk at a speed, m/s."""
        return self.route.seconds(speed / self.scale * self._tempo) * self._tempo

    def speed(self, seconds: float) -> float:
        """Inverse of `seconds`; infinite where no speed is enough."""
        return self.route.speed(seconds / self._tempo) * self.scale / self._tempo


def outline(way: Way, wish: Itinerary, laps: int, scale: float, turns: bool = True) -> Outline:
    """The `Outline` of a wish on a way, in world metres, for a body of a size.

    turns: whether it turns on the spot where the way turns back. ValueError for a start beyond it.
    The same question is answered at once the next time.
    """
    path = way.path
    wish = replace(wish, factors=way.factors, stops=way.stops)
    return _outline(path.points.tobytes(), path.closed, wish, laps, scale, turns)


@lru_cache(maxsize=16)
def _outline(points, closed, wish, laps, scale, turns):
    path = Path(np.frombuffer(points).reshape(-1, 3) / scale, closed)
    wish = wish.scaled(1.0 / scale)
    if turns:
        wish, _ = with_hairpins(wish, path)
    return Outline(Route(wish, path.length, closed, laps), scale)
