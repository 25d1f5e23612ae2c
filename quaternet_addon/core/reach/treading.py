# SPDX-License-Identifier: GPL-3.0-or-later
"""Hips that go along with the feet that stand; pure.

A network's hips and legs are means, each of its own, and do not quite fit each other: a foot of
which it says that it stands slides along with the hips. How these go over the ground is bent by
splines like the network's own, as little as makes standing feet slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES
from ..maths import elementary
from .features import RATE
from .filling import fill
from .splines import comes_in, goes_out, knot_weights

if TYPE_CHECKING:
    from .gap import Gap
    from .model import ReachModel

_HIGH, _FADES = 0.08, 0.04  # metres of a joint over the floor that does not stand, and less
# What a metre off the network's way costs, against a metre by which feet slide in a frame. Of 30,
# 10, 3, 1, .3 and .1 on training takes set aside all slide less, 30 without being farther off.
_STIFF = 30.0


class Treading:
    """How hips are moved over the ground in gaps ``(...)``; see `filling.fill` for all else.

    None at either end.
    """

    def __init__(self, gap: Gap, knots: np.ndarray, keyed: np.ndarray, model: ReachModel):
        self._duration = np.asarray(gap.duration, float)
        count = max(2, int(np.ceil(self._duration.max() * RATE)) + 1)
        share = np.linspace(0.0, 1.0, count)
        times = self._duration[..., None] * share
        rotations, roots, logits = fill(gap, knots, times, keyed, model.moving, model.groups)
        places, _ = model.skeleton.forward_kinematics(rotations, roots)
        balls = places[..., [model.skeleton.index(name) for name in TOES], :]
        self._knots = self._asked(times, balls, logits)

    def __call__(self, times: np.ndarray) -> np.ndarray:
        """Metres ``(..., K, 3)`` at ``times: (..., K)`` seconds."""
        moved = self._weights(times) @ self._knots
        return np.stack([moved[..., 0], 0.0 * moved[..., 0], moved[..., 1]], axis=-1)

    def _weights(self, times):
        """Of the knots, ``(..., K, 2 KNOTS)``."""
        ends = comes_in(times) * goes_out(self._duration[..., None] - times)
        return knot_weights(times, self._duration) * ends[..., None]

    def _asked(self, times, balls, logits):
        """Knots ``(..., 2 KNOTS, 2)`` by least squares: balls ``(..., K, 2, 3)`` that stand."""
        low = np.clip((_HIGH - balls[..., 1]) / _FADES, 0.0, 1.0)
        stands = low / (1.0 + elementary.exp(-np.clip(logits, -30.0, 30.0)))
        stands = np.minimum(stands[..., 1:, :], stands[..., :-1, :])
        slides = (stands[..., None] * np.diff(balls[..., [0, 2]], axis=-3)).sum(axis=-2)
        weights = self._weights(times)
        steps = np.diff(weights, axis=-2)
        back = np.swapaxes(steps, -1, -2)
        costs = back @ (stands.sum(axis=-1)[..., None] * steps)
        costs = costs + _STIFF / times.shape[-1] * np.swapaxes(weights, -1, -2) @ weights
        return np.linalg.solve(costs + 1e-9 * np.eye(costs.shape[-1]), -back @ slides)
