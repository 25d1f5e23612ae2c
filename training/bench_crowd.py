# SPDX-License-Identifier: GPL-3.0-or-later
"""What stepping a crowd as one batch is worth: ``python -m training.bench_crowd [--bodies 64]``.

Two ratios of frames/s, of the crowd to the same walks one after the other, BLAS on one thread:

- inference: from controls to the network's states, which is what a batch can share.
- whole walks: with plans, foot lock and all, which are made body by body in both cases.

Both sides take turns and the least processor time of each counts, so that neighbours on the
machine disturb little. Exits with 1 when the bar on inference is missed.
"""

import argparse
import sys
import time

import numpy as np

from quaternet_addon.core.blas import single_threaded
from quaternet_addon.core.crowd import Batch, Crowd
from quaternet_addon.core.locomotion import Walk, load_model
from quaternet_addon.core.locomotion_model import PoseStepper
from quaternet_addon.core.path import Path

BAR = 3.0
METRES = 10.0
TURNS = 4


def walks(model, bodies):
    """Walks of about eight seconds along different curves, at different speeds."""
    out = []
    for index in range(bodies):
        z = np.linspace(0.0, METRES, 100)
        path = Path(np.stack([np.sin(z / 3.0 + index), 0.0 * z, z], -1))
        out.append(Walk(model, path, speed=1.2 + 0.01 * (index % 20), seed=index))
    return out


def step_alone(walk):
    """The network's states of one walk, stepped by itself."""
    controls = walk.controls()
    with single_threaded():
        encoded = walk.model.encode_controls(controls)
        stepper = PoseStepper(walk.model, walk.style)
        return [stepper.step(frame).copy() for frame in encoded]


def step_together(crowd):
    """The same of all walks at once."""
    batch = Batch(sorted(crowd, key=lambda walk: -len(walk.plan.phase)))
    for _ in batch:
        pass
    return batch.states


def _seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(bodies):
    """``{"inference": (alone, together), "whole walks": (alone, together)}``, seconds."""
    model = load_model()
    Crowd(walks(model, bodies)[:2]).run()  # products are picked, caches are warm
    least = {"inference": [np.inf, np.inf], "whole walks": [np.inf, np.inf]}
    for _ in range(TURNS):
        crowd = walks(model, bodies)
        works = {
            "inference": (
                lambda crowd=crowd: [step_alone(walk) for walk in crowd],
                lambda crowd=crowd: step_together(crowd),
            ),
            "whole walks": (
                lambda: [walk.run() for walk in walks(model, bodies)],
                lambda: Crowd(walks(model, bodies)).run(),
            ),
        }
        for name, pair in works.items():
            for side, work in enumerate(pair):
                least[name][side] = min(least[name][side], _seconds(work))
    return least, sum(len(walk.plan.phase) for walk in walks(model, bodies))


def main(arguments=None):
    """Print both ratios; 1 if the bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m training.bench_crowd", description=__doc__)
    parser.add_argument("--bodies", type=int, default=64)
    bodies = parser.parse_args(arguments).bodies
    least, frames = measure(bodies)
    met = True
    for name, (alone, together) in least.items():
        ratio, bar = alone / together, f" (bar {BAR})" if name == "inference" else ""
        met = met and (not bar or ratio >= BAR)
        verdict = "" if not bar else " ok" if ratio >= BAR else " MISSED"
        print(
            f"{bodies} bodies, {name}: {frames / together:8.0f} frames/s together, "
            f"{frames / alone:8.0f} one by one: {ratio:.1f} x{bar}{verdict}"
        )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
