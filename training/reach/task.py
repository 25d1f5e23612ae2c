# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the network of "reach a pose": whole gaps at once, judged at some of their frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from quaternet_addon.core.reach.features import GROUPS, RATE, describe, groups_of

from ..data.cleaning import require_canonical
from ..data.windows import moving_joints, skeleton_entry
from ..trainer.loop import TrainingConfig
from .data import Recordings
from .losses import Judge, fill, hold_what_is_not_keyed
from .network import ReachNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


@dataclass(frozen=True)
class ReachConfig(TrainingConfig):
    """Hyper-parameters; frames are at 30 fps.

    shortest, longest: frames between the present and the key, log-uniform. pairs: pairs of
    neighbouring frames of a gap at which it is judged. warp: log of the change of speed of the
    warped copies. still: share of windows without a past. partial: share of windows whose key
    holds only some of the groups of joints. dropout: of the last layer's cells.
    """

    batch: int = 256
    epochs: int = 50
    steps: int = 200
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    clip: float = 1.0
    average: float = 0.998
    precision: str = "bf16"
    width: int = 864
    layers: int = 3
    code: int = 32
    shortest: int = 4
    longest: int = 100
    pairs: int = 4
    warp: float = 0.0
    still: float = 0.05
    partial: float = 0.15
    dropout: float = 0.0
    rotation: float = 3.5
    velocity: float = 0.5
    speed: float = 1.5
    slip: float = 1.0
    glide: float = 2.0
    contact: float = 0.1
    evenness: float = 0.5


class ReachTask:
    """Batches: windows, which of them know no past, what their keys hold."""

    kind = "reach"

    def __init__(self, dataset, indices, config, device="cpu"):
        require_canonical(dataset)
        self.config, self.device, self.steps = config, device, config.steps
        self.skeleton = dataset.skeleton
        self.moving = moving_joints(dataset, indices)
        self._recordings = Recordings(dataset, indices, config.warp)
        self._joint_groups = torch.tensor(groups_of(self.skeleton))
        self._judge = Judge(dataset, indices, config)
        torch.manual_seed(config.seed)
        self.network = ReachNetwork(
            len(self.moving), config.width, config.layers, config.code, config.dropout
        ).to(device)
        self._normalise()
        self.model = {
            "fps": dataset.fps,
            "skeleton": skeleton_entry(dataset.skeleton),
            "architecture": {"moving": self.moving, "code": config.code},
            "longest": config.longest / RATE,
            "source": dataset.source,
            "licence": dataset.licence,
        }

    def _normalise(self):
        """Mean and deviation of the inputs over some windows."""
        generator = torch.Generator().manual_seed(self.config.seed)
        inputs = torch.cat([self._described(batch)[-1] for batch in self._batches(generator, 16)])
        self.network.mean.copy_(inputs.mean(0))
        self.network.deviation.copy_(inputs.std(0) + 1e-3)

    def draw(self, generator: torch.Generator, _epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: start, frames, frames between, no past, what is keyed."""
        yield from self._batches(generator, self.steps)

    def _batches(self, generator, count):
        c = self.config
        for _ in range(count):
            w = self._recordings.draw(c.batch, c.pairs, c.shortest, c.longest, generator)
            still = torch.rand(c.batch, generator=generator) < c.still
            some = torch.rand(c.batch, len(GROUPS), generator=generator) < 0.5
            whole = torch.rand(c.batch, 1, generator=generator) >= c.partial
            yield w.start, w.frames, w.between, still, (some | whole).float()

    def _described(self, batch):
        start, frames, _, still, keyed = batch
        gap, past_rotations, past_roots = self._recordings.gaps(start, frames, still)
        gap = hold_what_is_not_keyed(gap, keyed, self._joint_groups)
        return gap, describe(gap, past_rotations, past_roots, keyed, self.moving)

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Terms of positions, rotations, their velocities, sliding feet and contacts."""
        start, frames, between, _, keyed = batch
        with torch.no_grad():
            gap, inputs = self._described(batch)
        knots = self.network.knots(inputs)
        with torch.autocast(inputs.device.type, enabled=False):
            groups = self._joint_groups[self.moving]
            made = fill(gap, knots, between / RATE, keyed, self.moving, groups)
            with torch.no_grad():
                truth = self._recordings.truth(start[:, None] + between)
            return self._judge(made, truth, gap, frames)

    def after_backward(self) -> None:
        """Nothing is left to be done."""

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures: held-out takes are measured by ``training.measure.quality``."""
        return {}
