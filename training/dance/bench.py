# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the shipped dance is, beside torch; `training.measure.bench` prints it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.dance.dance import DEFAULT_MODEL, Dance, load_model
from quaternet_addon.core.dance.model import WINDOW
from quaternet_addon.core.networks.blas import single_threaded
from quaternet_addon.core.networks.wavefront import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quaternet_addon.core.dance.model import DanceModel


BARS = {
    "dot": {"dance frames/s": 1000.0, "exact of peak": 0.75},
    "einsum": {"dance frames/s": 1000.0, "exact x torch": 0.2},
}
_DANCES, _TURNS, _FRAMES = 7, 15, 4


def frames_per_second(model: DanceModel, seconds: float = 30.0) -> float:
    """Best rate over several whole dances, planted feet included."""
    rates = []
    for seed in range(_DANCES):
        start = time.process_time()
        motion = Dance(model, duration=seconds, seed=seed).run()
        rates.append(len(motion) / (time.process_time() - start))
    return max(rates)


def torch_window(arrays: Mapping[str, np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """A function that runs nn.LSTM and the head over a window ``(W, I)``, for its last output."""
    import torch

    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    layers = sum(name.startswith("rnn.weight_hh") for name in arrays)
    weights = {
        f"{name}_l{layer}": torch.from_numpy(arrays[f"rnn.{name}_l{layer}"])
        for name in names
        for layer in range(layers)
    }
    inputs, hidden = weights["weight_ih_l0"].shape[1], weights["weight_hh_l0"].shape[1]
    lstm = torch.nn.LSTM(inputs, hidden, layers)
    lstm.load_state_dict(weights)
    head = torch.nn.Linear(hidden, len(arrays["head.bias"]))
    head.load_state_dict(
        {name: torch.from_numpy(arrays[f"head.{name}"]) for name in ("weight", "bias")}
    )

    def run(window):
        with torch.inference_mode():
            return head(lstm(torch.from_numpy(window))[0][-1]).numpy()

    return run


def ratio_to_torch(model: DanceModel) -> tuple[float, float, float]:
    """``(ratio, ours, torch's)``: medians over turns; seconds of a frame in exact windows.

    Both may use all cores; of torch the faster counts in each turn, one thread or all of them.
    """
    counts = sorted({1, os.cpu_count() or 1})
    run, wavefront = torch_window(model.arrays), model.network(window=WINDOW)
    random = np.random.default_rng(0)
    frames = random.normal(size=(WINDOW + _TURNS * _FRAMES, wavefront.input_size))
    frames = np.ascontiguousarray(frames, np.float32)
    ours, theirs = np.empty(_TURNS), np.empty(_TURNS)
    with single_threaded():
        for frame in frames[:WINDOW]:
            out = wavefront.step(frame)
        if not np.allclose(out, run(frames[:WINDOW]), atol=1e-3):
            raise ValueError("expected torch and NumPy to run the same window, got other outputs")
        for turn in range(_TURNS):
            part = range(WINDOW + turn * _FRAMES, WINDOW + (turn + 1) * _FRAMES)
            windows = [frames[i + 1 - WINDOW : i + 1] for i in part]
            theirs[turn] = min(_seconds_on(count, run, windows) for count in counts)
            time.sleep(0.05)  # torch's other threads spin for a while after their work
            ours[turn] = _seconds(wavefront.step, [frames[i] for i in part])
    return np.median(theirs / ours), np.median(ours), np.median(theirs)


def share_of_peak(
    model: DanceModel, peak_flops: Callable[[], float]
) -> tuple[float, float, float, float]:
    """``(share, achieved, peak, products)``, medians over turns.

    The first is achieved / peak, the others are operations a second of processor time. products:
    those of the same matrix products with nothing between them. What all windows share, the first
    layer's reading of the new frame, counts once. peak_flops: function that measures the machine's
    own.
    """
    wavefront, random = model.network(window=WINDOW), np.random.default_rng(0)
    frames = random.normal(size=(WINDOW, wavefront.input_size)).astype(np.float32)
    inner = [
        array.size
        for name, array in model.arrays.items()
        if name.startswith("rnn.weight_") and name != "rnn.weight_ih_l0"
    ]
    flops, found, products = 2.0 * WINDOW * sum(inner), [], _products(model)
    with single_threaded():
        for frame in frames:
            wavefront.step(frame)
        for _ in range(_TURNS):
            start = time.process_time()
            for frame in frames[:_FRAMES]:
                wavefront.step(frame)
            between = time.process_time()
            for _ in range(_FRAMES):
                products()
            end, all_flops = time.process_time(), flops * _FRAMES
            found.append((all_flops / (between - start), peak_flops(), all_flops / (end - between)))
    achieved, peak, alone = np.median(found, axis=0)
    return float(np.median([row[0] / row[1] for row in found])), achieved, peak, alone


def _products(model):
    """A call that does the products of a step of windows, in parts as the step does."""
    matrices = [
        np.ones((sum(model.arrays[name].shape[1] for name in names), 4 * hidden), np.float32)
        for hidden, names in _layers(model.arrays)
    ]
    parts = [np.array_split(matrix, PARTS, axis=1) for matrix in matrices]
    operands = [
        (np.ones((WINDOW, len(part)), np.float32), np.ascontiguousarray(part))
        for layer in parts
        for part in layer
    ]
    outs = [np.empty((WINDOW, part.shape[1]), np.float32) for _, part in operands]

    def run():
        for (x, matrix), out in zip(operands, outs, strict=True):
            np.dot(x, matrix, out)

    return run


def _layers(arrays):
    """Of each layer its width and the names of what multiplies the windows' states."""
    count = sum(name.startswith("rnn.weight_hh") for name in arrays)
    for layer in range(count):
        names = [f"rnn.weight_hh_l{layer}"] + ([f"rnn.weight_ih_l{layer}"] if layer else [])
        yield arrays[names[0]].shape[1], names


def _seconds_on(threads, run, windows):
    import torch

    torch.set_num_threads(threads)
    run(windows[0])  # wakes them
    return _seconds(run, windows)


def _seconds(step, inputs):
    start = time.perf_counter()
    for x in inputs:
        step(x)
    return (time.perf_counter() - start) / len(inputs)


def rows(peak_flops: Callable[[], float]) -> list[tuple[str, float, str]]:
    """Figures of the shipped model: name, value, what it is; see `share_of_peak`."""
    model = load_model(DEFAULT_MODEL)
    rate = frames_per_second(model)
    ratio, ours, theirs = ratio_to_torch(model)
    share, achieved, peak, alone = share_of_peak(model, peak_flops)
    return [
        ("dance frames/s", rate, "dances stepped on, planted feet included, one thread"),
        (
            "exact x torch",
            ratio,
            f"windows of {WINDOW}, all cores: {1e3 * ours:.1f} ms, torch {1e3 * theirs:.1f} ms",
        ),
        (
            "exact of peak",
            share,
            _rates(achieved, alone, peak, ratio),
        ),
    ]


def _rates(achieved, alone, peak, ratio):
    rates = (f"{1e-9 * rate:.1f}" for rate in (achieved, alone, peak))
    return "GFLOP/s: {}, its products alone {}, at most {}; {:.1f} x torch".format(*rates, ratio)
