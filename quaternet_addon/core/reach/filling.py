# SPDX-License-Identifier: GPL-3.0-or-later
"""A network's knots laid over the plain way across a gap; pure; NumPy or torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..body.states import heading
from ..maths.backend import namespace
from ..maths.quaternion import multiply, normalize, rotate, yaw_to_quaternion
from .gap import plain_way
from .splines import KNOTS, comes_in, goes_out, knot_weights
from .turns import exponential

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from .gap import Gap


def fill(
    gap: Gap,
    knots: np.ndarray,
    times: np.ndarray,
    keyed: np.ndarray,
    moving: Sequence[int],
    groups: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rotations ``(..., K, J, 4)``, roots ``(..., K, 3)``, contact logits ``(..., K, 2)``.

    knots: ``(..., 2 KNOTS, 3 M + 5)`` of the network: rotation vectors of the moving joints in
    their own frames, metres of the hips as the body faces (now, and at the key), logits. times:
    ``(..., K)`` seconds. keyed, moving: as in `features.describe`. groups: of each moving joint.
    """
    xp = namespace(gap.roots)
    rotations, roots = plain_way(gap, times)
    weights, count = knot_weights(times, gap.duration), len(moving)
    added = weights @ _faced_as_now(gap, knots)
    rise = comes_in(times)[..., None]
    fall = goes_out(gap.duration[..., None] - times)[..., None]
    # What is not keyed may end anywhere.
    shares = rise * (fall * keyed[..., None, :] + (1.0 - keyed[..., None, :]))
    turns = added[..., : 3 * count].reshape((*added.shape[:-1], count, 3))
    turns = exponential(turns * shares[..., groups][..., None])
    turned = multiply(rotations[..., moving, :], turns)
    place = {joint: index for index, joint in enumerate(moving)}
    rotations = xp.stack(
        [
            turned[..., place[joint], :] if joint in place else rotations[..., joint, :]
            for joint in range(rotations.shape[-2])
        ],
        -2,
    )
    roots = roots + added[..., 3 * count : 3 * count + 3] * shares[..., :1]
    return normalize(rotations), roots, added[..., 3 * count + 3 :]


def _faced_as_now(gap, knots):
    """The knots with the hips' metres in the world."""
    xp, count = namespace(knots), knots.shape[-1] - 5
    parts = []
    for end, rotations in enumerate((gap.rotations, gap.key_rotations)):
        turn = yaw_to_quaternion(heading(rotations[..., 0, :]))[..., None, :]
        half = knots[..., end * KNOTS : (end + 1) * KNOTS, :]
        hips = rotate(turn, half[..., count : count + 3])
        parts.append(xp.concatenate((half[..., :count], hips, half[..., count + 3 :]), -1))
    return xp.concatenate(parts, -2)
