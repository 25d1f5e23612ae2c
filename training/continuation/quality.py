# SPDX-License-Identifier: GPL-3.0-or-later
"""Quality of "continue motion" on held-out recordings.

``python -m training.continuation.quality --data DIR [--model FILE] [--write FILE]``

What the add-on makes (foot lock and seam included) against what was recorded, from every third of
a second of the held-out takes on, beside two baselines: zero velocity, the last frame held, and
constant velocity, every joint and the hips going on as in the last frame.

- position: mean distance of the joints in the world, cm, the way of the hips included; degrees:
  mean geodesic angle of the joints' rotations, the root's heading included.
- seam: how much the joints' velocity jumps into the first frame, mean over joints, over the
  median movement in a frame of the recording; beside it what the recording itself does there.
- five seconds: ground speed of the last two seconds over that of the context, for steady walks
  and runs; the least share of the context's liveliness (mean joint speed) that is left in the last
  two seconds; foot skate (Kimodo's ratio) with and without the lock.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.maths.quaternion import (
    angle,
    conjugate,
    multiply,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)
from quaternet_addon.core.networks.model_file import load_weights, save_weights

from ..bars import print_bars
from ..data.held_out import DANCES, OTHERS, RUNS, WALKS
from ..data.recorded import recorded
from ..parsers import parser_of
from . import by_class

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from quaternet_addon.core.continuation.model import ContinuationModel


HORIZONS = (80, 160, 320, 400, 560, 1000)  # milliseconds
GROUPS = {"walks": WALKS, "runs": RUNS, "others": OTHERS, "dances": DANCES}
METHODS = ("ours", "zero velocity", "constant velocity")
_FPS = 25.0  # of the comparison: every horizon is a whole number of its frames
_LEAST, _EVERY = 15, 10  # frames at 30 fps: of context, between starts
_STEADY = 0.5  # m/s from which a context is locomotion
SKATE, SEAM, BETTER, SECONDS = 0.03, 1.0, 0.25, 0.1
NEARER, TURNED_BETTER = 0.2, 0.1  # where a prediction is called reliable
BEFORE, LESS = (11.3, 10.3), 0.9  # cm and degrees at 400 ms of version 0.1.0; share of them
SPEEDS, LIVELY = (0.75, 1.25), 0.3  # of the context's: what a walk keeps, what any motion keeps


@dataclass(frozen=True)
class Start:
    """A held-out clip up to one frame, and what was recorded after it."""

    group: str
    name: str
    clip: Motion
    frame: int

    @property
    def context(self) -> Motion:
        """Two seconds before the frame, it included."""
        return self.clip.slice(max(0, self.frame - 60), self.frame + 1)

    @property
    def truth(self) -> Motion:
        """A second after the frame at the comparison's rate."""
        return self.clip.slice(self.frame, self.frame + 31).resample(_FPS).slice(1, None)


def starts(folder: Path) -> list[Start]:
    """All starts of the held-out takes."""
    found = []
    for group, paths in GROUPS.items():
        for path in paths:
            for clip in recorded(folder, path):
                frames = range(_LEAST, len(clip) - 31, _EVERY)
                found += [Start(group, path, clip, frame) for frame in frames]
    if not found:
        raise ValueError(f"Expected held-out takes in {folder}, got none.")
    return found


def predictions(model: ContinuationModel, start: Start) -> dict[str, Motion]:
    """Each method's Motion of the next second, by name."""
    context, count = start.context, int(_FPS)
    last = context.slice(len(context) - 1, None)
    times = np.arange(1, count + 1) * (context.fps / _FPS)
    turn = multiply(context.rotations[-1], conjugate(context.rotations[-2]))
    turns = times[:, None, None] * quaternion_to_rotation_vector(turn)
    going = multiply(rotation_vector_to_quaternion(turns), last.rotations)
    step = context.root_positions[-1] - context.root_positions[-2]
    straight = last.root_positions + times[:, None] * step
    held = np.repeat(last.rotations, count, 0), np.repeat(last.root_positions, count, 0)
    return {
        "ours": Continuation(model, context, duration=1.0, fps=_FPS).run(),
        "zero velocity": Motion(context.skeleton, *held, _FPS),
        "constant velocity": Motion(context.skeleton, going, straight, _FPS),
    }


def errors(model: ContinuationModel, found: Sequence[Start]) -> dict[str, Any]:
    """``{group: {method: (2, horizons)}}``: mean cm and degrees over a group's starts."""
    frames = [round(h * _FPS / 1000.0) - 1 for h in HORIZONS]
    counted = [
        index for index, name in enumerate(model.skeleton.names) if "HipJoint" not in name
    ]  # those coincide with the hips
    sums = {group: {method: [] for method in METHODS} for group in GROUPS}
    for start in found:
        truth = start.truth
        points = truth.positions()[frames][:, counted]
        for method, motion in predictions(model, start).items():
            away = np.linalg.norm(motion.positions()[frames][:, counted] - points, axis=-1)
            turned = angle(motion.rotations[frames], truth.rotations[frames])[:, counted]
            sums[start.group][method].append([100 * away.mean(-1), np.degrees(turned).mean(-1)])
    means = {
        group: {method: np.mean(values, 0) for method, values in methods.items()}
        for group, methods in sums.items()
        if methods["ours"]
    }
    means["locomotion"] = _pooled(sums, ("walks", "runs"))
    means["all"] = _pooled(sums, GROUPS)
    return means


def _pooled(sums, groups):
    return {m: np.mean([v for g in groups for v in sums[g][m]], 0) for m in METHODS}


def seam(start: Start, motion: Motion) -> tuple[float, float]:
    """How much the velocity jumps into the first frame, by the clip's median movement in a frame.

    Means over joints, of positions and of rotations; 0 where going straight on leads there.
    """
    context = start.context.slice(-2, None)
    points = np.concatenate([context.positions(), motion.positions()[:1]])
    jump = np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).mean()
    moves = np.linalg.norm(np.diff(start.clip.positions(), axis=0), axis=-1).mean(-1)
    turned = np.concatenate([context.rotations, motion.rotations[:1]])
    spins = multiply(turned[1:], conjugate(turned[:-1]))
    turns = angle(start.clip.rotations[1:], start.clip.rotations[:-1]).mean(-1)
    return jump / np.median(moves), angle(spins[1:], spins[:-1]).mean() / np.median(turns)


def long_runs(model: ContinuationModel, found: Sequence[Start]) -> list[dict[str, Any]]:
    """Figures of five seconds from every third start: a dictionary each."""
    rows = []
    for start in found[::3]:
        run = Continuation(model, start.context, duration=5.0)
        motion = run.run()
        jumps = seam(start, motion), seam(start, start.clip.slice(start.frame + 1, None))
        late, recent = motion.slice(-60, None), start.context.slice(-30, None)
        future = start.clip.slice(start.frame, None)
        rows.append(
            {
                "group": start.group,
                "steady": min(_ground_speed(recent), _ground_speed(future)) > _STEADY,
                "speed": _ground_speed(late) / max(_ground_speed(recent), 1e-6),
                "lively": _liveliness(late) / max(_liveliness(start.context), 1e-6),
                "raw skate": run.report["skate_raw_kimodo"],
                "skate": run.report["skate_kimodo"],
                "clip": start.name,
                "seam cm": jumps[0][0],
                "seam deg": jumps[0][1],
                "recorded cm": jumps[1][0],
                "recorded deg": jumps[1][1],
            }
        )
    return rows


def _liveliness(motion):
    local = motion.positions() - motion.root_positions[:, None]
    return np.linalg.norm(np.diff(local, axis=0), axis=-1).mean() * motion.fps


def _ground_speed(motion):
    way = motion.root_positions[-1] - motion.root_positions[0]
    return np.hypot(way[0], way[2]) / motion.duration


def seconds(model: ContinuationModel, start: Start, rounds: int = 7) -> float:
    """CPU time of two seconds of context and two of motion, the least of some rounds."""
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        Continuation(model, start.context, duration=2.0).run()
        taken.append(time.process_time() - began)
    return min(taken)


def reliable_seconds(means: Mapping[str, Any]) -> float:
    """The last horizon up to which both baselines are clearly worse, over all held-out takes.

    Positions by a fifth of their error, rotations by a tenth; from 160 ms on, as before that
    going straight on is nearly as good.
    """
    positions, rotations = margins(means, "all")
    better = (positions >= NEARER) & (rotations >= TURNED_BETTER)
    count = len(better) if better[1:].all() else 1 + int(np.argmin(better[1:]))
    return HORIZONS[count - 1] / 1000.0 if count > 1 else 0.0


def margins(means: Mapping[str, Any], group: str) -> np.ndarray:
    """How much better than the better baseline, ``(2, horizons)`` as a share of its error."""
    ours, *baselines = (means[group][method] for method in METHODS)
    return 1.0 - ours / np.minimum(*baselines)


def bars(
    means: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], took: float
) -> list[tuple[Any, ...]]:
    """What has to hold: tuples of what, value, bar, whether it does."""
    found = []
    for group in ("locomotion", "all"):
        for measure, better in zip(("cm", "degrees"), margins(means, group), strict=True):
            least = float(better.min())
            what = f"{group}, {measure}: better than both baselines, least of all horizons"
            found.append((what, least, "> 0", least > 0.0))
            if group == "locomotion":
                at_400 = float(better[HORIZONS.index(400)])
                what = f"{group}, {measure}: the same at 400 ms"
                found.append((what, at_400, f">= {BETTER}", at_400 >= BETTER))
    for unit, ours, before in zip(("cm", "degrees"), means["all"]["ours"], BEFORE, strict=True):
        share = float(ours[HORIZONS.index(400)] / before)
        what = f"all, {unit}: at 400 ms over version 0.1.0's"
        found.append((what, share, f"<= {LESS}", share <= LESS))
    skate = float(np.mean([row["skate"] for row in runs if row["group"] == "walks"]))
    found.append(("walks: skate, locked", skate, f"<= {SKATE}", skate <= SKATE))
    for unit in ("cm", "deg"):
        jump = max(
            np.mean([row[f"seam {unit}"] for row in runs if row["clip"] == clip])
            for clip in {row["clip"] for row in runs}
        )
        what = f"seam, {unit}: jump over the clip's median movement, worst clip"
        found.append((what, float(jump), f"< {SEAM}", jump < SEAM))
    speed = float(np.median([row["speed"] for row in runs if row["steady"]]))
    kept = SPEEDS[0] <= speed <= SPEEDS[1]
    found.append(("walks and runs: speed kept after 3 to 5 s", speed, f"in {SPEEDS}", kept))
    lively = float(np.percentile([row["lively"] for row in runs], 5))
    found.append(
        ("liveliness kept after 3 to 5 s, 5th percentile", lively, f">= {LIVELY}", lively >= LIVELY)
    )
    found.append(
        ("2 s of context and 2 s of motion, CPU s", took, f"<= {SECONDS}", took <= SECONDS)
    )
    return found


def rows(
    folder: Path, path: Path = DEFAULT_MODEL, write: Path | None = None
) -> list[tuple[Any, ...]]:
    """Print the tables of a model file; what has to hold, as ``(mode, *bar)`` tuples.

    write: a file to write the model to, with what was measured in its header.
    """
    model, found = load_model(path), starts(folder)
    means, runs = errors(model, found), long_runs(model, found)
    _print_errors(means, found)
    _print_runs(runs)
    reliable = reliable_seconds(means)
    print(f"reliable for {reliable:g} s: positions a fifth, rotations a tenth better than both")
    if write:
        header, arrays = load_weights(path)
        kept = {k: v for k, v in header.items() if k not in ("format", "format_version", "sha256")}
        kept |= {"reliable_seconds": reliable, "held_out": _figures(means)}
        save_weights(write, kept, arrays, np.float16)
    classes = by_class.figures(model, folder)
    by_class.print_table(classes)
    measured = bars(means, runs, seconds(model, found[0])) + by_class.bars(classes)
    return [("continue", *bar) for bar in measured]


def _figures(means):
    """Errors in cm and degrees at the horizons, for a model file's header."""
    return {
        "milliseconds": list(HORIZONS),
        "all": {m: np.round(values, 2).tolist() for m, values in means["all"].items()},
        "locomotion": {m: np.round(v, 2).tolist() for m, v in means["locomotion"].items()},
    }


def _print_errors(means, found):
    print(f"Continue motion, {len(found)} starts in held-out takes; position cm | degrees at ms")
    heads = "".join(f"{horizon:>7}" for horizon in HORIZONS)
    print(f"{'':<31}{heads}  |{heads}")
    for group, methods in means.items():
        for method, values in methods.items():
            cells = "  |".join("".join(f"{v:7.2f}" for v in row) for row in values)
            print(f"{group:<11} {method:<19}{cells}")


def _print_runs(runs):
    columns = ("speed", "lively", "raw skate", "skate")
    columns += ("seam cm", "recorded cm", "seam deg", "recorded deg")
    print("\nFive seconds; mean of each group (speed: of steady walks and runs)")
    print(f"{'':<11}" + "".join(f"{column:>13}" for column in columns))
    for group in dict.fromkeys(row["group"] for row in runs):
        chosen = [row for row in runs if row["group"] == group]
        cells = []
        for column in columns:
            values = [row[column] for row in chosen if column != "speed" or row["steady"]]
            cells.append(f"{np.mean(values):13.3f}" if values else f"{'-':>13}")
        print(f"{group:<11}" + "".join(cells))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 when a bar is missed."""
    parser = parser_of("training.continuation.quality", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="default: the shipped")
    parser.add_argument("--write", type=Path, help="write the model with its figures to this file")
    parsed = parser.parse_args(arguments)
    return print_bars(rows(parsed.data, parsed.model, parsed.write))


if __name__ == "__main__":
    sys.exit(main())
