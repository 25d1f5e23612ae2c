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

from quaternet_addon.core.pose_features import control_count, control_features, join_state
from quaternet_addon.core.quaternion import normalize, rotate, yaw_to_quaternion
from quaternet_addon.core.skeleton import QUATERNET_SKELETON

from .locomotion_data import STYLES
from .networks import PoseNetwork
from .rollout import DeferredGradients


@dataclass(frozen=True)
class PoseConfig:
    """Hyper-parameters; frames are at 30 fps."""

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


class Windows:
    """All training frames in flat arrays, and random windows of them."""

    def __init__(self, sequences, config, generator):
        self.config, self.generator = config, generator
        hips = np.concatenate([s.hips for s in sequences])
        self.hips_mean, self.hips_std = hips.mean(0), np.maximum(hips.std(0), 0.02)
        styles = np.eye(len(STYLES))
        parts = []
        for s in sequences:
            state = join_state(s.rotations, (s.hips - self.hips_mean) / self.hips_std, s.contacts)
            controls = control_features(s.trajectory, s.phase, s.gait, styles[s.style])
            place = np.column_stack([s.trajectory.positions, s.trajectory.headings])
            parts.append(np.concatenate([state, controls, place], -1))
        self.state_size = parts[0].shape[1] - 3 - control_count(len(STYLES))
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
        size, styles = self.state_size, len(STYLES)
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


def losses(network, windows, states, controls, place, config, target_frames, deferred):
    """Named loss terms of one batch."""
    p = config.prefix
    features = network.controls(controls)
    noisy = states[:, : p - 1] + config.noise * torch.randn(
        states[:, : p - 1].shape, generator=windows.generator
    )
    _, hidden = network.warm_up(noisy, features[:, 1:p])
    out = network.rollout(states[:, p - 1], features[:, p : p + target_frames], hidden, deferred)
    raw, hips, logits = out
    truth = states[:, p : p + target_frames]
    place = place[:, p : p + target_frames]
    joints = network.joints
    true_rotations = truth[..., : 4 * joints].unflatten(-1, (joints, 4))
    true_hips, contacts = truth[..., 4 * joints : 4 * joints + 3], truth[..., 4 * joints + 3 :]
    mean, std = windows.mean, windows.std
    skeleton = QUATERNET_SKELETON
    unit = normalize(raw)
    predicted, turned = skeleton.forward_kinematics(unit, hips * std + mean)
    wanted, wanted_turned = skeleton.forward_kinematics(true_rotations, true_hips * std + mean)
    importance = windows.importance
    away = torch.linalg.vector_norm(predicted - wanted, dim=-1)
    error = (predicted - wanted).diff(dim=1)
    toes = [skeleton.index("LeftToeBase"), skeleton.index("RightToeBase")]
    world = _world(predicted[:, :, toes], place)
    planted = contacts[:, 1:] * contacts[:, :-1]
    slip = torch.linalg.vector_norm(world.diff(dim=1), dim=-1)
    norm = (raw * raw).sum(-1)
    return {
        "position": (away * importance).mean(),
        "velocity": 8.0 * (error.abs().sum(-1) * importance).mean(),
        "rotation": 0.25 * (turned - wanted_turned).abs().sum(-1).mean(),
        "slip": 12.0 * (slip * planted).mean(),
        "contact": 0.03
        * torch.nn.functional.binary_cross_entropy_with_logits(logits, contacts),
        "norm": 0.01 * ((norm - 1.0) ** 2).mean(),
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


def train(sequences, held_out, run, config, resume=False, minutes=None):
    """Train and keep a checkpoint in ``run``; returns the network and its Windows."""
    run = Path(run)
    run.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(config.seed)
    torch.manual_seed(config.seed)
    windows = Windows(sequences, config, generator)
    windows.mean = torch.tensor(windows.hips_mean, dtype=torch.float32)
    windows.std = torch.tensor(windows.hips_std, dtype=torch.float32)
    windows.importance = _importance(QUATERNET_SKELETON)
    network = PoseNetwork(
        len(QUATERNET_SKELETON), control_count(len(STYLES)), config.hidden, config.control_hidden
    )
    optimizer = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=1e-4, fused=True
    )
    fixed = _fixed_outputs(sequences)
    with torch.no_grad():
        network.fc.weight[fixed] = 0.0
    step, deferred = 0, DeferredGradients()
    checkpoint = run / "pose.pt"
    if resume and checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        generator.set_state(kept["generator"])
        step = kept["step"]
    (run / "pose_config.json").write_text(json.dumps(asdict(config), indent=1))
    began, shown = time.time(), {}
    while step < config.steps:
        progress = step / config.steps
        frames = _target_frames(progress, config.target)
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _schedule(step, config.steps)
        terms = losses(network, windows, *windows.batch(), config, frames, deferred)
        loss = sum(terms.values())
        optimizer.zero_grad()
        loss.backward()
        deferred.flush()
        network.fc.weight.grad[fixed] = 0.0
        network.fc.bias.grad[fixed] = 0.0
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        optimizer.step()
        step += 1
        for name, value in terms.items():
            shown[name] = shown.get(name, 0.0) + float(value.detach()) / 100.0
        if step % 100 == 0:
            row = {"step": step, "frames": frames, "seconds": round(time.time() - began, 1)}
            row |= {name: round(value, 5) for name, value in shown.items()}
            shown = {}
            with open(run / "pose_metrics.jsonl", "a") as file:
                file.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)
        late = minutes is not None and time.time() - began > 60.0 * minutes
        if step % 500 == 0 or step == config.steps or late:
            temporary = checkpoint.with_suffix(".tmp")
            torch.save(
                {
                    "network": network.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "generator": generator.get_state(),
                    "step": step,
                    "hips_mean": windows.mean,
                    "hips_std": windows.std,
                },
                temporary,
            )
            temporary.replace(checkpoint)
        if late:
            break
    return network, windows


def _target_frames(progress, target):
    """Curriculum: short rollouts first, the whole target from a third of the way on."""
    return max(8, min(target, int(target * (0.2 + 2.4 * progress))))


def _schedule(step, steps):
    """Linear warm-up, then cosine to one hundredth."""
    warm = min(1.0, (step + 1) / 300.0)
    return warm * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * step / steps)))
