# SPDX-License-Identifier: GPL-3.0-or-later
"""The soles of a body's feet, as far as anything of them could go through the floor; pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..maths import elementary

TOE_LENGTH = 0.55  # of the way from ankle to ball, seen from above
HEEL_LENGTH = 0.3  # of it: how far the heel lies behind the ankle

_PITCHES = np.radians(np.arange(-50.0, 86.0, 9.0))  # toes down are positive
_ROLLS = np.radians([-40.0, -25.0, -12.0, 0.0, 12.0, 25.0, 40.0])


@dataclass(frozen=True)
class FootShape:
    """What of one foot is lowest when it is tilted; metres, world-aligned at rest.

    foot: ``(N, 3)`` from the ankle. toes: ``(M, 3)`` from the ball; None on a foot in one piece.
    """

    foot: np.ndarray
    toes: np.ndarray | None

    def scaled(self, factor: float) -> FootShape:
        """The shape with all its lengths times ``factor``."""
        toes = None if self.toes is None else factor * self.toes
        return FootShape(factor * self.foot, toes)

    def ends(self, ball: float) -> tuple[float, float]:
        """Metres from the ball back to the heel and ahead to the tip, NaN where there is no mesh.

        ball: metres that it is before the ankle.
        """
        if not len(self.foot):
            return np.nan, np.nan
        tip = self.foot[:, 2].max() - ball
        if self.toes is not None and len(self.toes):
            tip = max(tip, self.toes[:, 2].max())
        return float(ball - self.foot[:, 2].min()), float(max(tip, 0.0))

    @property
    def stiff(self) -> bool:
        """True for a foot in one piece."""
        return self.toes is None


def outermost(points: np.ndarray) -> np.ndarray:
    """Those of the points ``(N, 3)`` that are lowest in some tilt that feet have."""
    if not len(points):
        return points
    pitch, roll = (values.ravel() for values in np.meshgrid(_PITCHES, _ROLLS))
    ups = np.stack(
        [
            elementary.sin(roll),
            elementary.cos(pitch) * elementary.cos(roll),
            -elementary.sin(pitch) * elementary.cos(roll),
        ],
        axis=-1,
    )
    return points[np.unique(np.argmin(points @ ups.T, axis=0))]
