# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the network of "continue motion": a second at once, and the one after it.

A step: a batch of random windows; the network makes the next second of each, and from its own
frames the second after it. A second is judged as seen from the frame that it goes on from, at
some pairs of its frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.continuation.features import HORIZON, PAST, PLACE, describe, seen_from
from quaternet_addon.core.maths.quaternion import quaternion_to_rotation_vector

from ..data.cleaning import require_canonical
from ..data.windows import moving_joints, skeleton_entry
from ..trainer.loop import TrainingConfig
from .data import Recordings
from .losses import Frames, Judge
from .network import ContinuationNetwork, went_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from .data import Window


@dataclass(frozen=True)
class ContinuationConfig(TrainingConfig):
    """Hyper-parameters; frames are at 30 fps.

    width, layers, code, waves: cells of a layer, layers with a shortcut, numbers and cosines that
    a second is made of. seconds: made in a step, each from the one before. alone: share of the
    epochs in which only the first one is made. pairs: pairs of neighbouring frames at which a
    second is judged. warp: log of the change of speed of the warped copies. dropout: share of the
    last layer's cells that a window goes without. position (metres), rotation, velocity (metres a
    frame), spin, speed, contact, slip: weights of the terms.
    """

    batch: int = 256
    epochs: int = 24
    steps: int = 200
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    clip: float = 1.0
    average: float = 0.998
    precision: str = "bf16"
    width: int = 768
    layers: int = 3
    code: int = 48
    waves: int = 12
    seconds: int = 2
    alone: float = 0.25
    pairs: int = 4
    warp: float = 0.12
    dropout: float = 0.1
    position: float = 4.0
    rotation: float = 2.0
    velocity: float = 6.0
    spin: float = 4.0
    speed: float = 15.0
    contact: float = 0.1
    slip: float = 1.5


class ContinuationTask:
    """Batches: windows, and the frames at which their seconds are judged."""

    kind = "continuation"

    def __init__(self, dataset, indices, config, device="cpu"):
        require_canonical(dataset)
        self.config, self.device, self.steps = config, device, config.steps
        self.skeleton = dataset.skeleton
        self.moving = moving_joints(dataset, indices)
        self._recordings = Recordings(dataset, indices, config.warp)
        self._judge = Judge(self.skeleton, self.moving, config)
        torch.manual_seed(config.seed)
        self.network = ContinuationNetwork(
            len(self.moving),
            config.width,
            config.layers,
            config.code,
            config.waves,
            _ranges(self._recordings.rotations.numpy()),
        ).to(device)
        self._normalise()
        self.model = {
            "fps": dataset.fps,
            "skeleton": skeleton_entry(dataset.skeleton),
            "architecture": {"moving": self.moving},
            "source": dataset.source,
            "licence": dataset.licence,
        }

    def _normalise(self):
        """Mean and deviation of the inputs over some windows."""
        generator = torch.Generator().manual_seed(self.config.seed)
        inputs = []
        for _ in range(16):
            window = self._recordings.window(self._recordings.draw(256, 1, generator))
            inputs.append(describe(*self._given(window)))
        every = torch.cat(inputs)
        self.network.mean.copy_(every.mean(0))
        self.network.deviation.copy_(every.std(0) + 1e-3)

    def _given(self, window: Window) -> tuple[torch.Tensor, ...]:
        """Rotations, roots and headings of the frames that are seen."""
        rotations = window.rotations[:, :PAST, self.moving]
        return rotations, window.roots[:, :PAST], window.headings[:, :PAST]

    def draw(self, generator: torch.Generator, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: rows of windows, first frames of each second's pairs, dropout."""
        config = self.config
        seconds = 1 if epoch < config.alone * config.epochs else config.seconds
        for _ in range(self.steps):
            rows = self._recordings.draw(config.batch, seconds * HORIZON, generator)
            places = torch.rand(seconds, config.pairs, generator=generator)
            first = ((places + torch.arange(config.pairs)) / config.pairs * HORIZON).long()
            keep = 1.0 - config.dropout
            mask = (torch.rand(config.batch, config.width, generator=generator) < keep) / keep
            yield rows, first.clamp(max=HORIZON - 1)[None].expand(len(rows), -1, -1), mask

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Means of the terms over the seconds; each is from own frames that are taken as given."""
        rows, first, mask = batch
        window = self._recordings.window(rows)
        seen, terms = self._given(window), []
        for index, begins in enumerate(first[0]):
            made = self.network(*seen, mask)
            with torch.autocast(rows.device.type, enabled=False):
                terms.append(self._judged(window, index, seen, made, begins))
                with torch.no_grad():
                    seen = went_on(seen, tuple(part.detach() for part in made))
        return {name: sum(found[name] for found in terms) / len(terms) for name in terms[0]}

    def _judged(self, window, index, seen, made, begins):
        """Terms of one second; begins: frames ``(P,)`` that pairs begin with, 0 the present one."""
        frames = torch.stack((begins, begins + 1), -1).flatten()
        now = PAST - 1 + index * HORIZON
        span = slice(now, now + HORIZON + 1)
        roots, headings = window.roots[:, span], window.headings[:, span]
        truth = Frames(
            window.rotations[:, span, self.moving][:, frames],
            seen_from(roots, headings, roots[:, :1], headings[:, :1])[:, frames],
            window.contacts[:, span][:, frames],
        )
        here = seen[0][:, -1:], torch.zeros(len(roots), 1, PLACE), made[2][:, :1]
        ours = Frames(*(torch.cat(part, 1)[:, frames] for part in zip(here, made, strict=True)))
        there = torch.cat((torch.ones(len(roots), 1) > 0, window.there), 1)
        there = there[:, index * HORIZON : (index + 1) * HORIZON + 1][:, frames]
        pose = window.rotations[:, PAST - 1]
        return self._judge(ours, truth, (pose, seen[1][:, -1:, 1]), there)

    def after_backward(self) -> None:
        """Nothing is left over."""

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures: held-out takes are measured by ``training.measure.quality``."""
        return {}


def _ranges(rotations):
    """Least and greatest rotation vectors ``(2, J, 3)``; the root may face anywhere.

    The last 0.02 % on either side are what solvers left, with five degrees of grace.
    """
    vectors = quaternion_to_rotation_vector(rotations)
    ends = np.percentile(vectors, (0.02, 99.98), axis=0) + np.radians([[[-5.0]], [[5.0]]])
    ends[:, 0] = [[-np.pi], [np.pi]]
    return ends
