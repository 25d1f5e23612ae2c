# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the dance model: a prior over plans of codes, and a dancer that follows a plan.

The dancer learns on streams that never stop: each goes on from its own last frames and its own
state, for segments through which the loss is propagated, along scripts spliced from recordings
(``dance_scripts``). What it meets is so what it meets in a long dance: its own errors, and plans
that lead from one recording to another. The prior learns the order of codes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from quaternet_addon.core.dance.features import AHEAD, CODE_FRAMES, MOVING, plan_features
from quaternet_addon.core.maths.quaternion import quaternion_to_rotation_vector

from ..data.cleaning import require_canonical
from ..data.windows import skeleton_entry
from ..networks.rollout import DeferredGradients
from ..trainer.loop import TrainingConfig
from .data import TESTED
from .losses import DancerLosses
from .networks import QUATERNIONS, DancerNetwork
from .scripts import make_codebook, read_clips, with_codes
from .streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from torch import nn


PREFIX = 4  # frames of a start
PREFIX_CODES = 8  # codes of a start
_TESTED_FRAMES = 96  # of a rollout on held-out takes


@dataclass(frozen=True)
class DancerConfig(TrainingConfig):
    """Ours. hidden, layers: of the dancer; prior_hidden, dropout: of the prior.

    codes, components: of the plan. segment: frames between two steps of the optimizer, a
    multiple of 8. steps: batches an epoch. forced: longest start of a stream on recorded frames.
    noise: standard deviation on those, of normalised frames. prior_codes: of a sequence.
    softness: squared distance of codes that share a target; starts: number of shipped starts.
    """

    batch: int = 32
    epochs: int = 20
    steps: int = 250
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-4
    clip: float = 0.5
    average: float = 0.998
    precision: str = "float32"
    hidden: int = 384
    layers: int = 2
    prior_hidden: int = 256
    dropout: float = 0.4
    codes: int = 512
    components: int = 32
    segment: int = 32
    forced: int = 24
    noise: float = 0.1
    prior_codes: int = 24
    softness: float = 0.7
    starts: int = 128


class DancerTask:
    """Batches: a segment of every stream, and sequences of codes for the prior."""

    kind = "dancer"

    def __init__(self, dataset, indices, config, device="cpu"):
        require_canonical(dataset)
        _check(config)
        self.config, self.device = config, device
        self.skeleton, self.fps = dataset.skeleton, dataset.fps
        self.steps = config.steps
        tested = [i for i in indices if dataset.takes[i].action == TESTED]
        clips = read_clips(dataset, [i for i in indices if i not in tested])
        book = make_codebook(
            clips, self.skeleton, self.fps, config.codes, config.components, config.seed
        )
        self.clips = with_codes(clips, book, self.skeleton, self.fps)
        self.tested = with_codes(read_clips(dataset, tested), book, self.skeleton, self.fps)
        constants, self.styles = self._constants(book, clips)
        torch.manual_seed(config.seed)
        self.network = DancerNetwork(
            constants,
            AHEAD * config.components + 2,
            config.hidden,
            config.layers,
            config.prior_hidden,
        ).to(device)
        self.streams = Streams(self.clips, self.network, config)
        self._terms = DancerLosses(self.network, self.skeleton, self.fps, config.softness, device)
        self.model = {
            "fps": dataset.fps,
            "skeleton": skeleton_entry(self.skeleton),
            "architecture": {"moving": list(MOVING), "start_styles": self.styles},
            "source": dataset.source,
            "licence": dataset.licence,
        }

    def _constants(self, book, clips):
        """Arrays that the network and the model file hold beside the weights."""
        frames = np.concatenate([clip.frames for clip in clips])
        mean, std = frames.mean(0), np.maximum(frames.std(0), 0.05)
        mean[-2:], std[-2:] = 0.0, 1.0
        moving = frames[:, :QUATERNIONS].reshape(len(frames), -1, 4)
        vectors = quaternion_to_rotation_vector(moving)
        prefixes, codes, styles = _starts(self.clips, self.config)
        return {
            "frame_mean": mean,
            "frame_std": std,
            "code_mean": book.mean,
            "code_basis": book.basis,
            "code_vectors": book.vectors,
            "code_steps": book.steps,
            "range_lowest": vectors.min(0),
            "range_highest": vectors.max(0),
            "hips_range": np.percentile(frames[:, -6], (0.05, 99.95)),
            "start_frames": prefixes,
            "start_codes": codes,
        }, styles

    def draw(self, generator: torch.Generator, _epoch: int) -> Iterator[tuple[Any, ...]]:
        """An epoch's batches. Streams start anew: an epoch depends on nothing before it."""
        yield from self.streams.draw(self.steps, generator)

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Named loss terms of one batch."""
        truth, plan, weights, forced, noise, codes, points, *kept = batch
        network = self.network
        wanted = (truth - network.frame_mean) / network.frame_std
        raw = self.streams.roll_out(wanted, plan, forced, noise)
        terms = self._terms.dancer(raw, truth, wanted, weights)
        return terms | {"prior": 0.05 * self._terms.prior(codes, points, kept)}

    def after_backward(self) -> None:
        """Put the weight gradients of the streams together."""
        self.streams.flush()

    @torch.no_grad()
    def validate(self, network: nn.Module) -> dict[str, float]:
        """On held-out takes: cm from them after a rollout along their codes, bits a code."""
        count = _TESTED_FRAMES // CODE_FRAMES
        takes = [clip for clip in self.tested if len(clip.codes) >= (count + 5) * CODE_FRAMES]
        if not takes:
            return {}
        chains = np.stack([c.codes[::CODE_FRAMES][: count + AHEAD + 1] for c in takes])
        part = slice(CODE_FRAMES - 1, CODE_FRAMES * (count + 1))
        truth = torch.as_tensor(np.stack([c.frames[part] for c in takes])).float().to(self.device)
        made = self._follow(network, chains, truth)
        seen, recorded = (self._terms.placed(frames)[0] for frames in (made, truth[:, 1:]))
        away = torch.linalg.vector_norm(seen - recorded, dim=-1)[:, -CODE_FRAMES:]
        codes = torch.as_tensor(chains, device=self.device)
        logits = network.next_codes(codes[:, :-1]).flatten(0, 1)
        bits = functional.cross_entropy(logits, codes[:, 1:].flatten()) / math.log(2.0)
        return {"test_cm": 100.0 * float(away.mean()), "test_bits": float(bits)}

    def _follow(self, network, chains, truth):
        """Frames ``(N, T, S)`` along codes ``(N, T / 8 + 4)``, from the first `PREFIX` recorded."""
        windows = np.lib.stride_tricks.sliding_window_view(chains, AHEAD + 2, axis=1)
        vectors = network.code_vectors.cpu().numpy()[windows]
        plan = torch.as_tensor(plan_features(vectors)).flatten(1, 2).float().to(self.device)
        given = (truth - network.frame_mean) / network.frame_std
        own, states, made = given[:, 0], network.zero_states(len(given)), []
        for frame in range(plan.shape[1]):
            own = given[:, frame] if frame < PREFIX else own
            raw, states = network.step(own, plan[:, frame], states, DeferredGradients())
            own = network.as_input(raw)
            made.append(own * network.frame_std + network.frame_mean)
        return torch.stack(made, 1)


def _starts(clips, config):
    """Frames ``(N, PREFIX, S)``, codes ``(N, PREFIX_CODES)`` and styles of the shipped starts.

    Spread evenly over the recordings, the rarer styles more densely.
    """
    random = np.random.default_rng(config.seed)
    need = CODE_FRAMES * PREFIX_CODES
    clips = [c for c in clips if len(c.codes) > need and not c.name.endswith("mirrored")]
    places = [(c, row) for c in clips for row in range(need, len(c.frames) - CODE_FRAMES)]
    sizes = {style: sum(c.style == style for c, _ in places) for style in {c.style for c in clips}}
    shares = np.array([sizes[clip.style] ** -0.5 for clip, _ in places])
    picked = random.choice(
        len(places), config.starts, replace=len(places) < config.starts, p=shares / shares.sum()
    )
    frames, codes, styles = [], [], []
    for clip, row in (places[index] for index in picked):
        frames.append(clip.frames[row - PREFIX : row])
        codes.append(clip.codes[row - need : row : CODE_FRAMES])
        styles.append(clip.style)
    return np.stack(frames), np.stack(codes), styles


def _check(config):
    if config.segment % CODE_FRAMES or config.segment < CODE_FRAMES:
        raise ValueError(f"Expected a segment of a multiple of 8 frames, got {config.segment}.")
    for name in ("hidden", "layers", "codes", "components", "starts", "forced", "steps"):
        if getattr(config, name) < 1:
            raise ValueError(f"Expected {name} of at least 1, got {getattr(config, name)}.")
