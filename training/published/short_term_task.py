# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the short-term networks: our own and the published one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from quaternet_addon.core.maths.quaternion import normalize

from ..data.windows import Takes, moving_joints, skeleton_entry
from ..networks.losses import euler_length, norm_penalty, wrapped_difference
from ..trainer.loop import TrainingConfig
from .momentum_network import MomentumNetwork
from .networks import PublishedPoseNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from torch import nn

    from ..data.dataset import Dataset


@dataclass(frozen=True)
class ShortTermConfig(TrainingConfig):
    """Our own short-term network.

    prefix, target: frames given, frames of own outputs. warp: log of the largest change of
    speed. noise: standard deviation on given quaternions. given: weight of the error of the
    predictions after given frames beside that of own outputs. steps: batches an epoch. dropout:
    share of inputs and of the last layer's cells that a window goes without, all of its frames.
    """

    batch: int = 32
    epochs: int = 40
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    clip: float = 0.3
    average: float = 0.998
    steps: int = 50
    hidden: int = 256
    prefix: int = 24
    target: int = 10
    warp: float = 0.2
    mirror: bool = True
    noise: float = 0.002
    given: float = 0.5
    dropout: float = 0.2

    def __post_init__(self):
        super().__post_init__()
        if self.prefix < 3:
            raise ValueError(f"Expected a prefix of at least 3 frames, got {self.prefix}.")
        if self.dropout >= 1.0:
            raise ValueError(f"Expected a dropout below 1, got {self.dropout}.")


class ShortTermTask:
    """Batches: windows of rotations and their noise. The error is the benchmark's own."""

    kind = "short-term"

    def __init__(self, dataset, indices, config, device="cpu"):
        self.config, self.device = config, device
        self.moving = moving_joints(dataset, indices)
        stride = (dataset.benchmark or {}).get("stride", 1)
        self._takes = Takes(dataset, indices, stride, config.prefix + config.target)
        self._columns = torch.tensor(self.moving)
        torch.manual_seed(config.seed)
        self.network = MomentumNetwork(len(self.moving), config.hidden).to(device)
        self.steps = config.steps
        self.model = short_term_model(dataset, stride)
        self.model["architecture"] |= {"momentum": True, "moving": self.moving}

    def draw(self, generator: torch.Generator, _epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: windows ``(B, T, M, 4)``, noise of the same shape, and dropout.

        Dropout: factors on inputs ``(B, 7 M)`` and on the last layer's cells ``(B, H)``.
        """
        config = self.config
        for _ in range(self.steps):
            windows = self._takes.draw(config.batch, generator, config.warp, config.mirror)
            windows = windows[:, :, self._columns]
            noise = torch.zeros_like(windows)
            if config.noise:
                noise = config.noise * torch.randn(windows.shape, generator=generator)
            keep = 1.0 - config.dropout
            masks = [
                (torch.rand(config.batch, size, generator=generator) < keep) / keep
                for size in (7 * len(self.moving), config.hidden)
            ]
            yield windows, noise, *masks

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """The benchmark's error after given frames and after own ones."""
        windows, noise, *masks = batch
        prefix = self.config.prefix
        self.network.masks = masks if self.config.dropout else None
        given = normalize(windows + noise)[:, :prefix]
        after, own = self.network.predict(given, self.config.target)
        return {
            "own": euler_length(own, windows[:, prefix:]).mean(),
            "given": self.config.given * euler_length(after[:, :-1], windows[:, 2:prefix]).mean(),
        }

    def after_backward(self) -> None:
        """The rollout's weight gradients; whoever uses the network next has all of it."""
        self.network.flush_gradients()
        self.network.masks = None

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures."""
        return {}


@dataclass(frozen=True)
class PublishedShortTermConfig(TrainingConfig):
    """QuaterNet's short-term network, velocity variant (Pavllo et al., BMVC 2018).

    An epoch is one random window of every sequence; both halves of the downsampling are
    sequences. teacher_decay: factor per epoch on the probability that a target frame is given.
    norm: weight of the penalty on the head's quaternions.
    """

    batch: int = 60
    epochs: int = 3000
    learning_rate: float = 1e-3
    decay: float = 0.999
    clip: float = 0.1
    hidden: int = 1000
    prefix: int = 50
    target: int = 10
    teacher_decay: float = 0.995
    norm: float = 0.01


class PublishedShortTermTask:
    """Batches: windows of rotations, and which target frames are given after all."""

    kind = "short-term"

    def __init__(self, dataset, indices, config, device="cpu"):
        self.config, self.device = config, device
        stride = (dataset.benchmark or {}).get("stride", 1)
        self._takes = Takes(dataset, indices, stride, config.prefix + config.target)
        self._sequences = len(self._takes) * stride
        self.steps = -(-self._sequences // config.batch)
        torch.manual_seed(config.seed)
        self.network = PublishedPoseNetwork(
            len(dataset.skeleton), velocity=True, hidden=config.hidden
        ).to(device)
        self.model = short_term_model(dataset, stride)

    def draw(self, generator: torch.Generator, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: windows ``(B, T, J, 4)``, given frames ``(B, target)`` bool."""
        config = self.config
        order = torch.randperm(self._sequences, generator=generator)
        for picked in order.split(config.batch):
            windows = self._takes.chunks(picked, generator)
            given = torch.rand(config.target, generator=generator)
            given = given < config.teacher_decay**epoch
            yield windows, given.expand(len(windows), -1)

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Mean absolute difference of the Euler angles, and the penalty."""
        windows, given = batch
        prefix = self.config.prefix
        predicted, raw = forced(self.network, windows.flatten(-2), prefix, given[0].tolist())
        shape = (-1, windows.shape[2], 4)
        difference = wrapped_difference(predicted.unflatten(-1, shape[1:]), windows[:, prefix:])
        return {
            "angle": difference.abs().mean(),
            "norm": self.config.norm * norm_penalty(raw.unflatten(-1, shape[1:])),
        }

    def after_backward(self) -> None:
        """Nothing is left over."""

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures."""
        return {}


def short_term_model(dataset: Dataset, stride: int) -> dict[str, Any]:
    """What the header of the model file says of data and network."""
    return {
        "fps": dataset.fps / stride,
        "skeleton": skeleton_entry(dataset.skeleton),
        "architecture": {"joints": len(dataset.skeleton), "velocity": True},
        "source": dataset.source,
        "licence": dataset.licence,
    }


def forced(
    network: nn.Module, frames: torch.Tensor, prefix: int, given: Any
) -> tuple[torch.Tensor, ...]:
    """Predictions of frames ``prefix`` on: where ``given`` from the truth, else from own output.

    frames: ``(B, prefix + T, F)``. given: T booleans, which target frames the prediction of the
    next one gets to see (scheduled sampling); the last one has no next one. Given frames in a
    row are one fused call. Returns the frames and the raw outputs, ``(B, T, F)``.
    """
    last = prefix + len(given) - 1  # inputs are frames 0 to last - 1, or own outputs
    fed, state, kept = 0, None, []
    while fed < last:
        until = fed
        while until < last and (until < prefix or given[until - prefix]):
            until += 1
        if until == fed:
            x, until = kept[-1][0][:, -1:], fed + 1
        else:
            x = frames[:, fed:until]
        # Of the frames given first, only the last one's prediction counts.
        after, raw, state = network(x, state=state, skip=0 if fed else prefix - 1)
        kept.append((after, raw))
        fed = until
    return tuple(torch.cat(parts, 1) for parts in zip(*kept, strict=True))
