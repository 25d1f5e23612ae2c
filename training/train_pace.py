# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the pace network: speed, phase rate and facing along a path."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from quaternet_addon.core.pace import POINTS_PER_METRE, path_features

from .networks import PaceNetwork

INPUTS, OUTPUTS = 4, 4
_STILL = 0.08  # m/s: slower frames stand, they are no part of a path
_SHORTEST = 6  # path points


@dataclass(frozen=True)
class PaceConfig:
    """Hyper-parameters. chunk: path points at most; recorded takes are often shorter."""

    hidden: int = 30
    batch: int = 40
    chunk: int = 1000
    steps: int = 3000
    learning_rate: float = 2e-3
    clip: float = 0.1
    seed: int = 0


def path_example(sequence):
    """One sequence along its own path: features ``(N, 4)`` and targets ``(N, 4)``, or None.

    Targets: local speed m/s, phase rate rad/s, cosine and sine of facing minus tangent.
    """
    trajectory = sequence.trajectory
    speeds = trajectory.speeds()
    moving = np.flatnonzero(speeds > _STILL)
    if not len(moving):
        return None
    part = slice(moving[0], moving[-1] + 1)
    places = trajectory.positions[part]
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    distances = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-6))])
    length = distances[-1]
    count = int(length * POINTS_PER_METRE) + 1
    if count < _SHORTEST:
        return None
    points = np.linspace(0.0, length, count)
    velocity = np.gradient(places, axis=0)
    tangent = np.unwrap(np.arctan2(velocity[:, 0], velocity[:, 1]))
    facing = trajectory.headings[part] - tangent
    rate = np.gradient(sequence.phase)[part] * trajectory.fps
    along = [np.interp(points, distances, v) for v in (speeds[part], rate, facing, tangent)]
    curvature = np.gradient(along[3], points)
    seconds = len(places) / trajectory.fps
    starts, stops = speeds[part][0] < 0.25, speeds[part][-1] < 0.25
    features = path_features(curvature, points, length, _cruise(along[0]), starts, stops)
    targets = np.stack([along[0], along[1], np.cos(along[2]), np.sin(along[2])], -1)
    return (features, targets) if seconds > 0.5 else None


def _cruise(speeds):
    """Speed of the steady parts: what the user's "speed" means."""
    return float(np.percentile(speeds, 70))


def train(sequences, run, config):
    """Train on all sequences; returns the network. Writes metrics and weights into ``run``."""
    run = Path(run)
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    generator = np.random.default_rng(config.seed)
    examples = [e for e in map(path_example, sequences) if e is not None]
    network = PaceNetwork(INPUTS, OUTPUTS, config.hidden)
    optimizer = torch.optim.Adam(network.parameters(), config.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.steps)
    (run / "pace_config.json").write_text(json.dumps(asdict(config), indent=1))
    total = 0.0
    for step in range(1, config.steps + 1):
        features, targets, mask = _batch(examples, config, generator)
        error = (network(features) - targets).abs() * torch.tensor([1.0, 0.3, 1.0, 1.0])
        loss = (error * mask[..., None]).sum() / mask.sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        optimizer.step()
        schedule.step()
        total += float(loss.detach()) / 100.0
        if step % 100 == 0:
            with (run / "pace_metrics.jsonl").open("a") as file:
                file.write(json.dumps({"step": step, "loss": round(total, 5)}) + "\n")
            if step % 500 == 0:
                print(json.dumps({"step": step, "loss": round(total, 5)}), flush=True)
            total = 0.0
    torch.save({"network": network.state_dict()}, run / "pace.pt")
    return network


def _batch(examples, config, generator):
    """Random examples, cut to the chunk and padded to the longest of them."""
    picked = [examples[i] for i in generator.integers(len(examples), size=config.batch)]
    cut = []
    for features, targets in picked:
        first = generator.integers(max(1, len(features) - config.chunk + 1))
        window = slice(first, first + config.chunk)
        cut.append((features[window], targets[window]))
    longest = max(len(features) for features, _ in cut)
    shape = (len(cut), longest)
    features, targets = np.zeros((*shape, INPUTS)), np.zeros((*shape, OUTPUTS))
    mask = np.zeros(shape)
    for row, (x, y) in enumerate(cut):
        features[row, : len(x)], targets[row, : len(x)], mask[row, : len(x)] = x, y, 1.0
    return tuple(torch.tensor(a, dtype=torch.float32) for a in (features, targets, mask))
