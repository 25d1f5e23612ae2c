# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures of filled gaps; NumPy. The formulas of LAFAN1's published evaluation, own code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import (
    KIMODO_HEIGHT,
    KIMODO_SPEED,
    detect_contacts,
    toe_positions,
)
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.maths.quaternion import (
    make_continuous,
    multiply,
    rotate,
    yaw,
    yaw_to_quaternion,
)

from ..data.liveliness import npss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quaternet_addon.core.body.skeleton import Skeleton

    from ..data.collection import Piece


JOINTS_LEFT_OUT = ("LHipJoint", "RHipJoint")  # they coincide with the hips
PAST = 10  # frames that are given before a gap
STRIDE, MOST = 15, 24  # frames between windows; windows of a piece


def kept_joints(skeleton: Skeleton) -> list[int]:
    """The joints that are measured, as indices."""
    return [j for j, name in enumerate(skeleton.names) if name not in JOINTS_LEFT_OUT]


def window_starts(frames: int, gap: int) -> np.ndarray:
    """First frames of the windows in a piece of so many frames, for gaps up to ``gap`` frames."""
    starts = np.arange(0, frames - (PAST + gap + 1) + 1, STRIDE)
    if len(starts) > MOST:
        starts = starts[np.round(np.linspace(0, len(starts) - 1, MOST)).astype(int)]
    return starts


def position_deviation(motions: Sequence[Motion], length: int = 50, stride: int = 20) -> np.ndarray:
    """Standard deviation of each joint's place, ``(J', 3)`` metres, over windows of the takes.

    Hips' mean x and z removed, turned to the heading of the window's frame 10.
    """
    total, squares, count = 0.0, 0.0, 0
    for motion in motions:
        places, facing = motion.positions(), yaw(motion.rotations[:, 0])
        for start in range(0, len(motion) - length + 1, stride):
            window = places[start : start + length]
            window = window - window[:, :1].mean(0) * [1.0, 0.0, 1.0]
            home = yaw_to_quaternion(-facing[start + PAST])
            window = rotate(home[None, None], window)
            total, squares = total + window.sum(0), squares + (window**2).sum(0)
            count += length
    kept = kept_joints(motions[0].skeleton)
    mean = total / count
    return np.sqrt(np.maximum(squares / count - mean**2, 1e-12))[kept]


@dataclass(frozen=True)
class Windows:
    """N windows of one gap of T frames: 10 past frames, T to be filled, the key.

    rotations: ``(N, 10 + T + 1, J, 4)``; roots: ``(N, 10 + T + 1, 3)``; groups: N classes.
    """

    skeleton: Skeleton
    rotations: np.ndarray
    roots: np.ndarray
    groups: np.ndarray
    gap: int

    def __len__(self):
        return len(self.roots)


def windows_of(pieces: Sequence[Piece], gap: int, shared: int = 45) -> Windows:
    """`Windows` of ``Piece``s; gaps up to ``shared`` frames are measured on the same windows."""
    rotations, roots, groups = [], [], []
    for piece in pieces:
        motion = piece.motion
        for start in window_starts(len(motion), max(gap, shared)):
            frames = slice(start, start + PAST + gap + 1)
            rotations.append(motion.rotations[frames])
            roots.append(motion.root_positions[frames])
            groups.append(piece.group)
    skeleton = pieces[0].motion.skeleton
    return Windows(skeleton, np.array(rotations), np.array(roots), np.array(groups), gap)


def filled(windows: Windows, rotations: np.ndarray, roots: np.ndarray) -> Windows:
    """The windows with ``rotations (N, T, J, 4)`` and ``roots (N, T, 3)`` in their gaps."""
    made = [windows.rotations.copy(), windows.roots.copy()]
    gap = slice(PAST, PAST + windows.gap)
    made[0][:, gap], made[1][:, gap] = rotations, roots
    return Windows(windows.skeleton, *made, windows.groups, windows.gap)


def figures(truth: Windows, made: Windows, deviation: np.ndarray) -> dict[str, dict[str, float]]:
    """The measures of ``made`` Windows beside ``truth``, per class and their mean: nested dict."""
    measured = _Measured(truth, made, deviation)
    groups = dict.fromkeys(truth.groups)
    table = {group: measured.of(truth.groups == group) for group in groups}
    names = next(iter(table.values()))
    table["mean"] = {n: float(np.mean([table[g][n] for g in groups])) for n in names}
    return table


class _Measured:
    """World positions and rotations of both, and what is measured window by window."""

    def __init__(self, truth, made, deviation):
        self.truth, self.made, self.gap = truth, made, slice(PAST, PAST + truth.gap)
        skeleton = truth.skeleton
        self.kept = kept_joints(skeleton)
        places, turns = zip(
            *(skeleton.forward_kinematics(w.rotations, w.roots) for w in (truth, made)),
            strict=True,
        )
        self.places = [p[:, :, self.kept] for p in places]
        self.turns = [t[:, :, self.kept] for t in turns]
        home = yaw_to_quaternion(-yaw(truth.rotations[:, PAST - 1, 0]))[:, None, None]
        self.turns = [multiply(home, turned) for turned in self.turns]  # the spectrum's components
        away = rotate(home, self.places[1] - self.places[0])[:, self.gap] / deviation
        self.l2p = np.sqrt((away**2).sum((-1, -2))).mean(-1)
        side = np.sign((self.turns[0] * self.turns[1]).sum(-1, keepdims=True))
        turned = (self.turns[0] - side * self.turns[1])[:, self.gap]
        self.l2q = np.sqrt((turned**2).sum((-1, -2))).mean(-1)
        self.contacts = [self._contacts(w) for w in (truth, made)]
        self.low, self.skating = zip(*(self._skate(w) for w in (truth, made)), strict=True)

    def _contacts(self, windows):
        found = []
        for rotations, roots in zip(windows.rotations, windows.roots, strict=True):
            motion = Motion(windows.skeleton, rotations, roots, 30.0)
            found.append(detect_contacts(motion)[self.gap])
        return np.array(found)

    def _skate(self, windows):
        shape = windows.roots.shape[:2]
        flat = Motion(
            windows.skeleton,
            windows.rotations.reshape(-1, *windows.rotations.shape[2:]),
            windows.roots.reshape(-1, 3),
            30.0,
        )
        toes = toe_positions(flat).reshape(*shape, 2, 3)[:, PAST - 1 :]
        speed = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=1), axis=-1) * 30.0
        low = (toes[..., 1] < KIMODO_HEIGHT)[:, 1:] & (toes[..., 1] < KIMODO_HEIGHT)[:, :-1]
        return low.sum((1, 2)), (low & (speed > KIMODO_SPEED)).sum((1, 2))

    def of(self, chosen: np.ndarray) -> dict[str, float]:
        """Figures of the ``chosen`` windows, ``(N,)`` bool."""
        truth, made = (c[chosen] for c in self.contacts)
        hits = (truth & made).sum()
        f1 = 2.0 * hits / max(1, truth.sum() + made.sum())
        speeds = [
            np.linalg.norm(np.diff(p[chosen, PAST - 1 :], axis=1), axis=-1).mean()
            for p in self.places
        ]
        seam = np.diff(self.places[1][chosen, PAST - 2 : PAST + 1], 2, axis=1)
        return {
            "L2P": float(self.l2p[chosen].mean()),
            "L2Q": float(self.l2q[chosen].mean()),
            "NPSS": npss(*(self._spectrum(t[chosen]) for t in self.turns)),
            "F1": float(f1),
            "skate": float(self.skating[1][chosen].sum() / max(1, self.low[1][chosen].sum())),
            "seam": float(100.0 * np.linalg.norm(seam, axis=-1).mean()),
            "speed": float(speeds[1] / speeds[0]),
        }

    def _spectrum(self, turns):
        inside = turns[:, self.gap]
        joined = np.stack([make_continuous(window) for window in inside])
        return joined.reshape(*joined.shape[:2], -1)
