# SPDX-License-Identifier: GPL-3.0-or-later
"""Arms as each person carries them, to lend a movement to somebody who was never recorded in it.

A turn that is shown under another name keeps its legs and trunk; the arms hang and bend as that
other person's do. Without it the same name would stand for everybody's arms, and the network
would learn to read who walks from the last pose instead of from the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import conjugate, multiply, normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .data import Sequence as WalkSequence

_PARTS = ("Shoulder", "Arm", "ForeArm", "Hand")
_WALKS = 0.7, 2.0  # m/s
_RUNS = 0.3  # gait from which a frame is no walk


def arm_joints() -> list[int]:
    """Indices of the joints of both arms."""
    return [QUATERNET_SKELETON.index(side + part) for side in ("Left", "Right") for part in _PARTS]


def arm_postures(sequences: Sequence[WalkSequence], styles: int) -> np.ndarray:
    """Mean rotations of each style's walking ``(S, J, 4)``; other joints are the identity.

    Styles without a walk have everybody's mean.
    """
    joints = arm_joints()
    found: list[list[np.ndarray]] = [[] for _ in range(styles)]
    for sequence in sequences:
        speed = sequence.trajectory.speeds()
        walks = (speed > _WALKS[0]) & (speed < _WALKS[1]) & (sequence.gait < _RUNS)
        found[sequence.style].append(sequence.rotations[walks][:, joints])
    everybody = np.concatenate([part for parts in found for part in parts])
    means = np.zeros((styles, len(QUATERNET_SKELETON), 4))
    means[..., 0] = 1.0
    if not len(everybody):
        return means
    common = _mean(everybody, everybody[0])
    for style, parts in enumerate(found):
        own = np.concatenate(parts) if parts else everybody[:0]
        means[style, joints] = _mean(own, common) if len(own) else common
    return means


def from_one_to_another(postures: np.ndarray) -> np.ndarray:
    """Turns ``(S, S, J, 4)`` that carry the arms of the first style as the second one does."""
    turns = multiply(postures[None], conjugate(postures)[:, None])
    return np.where(turns[..., :1] < 0.0, -turns, turns)


def _mean(rotations, like):
    """Mean of quaternions ``(N, K, 4)`` on the side of ``like: (K, 4)``."""
    side = np.where((rotations * like).sum(-1, keepdims=True) < 0.0, -1.0, 1.0)
    return normalize((side * rotations).sum(0))
