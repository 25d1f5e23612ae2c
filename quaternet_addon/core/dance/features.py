# SPDX-License-Identifier: GPL-3.0-or-later
"""What the dance networks read and write: a frame as numbers, a plan of codes; pure.

A frame is a `body_state` reduced to the joints that dances move. A *code* stands for what a body
does in `CODE_FRAMES` frames: the nearest of some hundred centres of such windows. A dance is
planned as codes, and the dancer sees the plan as a smooth curve through their vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..body.states import BodyStates
from ..maths import elementary
from ..maths.quaternion import multiply, normalize
from ..maths.smoothing import ease

if TYPE_CHECKING:
    from ..body.skeleton import Skeleton


CODE_FRAMES = 8
AHEAD = 3  # codes that must be known after the current one

MOVING = (
    "Hips LeftUpLeg LeftLeg LeftFoot RightUpLeg RightLeg RightFoot LowerBack Spine Neck Head "
    "LeftShoulder LeftArm LeftForeArm LeftHand RightShoulder RightArm RightForeArm RightHand"
).split()
"""Joints that a frame holds; the others are at rest. What a second neck joint turns, Head does."""

_SHOWN = (
    "LeftLeg LeftFoot LeftToeBase RightLeg RightFoot RightToeBase Spine Head "
    "LeftArm LeftForeArm LeftHand RightArm RightForeArm RightHand"
).split()
_PACE, _TURN = 0.15, 0.10  # metres that a m/s of the root and a rad/s of turn count in a window


def pack(states: BodyStates, skeleton: Skeleton, fps: float) -> np.ndarray:
    """BodyStates of T frames as ``(T, S)``, S = 4 * 19 + 6.

    Rotations of `MOVING`, then hips height (m), velocity to the left and ahead (m/s), turn
    (rad/s), contacts. NumPy only.
    """
    rotations = np.array(states.rotations, float)
    if "Neck1" in skeleton.names:
        head, second = skeleton.index("Head"), skeleton.index("Neck1")
        rotations[:, head] = multiply(rotations[:, second], rotations[:, head])
    moving = rotations[:, [skeleton.index(name) for name in MOVING]]
    moving = np.where(moving[..., :1] < 0.0, -moving, moving)
    return np.concatenate(
        [
            moving.reshape(len(moving), -1),
            states.hips_height[:, None],
            states.root_velocity * fps,
            states.turn[:, None] * fps,
            np.asarray(states.contacts, float),
        ],
        -1,
    )


def unpack(frames: np.ndarray, skeleton: Skeleton, fps: float) -> BodyStates:
    """Inverse of `pack` for ``(..., T, S)``: BodyStates with unit rotations."""
    count = len(MOVING)
    rotations = np.zeros((*frames.shape[:-1], len(skeleton), 4))
    rotations[..., 0] = 1.0
    moving = frames[..., : 4 * count].reshape(*frames.shape[:-1], count, 4)
    rotations[..., [skeleton.index(name) for name in MOVING], :] = normalize(moving)
    rest = frames[..., 4 * count :]
    return BodyStates(
        rotations, rest[..., 0], rest[..., 1:3] / fps, rest[..., 3] / fps, rest[..., 4:6]
    )


def window_features(frames: np.ndarray, skeleton: Skeleton, fps: float) -> np.ndarray:
    """Every window of `CODE_FRAMES` frames as numbers: ``(T, S) -> (T - 7, F)`` metres.

    Positions of the joints that show a pose, seen from the body, and the root's motion.
    """
    states = unpack(np.asarray(frames, float), skeleton, fps)
    roots = np.zeros((len(frames), 3))
    roots[:, 1] = states.hips_height
    positions, _ = skeleton.forward_kinematics(states.rotations, roots)
    shown = positions[:, [skeleton.index(name) for name in _SHOWN]].reshape(len(frames), -1)
    travel = [_PACE * fps * states.root_velocity, _TURN * fps * states.turn[:, None]]
    rows = np.concatenate([shown, *travel], -1)
    windows = np.lib.stride_tricks.sliding_window_view(rows, CODE_FRAMES, axis=0)
    return windows.reshape(len(windows), -1)


@dataclass(frozen=True)
class Codebook:
    """The centres of windows. K codes, P principal components, F features.

    mean ``(F,)``, basis ``(F, P)``: features to vectors. vectors ``(K, P)``. steps ``(K, 3)``:
    what the body does in the code's frames on the average: metres to the left and ahead as it
    faces at the code's start, radians of turn.
    """

    mean: np.ndarray
    basis: np.ndarray
    vectors: np.ndarray
    steps: np.ndarray

    @cached_property
    def poses(self) -> np.ndarray:
        """Joints that show a pose, seen from the body, in the frames: ``(K, 8, J, 3)`` metres."""
        centres = self.mean + self.vectors @ np.linalg.pinv(self.basis)
        rows = centres.reshape(len(centres), -1, CODE_FRAMES)[:, : 3 * len(_SHOWN)]
        return rows.swapaxes(1, 2).reshape(len(centres), CODE_FRAMES, len(_SHOWN), 3)

    @cached_property
    def away(self) -> np.ndarray:
        """How far two codes' poses are apart, ``(K, K)`` metres: root mean square of the joints."""
        few = self.poses[:, 1::4]  # as near as all of them, to a tenth, in a fourth of the time
        rows = few.reshape(len(few), -1)
        square = (rows * rows).sum(-1)
        away = square[:, None] + square - 2.0 * rows @ rows.T
        return np.sqrt(np.maximum(away, 0.0) * 3.0 / max(1, rows.shape[1]))

    def speeds(self, fps: float) -> np.ndarray:
        """Mean speed of the joints that show a pose, seen from the body, ``(K,)`` m/s."""
        steps = np.diff(self.poses, axis=1)
        return fps * np.linalg.norm(steps, axis=-1).mean((1, 2))

    def nearest(self, features: np.ndarray) -> np.ndarray:
        """The code of each window: features ``(n, F)`` -> ``(n,)`` indices."""
        points = (features - self.mean) @ self.basis
        distances = (self.vectors**2).sum(-1) - 2.0 * points @ self.vectors.T
        return np.argmin(distances, axis=-1)


def plan_features(vectors: np.ndarray) -> np.ndarray:
    """The plan as the dancer sees it in the frames of one code.

    vectors: ``(..., AHEAD + 2, P)`` of the code before, the current one and those that follow.
    Returns ``(..., CODE_FRAMES, 3 P + 2)``: the curve through the codes' middles now, one code
    and two codes later, and the phase within the code. NumPy only.
    """
    curve = [_CURVE @ vectors[..., shift : shift + 3, :] for shift in range(AHEAD)]
    phase = np.broadcast_to(_PHASE, (*vectors.shape[:-2], *_PHASE.shape))
    return np.concatenate([*curve, phase], -1)


def _curve_weights():
    """``(8, 3)``: shares of the code before, the current and the next one in each frame."""
    part = (np.arange(CODE_FRAMES) - 0.5 * (CODE_FRAMES - 1)) / CODE_FRAMES + 1.0
    left = np.floor(part).astype(int)
    share = ease(part - left)
    weights = np.zeros((CODE_FRAMES, 3))
    weights[np.arange(CODE_FRAMES), left] = 1.0 - share
    weights[np.arange(CODE_FRAMES), left + 1] += share
    return weights


_CURVE = _curve_weights()
_ANGLES = 2.0 * np.pi * np.arange(CODE_FRAMES) / CODE_FRAMES
_PHASE = np.stack([elementary.sin(_ANGLES), elementary.cos(_ANGLES)], -1)
