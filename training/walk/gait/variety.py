# SPDX-License-Identifier: GPL-3.0-or-later
"""How much people, takes and strides differ: distances of root-relative stride cycles; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .strides import Travel


_PHASES = 32  # samples of a cycle
BARS = {"people": 3.5, "takes": 1.5, "strides": 0.7}
"""Centimetres: least median over pairs of seeds that are people, that are takes; over strides."""


def cycles(travel: Travel, least: float = 0.0) -> np.ndarray:
    """Strides of a clip that begin with the left foot as ``(n, phases, J, 3)``, metres."""
    chosen = [s for s in travel.strides if s.foot == 0 and s.steady and s.speed >= least]
    return np.array([_cycle(travel.body, stride) for stride in chosen])


def _cycle(body, stride):
    places = body.places - body.hips[:, None] * [1.0, 0.0, 1.0]
    x, z = stride.direction
    turned = np.stack(
        [
            z * places[..., 0] - x * places[..., 2],
            places[..., 1],
            x * places[..., 0] + z * places[..., 2],
        ],
        -1,
    )
    frames = np.linspace(stride.begin, stride.end, _PHASES, endpoint=False) * body.fps
    left = np.clip(frames.astype(int), 0, len(body) - 2)
    share = (frames - left)[:, None, None]
    return (1.0 - share) * turned[left] + share * turned[left + 1]


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Mean distance of the joints of two cycles, centimetres."""
    return 100.0 * float(np.linalg.norm(a - b, axis=-1).mean())


def between_strides(found: np.ndarray) -> float | None:
    """Median distance of a clip's strides from each other, None for fewer than two."""
    pairs = [distance(a, b) for n, a in enumerate(found) for b in found[:n]]
    return float(np.median(pairs)) if pairs else None


def between_takes(takes: Sequence[np.ndarray]) -> float | None:
    """Median over pairs of takes, each ``(n, phases, J, 3)``, of the distance of their means."""
    means = [take.mean(0) for take in takes if len(take)]
    pairs = [distance(a, b) for n, a in enumerate(means) for b in means[:n]]
    return float(np.median(pairs)) if pairs else None
