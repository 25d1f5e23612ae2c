# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the walk's pace network: speed, phase rate and facing along a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ..data.cleaning import FPS
from ..trainer.loop import TrainingConfig
from .data import dataset_sequences
from .networks import PaceNetwork
from .path_examples import INPUTS, OUTPUTS, path_example
from .recordings import STYLIZED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


_WEIGHTS = (1.0, 0.3, 1.0, 1.0)  # of speed, phase rate, facing's cosine and sine


@dataclass(frozen=True)
class PaceConfig(TrainingConfig):
    """The walk's pace network.

    steps: batches an epoch. chunk: path points at most; recorded takes are often shorter.
    """

    epochs: int = 30
    batch: int = 40
    learning_rate: float = 2e-3
    warm_up: int = 0
    last: float = 0.0
    clip: float = 0.1
    steps: int = 100
    hidden: int = 30
    chunk: int = 1000


class PaceTask:
    """Batches: features and targets of random paths, and what each point counts."""

    kind = "locomotion-pace"

    def __init__(self, dataset, indices, config, device="cpu"):
        self.config, self.device, self.steps = config, device, config.steps
        indices = [index for index in indices if dataset.takes[index].subject not in STYLIZED]
        sequences, _ = dataset_sequences(dataset, indices)
        examples = [e for e in map(path_example, sequences) if e is not None]
        if not examples:
            raise ValueError("Expected takes that go along a path, got none that leave their spot.")
        self._examples = [
            tuple(torch.tensor(part, dtype=torch.float32) for part in example)
            for example in examples
        ]
        self._weights = torch.tensor(_WEIGHTS, device=device)
        torch.manual_seed(config.seed)
        self.network = PaceNetwork(INPUTS, OUTPUTS, config.hidden).to(device)
        self.model = {"fps": FPS, "source": dataset.source, "licence": dataset.licence}

    def draw(self, generator: torch.Generator, _epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """Batches of features ``(B, N, 4)``, targets ``(B, N, 4)`` and weights ``(B, N)``.

        Paths are cut to the chunk and padded to the longest of them. All points of a batch count
        alike: their weights add up to B, so that slices of the batch add up to the whole.
        """
        config, count = self.config, len(self._examples)
        for _ in range(self.steps):
            picked = torch.randint(count, (config.batch,), generator=generator)
            places = torch.rand(config.batch, generator=generator)
            parts = []
            for index, place in zip(picked.tolist(), places.tolist(), strict=True):
                features, targets = self._examples[index]
                first = int(place * max(1, len(features) - config.chunk + 1))
                window = slice(first, first + config.chunk)
                parts.append((features[window], targets[window]))
            longest = max(len(features) for features, _ in parts)
            mask = torch.stack([torch.arange(longest) < len(f) for f, _ in parts]).float()
            padded = (
                torch.nn.utils.rnn.pad_sequence(list(column), batch_first=True)
                for column in zip(*parts, strict=True)
            )
            yield (*padded, mask * (config.batch / mask.sum()))

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """The weighted sum of each point's absolute errors, mean over all points."""
        features, targets, weights = batch
        error = (self.network(features) - targets).abs() * self._weights
        return {"pace": (error.sum(-1) * weights).sum(-1).mean()}

    def after_backward(self) -> None:
        """Nothing is left over."""

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures."""
        return {}
