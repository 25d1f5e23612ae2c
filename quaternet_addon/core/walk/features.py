# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pose network of locomotion reads and writes, for training and inference; pure.

A frame's state is ``[rotations (4 J), hips (3), contacts (2)]``: parent-space quaternions whose
root is relative to the heading, the hips in the trajectory's frame (normalised), contacts in
[0, 1]. The network turns the previous state and the frame's controls into the next state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary

if TYPE_CHECKING:
    from ..body.trajectory import Trajectory


WINDOW = (-0.4, -0.2, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Seconds around a frame at which the network sees its trajectory."""

_METRES = 0.5  # scale of positions in the window: about one at a run
_TURNING = 0.3  # m/s of stepping for a turn of 1 rad/s on the spot


def control_count(styles: int) -> int:
    """Number of control features for ``styles`` styles."""
    return 5 + 4 * len(WINDOW) + styles


def effort(trajectory: Trajectory) -> np.ndarray:
    """The speed, and that of stepping round on the spot, ``(T,)`` m/s."""
    return trajectory.speeds() + _TURNING * np.abs(trajectory.turn_rates())


def amplitude(trajectory: Trajectory) -> np.ndarray:
    """How much each frame steps, ``(T,)`` in [0, 1]: none when standing, all when walking."""
    return np.clip(effort(trajectory) / 0.6, 0.0, 1.0)


def control_features(
    trajectory: Trajectory, phase: np.ndarray, gait: np.ndarray, style: np.ndarray
) -> np.ndarray:
    """Controls of every frame: ``(T, control_count)``.

    phase: ``(T,)`` radians, unwrapped. gait: ``(T,)``, 0 walks, 1 runs. style: ``(S,)`` weights, or
    ``(T, S)`` where they change.
    """
    stepping = amplitude(trajectory)
    rate = np.gradient(phase) * trajectory.fps if len(phase) > 1 else np.zeros(len(phase))
    window = trajectory.window(WINDOW)
    window[..., :2] *= _METRES
    columns = [
        stepping * elementary.cos(phase),
        stepping * elementary.sin(phase),
        stepping * rate * 0.1,
        gait,
        trajectory.speeds() * _METRES,
    ]
    return np.concatenate(
        [
            np.stack(columns, -1),
            window.reshape(len(phase), -1),
            np.broadcast_to(style, (len(phase), np.shape(style)[-1])),
        ],
        -1,
    )


def join_state(rotations: np.ndarray, hips: np.ndarray, contacts: np.ndarray) -> np.ndarray:
    """``(..., J, 4)``, normalised hips ``(..., 3)`` and contacts ``(..., 2)`` to states."""
    flat = np.reshape(rotations, (*np.shape(rotations)[:-2], -1))
    return np.concatenate([flat, hips, contacts], -1)


def split_state(state: np.ndarray, joints: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inverse of `join_state`; NumPy or torch.

    state: ``(..., 4 J + 5)``.
    """
    rotations = state[..., : 4 * joints].reshape(*state.shape[:-1], joints, 4)
    return rotations, state[..., 4 * joints : 4 * joints + 3], state[..., 4 * joints + 3 :]
