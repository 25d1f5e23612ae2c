# SPDX-License-Identifier: GPL-3.0-or-later
"""A Fréchet-like distance of two sets of motions, by groups of joints; pure.

Windows of two seconds of joint positions, their travel taken out, as Gaussians on the principal
axes of the recorded ones (Heusel et al. 2017 do so with features of a network). Every recorded
person counts equally, and so do, in what is made along their ways, the ways of every person:
Female 1 and Male 1 have half of all windows, and with their ways counting so much the recordings
themselves were 0.96 (legs 0.41, arms 0.45) from themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import sqrtm

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.body.trajectory import trajectory_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quaternet_addon.core.body.motion import Motion


_FRAMES, _STEP, _AXES = 60, 5, 24
_LEGS, _ARMS = ("HipJoint", "UpLeg", "Leg", "Foot", "ToeBase"), ("Arm", "Hand", "Index1")
BARS = {"all": 1.0, "legs": 0.3, "arms": 0.3, "trunk": 0.12}
"""Greatest distance of pooled seeds: the 90th percentile of half of the recordings to the rest."""
ALONE = 3.5
"""Greatest distance of one seed, all joints."""


def groups() -> dict[str, list[int]]:
    """Name of a group -> indices of its joints."""
    names = QUATERNET_SKELETON.names
    legs = [n for n, name in enumerate(names) if name.endswith(_LEGS) and "Arm" not in name]
    arms = [n for n, name in enumerate(names) if name.endswith(_ARMS)]
    rest = [n for n in range(len(names)) if n not in legs and n not in arms and names[n] != "Hips"]
    return {"all": list(range(len(names))), "legs": legs, "arms": arms, "trunk": rest}


def motion_windows(motion: Motion) -> np.ndarray:
    """Windows ``(n, frames, J, 3)`` of a motion at 30 fps, without travel and heading; metres."""
    places = motion.positions()
    places = places - places[:, :1] * [1.0, 0.0, 1.0]
    angle = trajectory_of(motion).headings
    sine, cosine = np.sin(angle)[:, None], np.cos(angle)[:, None]
    x, y, z = np.moveaxis(places, -1, 0)
    turned = np.stack([cosine * x - sine * z, y, sine * x + cosine * z], -1)
    starts = range(0, len(turned) - _FRAMES + 1, _STEP)
    if not starts:
        return np.empty((0, _FRAMES, *turned.shape[1:]))
    return np.stack([turned[start : start + _FRAMES] for start in starts])


def equal_weights(people: Sequence[str]) -> np.ndarray:
    """Weights ``(n,)`` of windows, in all 1, by which everybody counts equally.

    people: of each window, whose it is or along whose way it was made.
    """
    names, owner, counts = np.unique(np.asarray(people), return_inverse=True, return_counts=True)
    return 1.0 / (counts[owner] * len(names))


class Space:
    """Principal axes of recorded windows of one group of joints, everybody with equal weight.

    windows: ``(n, frames, J, 3)``. people: name of each window's actor ``(n,)``.
    """

    def __init__(self, windows, people, joints):
        self.joints, self.weights = joints, equal_weights(people)
        flat = self._flat(windows)
        self.centre = self.weights @ flat
        scaled = (flat - self.centre) * np.sqrt(self.weights)[:, None]
        self.axes = np.linalg.svd(scaled, full_matrices=False)[2][:_AXES]

    def _flat(self, windows):
        return windows[:, :, self.joints].reshape(len(windows), -1)

    def gaussian(
        self, windows: np.ndarray, weights: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean ``(a,)`` and covariance ``(a, a)`` of windows on the axes; weights: ``(n,)``."""
        weights = np.full(len(windows), 1.0 / len(windows)) if weights is None else weights
        points = (self._flat(windows) - self.centre) @ self.axes.T
        mean = weights @ points
        away = points - mean
        return mean, (away * weights[:, None]).T @ away


def distance(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> float:
    """Fréchet distance of two Gaussians: ``|m|^2 + tr(A + B - 2 (A B)^(1/2))``."""
    (mean, a), (other_mean, b) = one, other
    root = sqrtm(a @ b)
    return float(((mean - other_mean) ** 2).sum() + np.trace(a + b - 2.0 * np.real(root)))
