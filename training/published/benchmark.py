# SPDX-License-Identifier: GPL-3.0-or-later
"""The published short-term benchmarks, pure: which windows, which errors, which milliseconds.

Martinez, Black and Romero (CVPR 2017) fixed the windows for Human3.6M, Mao et al. those for the
CMU split (ICCV 2019) and the larger draw of 256 (ECCV 2020). A frame's error is the Euclidean
length of the difference of all Euler angles but the first joint's, without wrapping at a full
turn. Frames are called 25 per second in both; the CMU split's are in truth 60.

Mao et al. (2020) and siMLPe (Guo et al., WACV 2023) also report positions, in mm, of a body whose
hips neither move nor turn. They predict 22 of the 32 joints of Human3.6M; of the others, 6 are
copies of these and 4 never move, and their mean is over all 32. Ours is, too, and a second one
is over the 22 alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.maths.quaternion import IDENTITY, angle, quaternion_to_euler

from ..data.from_expmap import CMU_ACTIONS, H36M_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from quaternet_addon.core.body.skeleton import Skeleton

    from ..data.dataset import Dataset


PREFIX = 50  # frames given
HORIZONS = {80: 1, 160: 3, 320: 7, 400: 9, 560: 13, 1000: 24}  # ms -> index after the prefix
LONG_HORIZONS = {2000: 49, 3000: 74, 4000: 99}
FRAMES = {"h36m": 100, "cmu-expmap": 25}  # predicted: as many as a window's draw leaves room for
SEEDS = (8, 256)
ACTIONS = {"h36m": H36M_ACTIONS, "cmu-expmap": CMU_ACTIONS}
TEST_SUBJECTS = {"h36m": ("S5",), "cmu-expmap": ("test",)}
_SEED = 1234567890
_H36M_TAKES, _H36M_FIRST = 2, 16
_H36M_ALONE = (0, 1, 6, 11, 16, 20, 23, 24, 28, 31)  # joints that are fixed or copies of others


@dataclass(frozen=True)
class Windows:
    """The windows of one action: prefixes ``(N, 50, J, 4)``, what follows ``(N, frames, J, 4)``."""

    prefixes: np.ndarray
    targets: np.ndarray


def window_starts(name: str, lengths: Sequence[int], seeds: int) -> list[tuple[int, int]]:
    """First prefix frames of an action's takes of these lengths: ``(take, frame)`` pairs.

    name: "h36m" (two takes that take turns, half of ``seeds`` each) or "cmu-expmap" (``seeds`` in
    each take).
    ValueError where the takes are not those of the benchmark or too short.
    """
    window = PREFIX + FRAMES[name]
    if name == "cmu-expmap":
        _require_lengths(lengths, window + 1)
        return [
            (take, random.randint(0, length - window))
            for take, length in enumerate(lengths)
            for random in [_generator()]
            for _ in range(seeds)
        ]
    if len(lengths) != _H36M_TAKES:
        raise ValueError(f"Expected {_H36M_TAKES} takes, got {len(lengths)}.")
    _require_lengths(lengths, _H36M_FIRST + window + 1)
    random = _generator()
    return [
        (take, random.randint(_H36M_FIRST, lengths[take] - window))
        for _ in range(seeds // _H36M_TAKES)
        for take in range(_H36M_TAKES)
    ]


def _generator():
    """The published draw's own generator: its numbers are part of the protocol."""
    return np.random.RandomState(_SEED)


def _require_lengths(lengths, needed):
    if not lengths or min(lengths) < needed:
        raise ValueError(
            f"Expected takes of at least {needed} frames, got {min(lengths, default=0)}."
        )


def benchmark_windows(
    dataset: Dataset, subjects: Iterable[str], seeds: int
) -> tuple[dict[str, Windows], dict[str, str]]:
    """Windows by action, and why other actions of the benchmark are left out, by action."""
    if seeds not in SEEDS:
        raise ValueError(f"Expected 8 or 256 seeds, got {seeds}.")
    if not dataset.select(subjects=subjects):
        known = ", ".join(sorted({take.subject for take in dataset.takes}))
        asked = ", ".join(map(repr, subjects)) or "none"
        raise ValueError(f"Expected one of the subjects {known}, got {asked}.")
    windows, left_out, name = {}, {}, benchmark_name(dataset)
    for action in ACTIONS[name]:
        chosen = dataset.select(subjects=subjects, actions=[action])
        takes = [dataset.benchmark_frames(index) for index in chosen]
        try:
            if not takes:
                raise ValueError("Expected a take, got none.")  # noqa: TRY301
            starts = window_starts(name, [len(take) for take in takes], seeds)
        except ValueError as error:
            left_out[action] = str(error)
            continue
        whole = np.stack([takes[t][s : s + PREFIX + FRAMES[name]] for t, s in starts])
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


def position_error(skeleton: Skeleton, predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Distance of each joint where the hips neither move nor turn: ``(..., J, 4)`` -> mm."""
    places = []
    for given in (predicted, truth):
        rotations = given.copy()
        rotations[..., 0, :] = IDENTITY
        origin = np.zeros((*rotations.shape[:-2], 3))
        places.append(skeleton.forward_kinematics(rotations, origin)[0])
    return 1000.0 * np.linalg.norm(places[0] - places[1], axis=-1)


def errors(
    skeleton: Skeleton, name: str, predicted: np.ndarray, truth: np.ndarray
) -> dict[str, np.ndarray]:
    """Every figure of each frame, by its name: ``(..., J, 4)`` quaternions -> ``(...)`` each."""
    positions = position_error(skeleton, predicted, truth)
    figures = {
        "euler": euler_error(predicted, truth),
        "geodesic_degrees": geodesic_error(predicted, truth),
        "mpjpe_mm": positions.mean(-1),
    }
    if name == "h36m":
        figures["mpjpe_22_mm"] = np.delete(positions, _H36M_ALONE, -1).mean(-1)
    return figures


def horizons(name: str) -> dict[int, int]:
    """The milliseconds that a benchmark reports, with their index after the prefix."""
    reported = {**HORIZONS, **LONG_HORIZONS}
    return {ms: index for ms, index in reported.items() if index < FRAMES[name]}


def score(
    dataset: Dataset,
    windows: Mapping[str, Windows],
    predict: Callable[[np.ndarray, int], np.ndarray],
) -> dict[str, Any]:
    """``{figure: {"actions": {action: {ms: error}}, "average": {ms: error}}}``; see `errors`.

    windows: by action. predict: takes prefixes ``(N, 50, J, 4)`` and a number of frames, gives
    ``(N, frames, J, 4)`` unit quaternions.
    """
    name, scores = benchmark_name(dataset), {}
    reported = horizons(name)
    for action, window in windows.items():
        predicted = np.asarray(predict(window.prefixes, FRAMES[name]), float)
        found = errors(dataset.skeleton, name, predicted, window.targets.astype(float))
        for figure, error in found.items():
            rows = scores.setdefault(figure, {"actions": {}})["actions"]
            rows[action] = {str(ms): float(error[:, at].mean()) for ms, at in reported.items()}
    for figures in scores.values():
        rows = figures["actions"].values()
        figures["average"] = {
            str(ms): float(np.mean([row[str(ms)] for row in rows])) for ms in reported
        }
    return scores
