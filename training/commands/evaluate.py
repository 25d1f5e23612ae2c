# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training evaluate``: the published short-term benchmarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.networks.model_file import load_weights
from quaternet_addon.core.published.kinds import SHORT_TERM, make_network

from ..data.dataset import load_dataset
from ..data.duplicates import require_apart
from ..measure import evaluate_motion
from ..parsers import add_command
from ..published.benchmark import (
    TEST_SUBJECTS,
    benchmark_name,
    benchmark_windows,
    score,
    zero_velocity,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..data.dataset import Dataset


EXAMPLES = """examples:
  python -m training evaluate short-term --data cmu.npz --baseline zero-velocity
  python -m training evaluate short-term --data cmu.npz --model short.npz
  python -m training evaluate short-term --data h36m.npz --subject S5 --seeds 256 --json s5.json

The first table is the published error: length of the difference of all Euler angles but the
first joint's, mean over the windows of an action. The second is in degrees: mean angle between
the rotations of the joints but the first. The third is in mm: mean distance of all joints from
where they should be, seen from the hips (MPJPE); of Human3.6M a fourth is over the 22 joints
that are predicted there.
"""
_TITLES = {
    "euler": "mean Euler error",
    "geodesic_degrees": "mean angle, degrees",
    "mpjpe_mm": "MPJPE, mm",
    "mpjpe_22_mm": "MPJPE of 22 joints, mm",
}


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = add_command(
        commands,
        "evaluate",
        help="measure a model as the papers do",
        epilog=EXAMPLES,
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    short = add_command(
        kinds,
        "short-term",
        help="the published sampling: 50 frames given, errors at 80 ms to 1 s (h36m: 4 s)",
        epilog=EXAMPLES,
    )
    short.add_argument("--data", type=Path, required=True, help="dataset of h36m or cmu-expmap")
    short.add_argument("--subject", help="test subject; default: S5, or test of the CMU split")
    what = short.add_mutually_exclusive_group(required=True)
    what.add_argument("--model", type=Path, help="a short-term model file")
    what.add_argument("--baseline", choices=("zero-velocity",), help="what stands still")
    windows = "windows of an action, or of a take of cmu-expmap (8)"
    short.add_argument("--seeds", type=int, choices=(8, 256), default=8, help=windows)
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
        own = network.continued(np.moveaxis(flat, 1, 0), frames)
        return np.moveaxis(own, 0, 1).reshape(len(prefixes), frames, joints, 4)

    return predict


def evaluate_short_term(
    dataset: Dataset,
    subject: str | None,
    seeds: int,
    predict: Callable[[np.ndarray, int], np.ndarray],
) -> dict[str, Any]:
    """All figures of the benchmark as a dictionary; see `benchmark.score` for ``predict``."""
    name = benchmark_name(dataset)
    subject = TEST_SUBJECTS[name][0] if subject is None else subject
    windows, left_out = benchmark_windows(dataset, [subject], seeds)
    if not windows:
        raise ValueError(f"Expected takes of {subject} long enough for the benchmark, got none.")
    test = dataset.select(subjects=[subject])
    require_apart(dataset, [i for i in range(len(dataset)) if i not in test], test)
    scores = score(dataset, windows, predict)
    return {
        "benchmark": name,
        "subject": subject,
        "seeds": seeds,
        **scores.pop("euler"),
        **scores,
        "left_out": left_out,
    }


def table(figures: Mapping[str, Any]) -> str:
    """The figures as text: a table each, a row per action and their mean."""
    lines = []
    for name, title in _TITLES.items():
        part = figures if name == "euler" else figures.get(name)
        if part is None:
            continue
        digits = 1 if name.endswith("_mm") else 3
        lines.append(f"{title:<24}" + "".join(f"{ms:>7}" for ms in part["average"]) + "  ms")
        for action, errors in {**part["actions"], "average": part["average"]}.items():
            row = "".join(f"{error:7.{digits}f}" for error in errors.values())
            lines.append(f"{action:<24}" + row)
        lines.append("")
    lines += [f"left out: {action}: {why}" for action, why in figures["left_out"].items()]
    return "\n".join(lines).rstrip()
