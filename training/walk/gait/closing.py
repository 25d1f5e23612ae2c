# SPDX-License-Identifier: GPL-3.0-or-later
"""Where sidesteps end: ``python -m training.walk.gait.closing [--model MODEL]``.

A side first, or half ahead: straight ways of three lengths, stops in their middle, corners without
a radius and hairpins, to both sides, at 0.4 to 0.7 m/s, of six seeds. How far each foot is on its
own side of the hips (less than 0: they cross), how near shins and feet come to each other, how
knees go and how hard ankles jerk; by the code and to the bars of `facings`. Exits with 1 when one
is missed.
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
from .facings import BARS, figures, worst
from .takes import SEEDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.walk.model import LocomotionModel


SPEEDS = (0.4, 0.5, 0.6, 0.7)
FACINGS = {"RIGHT": 90.0, "LEFT": -90.0, "right, half ahead": 45.0, "left, half ahead": -45.0}
"""Degrees that a body is turned from its way."""
_CORNERS = ((0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0))
WAYS: dict[str, tuple[tuple[tuple[float, float], ...], tuple[float, ...]]] = {
    "1 m": (((0.0, 0.0), (0.0, 1.0)), ()),
    "2.3 m": (((0.0, 0.0), (0.0, 2.3)), ()),
    "5 m": (((0.0, 0.0), (0.0, 5.0)), ()),
    "a stop": (((0.0, 0.0), (0.0, 4.0)), (2.0,)),
    "corners": (_CORNERS, (2.0, 4.0)),
    "a hairpin": (((0.0, 0.0), (0.0, 2.5), (0.0, 0.0)), ()),
}
"""Points, x and z in metres, and where it stops, metres along the way."""
CHECKED = "own side, least cm", "legs apart, least cm", "ankles, jerk m/s3", "knee, degrees a frame"


def walked(model: LocomotionModel, way: str, degrees: float, speed: float, seed: int) -> Motion:
    """A walk along one of `WAYS` that faces so."""
    points, stops = WAYS[way]
    path = Path(np.array([[x, 0.0, z] for x, z in points]))
    wish = Itinerary(
        facing=float(np.radians(degrees)), stops=tuple((place, 1.0) for place in stops)
    )
    return Walk(model, path, speed=speed, seed=seed, itinerary=wish).run()


def rows(model: LocomotionModel) -> list[tuple[Any, ...]]:
    """Print our figures; what has to hold: (mode, what, value, bar, whether it does)."""
    found: list[tuple[Any, ...]] = []
    print(f"{'worst of six seeds':40s}" + "".join(f"{name:>24s}" for name in CHECKED))
    for facing, degrees in FACINGS.items():
        for way in WAYS:
            made = []
            for speed in SPEEDS:
                row = [figures(walked(model, way, degrees, speed, seed)) for seed in SEEDS]
                values = "".join(f"{worst(row, key):24.1f}" for key in CHECKED)
                print(f"{f'{facing}, {way}, {speed:g} m/s':40s}{values}", flush=True)
                made += row
            for key in CHECKED:
                (low, high), value = BARS[key], worst(made, key)
                bar = f">= {low:g}" if high == np.inf else f"<= {high:g}"
                found.append(
                    ("closing", f"{facing}, {way}: {key}", value, bar, low <= value <= high)
                )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures and the bars; returns 1 when one is missed, else 0."""
    parser = parser_of("training.walk.gait.closing", __doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parsed = parser.parse_args(arguments)
    return print_bars(rows(load_model(parsed.model)))


if __name__ == "__main__":
    sys.exit(main())
