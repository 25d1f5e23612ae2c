# SPDX-License-Identifier: GPL-3.0-or-later
"""The published short-term benchmarks, pure: which windows, which errors, which milliseconds.

Martinez, Black and Romero (CVPR 2017) fixed the windows for Human3.6M, Mao et al. (ICCV 2019)
those for the CMU split and the larger draw of 256. A frame's error is the Euclidean length of
the difference of all Euler angles but the first joint's, without wrapping at a full turn. Frames
are called 25 per second in both; the CMU split's are in truth 60.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.maths.quaternion import angle, quaternion_to_euler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from ..data.dataset import Dataset


PREFIX, FURTHEST = 50, 25  # frames given, frames predicted
HORIZONS = {80: 1, 160: 3, 320: 7, 400: 9, 560: 13, 1000: 24}  # ms -> index after the prefix
SEEDS = (8, 256)
ACTIONS = {
    "h36m": "walking eating smoking discussion directions greeting phoning posing purchases "
    "sitting sittingdown takingphoto waiting walkingdog walkingtogether".split(),
    "cmu-expmap": "basketball basketball_signal directing_traffic jumping running soccer walking "
    "washwindow".split(),
}
_SEED = 1234567890
_H36M_TAKES = 2


@dataclass(frozen=True)
class Windows:
    """The windows of one action: prefixes ``(N, 50, J, 4)``, what follows ``(N, 25, J, 4)``."""

    prefixes: np.ndarray
    targets: np.ndarray


def window_starts(name: str, lengths: Sequence[int], seeds: int) -> list[tuple[int, int]]:
    """First prefix frames of an action's takes of these lengths: ``(take, frame)`` pairs.

    name: "h36m" (two takes that take turns, as published) or "cmu-expmap" (``seeds`` in each take).
    ValueError where the takes are not those of the benchmark or too short.
    """
    if name == "cmu-expmap":
        _require_lengths(lengths, PREFIX + FURTHEST + 1)
        return [
            (take, random.randint(0, length - PREFIX - FURTHEST))
            for take, length in enumerate(lengths)
            for random in [_generator()]
            for _ in range(seeds)
        ]
    if len(lengths) != _H36M_TAKES:
        raise ValueError(f"Expected {_H36M_TAKES} takes, got {len(lengths)}.")
    lowest, after = (16, 100) if seeds == min(SEEDS) else (0, FURTHEST - 1)
    _require_lengths(lengths, lowest + PREFIX + after + 1)
    random = _generator()
    return [
        (take, random.randint(lowest, lengths[take] - PREFIX - after))
        for _ in range(seeds // _H36M_TAKES)
        for take in range(_H36M_TAKES)
    ]


def _generator():
    """The published draw's own generator: its numbers are part of the protocol."""
    return np.random.RandomState(_SEED)


def _require_lengths(lengths, needed):
    if not lengths or min(lengths) < needed:
        raise ValueError(f"Expected takes of at least {needed} frames, got {list(lengths)}.")


def benchmark_windows(
    dataset: Dataset, subjects: Iterable[str], seeds: int
) -> tuple[dict[str, Windows], dict[str, str]]:
    """Windows by action, and why other actions of the benchmark are left out, by action."""
    if seeds not in SEEDS:
        raise ValueError(f"Expected 8 or 256 seeds, got {seeds}.")
    if not dataset.select(subjects=subjects):
        known = ", ".join(sorted({take.subject for take in dataset.takes}))
        raise ValueError(f"Expected one of the subjects {known}, got {', '.join(subjects)}.")
    windows, left_out = {}, {}
    for action in benchmark_actions(dataset):
        chosen = dataset.select(subjects=subjects, actions=[action])
        takes = [dataset.benchmark_frames(index) for index in chosen]
        try:
            if not takes:
                raise ValueError("Expected a take, got none.")  # noqa: TRY301
            starts = window_starts(benchmark_name(dataset), [len(t) for t in takes], seeds)
        except ValueError as error:
            left_out[action] = str(error)
            continue
        whole = np.stack([takes[t][s : s + PREFIX + FURTHEST] for t, s in starts])
        windows[action] = Windows(whole[:, :PREFIX], whole[:, PREFIX:])
    return windows, left_out


def benchmark_name(dataset: Dataset) -> str:
    """Which published sampling a dataset's takes follow; ValueError if none."""
    name = (dataset.benchmark or {}).get("name")
    if name not in ACTIONS:
        raise ValueError(
            f"Expected a dataset of prepare {' or '.join(ACTIONS)}, got benchmark {name!r}."
        )
    return name


def benchmark_actions(dataset: Dataset) -> Sequence[str]:
    """The actions of the dataset's benchmark, in the published order."""
    return ACTIONS[benchmark_name(dataset)]


def zero_velocity(prefixes: np.ndarray, frames: int) -> np.ndarray:
    """The baseline that stands still: the last pose ``frames`` times, ``(N, frames, J, 4)``."""
    return np.repeat(prefixes[:, -1:], frames, axis=1)


def euler_error(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The published error of each frame, ``(..., J, 4)`` quaternions -> ``(...)``, as radians.

    The published angles are those of the intrinsic order Z, Y, X, up to order and sign.
    """
    difference = quaternion_to_euler(predicted[..., 1:, :], "ZYX")
    difference -= quaternion_to_euler(truth[..., 1:, :], "ZYX")
    return np.sqrt((difference**2).sum((-2, -1)))


def geodesic_error(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Mean angle between the joints' rotations but the first's: ``(..., J, 4)`` -> degrees."""
    return np.degrees(angle(predicted[..., 1:, :], truth[..., 1:, :]).mean(-1))


def score(
    windows: Mapping[str, Windows], predict: Callable[[np.ndarray, int], np.ndarray]
) -> dict[str, Any]:
    """``{"euler" | "geodesic_degrees": {"actions": {action: {ms: error}}, "average": {ms: …}}}``.

    windows: by action. predict: takes prefixes ``(N, 50, J, 4)`` and a number of frames, gives
    ``(N, frames, J, 4)`` unit quaternions.
    """
    measures = {"euler": euler_error, "geodesic_degrees": geodesic_error}
    scores = {name: {"actions": {}} for name in measures}
    for action, window in windows.items():
        predicted = predict(window.prefixes, FURTHEST)
        for name, measure in measures.items():
            mean = measure(np.asarray(predicted, float), window.targets.astype(float)).mean(0)
            scores[name]["actions"][action] = {
                str(ms): float(mean[index]) for ms, index in HORIZONS.items()
            }
    for figures in scores.values():
        rows = figures["actions"].values()
        figures["average"] = {
            str(ms): float(np.mean([row[str(ms)] for row in rows])) for ms in HORIZONS
        }
    return scores
