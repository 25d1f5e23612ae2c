# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training evaluate``: the published short-term benchmarks."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.networks.model_file import load_weights
from quaternet_addon.core.published.kinds import SHORT_TERM, make_network

from ..data.dataset import load_dataset
from ..measure import evaluate_motion
from ..published.benchmark import HORIZONS, benchmark_windows, score, zero_velocity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..data.dataset import Dataset


EXAMPLES = """examples:
  python -m training evaluate short-term --data cmu.npz --baseline zero-velocity
  python -m training evaluate short-term --data cmu.npz --model short.npz
  python -m training evaluate short-term --data h36m.npz --subject S5 --seeds 256 --json s5.json

The error is the published one: length of the difference of all Euler angles but the first
joint's, mean over the windows of an action. A second table is in degrees: mean angle between
the rotations of the joints but the first.
"""
_TEST_SUBJECT = {"h36m": "S5", "cmu-expmap": "test"}


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = commands.add_parser(
        "evaluate",
        help="measure a model as the papers do",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    short = kinds.add_parser(
        "short-term",
        help="the published sampling: 50 frames given, errors at 80 to 1000 ms",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    short.add_argument("--data", type=Path, required=True, help="dataset of h36m or cmu-expmap")
    short.add_argument("--subject", help="test subject; default: S5, or test of the CMU split")
    what = short.add_mutually_exclusive_group(required=True)
    what.add_argument("--model", type=Path, help="a short-term model file")
    what.add_argument("--baseline", choices=("zero-velocity",), help="what stands still")
    short.add_argument("--seeds", type=int, choices=(8, 256), default=8, help="windows per take")
    short.add_argument("--json", type=Path, help="also write the figures to this file")
    short.set_defaults(run=run_short_term)
    evaluate_motion.register(kinds)


def run_short_term(arguments: argparse.Namespace) -> None:
    """Print the tables of one predictor and write the JSON file."""
    dataset = load_dataset(arguments.data)
    predict = zero_velocity if arguments.model is None else predictor(arguments.model, dataset)
    figures = evaluate_short_term(dataset, arguments.subject, arguments.seeds, predict)
    figures["model"] = arguments.baseline or str(arguments.model)
    print(table(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def predictor(path: Path | str, dataset: Dataset) -> Callable[[np.ndarray, int], np.ndarray]:
    """A function that continues prefixes by a model file, for `benchmark.score`.

    It runs on `core`, as in the add-on. ValueError for a model of other joints.
    """
    header, arrays = load_weights(path, kind=SHORT_TERM)
    joints = header["architecture"]["joints"]
    if joints != len(dataset.skeleton):
        raise ValueError(
            f"Expected a model of {len(dataset.skeleton)} joints, as the data has, got one of "
            f"{joints}: {path}."
        )

    def predict(prefixes, frames):
        network = make_network(header, arrays, batch=len(prefixes))
        flat = prefixes.reshape(*prefixes.shape[:2], -1)
        first = network.run(np.moveaxis(flat, 1, 0))[-1]
        own = np.concatenate([first[None], network.generate(first, frames - 1)])
        return np.moveaxis(own, 0, 1).reshape(len(prefixes), frames, joints, 4)

    return predict


def evaluate_short_term(
    dataset: Dataset, subject: str, seeds: int, predict: Callable[[np.ndarray, int], np.ndarray]
) -> dict[str, Any]:
    """All figures of the benchmark as a dictionary; see `benchmark.score` for ``predict``."""
    name = (dataset.benchmark or {}).get("name")
    subject = subject or _TEST_SUBJECT.get(name, "")
    windows, left_out = benchmark_windows(dataset, [subject], seeds)
    if not windows:
        raise ValueError(f"Expected takes of {subject} long enough for the benchmark, got none.")
    scores = score(windows, predict)
    return {
        "benchmark": name,
        "subject": subject,
        "seeds": seeds,
        **scores["euler"],
        "geodesic_degrees": scores["geodesic_degrees"],
        "left_out": left_out,
    }


def table(figures: Mapping[str, Any]) -> str:
    """The figures as text: Euler errors, then degrees, a row per action and their mean."""
    lines = []
    titles = ("mean Euler error", figures), ("mean angle, degrees", figures["geodesic_degrees"])
    for title, part in titles:
        lines.append(f"{title:<24}" + "".join(f"{ms:>7}" for ms in HORIZONS) + "  ms")
        rows = {**part["actions"], "average": part["average"]}
        for action, errors in rows.items():
            lines.append(f"{action:<24}" + "".join(f"{errors[str(ms)]:7.3f}" for ms in HORIZONS))
        lines.append("")
    lines += [f"left out: {action}: {why}" for action, why in figures["left_out"].items()]
    return "\n".join(lines).rstrip()
