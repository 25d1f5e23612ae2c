# SPDX-License-Identifier: GPL-3.0-or-later
"""What stepping a crowd as one batch is worth.

Run ``python -m training.measure.bench_crowd [--bodies 64]``.

Ratios of frames/s, of the crowd to the same walks one after the other, BLAS on one thread:

- inference: from controls to the network's states. Beside it, the most that a batch could be worth
  on this machine: with its products at the peak of a large one, and nothing else to do.
- whole walks: from curves to finished motions, with plans, foot lock and all.

Both sides take turns, in processor time, and the median of the turns' ratios counts: neighbours on
the machine disturb both sides of a turn alike. Exits with 1 when a bar is missed. Without a BLAS
there is nothing to gain from a batch but NumPy's calls: the bars are for OpenBLAS.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.networks.blas import single_threaded
from quaternet_addon.core.networks.model_file import load_weights
from quaternet_addon.core.walk.crowd import Batch, Crowd
from quaternet_addon.core.walk.model import PoseStepper
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from . import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from quaternet_addon.core.walk.model import LocomotionModel


BARS = {"inference": 4.0, "whole walks": 3.5}
METRES = 6.0
TURNS = 5


def walks(model: LocomotionModel, bodies: int) -> list[Walk]:
    """Walks of about five seconds along different curves, at different speeds."""
    out = []
    for index in range(bodies):
        z = np.linspace(0.0, METRES, 100)
        path = Path(np.stack([np.sin(z / 3.0 + index), 0.0 * z, z], -1))
        out.append(Walk(model, path, speed=1.2 + 0.01 * (index % 20), seed=index))
    return out


def step_alone(walk: Walk) -> list[np.ndarray]:
    """The network's states of one walk, stepped by itself."""
    controls = walk.controls()
    with single_threaded():
        encoded = walk.model.encode_controls(controls)
        stepper = PoseStepper(walk.model, walk.style)
        return [stepper.step(frame).copy() for frame in encoded]


def step_together(crowd: Sequence[Walk]) -> Any:
    """The same of all walks at once."""
    batch = Batch(sorted(crowd, key=lambda walk: -len(walk.plan.phase)))
    for _ in batch:
        pass
    return batch.states


def _seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def pairs(
    model: LocomotionModel, bodies: int
) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """What is compared, by name: one by one, together."""
    crowd = walks(model, bodies)
    return {
        "inference": (lambda: [step_alone(w) for w in crowd], lambda: step_together(crowd)),
        "whole walks": (
            lambda: [walk.run() for walk in walks(model, bodies)],
            lambda: Crowd(walks(model, bodies)).run(),
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both ratios; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m training.measure.bench_crowd", description=__doc__
    )
    parser.add_argument("--bodies", type=int, default=64)
    bodies = parser.parse_args(arguments).bodies
    model, met = load_model(), True
    Crowd(walks(model, 2)).run()  # products are picked, caches are warm
    frames = sum(len(walk.plan.phase) for walk in walks(model, bodies))
    for name, works in pairs(model, bodies).items():
        turns = np.array([[_seconds(work) for work in works] for _ in range(TURNS)])
        alone, together = turns.min(axis=0)
        ratio = np.median(turns[:, 0] / turns[:, 1])
        bar = BARS[name]
        met = met and ratio >= bar
        verdict = "ok" if ratio >= bar else "MISSED"
        rates = f"{frames / together:.0f} frames/s together, {frames / alone:.0f} one by one"
        print(f"{bodies} bodies, {name}: {rates}: {ratio:.1f} x (bar {bar}) {verdict}", flush=True)
        if name == "inference":
            most = alone / (frames * flops_per_frame() / limits.peak_flops())
            print(f"  the products alone, at the machine's peak: {most:.1f} x")
    return 0 if met else 1


def flops_per_frame() -> float:
    """Floating point operations of the shipped pose network's products in a frame of one body."""
    _, arrays = load_weights(DEFAULT_MODEL)
    stepped = ("pose.rnn.weight", "pose.fc.weight")
    return 2.0 * sum(array.size for name, array in arrays.items() if name.startswith(stepped))


if __name__ == "__main__":
    sys.exit(main())
