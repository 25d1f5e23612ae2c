# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the network of "continue motion": whole bodies that go on by themselves.

A step: a batch of random windows; given frames; then the network's own outputs fed back, with
the loss on joint positions in the world after forward kinematics, the way that the hips have come
included. The stretch of own outputs grows over the training.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.body.states import encode
from quaternet_addon.core.continuation.network import input_size
from quaternet_addon.core.maths.quaternion import normalize, quaternion_to_rotation_vector

from ..data.cleaning import require_canonical
from ..data.windows import moving_joints, skeleton_entry
from ..trainer.loop import TrainingConfig
from .losses import OwnFrames
from .network import ContinuationNetwork, given_motion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


_LEAST = 8  # frames of own outputs that a window has, whatever the take's length


@dataclass(frozen=True)
class ContinuationConfig(TrainingConfig):
    """Hyper-parameters; frames are at the dataset's rate, 30 fps.

    prefix, target: frames given, most frames of own outputs. growth: share of the epochs in which
    these grow from ``shortest``. near: frames of own outputs after which errors count half.
    warp: log of the change of speed of the warped copies. noise: standard deviation on given
    quaternions at first, a fifth of it in metres on the hips. given: weight of the predictions
    after given frames. input_dropout, dropout: share of inputs and of the last layer's cells
    that a window goes without. steps: batches an epoch.
    """

    batch: int = 24
    epochs: int = 108
    steps: int = 50
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-3
    clip: float = 0.5
    average: float = 0.995
    hidden: int = 384
    prefix: int = 20
    target: int = 60
    shortest: int = 10
    growth: float = 0.65
    near: float = 30.0
    warp: float = 0.17
    noise: float = 0.002
    given: float = 0.5
    input_dropout: float = 0.03
    dropout: float = 0.1


class BodyWindows:
    """All frames of takes, their mirror images and warped copies, and random windows of them.

    A take's weight is its length over the root of its action's total length: much of one sort
    does not drown the others.
    """

    def __init__(self, dataset, indices, warp, length, prefix):
        self.length, self.prefix = length, prefix
        totals, parts = {}, []
        for index in indices:
            take = dataset.takes[index]
            totals[take.action] = totals.get(take.action, 0) + take.frames
        firsts, frames, weights, row = [], [], [], 0
        for index in indices:
            action = dataset.takes[index].action
            for motion in _variants(dataset.take(index), warp):
                if len(motion) < prefix + _LEAST:
                    continue
                parts.append(_frames(motion))
                firsts.append(row)
                frames.append(len(motion))
                weights.append(len(motion) / totals[action] ** 0.5)
                row += len(motion)
        if not parts:
            raise ValueError(f"Expected a take of at least {prefix + _LEAST} frames, got none.")
        self.first, self.frames = torch.tensor(firsts), torch.tensor(frames)
        self.weights = torch.tensor(weights)
        names = ("rotations", "height", "steps", "contacts")
        self.arrays = {name: torch.cat([part[name] for part in parts]) for name in names}

    def draw(self, count: int, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
        """Rotations ``(B, L, J, 4)``, heights, steps, contacts; ``(B, L)``: is it one."""
        picked = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        last = self.frames[picked] - self.prefix - _LEAST
        starts = (torch.rand(count, generator=generator) * (last + 1)).long()
        places = starts[:, None] + torch.arange(self.length)
        there = places < self.frames[picked][:, None]
        places = torch.minimum(places, self.frames[picked][:, None] - 1)
        rows = self.first[picked][:, None] + places
        return *(array[rows] for array in self.arrays.values()), there


def _variants(motion, warp):
    for factor in (math.exp(-warp), 1.0, math.exp(warp)) if warp else (1.0,):
        warped = motion
        if factor != 1.0:
            warped = replace(motion, fps=motion.fps * factor).resample(motion.fps)
        yield warped
        yield warped.mirror()


def _frames(motion):
    """Tensors of one clip's frames; the first frame's step is as the second's."""
    states = encode(motion)
    rise = np.diff(states.hips_height, prepend=states.hips_height[:1])
    columns = (rise, states.root_velocity[:, 0], states.root_velocity[:, 1], states.turn)
    steps = torch.tensor(np.stack(columns, -1), dtype=torch.float32)
    steps[0] = steps[1]
    return {
        "rotations": torch.tensor(states.rotations, dtype=torch.float32),
        "height": torch.tensor(states.hips_height[:, None], dtype=torch.float32),
        "steps": steps,
        "contacts": torch.tensor(states.contacts, dtype=torch.float32),
    }


class ContinuationTask:
    """Batches: windows of body states, noise, dropout's masks."""

    kind = "continuation"

    def __init__(self, dataset, indices, config, device="cpu"):
        require_canonical(dataset)
        self.config, self.device, self.steps = config, device, config.steps
        self.skeleton = dataset.skeleton
        self.moving = moving_joints(dataset, indices)
        self._windows = BodyWindows(
            dataset, indices, config.warp, config.prefix + config.target, config.prefix
        )
        torch.manual_seed(config.seed)
        self.network = ContinuationNetwork(
            len(self.moving), config.hidden, _ranges(self._windows.arrays["rotations"].numpy())
        ).to(device)
        self._terms = OwnFrames(self.skeleton, self.moving, config.near, device)
        self.model = {
            "fps": dataset.fps,
            "skeleton": skeleton_entry(dataset.skeleton),
            "architecture": {"moving": self.moving, "hidden": config.hidden},
            "source": dataset.source,
            "licence": dataset.licence,
        }

    def frames_at(self, epoch: int) -> int:
        """How many frames of own outputs an epoch has."""
        config = self.config
        share = min(1.0, epoch / max(1.0, config.growth * config.epochs))
        return round(config.shortest + share * (config.target - config.shortest))

    def _noise_at(self, epoch):
        """It falls to a tenth: own outputs are noise enough once the network lives on them."""
        config = self.config
        return config.noise * max(0.1, 1.0 - epoch / max(1.0, config.growth * config.epochs))

    def draw(self, generator: torch.Generator, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: windows as `BodyWindows.draw`, noise, masks of inputs and cells."""
        config, moving = self.config, len(self.moving)
        length = config.prefix + self.frames_at(epoch)
        for _ in range(self.steps):
            window = [part[:, :length] for part in self._windows.draw(config.batch, generator)]
            noise = self._noise_at(epoch) * torch.randn(
                config.batch, config.prefix, 4 * moving + 4, generator=generator
            )
            masks = [
                (torch.rand(config.batch, size, generator=generator) < keep) / keep
                for size, keep in (
                    (input_size(moving), 1.0 - config.input_dropout),
                    (config.hidden, 1.0 - config.dropout),
                )
            ]
            yield *window, noise, *masks

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Terms over own outputs, and the error of the motion after given frames."""
        rotations, height, steps, contacts, there, noise, *masks = batch
        network, p = self.network, self.config.prefix
        network.masks = masks
        turned = rotations[:, :, self.moving]
        given = normalize(turned[:, :p] + noise[..., :-4].unflatten(-1, (-1, 4)))
        lifted = height[:, :p] + 0.2 * noise[..., -4:-3]
        stepped = steps[:, :p] + 0.2 * noise[..., -4:]
        motion = given_motion(given, lifted, stepped)
        after, logits, hidden = network(given[:, 1:], lifted[:, 1:], motion)
        wanted = given_motion(turned[:, 1 : p + 1], height[:, 1 : p + 1], steps[:, 1 : p + 1])
        frames = rotations.shape[1] - p
        own = network.rollout(after[:, -1], given[:, -1], lifted[:, -1], hidden, frames)
        logits = torch.cat([logits[:, -1:]] + ([own[3]] if own[3] is not None else []), 1)
        recorded = [part[:, p:] for part in (rotations, height, steps, contacts)]
        terms = self._terms(own[:3], logits, recorded, there[:, p:])
        terms["given"] = self.config.given * (after[:, :-1] - wanted[:, : p - 2]).abs().mean()
        return terms

    def after_backward(self) -> None:
        """The rollout's weight gradients; whoever uses the network next has all of it."""
        self.network.flush_gradients()
        self.network.masks = None

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures: held-out takes are measured by ``training.walk.quality``."""
        return {}


def _ranges(rotations):
    """Least and greatest rotation vectors ``(2, J, 3)``; the root may face anywhere.

    The last 0.02 % on either side are what solvers left, with five degrees of grace.
    """
    vectors = quaternion_to_rotation_vector(rotations)
    ends = np.percentile(vectors, (0.02, 99.98), axis=0) + np.radians([[[-5.0]], [[5.0]]])
    ends[:, 0] = [[-np.pi], [np.pi]]
    return ends
