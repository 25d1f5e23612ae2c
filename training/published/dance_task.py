# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the dance network: a window of frames to the next frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from quaternet_addon.core.maths.quaternion import normalize

from ..data.windows import skeleton_entry
from ..networks.losses import half_angle
from ..trainer.loop import TrainingConfig
from .networks import PublishedDanceNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


_ALL = 64  # windows at once when testing
_NO_CLIP = 1e9


@dataclass(frozen=True)
class DanceConfig(TrainingConfig):
    """Ours: a loss on every frame of the window, then frames of own output with gradients.

    window: frames given. stride: frames from one window's start to the next one's. hidden,
    layers: of the LSTM; dense: sizes of the dense layers before the last, as "64,32". own:
    further frames of own output that the loss sees. every_frame: whether the loss sees the
    predictions inside the window. test: share that is only tested; split: by "time" (the last
    takes, no frame in both) or by "window" (at random, so that neighbours share frames).
    angle, norm: weights of the two terms. noise: standard deviation on given quaternions.
    """

    batch: int = 32
    epochs: int = 60
    learning_rate: float = 1e-3
    clip: float = 0.3
    average: float = 0.995
    hidden: int = 512
    layers: int = 2
    dense: str = ""
    window: int = 96
    stride: int = 8
    own: int = 24
    every_frame: bool = True
    test: float = 0.1
    split: str = "time"
    angle: float = 0.9
    norm: float = 0.1
    noise: float = 0.02


PAPER_DANCE = DanceConfig(
    batch=16,
    epochs=100,
    learning_rate=1e-4,
    decay=1.0,
    clip=_NO_CLIP,
    average=0.0,
    window=128,
    stride=2,
    own=0,
    every_frame=False,
    test=0.2,
    split="window",
    noise=0.0,
)
"""The tutorial's hyper-parameters: the loss is on the one frame after the window."""


class DanceTask:
    """Batches: windows of frames and their noise."""

    kind = "dance"

    def __init__(self, dataset, indices, config, device="cpu"):
        _check(config)
        self.config, self.device = config, device
        self.length = config.window + max(1, config.own)
        self._frames = torch.from_numpy(dataset.rotations).flatten(-2)
        self._train, self._test = _starts(dataset, indices, config, self.length)
        self.steps = -(-len(self._train) // config.batch)
        joints = len(dataset.skeleton)
        torch.manual_seed(config.seed)
        dense = [int(size) for size in config.dense.split(",") if size]
        self.network = PublishedDanceNetwork(
            joints, hidden=config.hidden, layers=config.layers, dense=dense
        ).to(device)
        self.model = {
            "fps": dataset.fps,
            "skeleton": skeleton_entry(dataset.skeleton),
            "architecture": {"joints": joints, "window": config.window},
            "source": dataset.source,
            "licence": dataset.licence,
        }

    def draw(self, generator: torch.Generator, _epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: every training window once, ``(B, L, 4 J)``, and its noise."""
        order = torch.randperm(len(self._train), generator=generator)
        for picked in order.split(self.config.batch):
            windows = self._windows(self._train[picked])
            noise = torch.zeros_like(windows)
            if self.config.noise:
                noise = self.config.noise * torch.randn(windows.shape, generator=generator)
            yield windows, noise

    def _windows(self, starts):
        return self._frames[starts[:, None] + torch.arange(self.length)]

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Weighted mean half angle, and the penalty on quaternions that are not of unit length."""
        windows, noise = batch
        raw, truth = self._predict(self.network, windows, noise)
        joints = (self.network.joints, 4)
        raw, truth = raw.unflatten(-1, joints), truth.unflatten(-1, joints)
        return {
            "angle": self.config.angle * half_angle(normalize(raw), truth).mean(),
            "norm": self.config.norm * ((lengths(raw) - 1.0) ** 2).mean(),
        }

    def _predict(self, network, windows, noise):
        """Raw outputs and the frames that they should be, ``(B, K, 4 J)`` each."""
        config = self.config
        given = windows[:, : config.window]
        if config.noise and network.training:
            given = network.unit(given + noise[:, : config.window])
        raw, state = network(given)
        outputs = [raw if config.every_frame else raw[:, -1:]]
        for _ in range(1, config.own):
            raw, state = network(network.unit(raw[:, -1:]), state)
            outputs.append(raw)
        outputs = torch.cat(outputs, 1)
        return outputs, windows[:, -outputs.shape[1] :]

    def after_backward(self) -> None:
        """Nothing is left over."""

    @torch.no_grad()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """Mean angle in degrees over the windows that are not trained on."""
        if not len(self._test):
            return {}
        total = 0.0
        network.eval()
        for starts in self._test.split(_ALL):
            windows = self._windows(starts).to(self.device)
            raw, truth = self._predict(network, windows, None)
            joints = (network.joints, 4)
            angles = half_angle(
                network.unit(raw).unflatten(-1, joints), truth.unflatten(-1, joints)
            )
            total += float(angles.mean()) * len(starts)
        network.train()
        return {"test_degrees": math.degrees(2.0 * total / len(self._test))}


def lengths(q: torch.Tensor) -> torch.Tensor:
    """Lengths of ``(..., 4)``."""
    return (q.square().sum(-1) + 1e-12).sqrt()


def _starts(dataset, indices, config, length):
    """First frames of the windows to train on and of those to test on."""
    takes = [dataset.takes[index] for index in sorted(indices)]
    ends = [max(take.first, take.first + take.frames - length + 1) for take in takes]
    starts = torch.cat(
        [torch.arange(t.first, e, config.stride) for t, e in zip(takes, ends, strict=True)]
    )
    if config.split == "time":
        border = _border(takes, 1.0 - config.test)
        train, test = starts[starts + length <= border], starts[starts >= border]
    else:
        generator = torch.Generator().manual_seed(config.seed)
        shuffled = starts[torch.randperm(len(starts), generator=generator)]
        count = int(config.test * len(starts))
        train, test = shuffled[count:], shuffled[:count]
    if not len(train):
        raise ValueError(
            f"Expected a take of at least {length} frames beside those that are tested, got "
            f"{max(take.frames for take in takes)} in the longest: try a smaller window."
        )
    if config.test and not len(test):
        raise ValueError(
            f"Expected windows of {length} frames to test on, got none in a share of {config.test} "
            "of the data: give more of it with test=..., or test=0 to test on nothing."
        )
    return train, test


def _border(takes, share):
    """The frame by which ``share`` of all frames of the takes, in their order, are over."""
    left = round(share * sum(take.frames for take in takes))
    for take in takes:
        if left <= take.frames:
            return take.first + left
        left -= take.frames
    return takes[-1].first + takes[-1].frames


def _check(config):
    if config.split not in ("time", "window"):
        raise ValueError(f"Expected split=time or split=window, got {config.split!r}.")
    if not 0.0 <= config.test < 1.0:
        raise ValueError(f"Expected a share of test windows from 0 to below 1, got {config.test}.")
    if not all(size.strip().isdigit() for size in config.dense.split(",") if size):
        raise ValueError(f"Expected sizes of dense layers such as 64,32, got {config.dense!r}.")
