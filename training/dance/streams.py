# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams of dance that go on from batch to batch, on the dancer's own frames and states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.dance.features import CODE_FRAMES

from ..networks.rollout import DeferredGradients
from .scripts import Scripts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Streams:
    """One script after the other in each row of a batch, and what the dancer last made of it.

    own: its last frames ``(B, S)`` and states, None before the first batch.

    clips: with codes; config: a `DancerConfig`.
    """

    def __init__(self, clips, network, config):
        self.clips, self.network, self.config = clips, network, config
        vectors = network.code_vectors.cpu().numpy().astype(float)
        self._scripts = Scripts(clips, vectors, config.segment)
        self._deferred, self.own = DeferredGradients(), None

    def draw(self, steps: int, generator: torch.Generator) -> Iterator[tuple[Any, ...]]:
        """``steps`` batches of new streams: segments, then sequences for the prior, dropout."""
        config = self.config
        seed = int(torch.randint(2**31, (), generator=generator))
        random = np.random.default_rng(seed)
        streams: list[Any] = [None] * config.batch
        self.own = None
        for _ in range(steps):
            rows = []
            for index, stream in enumerate(streams):
                fresh = stream is None or stream[0] >= len(stream[1][1])
                at, script = (0, self._scripts.draw(random)) if fresh else stream
                forced = int(random.integers(1, config.forced + 1)) if fresh else 0
                rows.append(_segment(at, script, config.segment, forced))
                streams[index] = at + config.segment, script
            truth, plan, weights, forced = (
                torch.as_tensor(np.stack(column), dtype=torch.float32)
                for column in zip(*rows, strict=True)
            )
            noise = config.noise * torch.randn(truth[:, :-1].shape, generator=generator)
            kept = self._kept(generator)
            yield truth, plan, weights, forced, noise, *self._sequences(random), *kept

    def _kept(self, generator):
        """Dropout of the prior's inputs and states: factors, drawn here so that a run resumes."""
        config, share = self.config, 1.0 - self.config.dropout
        shape = config.batch, config.prior_codes
        return [
            (torch.rand(*shape, size, generator=generator) < share).float() / share
            for size in (config.components, config.prior_hidden)
        ]

    def _sequences(self, random):
        """Codes ``(B, L + 1)`` and points ``(B, L + 1, P)`` for the prior."""
        length = CODE_FRAMES * self.config.prior_codes + 1
        clips = [clip for clip in self.clips if len(clip.codes) >= length]
        rooms = np.array([len(clip.codes) - length + 1 for clip in clips], float)
        codes, points = [], []
        for pick in random.choice(len(clips), self.config.batch, p=rooms / rooms.sum()):
            start = int(random.integers(int(rooms[pick])))
            part = slice(start, start + length, CODE_FRAMES)
            codes.append(clips[pick].codes[part])
            points.append(clips[pick].points[part])
        return torch.as_tensor(np.stack(codes)), torch.as_tensor(np.stack(points)).float()

    def roll_out(
        self, wanted: torch.Tensor, plan: torch.Tensor, forced: Any, noise: torch.Tensor
    ) -> torch.Tensor:
        """Raw outputs ``(B, T, S)`` on own frames but where ``forced``; the streams go on."""
        network, batch = self.network, len(wanted)
        if self.own is None or len(self.own[0]) != batch:
            self.own = wanted[:, 0], network.zero_states(batch)
        own, states = self.own
        fresh = forced[:, :1]
        states = [tuple(part * (1.0 - fresh) for part in state) for state in states]
        outputs = []
        for frame in range(plan.shape[1]):
            given = wanted[:, frame] + noise[:, frame]
            here = forced[:, frame, None]
            raw, states = network.step(
                here * given + (1.0 - here) * own, plan[:, frame], states, self._deferred
            )
            own = network.as_input(raw)
            outputs.append(raw)
        kept = [tuple(part.detach() for part in state) for state in states]
        self.own = own.detach(), kept
        return torch.stack(outputs, 1)

    def flush(self) -> None:
        """Put the weight gradients of a roll-out together."""
        self._deferred.flush()


def _segment(at, script, length, forced):
    """The frames of a script from ``at``; the first ``forced`` inputs are the recorded ones."""
    truth, plan, weights = script
    part = slice(at, at + length)
    given = (np.arange(length) < forced).astype(float)
    return truth[at : at + length + 1], plan[part], weights[part], given
