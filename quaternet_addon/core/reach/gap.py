# SPDX-License-Identifier: GPL-3.0-or-later
"""A gap between a motion and a keyed pose, and the plain way across it; pure; NumPy or torch.

The plain way is the spherical interpolation from the present pose to the key, with what the body
moves otherwise at the start fading within `FADE` seconds (inertialisation, see `body/seam`). A
network adds to it what a body does in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..maths.quaternion import conjugate, multiply, normalize, rotate
from .turns import exponential, logarithm

if TYPE_CHECKING:
    import numpy as np

FADE = 0.4  # seconds within which the velocity at the start fades


@dataclass(frozen=True)
class Gap:
    """Gaps of a batch (``...``), or one.

    rotations: ``(..., J, 4)`` unit, parent space, now; roots: ``(..., 3)`` metres. spins: ``(...,
    J, 3)`` rotation vectors a second from the left, and velocity ``(..., 3)`` m/s: how these move.
    key_rotations, key_roots: the pose that is to be reached. duration: ``(...)`` seconds to it.
    """

    rotations: np.ndarray
    roots: np.ndarray
    spins: np.ndarray
    velocity: np.ndarray
    key_rotations: np.ndarray
    key_roots: np.ndarray
    duration: np.ndarray


def plain_way(gap: Gap, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations ``(..., K, J, 4)`` and roots ``(..., K, 3)`` at ``times: (..., K)`` seconds."""
    duration = gap.duration[..., None]
    share = times / duration
    turn = logarithm(multiply(conjugate(gap.rotations), gap.key_rotations))
    spins = gap.spins - rotate(gap.rotations, turn) / duration[..., None]
    drift = faded_drift(times, duration)
    extra = exponential(drift[..., None, None] * spins[..., None, :, :])
    straight = multiply(
        gap.rotations[..., None, :, :],
        exponential(share[..., None, None] * turn[..., None, :, :]),
    )
    way = gap.key_roots - gap.roots
    roots = gap.roots[..., None, :] + share[..., None] * way[..., None, :]
    roots = roots + drift[..., None] * (gap.velocity - way / duration)[..., None, :]
    return normalize(multiply(extra, straight)), roots


def faded_drift(times: np.ndarray, duration: np.ndarray) -> np.ndarray:
    """Seconds that a velocity, which fades, has carried on for; both ``(...)`` seconds."""
    fade = duration.clip(0.0, FADE)
    share = (times / fade).clip(0.0, 1.0)
    return fade * (share - share**3 * (6.0 - share * (8.0 - 3.0 * share)))
