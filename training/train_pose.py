# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the locomotion pose network, top to bottom.

A step: a batch of random windows; a teacher-forced prefix; then the network's own outputs fed
back for the rest, with the loss on joint positions after forward kinematics.
"""

import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from quaternet_addon.core.contacts import TOES
from quaternet_addon.core.pose_features import (
    control_count,
    control_features,
    join_state,
    split_state,
)
from quaternet_addon.core.quaternion import normalize, rotate, yaw_to_quaternion
from quaternet_addon.core.skeleton import QUATERNET_SKELETON

from .locomotion_data import STYLES
from .networks import PoseNetwork
from .rollout import DeferredGradients

_REPORT, _CHECKPOINT = 100, 500  # steps between two lines of metrics, two checkpoints


@dataclass(frozen=True)
class PoseConfig:
    """Hyper-parameters; frames are at 30 fps. styles: names, what a sequence's style counts."""

    hidden: int = 256
    control_hidden: int = 64
    batch: int = 48
    prefix: int = 8
    target: int = 48
    steps: int = 8000
    learning_rate: float = 1.5e-3
    clip: float = 0.5
    noise: float = 0.03
    style_dropout: float = 0.25
    seed: int = 0
    styles: tuple = STYLES


class Windows:
    """All training frames in flat arrays, and random windows of them."""

    def __init__(self, sequences, config, generator):
        self.config, self.generator = config, generator
        hips = np.concatenate([s.hips for s in sequences])
        self.hips_mean, self.hips_std = hips.mean(0), np.maximum(hips.std(0), 0.02)
        styles = np.eye(len(config.styles))
        parts = []
        for s in sequences:
            state = join_state(s.rotations, (s.hips - self.hips_mean) / self.hips_std, s.contacts)
            controls = control_features(s.trajectory, s.phase, s.gait, styles[s.style])
            place = np.column_stack([s.trajectory.positions, s.trajectory.headings])
            parts.append(np.concatenate([state, controls, place], -1))
        self.mean = torch.tensor(self.hips_mean, dtype=torch.float32)
        self.std = torch.tensor(self.hips_std, dtype=torch.float32)
        self.importance = _importance(QUATERNET_SKELETON)
        self.state_size = parts[0].shape[1] - 3 - control_count(len(config.styles))
        self.frames = torch.tensor(np.concatenate(parts), dtype=torch.float32)
        self.starts, self.weights = _window_starts(sequences, config.prefix + config.target)

    def batch(self):
        """States, controls ``(B, T, ...)`` and trajectory places ``(B, T, 3)``."""
        picked = torch.multinomial(
            self.weights, self.config.batch, replacement=True, generator=self.generator
        )
        length = self.config.prefix + self.config.target
        rows = self.starts[picked][:, None] + torch.arange(length)
        window = self.frames[rows]
        size, styles = self.state_size, len(self.config.styles)
        states, controls, place = window[..., :size], window[..., size:-3], window[..., -3:]
        keep = torch.rand(len(window), generator=self.generator) >= self.config.style_dropout
        controls = controls.clone()
        controls[..., -styles:] *= keep[:, None, None]
        return states, controls, place


def _window_starts(sequences, length):
    """First rows of all windows and how often each is drawn: clips weigh by root of length."""
    starts, weights, first = [], [], 0
    for s in sequences:
        count = len(s) - length + 1
        if count > 0:
            starts.append(first + np.arange(count))
            weights.append(_interest(s, length))
        first += len(s)
    return torch.tensor(np.concatenate(starts)), torch.tensor(np.concatenate(weights))


def _interest(sequence, length):
    """Turns, starts, stops and runs are rarer than straight walks: draw them more often."""
    speed, turn = sequence.trajectory.speeds(), np.abs(sequence.trajectory.turn_rates())
    speed, turn, gait = (
        np.lib.stride_tricks.sliding_window_view(values, length)
        for values in (speed, turn, sequence.gait)
    )
    turning = np.minimum(1.0, turn.mean(-1))
    changing = np.minimum(1.0, speed.max(-1) - speed.min(-1))
    return 1.0 + 1.5 * turning + 1.5 * changing + gait.mean(-1)


def losses(network, windows, batch, frames, deferred):
    """Named loss terms of one batch of `Windows`, on ``frames`` of its own outputs."""
    states, controls, place = batch
    config, joints, p = windows.config, network.joints, windows.config.prefix
    features = network.controls(controls)
    shape = states[:, : p - 1].shape
    noise = config.noise * torch.randn(shape, generator=windows.generator)
    _, hidden = network.warm_up(states[:, : p - 1] + noise, features[:, 1:p])
    target = slice(p, p + frames)
    raw, hips, logits = network.rollout(states[:, p - 1], features[:, target], hidden, deferred)
    true_rotations, true_hips, contacts = split_state(states[:, target], joints)
    skeleton = QUATERNET_SKELETON
    predicted, turned = skeleton.forward_kinematics(
        normalize(raw), hips * windows.std + windows.mean
    )
    wanted, wanted_turned = skeleton.forward_kinematics(
        true_rotations, true_hips * windows.std + windows.mean
    )
    away, importance = predicted - wanted, windows.importance
    toes = [skeleton.index(name) for name in TOES]
    slip = torch.linalg.vector_norm(
        _world(predicted[:, :, toes], place[:, target]).diff(dim=1), dim=-1
    )
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
    return {
        "position": (torch.linalg.vector_norm(away, dim=-1) * importance).mean(),
        "velocity": 8.0 * (away.diff(dim=1).abs().sum(-1) * importance).mean(),
        "rotation": 0.25 * (turned - wanted_turned).abs().sum(-1).mean(),
        "slip": 12.0 * (slip * contacts[:, 1:] * contacts[:, :-1]).mean(),
        "contact": 0.03 * cross_entropy(logits, contacts),
        "norm": 0.01 * (((raw * raw).sum(-1) - 1.0) ** 2).mean(),
    }


def _world(points, place):
    """Points ``(B, T, n, 3)`` of the trajectory's frame in the world."""
    turn = yaw_to_quaternion(place[..., 2])[:, :, None]
    away = torch.stack([place[..., 0], torch.zeros_like(place[..., 0]), place[..., 1]], -1)
    return rotate(turn, points) + away[:, :, None]


def _fixed_outputs(sequences):
    """Outputs of joints that never turn in the data: they stay at their start, the identity.

    Left free, such a joint would carry small errors of its neighbours.
    """
    still = np.all([np.abs(s.rotations[..., 1:]).max((0, 2)) < 0.01 for s in sequences], axis=0)
    return torch.tensor(np.flatnonzero(np.repeat(still, 4)))


def _importance(skeleton):
    """Feet twice as much as the rest; joints that coincide with others nothing."""
    weights = [
        2.0 if name.endswith(("Foot", "ToeBase")) else 0.0 if "HipJoint" in name else 1.0
        for name in skeleton.names
    ]
    return torch.tensor(weights) * len(weights) / sum(weights)


def train(sequences, run, config, resume=False, minutes=None):
    """Train in the folder ``run``, with a checkpoint every 500 steps; returns the network.

    resume: go on from the checkpoint, if there is one. minutes: stop, checkpointed, after them.
    """
    run = Path(run)
    run.mkdir(parents=True, exist_ok=True)
    (run / "pose_config.json").write_text(json.dumps(asdict(config), indent=1))
    generator = torch.Generator().manual_seed(config.seed)
    torch.manual_seed(config.seed)
    windows, (network, fixed) = (
        Windows(sequences, config, generator),
        _new_network(sequences, config),
    )
    optimizer = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=1e-4, fused=True
    )
    step = _restore(run, network, optimizer, generator) if resume else 0
    deferred, began, sums = DeferredGradients(), time.time(), {}
    while step < config.steps:
        frames = _target_frames(step / config.steps, config.target)
        optimizer.param_groups[0]["lr"] = config.learning_rate * _schedule(step, config.steps)
        terms = losses(network, windows, windows.batch(), frames, deferred)
        optimizer.zero_grad()
        sum(terms.values()).backward()
        deferred.flush()
        for parameter in network.fc.parameters():
            parameter.grad[fixed] = 0.0
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        optimizer.step()
        step += 1
        for name, value in terms.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) / _REPORT
        if step % _REPORT == 0:
            _log(run, {"step": step, "frames": frames, "seconds": time.time() - began} | sums)
            sums = {}
        late = time.time() - began > 60.0 * (minutes or math.inf)
        if step % _CHECKPOINT == 0 or step == config.steps or late:
            _keep(run, network, optimizer, generator, windows, step)
        if late:
            break
    return network


def _new_network(sequences, config):
    """A fresh network and the indices of its outputs that stay fixed."""
    joints = len(QUATERNET_SKELETON)
    network = PoseNetwork(
        joints, control_count(len(config.styles)), config.hidden, config.control_hidden
    )
    fixed = _fixed_outputs(sequences)
    with torch.no_grad():
        network.fc.weight[fixed] = 0.0
        network.fc.bias[fixed] = torch.tensor([1.0, 0.0, 0.0, 0.0]).repeat(len(fixed) // 4)
    return network, fixed


def _log(run, row):
    line = json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in row.items()})
    with (run / "pose_metrics.jsonl").open("a") as file:
        file.write(line + "\n")
    print(line, flush=True)


def _keep(run, network, optimizer, generator, windows, step):
    """Write the checkpoint under another name first: a kill leaves the last one whole."""
    temporary = run / "pose.tmp"
    kept = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "step": step,
        "hips_mean": windows.mean,
        "hips_std": windows.std,
        "styles": list(windows.config.styles),
    }
    torch.save(kept, temporary)
    temporary.replace(run / "pose.pt")


def _restore(run, network, optimizer, generator):
    """Load the checkpoint of ``run``; the number of steps done, 0 without one."""
    if not (run / "pose.pt").exists():
        return 0
    kept = torch.load(run / "pose.pt", weights_only=True)
    network.load_state_dict(kept["network"])
    optimizer.load_state_dict(kept["optimizer"])
    generator.set_state(kept["generator"])
    return kept["step"]


def _target_frames(progress, target):
    """Curriculum: short rollouts first, the whole target from a third of the way on."""
    return max(8, min(target, int(target * (0.2 + 2.4 * progress))))


def _schedule(step, steps):
    """Linear warm-up, then cosine to one hundredth."""
    warm = min(1.0, (step + 1) / 300.0)
    return warm * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * step / steps)))
