# SPDX-License-Identifier: GPL-3.0-or-later
"""How bodies jerk where the network looks anew: ``python -m training.continuation.renewals``.

Every `RENEWED` frames Continue Motion makes a new plan of its own frames. A table says how much
the fastest-changing joint's velocity changes from one frame to the next, m/s: in recordings, where
there is no new plan (the two frames of the seam aside), and where there is one; then how far off
bodies are and how fast. ``--data DIR``: of training takes, which `network.OVERLAP` was looked at on
(the shipped network has seen them).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.continuation.network import RENEWED
from quaternet_addon.core.maths.quaternion import angle

from ..data.collection import classes, validation_paths
from ..data.recorded import recorded
from .by_class import TRAINING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.continuation.model import ContinuationModel


_BOTH = ("Female1", "Male1")
CLASSES = {
    "crawl": (
        *(f"accad/{who}_A11_CrawlForward" for who in _BOTH),
        "accad/Female1_A12_CrawlBackwards",
        "accad/Male1_A12_CrawlBackward",
    ),
    "lie down": (
        *(f"accad/Female1_{name}" for name in ("A08_CrouchToLie", "A09_LieT2")),
        *(f"accad/Male1_{name}" for name in ("A8_CrouchToLie", "A9_LieDown")),
    ),
    "get up": tuple(f"accad/{who}_A10_LieToCrouch" for who in _BOTH),
    "crouch": (
        "accad/Female1_A07_Crouch",
        "accad/Male1_A7_Crouch",
        *(f"accad/{who}_B24_WalkToCrouch" for who in _BOTH),
        *(f"accad/{who}_B25_CrouchToWalk" for who in _BOTH),
    ),
    "gesture": TRAINING["gesture"][6:16],
    "jump": TRAINING["jump"][::2],
}
"""Training takes; "dance" and "locomotion" are those that are set aside."""
COLUMNS = ("starts", "recorded", "others", "renewed", "99 in 100", "most", "cm", "degrees", "speed")
_KNOWN, _LEAST, _AHEAD, _EVERY = 60, 30, 60, 25  # frames
_PLANS = (RENEWED, 2 * RENEWED)  # frames where a new plan begins, whatever becomes of the motion
_SEAM, _COMES_ROUND = 2, 40  # frames: a body may begin to repeat itself later
_ERRS = 29  # frame at which errors are measured


def takes(folder: Path) -> dict[str, list[str]]:
    """Paths of each class's takes."""
    found = {name: [f"{path}.bvh" for path in paths] for name, paths in CLASSES.items()}
    groups = classes(folder)
    for name in ("dance", "locomotion"):
        found[name] = [path for path in validation_paths(folder) if groups[path] == name]
    return found


def changes(context: Motion, motion: Motion) -> np.ndarray:
    """How much the joint changes velocity that does so most, into each frame: ``(T,)`` m/s."""
    points = np.concatenate([context.positions()[-2:], motion.positions()])
    return np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).max(-1) * motion.fps


def measured(made: np.ndarray, recorded: np.ndarray) -> dict[str, float]:
    """Of changes ``(starts, T)``: what 99 of 100 stay below, and those where a plan begins."""
    plans = made[:, list(_PLANS)]
    others = np.delete(made[:, :_COMES_ROUND], _PLANS, axis=1)[:, _SEAM:]
    return {
        "recorded": float(np.percentile(recorded, 99.0)),
        "others": float(np.percentile(others, 99.0)),
        "renewed": float(np.median(plans)),
        "99 in 100": float(np.percentile(plans, 99.0)),
        "most": float(plans.max()),
    }


def figures(
    model: ContinuationModel, folder: Path, paths_of: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """``{class: {column: value}}``, and of all starts. paths_of: the takes of each class."""
    rows: dict[str, list[tuple[np.ndarray, ...]]] = {}
    for name, paths in paths_of.items():
        for path in paths:
            for take in recorded(folder, path):
                for frame in range(_LEAST, len(take) - _AHEAD, _EVERY):
                    rows.setdefault(name, []).append(_start(model, take, frame))
    rows["all"] = [row for found in rows.values() for row in found]
    return {name: _summed(found) for name, found in rows.items()}


def _start(model, take, frame):
    """Changes made and recorded, cm and degrees after a second, mean speeds made and recorded."""
    context = take.slice(max(0, frame - _KNOWN), frame + 1)
    truth = take.slice(frame + 1, frame + 1 + _AHEAD)
    made = Continuation(model, context, duration=_AHEAD / take.fps, fps=take.fps).run()
    points = made.positions(), truth.positions()
    away = 100.0 * np.linalg.norm(points[0] - points[1], axis=-1)[_ERRS].mean()
    turned = np.degrees(angle(made.rotations[_ERRS], truth.rotations[_ERRS])).mean()
    speeds = [np.linalg.norm(np.diff(part, axis=0), axis=-1).mean() for part in points]
    return changes(context, made), changes(context, truth), np.array([away, turned, *speeds])


def _summed(rows):
    made, truth, means = (np.stack(part) for part in zip(*rows, strict=True))
    away, turned, ours, theirs = means.mean(0)
    errors = {"cm": away, "degrees": turned, "speed": ours / theirs}
    return {"starts": float(len(rows)), **measured(made, truth), **errors}


def print_table(found: Mapping[str, Mapping[str, float]]) -> None:
    """A line for each class."""
    print(
        "Changes of the worst joint's velocity from frame to frame, m/s: 99 of 100 recorded ones,"
    )
    print("99 of 100 without a new plan; at a new plan the median, 99 of 100, the most; errors")
    print("after a second, speed of two seconds over the recorded")
    print(f"{'':<12}" + "".join(f"{column:>11}" for column in COLUMNS))
    for name, row in found.items():
        print(f"{name:<12}" + "".join(f"{row[column]:11.2f}" for column in COLUMNS))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m training.continuation.renewals")
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="default: the shipped")
    parsed = parser.parse_args(arguments)
    print_table(figures(load_model(parsed.model), parsed.data, takes(parsed.data)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
