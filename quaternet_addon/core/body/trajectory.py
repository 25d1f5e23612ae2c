# SPDX-License-Identifier: GPL-3.0-or-later
"""The root trajectory: where a body goes and faces, without the sway of its steps; pure.

The same operator smooths recorded hips for training and planned ones at run time, so that the
network meets one kind of trajectory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.quaternion import multiply, normalize, rotate, yaw_to_quaternion
from ..maths.smoothing import lowpass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .motion import Motion

SMOOTHING = 0.4  # seconds (standard deviation): a stride's sway goes, a turn stays


@dataclass(frozen=True)
class Trajectory:
    """A body's way over the ground, T frames at ``fps``.

    positions: ``(T, 2)`` metres, x and z. headings: ``(T,)`` radians about +Y, unwrapped.
    """

    positions: np.ndarray
    headings: np.ndarray
    fps: float

    def __len__(self):
        return len(self.headings)

    def speeds(self) -> np.ndarray:
        """Ground speed ``(T,)``, m/s."""
        if len(self) < 2:
            return np.zeros(len(self))
        return np.linalg.norm(np.gradient(self.positions, axis=0), axis=-1) * self.fps

    def turn_rates(self) -> np.ndarray:
        """Rate of the heading ``(T,)``, rad/s."""
        if len(self) < 2:
            return np.zeros(len(self))
        return np.gradient(self.headings) * self.fps

    def window(self, seconds: Sequence[float] | np.ndarray) -> np.ndarray:
        """Where the trajectory is some seconds before and after, seen from each frame.

        seconds: K times relative to the frame. Returns ``(T, K, 4)``: x, z in metres in the
        frame's heading, and sine and cosine of the heading relative to the frame's. Past the
        ends the trajectory goes on as it was: a clip cut in a stride must not look like a stop.
        """
        wanted = np.arange(len(self))[:, None] + np.rint(np.asarray(seconds) * self.fps).astype(int)
        frames = np.clip(wanted, 0, len(self) - 1)
        beyond = (wanted - frames)[..., None]
        edge = np.minimum(frames, len(self) - 2)  # a difference at hand, at both ends
        steps = np.diff(self.positions, axis=0) if len(self) > 1 else np.zeros((1, 2))
        away = self.positions[frames] - self.positions[:, None] + beyond * steps[edge]
        turn = self.headings[frames] - self.headings[:, None]
        sine, cosine = (
            elementary.sin(self.headings)[:, None],
            elementary.cos(self.headings)[:, None],
        )
        x = cosine * away[..., 0] - sine * away[..., 1]
        z = sine * away[..., 0] + cosine * away[..., 1]
        return np.stack([x, z, elementary.sin(turn), elementary.cos(turn)], -1)


def trajectory_of(motion: Motion) -> Trajectory:
    """The trajectory of a recorded motion: smoothed hips, heading of hips and shoulders."""
    positions, world = motion.world
    chest = world[:, motion.skeleton.index("Spine")]
    hips, shoulders = (rotate(q, np.array([0.0, 0.0, 1.0])) for q in (world[:, 0], chest))
    forward = hips + shoulders
    headings = np.unwrap(elementary.arctan2(forward[:, 0], forward[:, 2]))
    return Trajectory(
        lowpass(positions[:, 0][:, [0, 2]], SMOOTHING, motion.fps),
        lowpass(headings, SMOOTHING, motion.fps),
        motion.fps,
    )


def to_local(
    rotations: np.ndarray, root_positions: np.ndarray, trajectory: Trajectory
) -> tuple[np.ndarray, np.ndarray]:
    """A motion seen from its trajectory's moving frame.

    Returns rotations ``(T, J, 4)`` whose root is relative to the heading and has w >= 0, and the
    hips ``(T, 3)``: sideways, height, ahead, metres.
    """
    turn = yaw_to_quaternion(-trajectory.headings)
    rotations = np.array(rotations, float)
    rotations[:, 0] = multiply(turn, rotations[:, 0])
    rotations = np.where(rotations[..., :1] < 0.0, -rotations, rotations)
    away = np.array(root_positions, float)
    away[:, [0, 2]] -= trajectory.positions
    return rotations, rotate(turn, away)


def to_world(
    rotations: np.ndarray, hips: np.ndarray, trajectory: Trajectory
) -> tuple[np.ndarray, np.ndarray]:
    """Inverse of `to_local`: parent-space rotations and root positions in the world.

    ``(T, J, 4)`` and ``(T, 3)`` metres.
    """
    turn = yaw_to_quaternion(trajectory.headings)
    rotations = np.array(rotations, float)
    rotations[:, 0] = normalize(multiply(turn, rotations[:, 0]))
    roots = rotate(turn, np.asarray(hips, float))
    roots[:, [0, 2]] += trajectory.positions
    return rotations, roots
