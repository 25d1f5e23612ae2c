# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of QuaterNet's long-term networks as published: pose and pace."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ..data.cleaning import FPS
from ..data.windows import skeleton_entry
from ..networks.losses import norm_penalty
from ..trainer.loop import TrainingConfig
from ..walk.networks import PaceNetwork
from .locomotion_data import CONTROLS, OUTPUTS, published_takes, turned
from .networks import PublishedPoseNetwork
from .short_term_task import forced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


@dataclass(frozen=True)
class PublishedPoseConfig(TrainingConfig):
    """QuaterNet's long-term pose network, absolute variant (Pavllo et al., BMVC 2018).

    An epoch is one random window of every take, each stride of the downsampling and the mirror
    image counting as takes of their own. teacher_decay: factor per epoch on the probability that
    a target frame is given. norm: weight of the penalty on the head's quaternions.
    """

    batch: int = 40
    epochs: int = 4000
    learning_rate: float = 1e-3
    decay: float = 0.999
    clip: float = 0.1
    hidden: int = 1000
    control_hidden: int = 30
    prefix: int = 30
    target: int = 60
    teacher_decay: float = 0.995
    norm: float = 0.01
    mirror: bool = True


class PublishedPoseTask:
    """Batches: windows of frames, their controls, and which target frames are given after all."""

    kind = "long-term"

    def __init__(self, dataset, indices, config, device="cpu"):
        self.config, self.device, self._skeleton = config, device, dataset.skeleton
        self.length = config.prefix + config.target
        takes = published_takes(dataset, indices, config.mirror)
        kept = [take for take in takes if len(take.frames) >= self.length]
        if not kept:
            longest = max((len(take.frames) for take in takes), default=0)
            raise ValueError(
                f"Expected a take of at least {self.length} frames at {FPS:g} fps, got {longest} "
                "in the longest."
            )
        self._takes = [
            (
                torch.tensor(take.frames, dtype=torch.float32),
                torch.tensor(take.controls, dtype=torch.float32),
            )
            for take in kept
        ]
        self.steps = -(-len(kept) // config.batch)
        torch.manual_seed(config.seed)
        joints = len(dataset.skeleton)
        self.network = PublishedPoseNetwork(
            joints,
            OUTPUTS,
            CONTROLS,
            velocity=False,
            hidden=config.hidden,
            control_hidden=config.control_hidden,
        ).to(device)
        self.model = {
            "fps": FPS,
            "skeleton": skeleton_entry(dataset.skeleton),
            "architecture": {"joints": joints, "velocity": False},
            "source": dataset.source,
            "licence": dataset.licence,
        }

    def draw(self, generator: torch.Generator, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: frames ``(B, T, F)``, controls ``(B, T, 6)``, given ``(B, K)``."""
        config = self.config
        for picked in torch.randperm(len(self._takes), generator=generator).split(config.batch):
            places = torch.rand(len(picked), generator=generator)
            windows = [self._window(*pair) for pair in zip(picked, places, strict=True)]
            frames, controls = (torch.stack(parts) for parts in zip(*windows, strict=True))
            radians = (torch.rand(len(picked), generator=generator) * 2.0 - 1.0) * 2.0 * math.pi
            frames, controls = turned(frames, controls, radians)
            given = torch.rand(config.target, generator=generator) < config.teacher_decay**epoch
            yield frames, controls, given.expand(len(picked), -1)

    def _window(self, index, place):
        frames, controls = self._takes[int(index)]
        start = int(place * (len(frames) - self.length + 1))
        part = slice(start, start + self.length)
        return frames[part], controls[part]

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Mean distance of the joints over the trajectory, of the offset, and the penalty."""
        frames, controls, given = batch
        prefix, split = self.config.prefix, 4 * self.network.joints
        # The controls that lead to a frame are its own: they come in one frame early.
        network = _Controlled(self.network, controls[:, 1:])
        predicted, raw = forced(network, frames, prefix, given[0].tolist())
        truth = frames[:, prefix:]
        distance = (self._positions(predicted) - self._positions(truth)).square().sum(-1)
        return {
            "position": (distance + 1e-8).sqrt().mean(),
            "offset": (predicted[..., split] - truth[..., split]).abs().mean(),
            "norm": self.config.norm
            * norm_penalty(raw[..., :split].unflatten(-1, (self.network.joints, 4))),
        }

    def _positions(self, frames):
        """Joints over the trajectory's point, ``(B, T, J, 3)`` metres; heights count."""
        joints = self.network.joints
        roots = torch.zeros_like(frames[..., :3])
        roots[..., 1] = frames[..., 4 * joints + 1]
        rotations = frames[..., : 4 * joints].unflatten(-1, (joints, 4))
        return self._skeleton.forward_kinematics(rotations, roots)[0]

    def after_backward(self) -> None:
        """Nothing is left over."""

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures."""
        return {}


class _Controlled:
    """The network with its controls at hand: each call uses up as many as it has frames."""

    def __init__(self, network, controls):
        self._network, self._controls, self._used = network, controls, 0

    def __call__(self, frames, state, skip):
        part = slice(self._used, self._used + frames.shape[1])
        self._used = part.stop
        return self._network(frames, self._controls[:, part], state, skip)


@dataclass(frozen=True)
class PublishedPaceConfig(TrainingConfig):
    """QuaterNet's pace network (Pavllo et al., BMVC 2018).

    chunk: points of a path at most, five to a metre. An epoch is one chunk of every path.
    """

    batch: int = 40
    epochs: int = 2000
    learning_rate: float = 1e-3
    decay: float = 0.999
    clip: float = 0.1
    hidden: int = 30
    chunk: int = 1000
    mirror: bool = True


class PublishedPaceTask:
    """Batches: features and targets of paths, and which points are paths at all."""

    kind = "pace"

    def __init__(self, dataset, indices, config, device="cpu"):
        self.config, self.device = config, device
        takes = published_takes(dataset, indices, config.mirror)
        self._paths = [
            tuple(torch.tensor(part, dtype=torch.float32) for part in take.path)
            for take in takes
            if take.path is not None
        ]
        if not self._paths:
            raise ValueError("Expected takes that go along a path, got none that leave their spot.")
        self.steps = -(-len(self._paths) // config.batch)
        torch.manual_seed(config.seed)
        self.network = PaceNetwork(2, 4, config.hidden).to(device)
        self.model = {
            "fps": FPS,
            "architecture": {"hidden": config.hidden},
            "source": dataset.source,
            "licence": dataset.licence,
        }

    def draw(self, generator: torch.Generator, _epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: features ``(B, N, 2)``, targets ``(B, N, 4)``, mask ``(B, N)``."""
        chunk = self.config.chunk
        for picked in torch.randperm(len(self._paths), generator=generator).split(
            self.config.batch
        ):
            places = torch.rand(len(picked), generator=generator)
            parts = []
            for index, place in zip(picked.tolist(), places.tolist(), strict=True):
                features, targets = self._paths[index]
                start = int(place * max(1, len(features) - chunk + 1))
                parts.append((features[start : start + chunk], targets[start : start + chunk]))
            longest = max(len(features) for features, _ in parts)
            mask = torch.stack([torch.arange(longest) < len(f) for f, _ in parts]).float()
            padded = (
                torch.nn.utils.rnn.pad_sequence(list(column), batch_first=True)
                for column in zip(*parts, strict=True)
            )
            yield (*padded, mask)

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Mean absolute error over the points; a batch's paths count by their points."""
        features, targets, mask = batch
        error = (self._run(features, mask) - targets).abs().mean(-1)
        # Each path's mean counts alike, so that slices of a batch add up to the whole.
        return {"pace": ((error * mask).sum(1) / mask.sum(1)).mean()}

    def _run(self, features, mask):
        """The network on paths of their own lengths: the way back starts at each one's end."""
        network, rnn = self.network, torch.nn.utils.rnn
        counts = mask.sum(1).long().cpu()
        packed = rnn.pack_padded_sequence(features, counts, True, enforce_sorted=False)
        start = network.h0.expand(-1, len(features), -1).contiguous()
        hidden = rnn.pad_packed_sequence(
            network.rnn(packed, start)[0], batch_first=True, total_length=features.shape[1]
        )[0]
        return network.fc(hidden)

    def after_backward(self) -> None:
        """Nothing is left over."""

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures."""
        return {}
