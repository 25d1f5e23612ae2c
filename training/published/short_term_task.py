# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the short-term networks: our own and the published one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from quaternet_addon.core.maths.turns import turn_between
from quaternet_addon.core.published.kinds import TIME_MIXING

from ..data.validation import split_takes, spread_windows
from ..data.windows import Takes, mirror_order, mirror_within, moving_joints, skeleton_entry
from ..networks.losses import euler_length, norm_penalty, wrapped_difference
from ..trainer.loop import TrainingConfig
from .benchmark import HORIZONS
from .networks import PublishedPoseNetwork
from .time_mixing_network import TimeMixingNetwork

_JUDGED_AT = (80, 160, 320, 400)  # ms
_JUDGED = HORIZONS[_JUDGED_AT[-1]]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from torch import nn

    from ..data.dataset import Dataset


@dataclass(frozen=True)
class ShortTermConfig(TrainingConfig):
    """Our own short-term network.

    prefix, target: frames seen, frames put out at once. coefficients: cosines that time is seen
    as. width, wide: channels between the blocks, and within them. warp: log of the largest change
    of speed. dropout: share of the wide layers that a window goes without. velocity, position:
    weights of the error of the turns from frame to frame and of the joints' places (metres).
    steps: batches an epoch. validation: as `split_takes` reads it.
    """

    batch: int = 64
    epochs: int = 24
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    clip: float = 1.0
    average: float = 0.998
    steps: int = 50
    prefix: int = 50
    target: int = 10
    coefficients: int = 50
    layers: int = 6
    width: int = 128
    wide: int = 256
    warp: float = 0.2
    mirror: bool = True
    dropout: float = 0.15
    velocity: float = 0.1
    position: float = 0.0
    validation: str = ""

    def __post_init__(self):
        super().__post_init__()
        if self.prefix < 2 or self.coefficients > self.prefix:
            raise ValueError(
                f"Expected a prefix of at least 2 frames and no more coefficients than that, got "
                f"{self.prefix} and {self.coefficients}."
            )
        if self.dropout >= 1.0:
            raise ValueError(f"Expected a dropout below 1, got {self.dropout}.")


class ShortTermTask:
    """Batches: windows of rotations, and dropout. The error is the benchmark's own, and more."""

    kind = "short-term"

    def __init__(self, dataset, indices, config, device="cpu"):
        self.config, self.device, self.skeleton = config, device, dataset.skeleton
        indices, held = split_takes(dataset, indices, config.validation)
        self.moving = moving_joints(dataset, indices)
        stride = (dataset.benchmark or {}).get("stride", 1)
        self._takes = Takes(dataset, indices, stride, config.prefix + config.target)
        self._columns = torch.tensor(self.moving)
        self._held = Held(dataset, held, config.prefix, stride)
        order = mirror_order(dataset.skeleton).tolist()
        mirror = mirror_within(order, self.moving) if config.mirror else None
        torch.manual_seed(config.seed)
        self.network = TimeMixingNetwork(
            len(self.moving),
            mirror=mirror,
            history=config.prefix,
            horizon=config.target,
            coefficients=config.coefficients,
            layers=config.layers,
            width=config.width,
            wide=config.wide,
            dropout=config.dropout,
        ).to(device)
        self.steps = config.steps
        self.model = short_term_model(dataset, stride)
        self.model["architecture"] = {
            "network": TIME_MIXING,
            "joints": len(dataset.skeleton),
            "history": config.prefix,
            "moving": self.moving,
            "mirror": mirror,
        }

    def draw(self, generator: torch.Generator, _epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """An epoch's batches: windows ``(B, T, M, 4)`` and masks ``(B, L, 1, W)`` of dropout."""
        config = self.config
        for _ in range(self.steps):
            windows = self._takes.draw(config.batch, generator, config.warp, config.mirror)
            yield windows[:, :, self._columns], self.network.masks(config.batch, generator)

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """The benchmark's error of the poses, that of their changes, and of the joints' places."""
        config, (windows, masks) = self.config, batch
        given, truth = windows[:, : config.prefix], windows[:, config.prefix :]
        made = self.network(given, masks if config.dropout else None)
        terms = {"angle": euler_length(made, truth).mean()}
        if config.velocity:
            last = given[:, -1:]
            turns = [
                turn_between(torch.cat([last, after[:, :-1]], 1), after) for after in (made, truth)
            ]
            away = (turns[0] - turns[1]).flatten(-2).square().sum(-1)
            terms["velocity"] = config.velocity * (away + 1e-6).sqrt().mean()
        if config.position:
            places = [self._places(after) for after in (made, truth)]
            away = (places[0] - places[1]).square().sum(-1)
            terms["position"] = config.position * (away + 1e-8).sqrt().mean()
        return terms

    def _places(self, rotations):
        """Joints of a body whose hips stay where they are: ``(B, F, J, 3)`` metres."""
        shape = (*rotations.shape[:2], len(self.skeleton), 4)
        still = torch.zeros(shape, device=rotations.device)
        still[..., 0] = 1.0
        columns = self._columns.to(rotations.device)
        local = still.index_copy(2, columns, rotations)
        local[:, :, 0] = still[:, :, 0]
        origin = torch.zeros((*shape[:2], 3), device=rotations.device)
        return self.skeleton.forward_kinematics(local, origin)[0]

    def after_backward(self) -> None:
        """Nothing is left over."""

    def validate(self, network: nn.Module) -> dict[str, float]:
        """The benchmark's error on held-out takes, where there are any."""

        def predict(prefixes, frames):
            made = prefixes[:, -1:].repeat(1, frames, 1, 1)
            given = prefixes[:, :, self._columns]
            made[:, :, self._columns] = network.continued(given.to(self.device), frames).cpu()
            return made

        return self._held.figures(predict)


class Held:
    """Windows of held-out takes and how a network does on them."""

    def __init__(self, dataset, indices, prefix, stride):
        self._prefix = prefix
        windows = spread_windows(dataset, indices, prefix + _JUDGED + 1, stride)
        self._windows = {a: torch.from_numpy(w).float() for a, w in windows.items()}
        if indices and not windows:
            raise ValueError("Expected held-out takes of a window's length, got shorter ones.")

    @torch.no_grad()
    def figures(self, predict: Callable[[torch.Tensor, int], torch.Tensor]) -> dict[str, float]:
        """``{"validation": mean Euler error at 80 to 400 ms, over windows and actions}``."""
        rows = []
        for windows in self._windows.values():
            made = predict(windows[:, : self._prefix], _JUDGED + 1)
            error = euler_length(made, windows[:, self._prefix :])
            rows.append(error[:, [HORIZONS[ms] for ms in _JUDGED_AT]].mean())
        return {"validation": float(torch.stack(rows).mean())} if rows else {}


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
    validation: str = ""


class PublishedShortTermTask:
    """Batches: windows of rotations, and which target frames are given after all."""

    kind = "short-term"

    def __init__(self, dataset, indices, config, device="cpu"):
        self.config, self.device = config, device
        indices, held = split_takes(dataset, indices, config.validation)
        stride = (dataset.benchmark or {}).get("stride", 1)
        self._takes = Takes(dataset, indices, stride, config.prefix + config.target)
        self._held = Held(dataset, held, config.prefix, stride)
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

    def validate(self, network: nn.Module) -> dict[str, float]:
        """The benchmark's error on held-out takes, where there are any."""

        def predict(prefixes, frames):
            first, _, state = network(prefixes.flatten(-2).to(self.device))
            later = network.generate(first[:, -1], state, frames - 1)
            made = torch.cat([first[:, -1:], later], 1).cpu()
            return made.unflatten(-1, (network.joints, 4))

        return self._held.figures(predict)


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
