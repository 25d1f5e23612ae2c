# SPDX-License-Identifier: GPL-3.0-or-later
"""Quality of "reach a pose" on held-out recordings.

``python -m training.reach.quality --data DIR [--model FILE] [--validation]``

Gaps of 5 to 90 frames at 30 fps between ten given frames and a recorded pose, filled by ours and
by ways that need no network. Measures: see `metrics`. "ours, raw": the network alone; "ours": what
the add-on writes, far poses walked to and feet planted. With --validation: on training takes that
were set aside while designs were compared; the model must then not have been trained on them.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.approach.walker import Walker
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.reach.features import GROUPS, RATE
from quaternet_addon.core.reach.filling import fill
from quaternet_addon.core.reach.mirrored import knots_of
from quaternet_addon.core.reach.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.reach.treading import Treading
from quaternet_addon.core.walk import walk

from ..bars import print_bars
from ..data.collection import HELD_OUT, pieces_of, training_paths, validation_paths
from ..parsers import parser_of
from . import baselines
from .metrics import PAST, figures, filled, position_deviation, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from quaternet_addon.core.reach.model import ReachModel

    from ..data.collection import Piece
    from .metrics import Windows


GAPS = (5, 15, 30, 45, 90)
SHOWN = ("L2P", "L2Q", "NPSS", "F1", "skate", "seam", "speed")
_METHODS = {
    "zero velocity": baselines.zero_velocity,
    "interpolation": baselines.interpolated,
    "start inertialised": baselines.inertialised,
    "cubic, flat": baselines.cubic_flat,
    "cubic, free": baselines.cubic_free,
}
L2P = {5: 0.21, 15: 0.75, 30: 1.57, 45: 2.30, 90: 4.6}
L2Q = {5: 0.112, 15: 0.34, 30: 0.64, 45: 0.86, 90: 1.45}
NPSS, SPEED, SEAM, SECONDS = 0.175, {30: 0.88, 90: 0.75}, 0.6, 0.03
F1 = {"locomotion": 0.93, "dance": 0.80, "action": 0.93}
SKATE = {"locomotion": (0.35, 0.03), "dance": (0.55, 0.12), "action": (0.18, 0.05)}


def raw(model: ReachModel, windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """The network's frames, feet not planted: rotations ``(N, T, J, 4)``, roots ``(N, T, 3)``."""
    gap, rotations, roots = baselines.gap_of(windows)
    keyed = np.ones((len(windows), len(GROUPS)))
    knots = knots_of(model.network(), model, gap, rotations, roots, keyed)
    times = baselines.times_of(windows)
    made = fill(gap, knots, times, keyed, model.moving, model.groups)
    return made[0], made[1] + Treading(gap, knots, keyed, model)(times)


def planted(
    model: ReachModel, windows: Windows, walker: Walker | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """What the add-on makes of the windows; walker: what goes to far poses there."""
    rotations, roots = [], []
    for turned, moved in zip(windows.rotations, windows.roots, strict=True):
        motion = Motion(windows.skeleton, turned, moved, RATE)
        key = Key(motion.slice(-1, None), (windows.gap + 1) / RATE)
        made = Reach(model, motion.slice(0, PAST), [key], ground=0.0, walker=walker).run()
        rotations.append(made.rotations[:-1])
        roots.append(made.root_positions[:-1])
    return np.array(rotations), np.array(roots)


def table(
    pieces: Sequence[Piece],
    methods: Mapping[str, Callable[[Windows], tuple[np.ndarray, np.ndarray]]],
    deviation: np.ndarray,
    gaps: Sequence[int] = GAPS,
) -> dict[int, dict[str, Any]]:
    """``{gap: {method: figures}}``, the recording itself among the methods."""
    found = {}
    for gap in gaps:
        windows = windows_of(pieces, gap)
        found[gap] = {"recorded": figures(windows, windows, deviation)}
        for name, method in methods.items():
            found[gap][name] = figures(windows, filled(windows, *method(windows)), deviation)
    return found


def print_table(found: Mapping[int, Mapping[str, Any]]) -> None:
    """All figures, a line for each gap, class and method."""
    for gap, methods in found.items():
        for group in next(iter(methods.values())):
            print(f"\ngap of {gap} frames, {group}" + "".join(f"{name:>9}" for name in SHOWN))
            for method, groups in methods.items():
                values = "".join(f"{groups[group][name]:9.3f}" for name in SHOWN)
                print(f"  {method:<{20 + len(group) + len(str(gap))}}{values}")


def bars(
    found: Mapping[int, Mapping[str, Any]], seconds: float
) -> list[tuple[str, float, str, bool]]:
    """What has to hold: ``(what, value, limit, holds)``."""
    rows = []

    def most(what, value, limit):
        rows.append((what, float(value), f"<= {limit:g}", value <= limit))

    def least(what, value, limit):
        rows.append((what, float(value), f">= {limit:g}", value >= limit))

    for gap, methods in found.items():
        mean = methods["ours, raw"]["mean"]
        most(f"{gap} frames: L2P, raw", mean["L2P"], L2P[gap])
        most(f"{gap} frames: L2Q, raw", mean["L2Q"], L2Q[gap])
        if gap in SPEED:
            written = methods["ours"]["mean"]["speed"]
            least(f"{gap} frames: speed kept", written, SPEED[gap])
    raw30, ours30 = found[30]["ours, raw"], found[30]["ours"]
    most("30 frames: NPSS, raw", raw30["mean"]["NPSS"], NPSS)
    most("30 frames: seam, cm", ours30["mean"]["seam"], SEAM)
    for group, limit in F1.items():
        least(f"30 frames, {group}: contact F1", ours30[group]["F1"], limit)
        most(f"30 frames, {group}: skate, raw", raw30[group]["skate"], SKATE[group][0])
        most(f"30 frames, {group}: skate, planted", ours30[group]["skate"], SKATE[group][1])
    most("a gap of 30 frames, CPU s", seconds, SECONDS)
    rows += _beaten(found)
    return rows


def _beaten(found):
    """No baseline is better in any class from 5 to 45 frames."""
    for gap in (gap for gap in found if gap <= 45):
        methods = found[gap]
        others = [m for m in methods if m not in ("recorded", "ours", "ours, raw")]
        for measure in ("L2P", "L2Q"):
            worst = max(
                methods["ours, raw"][group][measure]
                / min(methods[m][group][measure] for m in others)
                for group in F1
            )
            what = f"{gap} frames: {measure} over the best baseline's, worst class"
            yield what, float(worst), "<= 1", worst <= 1.0


def seconds_of(model: ReachModel, windows: Windows, rounds: int = 5, runs: int = 8) -> float:
    """CPU seconds of one gap, everything included: the mean of some, the least of the rounds."""
    motion = Motion(windows.skeleton, windows.rotations[0], windows.roots[0], RATE)
    key = Key(motion.slice(-1, None), (windows.gap + 1) / RATE)
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(runs):
            Reach(model, motion.slice(0, PAST), [key]).run()
        taken.append((time.process_time() - began) / runs)
    return min(taken)


def rows(
    folder: Path, path: Path = DEFAULT_MODEL, validation: bool = False
) -> list[tuple[Any, ...]]:
    """Print the tables of a model file; what has to hold, as ``(mode, *bar)`` tuples."""
    model = load_model(path)
    aside = set(validation_paths(folder)) if validation else set()
    pieces = list(pieces_of(folder, sorted(aside) or HELD_OUT))
    paths = [path for path in training_paths(folder) if path not in aside]
    motions = [piece.motion for piece in pieces_of(folder, paths)]
    methods: dict[str, Any] = {
        **_METHODS,
        "nearest recorded": baselines.NearestWindow(motions),
        "ours, raw": partial(raw, model),
        "ours": partial(planted, model, walker=Walker(walk.load_model(walk.DEFAULT_MODEL))),
    }
    found = table(pieces, methods, position_deviation(motions))
    print_table(found)
    return [("reach", *bar) for bar in bars(found, seconds_of(model, windows_of(pieces, 30)))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 when a bar is missed."""
    parser = parser_of("training.reach.quality", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="default: the shipped")
    parser.add_argument("--validation", action="store_true", help="takes that were set aside")
    parsed = parser.parse_args(arguments)
    return print_bars(rows(parsed.data, parsed.model, parsed.validation))


if __name__ == "__main__":
    sys.exit(main())
