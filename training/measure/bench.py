# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the shipped walk and dance are: ``python -m training.measure.bench [MODEL]``.

Two figures of the walk, each with NumPy's BLAS on one thread and with einsum in its place, which
is what official Blender's NumPy comes to:

- frames/s of whole walks, from path and model to finished motion, foot lock and all. The best
  of several runs: neighbours on the machine only ever slow one down.
- the pose network's step alone, as a ratio to torch stepping the same network in eager mode.
  The two take turns; the ratio is the median over the turns. Torch counts with one thread or
  with all, whichever is faster in that turn. With the BLAS also as a share of what reading the
  weights once from the cache takes, in the same turns.

Then those of the dance (`training.dance.bench`): frames/s of whole dances on one thread, and exact
windows of 128 frames: with the BLAS their share of the machine's own peak of a matrix product, with
einsum a ratio to a loop in torch that runs the window again for each frame.

Frames/s and shares are in processor time: neighbours on the machine count little.

Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.networks.blas import single_threaded
from quaternet_addon.core.networks.matrix_product import PRODUCT_VARIABLE
from quaternet_addon.core.networks.model_file import load_weights
from quaternet_addon.core.walk.model import DEFAULT_MODEL, LocomotionModel
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk

from ..dance import bench
from ..parsers import parser_of
from . import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path as FilePath
    from typing import Any

    import torch


BARS = {
    "dot": {"frames/s": 1500.0, "x torch": 1.3, "of reading": 0.6},
    "einsum": {"frames/s": 700.0, "x torch": 0.6},
}
WALKS, TURNS, STEPS = 9, 41, 50


def frames_per_second(model: LocomotionModel) -> float:
    """Best rate over several walks along 40 m of curves, everything included."""
    z = np.linspace(0.0, 36.0, 300)
    path = Path(np.stack([2.0 * np.sin(z / 3.0), 0.0 * z, z], -1))
    rates = []
    for _ in range(WALKS):
        start = time.process_time()
        motion = Walk(model, path, speed=1.4, fps=model.fps).run()
        rates.append(len(motion) / (time.process_time() - start))
    return max(rates)


def torch_stepper(arrays: Mapping[str, np.ndarray], x: torch.Tensor) -> Callable[[], Any]:
    """A function that steps the pose network in torch, with ``x: (I,)`` as each step's input."""
    import torch

    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    prefix = "pose.rnn."
    weights = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
    layers = sum(name.startswith("weight_ih") for name in weights)
    gru = torch.nn.GRU(len(x), weights["weight_hh_l0"].shape[1], layers)
    gru.load_state_dict(weights)
    head = torch.nn.Linear(*tensors["pose.fc.weight"].shape[::-1])
    head.load_state_dict({"weight": tensors["pose.fc.weight"], "bias": tensors["pose.fc.bias"]})
    frame, state = torch.from_numpy(x)[None, None], None

    def step():
        nonlocal state
        with torch.inference_mode():
            output, state = gru(frame, state)
            return head(output)

    return step


def ratio_to_torch(
    model: LocomotionModel, arrays: Mapping[str, np.ndarray]
) -> tuple[float, float, float]:
    """``(ratio, ours, torch's)``: medians over the turns; the latter two in seconds a step."""
    import torch

    network = model.pose_network()
    x = np.random.default_rng(0).normal(size=network.input_size).astype(np.float32)
    torch_step = torch_stepper(arrays, x)
    if not np.allclose(network.step(x), torch_step().numpy()[0, 0], atol=1e-4):
        raise ValueError("expected torch and NumPy to step the same network, got other outputs")
    ours, theirs = np.empty(TURNS), np.empty((TURNS, 2))
    with single_threaded():
        for turn in range(TURNS):
            # All threads first: they spin for a while afterwards, which must not meet our step.
            for column, threads in enumerate((os.cpu_count(), 1)):
                torch.set_num_threads(threads)
                theirs[turn, column] = _seconds_per_step(torch_step)
            ours[turn] = _seconds_per_step(lambda: network.step(x))
    faster = theirs.min(axis=1)
    return np.median(faster / ours), np.median(ours), np.median(faster)


def share_of_reading(
    model: LocomotionModel, arrays: Mapping[str, np.ndarray]
) -> tuple[float, float, float]:
    """``(share, step, reading)``: medians of processor seconds of a step, and of the reading."""
    network = model.pose_network()
    x = np.random.default_rng(0).normal(size=network.input_size).astype(np.float32)
    read = limits.reading({n: a for n, a in arrays.items() if n.startswith("pose.")})
    with single_threaded():
        works = lambda: network.step(x), read
        turns = np.array([[limits.cpu_seconds(w, 4 * STEPS) for w in works] for _ in range(TURNS)])
    ours, least = np.median(turns, axis=0)
    return float(np.median(turns[:, 1] / turns[:, 0])), ours, least


def _seconds_per_step(step):
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    return (time.perf_counter() - start) / STEPS


def measure(path: FilePath | str, product: str) -> bool:
    """Print one product's figures beside their bars; False if one is missed."""
    header, arrays = load_weights(path)
    model = LocomotionModel(header, arrays)
    rate = frames_per_second(model)
    ratio, ours, theirs = ratio_to_torch(model, arrays)
    rows = [
        ("frames/s", rate, "walks, everything included, one thread"),
        ("x torch", ratio, f"one step: {1e6 * ours:.0f} us, torch eager {1e6 * theirs:.0f} us"),
    ]
    if "of reading" in BARS[product]:
        share, ours, least = share_of_reading(model, arrays)
        text = f"one step: {1e6 * ours:.0f} us, reading its weights {1e6 * least:.0f} us"
        rows.append(("of reading", share, text))
    return compare(rows, product, BARS[product])


def compare(
    rows: Iterable[tuple[str, float, str]], product: str, bars: Mapping[str, float]
) -> bool:
    """Print ``(name, value, what)`` rows beside their bars; False if one is missed."""
    rows = [row for row in rows if row[0] in bars]
    for name, value, what in rows:
        verdict = "ok" if value >= bars[name] else "MISSED"
        print(f"{product:7} {value:9.2f} {name:14} (bar {bars[name]:6.1f}) {verdict:7} {what}")
    return all(value >= bars[name] for name, value, _ in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each product in a process of its own, since a process picks one for good."""
    parser = parser_of("training.measure.bench", __doc__)
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL, help="a locomotion model file")
    parser.add_argument("--product", choices=sorted(BARS), help="measure only this one, in here")
    options = parser.parse_args(arguments)
    if options.product:
        os.environ[PRODUCT_VARIABLE] = options.product
        met = measure(options.model, options.product)
        met = (
            compare(bench.rows(limits.peak_flops), options.product, bench.BARS[options.product])
            and met
        )
        return 0 if met else 1
    print(f"{options.model}, NumPy {np.__version__}, {os.cpu_count()} cores", flush=True)
    command = [sys.executable, "-m", "training.measure.bench", str(options.model), "--product"]
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    codes = [subprocess.run([*command, p], env=one_thread, check=False).returncode for p in BARS]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
