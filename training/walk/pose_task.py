# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the walk's pose network.

A step: random windows; a teacher-forced prefix; then the network's own outputs fed back for the
rest, with the loss on joint positions after forward kinematics. Some windows begin with somebody
else's prefix: only the name in the controls then says whose gait to come to. Without these the
network goes on with whoever it sees and hardly listens to the name. Means and ranges over the
frames are losses of their own (`carriage`): errors of single frames alone are smallest for bodies
that swing and roll less than people do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.body.contacts import TOES
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import multiply, normalize, rotate, yaw_to_quaternion
from quaternet_addon.core.walk.features import (
    control_count,
    control_features,
    join_state,
    split_state,
)

from ..networks.rollout import DeferredGradients
from ..trainer.loop import TrainingConfig
from .carriage import TRUNK, Carriage
from .data import dataset_sequences
from .model import describe_walks
from .networks import PoseNetwork
from .posture import arm_postures, from_one_to_another
from .recordings import RUNNERS
from .windows import Windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


@dataclass(frozen=True)
class PoseConfig(TrainingConfig):
    """The walk's pose network; frames are at 30 fps.

    steps: batches an epoch. prefix, target: frames given, frames of own output at the end of the
    curriculum. noise: standard deviation on given states. style_dropout: share of the windows
    that go without their style. borrowed: share of the windows of rare movements (stands, starts,
    stops, turns, runs, backward, sideways) that go under the name of a style that has none.
    foreign: share of the windows that begin with the prefix of somebody else at the same point of
    a step. settle: frames over which their loss rises; means and ranges
    are compared after them.
    """

    epochs: int = 130
    batch: int = 40
    learning_rate: float = 1.5e-3
    warm_up: int = 300
    weight_decay: float = 1e-4
    clip: float = 0.5
    average: float = 0.998
    steps: int = 100
    hidden: int = 256
    control_hidden: int = 96
    prefix: int = 8
    target: int = 48
    noise: float = 0.03
    style_dropout: float = 0.05
    borrowed: float = 0.2
    foreign: float = 0.5
    settle: int = 16

    def __post_init__(self):
        super().__post_init__()
        if self.prefix < 2:
            raise ValueError(f"Expected a prefix of at least 2 frames, got {self.prefix}.")


class PoseTask:
    """Batches: states, controls, places on the trajectory, and noise of random windows."""

    kind = "locomotion-pose"

    def __init__(self, dataset, indices, config, device="cpu"):
        self.config, self.device, self.steps = config, device, config.steps
        sequences, styles = dataset_sequences(dataset, indices)
        self.model = describe_walks(sequences, styles, dataset)
        self._frames, self._sizes = _flat_frames(sequences, self.model)
        kept = [n for n, style in enumerate(styles) if style in RUNNERS]
        self._windows = Windows(sequences, config.prefix + config.target, len(styles), kept)
        turns = from_one_to_another(arm_postures(sequences, len(styles)))
        self._arms = torch.tensor(turns, dtype=torch.float32)
        self._mean, self._std = (
            torch.tensor(self.model[name], dtype=torch.float32, device=device)
            for name in ("hips_mean", "hips_std")
        )
        self._importance = _importance(QUATERNET_SKELETON).to(device)
        self._carriage = Carriage(self._importance, config.settle)
        torch.manual_seed(config.seed)
        self.network = PoseNetwork(
            len(QUATERNET_SKELETON),
            control_count(len(styles)),
            config.hidden,
            config.control_hidden,
        ).to(device)
        self._fixed = _fix_outputs(self.network, sequences).to(device)
        self._deferred = DeferredGradients()

    def draw(self, generator: torch.Generator, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """Batches of states ``(B, T, S)``, controls ``(B, T, C)``, places, given, weights.

        Places ``(B, T, 3)``: x, z and heading of the trajectory. Given ``(B, prefix, S)``: the
        states that are seen, with noise on all but the last. Weights of the loss
        ``(B, T - prefix)``. T grows with the curriculum: `frames_at`.
        """
        config = self.config
        for step in range(epoch * self.steps, (epoch + 1) * self.steps):
            picked = self._windows.pick(config, generator)
            length = config.prefix + self.frames_at(step / (config.epochs * self.steps))
            windows = self._frames[picked.starts[:, None] + torch.arange(length)]
            states, controls, places = windows.split(self._sizes, -1)
            states = self._dressed(states, picked)
            controls = controls.clone()
            controls[..., -picked.names.shape[1] :] = picked.names[:, None]
            given, weights = self._given(states, controls, picked, generator)
            yield states, controls, places, given, weights

    def _dressed(self, states, picked):
        """States whose arms are carried as the ones do whose names they go under."""
        joints = self.network.joints
        rotations, rest = states[..., : 4 * joints], states[..., 4 * joints :]
        turns = self._arms[picked.owners, picked.wearers][:, None]
        rotations = multiply(turns, rotations.unflatten(-1, (joints, 4)))
        return torch.cat([rotations.flatten(-2), rest], -1)

    def _given(self, states, controls, picked, generator):
        """Prefixes as the network sees them ``(B, prefix, S)``, weights of the frames after."""
        config, p = self.config, self.config.prefix
        batch, frames = len(states), states.shape[1] - p
        last = controls[:, p - 1, : -picked.names.shape[1]]
        away = torch.cdist(last, last) + 1e3 * (picked.wearers[:, None] == picked.wearers)
        foreign = torch.rand(batch, generator=generator) < config.foreign
        given = states[torch.where(foreign, away.argmin(1), torch.arange(batch)), :p].clone()
        given[:, :-1] += config.noise * torch.randn(given[:, :-1].shape, generator=generator)
        rising = (torch.arange(1, frames + 1) / config.settle).clamp(max=1.0)
        return given, torch.where(foreign[:, None], rising, torch.ones(frames))

    def frames_at(self, progress: float) -> int:
        """Frames of own output: few at first, the whole target from a third of the way on."""
        target = self.config.target
        return min(target, max(8, int(target * (0.2 + 2.4 * progress))))

    def losses(self, batch: tuple[torch.Tensor, ...], _epoch: int) -> dict[str, torch.Tensor]:
        """Errors of position, velocity and rotation; slipping; contacts; lengths of quaternions."""
        states, controls, places, given, weights = batch
        network, p = self.network, self.config.prefix
        features = network.controls(controls)
        hidden = network.warm_up(given[:, :-1], features[:, 1:p])[1]
        raw, hips, logits = network.rollout(given[:, -1], features[:, p:], hidden, self._deferred)
        true_rotations, true_hips, contacts = split_state(states[:, p:], network.joints)
        predicted, turned = self._bodies(normalize(raw), hips)
        wanted, wanted_turned = self._bodies(true_rotations, true_hips)
        away = predicted - wanted
        counts = weights[..., None]
        speed = away.diff(dim=1).abs().sum(-1) * self._importance
        rotation = (turned - wanted_turned).abs().sum(-1)
        cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
        slips = contacts * counts
        return {
            "position": (torch.linalg.vector_norm(away, dim=-1) * self._importance * counts).mean(),
            "velocity": 8.0 * (speed * counts[:, 1:]).mean(),
            "rotation": 0.75 * (rotation * counts).mean(),
            "carriage": self._carriage((predicted, wanted), (turned, wanted_turned)),
            "slip": 12.0 * _slip(predicted, places[:, p:], slips),
            "contact": 0.03 * cross_entropy(logits, contacts),
            "norm": 0.01 * (((raw * raw).sum(-1) - 1.0) ** 2).mean(),
        }

    def _bodies(self, rotations, hips):
        """Joint positions ``(B, T, J, 3)`` and rotations in the trajectory's frame."""
        return QUATERNET_SKELETON.forward_kinematics(rotations, hips * self._std + self._mean)

    def after_backward(self) -> None:
        """The rollout's weight gradients; none for outputs that stay fixed."""
        self._deferred.flush()
        for parameter in self.network.fc.parameters():
            parameter.grad[self._fixed] = 0.0

    def validate(self, _network: nn.Module) -> dict[str, float]:
        """No further figures."""
        return {}


def _flat_frames(sequences, model):
    """All frames of all sequences, ``(F, state + controls + place)``, and these three sizes."""
    mean, std = np.array(model["hips_mean"]), np.array(model["hips_std"])
    styles, parts = np.eye(len(model["styles"])), []
    for s in sequences:
        state = join_state(s.rotations, (s.hips - mean) / std, s.contacts)
        controls = control_features(s.trajectory, s.phase, s.gait, styles[s.style])
        place = np.column_stack([s.trajectory.positions, s.trajectory.headings])
        parts.append((state, controls, place))
    frames = np.concatenate([np.concatenate(part, -1) for part in parts])
    return torch.tensor(frames, dtype=torch.float32), [part.shape[1] for part in parts[0]]


def _slip(positions, places, contacts):
    """Mean way that the balls of the feet make in the world between frames of contact, metres."""
    toes = [QUATERNET_SKELETON.index(name) for name in TOES]
    turn = yaw_to_quaternion(places[..., 2])[:, :, None]
    away = torch.stack([places[..., 0], torch.zeros_like(places[..., 0]), places[..., 1]], -1)
    world = rotate(turn, positions[:, :, toes]) + away[:, :, None]
    way = torch.linalg.vector_norm(world.diff(dim=1), dim=-1)
    return (way * contacts[:, 1:] * contacts[:, :-1]).mean()


def _fix_outputs(network, sequences):
    """Hold joints that never turn in the data at the identity; the indices of their outputs.

    Left free, such a joint would carry small errors of its neighbours.
    """
    still = np.all([np.abs(s.rotations[..., 1:]).max((0, 2)) < 0.01 for s in sequences], axis=0)
    fixed = torch.tensor(np.flatnonzero(np.repeat(still, 4)))
    with torch.no_grad():
        network.fc.weight[fixed] = 0.0
        identity = torch.tensor([1.0, 0.0, 0.0, 0.0], device=network.fc.bias.device)
        network.fc.bias[fixed] = identity.repeat(len(fixed) // 4)
    return fixed


def _importance(skeleton):
    """Feet twice as much as the rest, the trunk half as much again; coinciding joints nothing."""
    weights = [
        2.0
        if name.endswith(("Foot", "ToeBase"))
        else 1.5
        if name in TRUNK
        else 0.0
        if "HipJoint" in name
        else 1.0
        for name in skeleton.names
    ]
    return torch.tensor(weights) * len(weights) / sum(weights)
