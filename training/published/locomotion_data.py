# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes as QuaterNet's long-term networks see them: frames, controls, and paths; pure.

Source: Pavllo et al., BMVC 2018. The body goes along a smoothed trajectory; what the trajectory
does not say are two further outputs, and six controls say where it leads:

- a frame: ``4 J`` rotations (parent space, the root's in the world), the offset of the hips along
  the direction of movement and their height, metres;
- its controls: A cos phi, A sin phi; A times the direction of movement, x and z; the direction
  that the body faces, x and z. A is the local speed in m/s, phi the phase, pi per step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import detect_contacts
from quaternet_addon.core.body.trajectory import trajectory_of
from quaternet_addon.core.maths.quaternion import make_continuous
from quaternet_addon.core.maths.smoothing import lowpass

from ..data.cleaning import FPS, ground_height, require_canonical
from ..data.sources import lower_to_ground
from ..walk.data import sequence
from ..walk.path_examples import path_example
from ..walk.phase import phase_from_contacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch

    from ..data.dataset import Dataset


OUTPUTS, CONTROLS = 2, 6
_STILL = 0.05  # m/s: slower, the direction of movement is that of facing


@dataclass(frozen=True)
class PublishedTake:
    """One clip at 30 fps.

    frames: ``(T, 4 J + 2)``. controls: ``(T, 6)``. path: ``(features, targets)`` of the pace
    network, ``(N, 2)`` and ``(N, 4)``, or None where it is too short for one.
    """

    frames: np.ndarray
    controls: np.ndarray
    path: tuple


def published_takes(
    dataset: Dataset, indices: Iterable[int], mirror: bool = True
) -> list[PublishedTake]:
    """Every take at 30 fps, from each of the first frames that a whole stride allows, mirrored.

    ValueError for a skeleton other than the add-on's, or takes below 30 fps.
    """
    require_canonical(dataset)
    takes = []
    for index in indices:
        for motion in _strides(dataset.take(index)):
            standing = _on_the_ground(motion)
            takes += [_take(m) for m in ((standing, standing.mirror()) if mirror else (standing,))]
    return takes


def _strides(motion):
    """The motion at 30 fps: every n-th frame from each start where the rates divide."""
    stride = round(motion.fps / FPS)
    if abs(motion.fps / FPS - stride) > 1e-3:
        return [motion.resample(FPS)] if len(motion) > 3 else []
    parts = [
        replace(
            motion,
            rotations=motion.rotations[first::stride],
            root_positions=motion.root_positions[first::stride],
            fps=FPS,
        )
        for first in range(stride)
    ]
    return [part for part in parts if len(part) > 3]


def _on_the_ground(motion):
    motion = replace(
        motion,
        rotations=np.asarray(motion.rotations, float),
        root_positions=np.asarray(motion.root_positions, float),
    )
    motion = lower_to_ground(motion, ground_height(motion))
    return replace(motion, contacts=detect_contacts(motion))


def _take(motion):
    trajectory = trajectory_of(motion)
    velocity = np.gradient(trajectory.positions, axis=0) * motion.fps
    speed = np.linalg.norm(velocity, axis=-1, keepdims=True)
    facing = np.stack([np.sin(trajectory.headings), np.cos(trajectory.headings)], -1)
    direction = np.where(speed > _STILL, velocity / np.maximum(speed, 1e-9), facing)
    phase = lowpass(phase_from_contacts(motion.contacts, motion.fps), 0.1, motion.fps)
    steps = np.stack([np.cos(phase), np.sin(phase)], -1)
    away = motion.root_positions[:, [0, 2]] - trajectory.positions
    offset = (away * direction).sum(-1, keepdims=True)
    rotations = make_continuous(motion.rotations).reshape(len(motion), -1)
    frames = np.concatenate([rotations, offset, motion.root_positions[:, 1:2]], -1)
    example = path_example(sequence(motion, "", 0, running=True), any_facing=True)
    path = None if example is None else (example[0][:, :2], example[1])
    controls = np.concatenate([speed * steps, speed * direction, facing], -1)
    return PublishedTake(frames, controls, path)


def turned(
    frames: torch.Tensor, controls: torch.Tensor, radians: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Windows seen from elsewhere: turned about +Y; ``(B, T, ...)`` tensors, ``(B,)`` radians."""
    import torch

    from quaternet_addon.core.maths.quaternion import multiply, yaw_to_quaternion

    turn: torch.Tensor = yaw_to_quaternion(radians)[:, None]
    root = multiply(turn.expand(-1, frames.shape[1], -1), frames[..., :4])
    sine, cosine = torch.sin(radians)[:, None], torch.cos(radians)[:, None]
    parts = [controls[..., :2]]
    for first in (2, 4):
        x, z = controls[..., first], controls[..., first + 1]
        parts.append(torch.stack([cosine * x + sine * z, cosine * z - sine * x], -1))
    return torch.cat([root, frames[..., 4:]], -1), torch.cat(parts, -1)
