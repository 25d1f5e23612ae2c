# SPDX-License-Identifier: GPL-3.0-or-later
"""Facings that turn on the way: ``python -m training.walk.gait.facings [--model MODEL]``.

Straight ways on which the body turns by 90, 180 and 360 degrees within 3 m, to both sides, or faces
a point beside the way as it passes it, at 0.4 to 1.2 m/s, of six seeds. How far each foot is on its
own side of the hips (less than 0: they cross), how near shins and feet come to each other, how
knees and heads go, how hard feet jerk; beside recorded sidesteps and turns on the spot, by the same
code. Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from ...bars import print_bars
from ...parsers import parser_of
from ..quality import OUR_DATA
from .aside import RECORDED
from .body import Body
from .takes import SEEDS, load_take
from .uneven import snaps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.walk.model import LocomotionModel


SPEEDS = (0.4, 0.6, 0.8, 1.0, 1.2)
TURNS = (90.0, -90.0, 180.0, -180.0, 360.0, -360.0)  # degrees, to the left where positive
PASSED = (1.5, -1.5)  # metres to the left: of a point that is faced as it is passed
_LENGTH, _FROM, _TO = 7.0, 2.0, 5.0  # metres: of the way, and where the facing turns
_SIDES = ("Left", "Right")
_SAMPLES = np.linspace(0.0, 1.0, 8)  # along a shin, and a foot
BARS = {
    "own side, least cm": (0.0, np.inf),
    "legs apart, least cm": (7.5, np.inf),
    "ankles apart, most cm": (-np.inf, 101.0),
    "hips, lowest cm": (82.0, np.inf),
    "knee, degrees a frame": (-np.inf, 17.0),
    "ankles, jerk m/s3": (-np.inf, 185.0),
    "head roll, most": (-np.inf, 10.0),
}
"""Each foot stays on its own side. Legs of two recorded people come to within 7.8 cm, ankles are
101 apart at most, knees change by 17 degrees in walks ahead; our sidesteps at 1 m/s jerk by 183.
"""


def wishes() -> dict[str, Itinerary]:
    """What is walked: names and itineraries."""
    turning: dict[str, tuple] = {
        f"tilt 0 -> {angle:.0f}": ((_FROM, 0.0), (_TO, float(np.radians(angle)))) for angle in TURNS
    }
    places = np.linspace(0.5, _LENGTH - 0.5, 49)
    for aside in PASSED:
        angles = np.arctan2(aside, 0.5 * _LENGTH - places)
        name = f"towards a point {abs(aside):g} m {'left' if aside > 0.0 else 'right'}"
        turning[name] = tuple(zip(places.tolist(), angles.tolist(), strict=True))
    return {name: Itinerary(facings=pairs) for name, pairs in turning.items()}


def walked(model: LocomotionModel, wish: Itinerary, speed: float, seed: int) -> Motion:
    """A walk straight on that turns so."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, _LENGTH]]))
    return Walk(model, path, speed=speed, seed=seed, itinerary=wish).run()


def figures(motion: Motion) -> dict[str, float]:
    """The figures of all frames; centimetres, degrees."""
    body = Body(motion)
    found = snaps(body, np.ones(len(body), bool))
    apart = (body.place("LeftFoot") - body.place("RightFoot"))[:, [0, 2]]
    return {
        "own side, least cm": 100.0 * float(own_side(body).min()),
        "legs apart, least cm": 100.0 * float(legs_apart(body).min()),
        "ankles apart, most cm": 100.0 * float(np.linalg.norm(apart, axis=-1).max()),
        "hips, lowest cm": 100.0 * float(body.hips[:, 1].min()),
        "knee, degrees a frame": found["knee, degrees a frame"],
        "ankles, jerk m/s3": found["ankles, jerk m/s3"],
        "head roll, most": float(np.abs(body.roll("Head")).max()),
    }


def own_side(body: Body) -> np.ndarray:
    """How far the left ankle is to the left of the right one, as hips face; ``(T,)`` metres."""
    facing = np.radians(body.heading("Hips"))
    away = (body.place("LeftFoot") - body.place("RightFoot"))[:, [0, 2]]
    return (away * np.stack([np.cos(facing), -np.sin(facing)], -1)).sum(-1)


def legs_apart(body: Body) -> np.ndarray:
    """From the line of one shin and foot to that of the other; ``(T,)`` metres."""
    left, right = (_along_leg(body, side) for side in _SIDES)
    away = left[:, :, None] - right[:, None]
    return np.linalg.norm(away, axis=-1).min(axis=(1, 2))


def _along_leg(body, side):
    """Points along a shin and a foot, ``(T, 2 N, 3)``."""
    knee, ankle, toe = (body.place(side + name)[:, None] for name in ("Leg", "Foot", "ToeBase"))
    share = _SAMPLES[:, None]
    return np.concatenate([knee + share * (ankle - knee), ankle + share * (toe - ankle)], axis=1)


def rows(model: LocomotionModel) -> list[tuple[Any, ...]]:
    """Print our figures; what has to hold: (mode, what, value, bar, whether it does)."""
    found: list[tuple[Any, ...]] = []
    print(f"{'worst of six seeds':40s}" + "".join(f"{name:>24s}" for name in BARS))
    for name, wish in wishes().items():
        made = []
        for speed in SPEEDS:
            row = [figures(walked(model, wish, speed, seed)) for seed in SEEDS]
            _print(f"{name}, {speed:g} m/s", row)
            made += row
        for key, (low, high) in BARS.items():
            value = worst(made, key)
            bar = f">= {low:g}" if high == np.inf else f"<= {high:g}"
            found.append(("facings", f"{name}: {key}", value, bar, low <= value <= high))
    return found


def worst(made: Sequence[dict[str, float]], key: str) -> float:
    """The worst value of a figure by its bar."""
    values = [row[key] for row in made]
    return min(values) if BARS[key][1] == np.inf else max(values)


def _print(name, made):
    print(f"{name:40s}" + "".join(f"{worst(made, key):24.1f}" for key in BARS), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures and the bars; returns 1 when one is missed, else 0."""
    parser = parser_of("training.walk.gait.facings", __doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parser.add_argument("--data", default=OUR_DATA, type=FilePath, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    for path in RECORDED if parsed.data.exists() else ():
        _print(path, [figures(load_take(parsed.data, path).motion)])
    return print_bars(rows(load_model(parsed.model)))


if __name__ == "__main__":
    sys.exit(main())
