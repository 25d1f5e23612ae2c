# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast training is: ``python -m training.measure.bench_training``.

Everything beside a plain loop, which does what the paper describes and nothing else: the prefix
in one call of nn.GRU, then one call for each target frame; loss, gradients, clipping, Adam. All
at hidden 1000, batch 60, 50 + 10 frames of 32 joints, taking turns; figures are ratios, medians
over the turns. The last row counts frames that bear on the loss: the plain loop's 10 of a window
against those of our default set-up, in a second.

Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.maths.quaternion import multiply, normalize

from ..data.dataset import join_takes
from ..data.from_expmap import H36M_SKELETON
from ..networks.losses import norm_penalty, wrapped_difference
from ..parsers import parser_of
from ..presets import make_config, make_task
from ..trainer.loop import Trainer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..data.dataset import Dataset


TURNS, BATCH, PREFIX, TARGET = 5, 60, 50, 10
BARS = {"float32": 1.0, "bf16": 1.5, "default frames": 5.0}


def random_dataset() -> Dataset:
    """Smooth random rotations: as many takes as one batch of windows needs."""
    random, clips = np.random.default_rng(0), []
    for number in range(BATCH // 2):
        q = random.normal(size=(200, len(H36M_SKELETON), 4)).cumsum(0) * 0.02
        q[..., 0] += 1.0
        q /= np.linalg.norm(q, axis=-1, keepdims=True)
        clips.append((f"take {number}", "S1", "walking", q, np.zeros((200, 3))))
    benchmark = {"name": "h36m", "fps": 25.0, "stride": 2, "leading": 0}
    return join_takes(H36M_SKELETON, 50.0, clips, benchmark=benchmark)


class PlainLoop:
    """The published training step, written from its description."""

    def __init__(self, hidden):
        joints = len(H36M_SKELETON)
        self.rnn = torch.nn.GRU(4 * joints, hidden, 2, batch_first=True)
        self.fc = torch.nn.Linear(hidden, 4 * joints)
        self.h0 = torch.nn.Parameter(torch.zeros(2, 1, hidden))
        self.parameters = [*self.rnn.parameters(), *self.fc.parameters(), self.h0]
        self.optimizer = torch.optim.Adam(self.parameters, 1e-3)

    def step(self, windows: torch.Tensor) -> float:
        """One optimizer step on ``windows: (B, 60, J, 4)``, all target frames given; the loss."""
        state = self.h0.expand(-1, len(windows), -1).contiguous()
        predicted, raws = [], []
        x = windows[:, :PREFIX]
        for frame in range(TARGET):
            hidden, state = self.rnn(x.flatten(-2), state)
            raw = self.fc(hidden[:, -1]).unflatten(-1, (-1, 4))
            predicted.append(normalize(multiply(raw, x[:, -1])))
            raws.append(raw)
            x = windows[:, PREFIX + frame : PREFIX + frame + 1]
        difference = wrapped_difference(torch.stack(predicted, 1), windows[:, PREFIX:])
        loss = difference.abs().mean() + 0.01 * norm_penalty(torch.stack(raws, 1))
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 0.1)
        self.optimizer.step()
        return float(loss.detach())


def _epoch_of(dataset, preset, settings):
    """A function that trains one epoch, and how many steps that is."""
    config = make_config("short-term", preset, settings)
    trainer = Trainer(make_task(dataset, range(len(dataset)), config))
    return trainer.run_epoch, trainer.task.steps


def contestants(hidden: int) -> dict[str, tuple[Callable[[], Any], int]]:
    """Functions that train, by name, and the frames that bear on the loss in a call of each."""
    dataset = random_dataset()
    plain, windows = PlainLoop(hidden), None
    task = make_task(dataset, range(len(dataset)), make_config("short-term", "paper"))
    windows = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))[0]
    runs = {"plain": (lambda: plain.step(windows), BATCH * TARGET)}
    for precision in ("float32", "bf16") if has_fast_bf16() else ("float32",):
        settings = [f"hidden={hidden}", f"precision={precision}"]
        epoch, steps = _epoch_of(dataset, "paper", settings)
        runs[precision] = (epoch, steps * BATCH * TARGET)
    config: Any = make_config("short-term", "default")
    epoch, steps = _epoch_of(dataset, "default", ["steps=4"])
    frames = steps * config.batch * config.target
    runs["default frames"] = (epoch, frames)
    return runs


def measure(hidden: int, turns: int) -> dict[str, tuple[float, float]]:
    """Ratios to the plain loop by name: ``{name: (ratio, seconds)}``, medians over the turns."""
    runs = contestants(hidden)
    seconds = {name: [] for name in runs}
    for turn in range(turns + 1):  # the first one warms up
        for name, (run, _) in runs.items():
            began = time.perf_counter()
            run()
            if turn:
                seconds[name].append(time.perf_counter() - began)
    rate = {name: runs[name][1] / np.array(times) for name, times in seconds.items()}
    return {
        name: (float(np.median(rate[name] / rate["plain"])), float(np.median(seconds[name])))
        for name in runs
        if name != "plain"
    }


def has_fast_bf16() -> bool:
    """Whether the CPU has units for bfloat16 products (AMX)."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each ratio beside its bar; 1 if one is missed."""
    parser = parser_of("training.measure.bench_training", __doc__)
    parser.add_argument("--hidden", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--threads", type=int, help="of torch; default: its own choice")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    print(f"hidden {options.hidden}, torch {torch.__version__}, {torch.get_num_threads()} threads")
    met = True
    for name, (ratio, seconds) in measure(options.hidden, options.turns).items():
        verdict = "ok" if ratio >= BARS[name] else "MISSED"
        met = met and ratio >= BARS[name]
        print(
            f"{name:<16}{ratio:7.2f} x plain loop (bar {BARS[name]:.1f}) {verdict}, {seconds:.2f} s"
        )
    if not has_fast_bf16():
        print("bf16 is left out: this CPU has no units for it (AMX)")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
