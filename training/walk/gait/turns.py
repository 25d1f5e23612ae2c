# SPDX-License-Identifier: GPL-3.0-or-later
"""Bends and turns on the spot: ``python -m training.walk.gait.turns [--model MODEL] [--data DIR]``.

How far heads roll in bends of six seeds at 1.4 m/s. In turns on the spot, at the ends of a walk and
in a hairpin: how near ankles come, whether each foot stays on its own side, how far feet point
from the hips, how upright bodies stay, how fast balls go, and the bars of `transitions`; beside the
recorded turns. Exits with 1 when a bar is missed.
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
from . import transitions
from .strides import SIDES
from .takes import SEEDS, Take, circle, recordings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from quaternet_addon.core.walk.model import LocomotionModel

    from .body import Body


_HAIRPIN = ((0.0, 0.0), (0.0, 4.0), (0.1, 4.0), (0.1, 0.0))
BENDS = {  # x and z of the corners; None is a circle of 1 m
    "hairpin": _HAIRPIN,
    "corner": ((0.0, 0.0), (0.0, 3.0), (-3.0, 3.0)),
    "S": ((0.0, 0.0), (1.0, 1.5), (-1.0, 3.0), (1.0, 4.5)),
    "circle": None,
}
TURNS = tuple(np.radians((-180.0, -90.0, 45.0, 90.0, 135.0, 180.0)))
SPEED, ROLL = 1.4, 10.0  # m/s of the bends; degrees of a head in nine of ten recorded walks
_STRAIGHT = ((0.0, 0.0), (0.0, 4.0))
_AFTER, _SMALL = 0.2, 60.0  # seconds; degrees of a turn that is not measured by the quarter
_UPRIGHT = ("trunk ahead, most", "trunk aside, most", "head down, most", "ball, m/s")
BARS = {
    "ankles apart, least cm": (9.0, np.inf),
    "own side, least cm": (0.0, np.inf),
    "foot out of the hips": (-np.inf, 65.0),
    "foot into the hips": (-np.inf, 45.0),
    "knee, most": (-np.inf, 70.0),
    "trunk ahead, most": (-np.inf, 8.0),
    "trunk aside, most": (-np.inf, 8.0),
    "head down, most": (-np.inf, 27.0),
    "ball, m/s": (-np.inf, 1.9),
    **transitions.TURN_BARS,
}
"""Recorded turns come to within 12 cm, 60 degrees outward, 37 inward (five that can be trusted);
trunks lean ahead by up to 7.3 and aside by 6.4 degrees (one run 11.5), heads look down by 27, balls
go 1.7 m/s."""


def feet_rows(body: Body, span: slice) -> dict[str, float]:
    """What the feet do in the frames of a turn; centimetres, degrees."""
    ankles = [body.place(side + "Foot")[span] for side in SIDES]
    away, hips = ankles[0] - ankles[1], body.heading("Hips")[span]
    facing = np.radians(hips)
    left = np.stack([np.cos(facing), -np.sin(facing)], -1)
    aside = [
        sign * ((body.heading(side + "Foot")[span] - hips + 180.0) % 360.0 - 180.0)
        for side, sign in zip(SIDES, (1.0, -1.0), strict=True)
    ]
    return {
        "ankles apart, least cm": 100.0 * np.linalg.norm(away, axis=-1).min(),
        "own side, least cm": 100.0 * (away[:, [0, 2]] * left).sum(-1).min(),
        "foot out of the hips": np.max(aside),
        "foot into the hips": -np.min(aside),
        "knee, most": max(body.knee(side)[span].max() for side in SIDES),
        **_carriage(body, span),
    }


def _carriage(body, span):
    """How upright a body stays against its hips' heading, degrees; the fastest ball, m/s."""
    facing = np.radians(body.heading("Hips"))
    ahead = np.stack([np.sin(facing), np.cos(facing)], -1)
    left = np.stack([np.cos(facing), -np.sin(facing)], -1)
    balls = [body.place(side + "ToeBase")[span] for side in SIDES]
    speeds = [np.linalg.norm(np.diff(ball, axis=0), axis=-1).max() * body.fps for ball in balls]
    return {
        "trunk ahead, most": body.lean("Hips", "Neck", ahead)[span].max(),
        "trunk aside, most": np.abs(body.lean("Hips", "Neck", left)[span]).max(),
        "head down, most": body.pitch("Head")[span].max(),
        "ball, m/s": max(speeds),
    }


def turn_rows(model: LocomotionModel, points: Sequence, seed: int, **wish: Any) -> dict[str, float]:
    """The figures of the one turn on the spot of a walk."""
    walk = Walk(model, _path(points), speed=1.2, seed=seed, itinerary=Itinerary(**wish))
    body = Take("", f"seed {seed}", walk.run()).body
    (turn,) = walk.plan.turns
    ends = (turn.first - walk.plan.begin, turn.last + _AFTER - walk.plan.begin)
    first, last = (int(round(second * body.fps)) for second in ends)
    # Steps are whole: two of them in 45 degrees are 4 a quarter, and a recorded 48 took 3.8.
    own = transitions.turns(body) if abs(turn.radians) > np.radians(_SMALL) else []
    return {**feet_rows(body, slice(max(0, first), last)), **(own[0] if own else {})}


def _path(points):
    return Path(np.array([[x, 0.0, z] for x, z in points]))


def bend_bars(model: LocomotionModel) -> list[tuple[Any, ...]]:
    """Print how heads roll in bends; bars as in `bars.print_bars`."""
    found = []
    for name, points in BENDS.items():
        rolls = [_roll(_take(model, points, seed)) for seed in SEEDS]
        print(f"{name}: head roll by seed " + " ".join(f"{roll:.1f}" for roll in rolls))
        met = max(rolls) <= ROLL
        found.append(("turns", f"{name}: head roll, worst", max(rolls), f"<= {ROLL:g}", met))
    return found


def _take(model, points, seed):
    if points is None:
        return circle(model, 1.0, SPEED, seed)
    return Take("", f"seed {seed}", Walk(model, _path(points), speed=SPEED, seed=seed).run())


def _roll(take):
    return float(np.abs(take.body.roll("Head")).max())


def turn_bars(model: LocomotionModel) -> list[tuple[Any, ...]]:
    """Print what feet do in turns on the spot; bars as in `bars.print_bars`."""
    rows: dict[str, tuple[Sequence, float]] = {}
    rows |= {f"{np.degrees(angle):.0f} degrees": (_STRAIGHT, angle) for angle in TURNS}
    rows["hairpin"] = (_HAIRPIN, 0.0)
    every = []
    print(f"{'':24s}" + "".join(f"{name:>24s}" for name in BARS))
    for name, (points, angle) in rows.items():
        for seed in SEEDS[:3]:
            row = turn_rows(model, points, seed, turn_end=float(angle))
            every.append(row)
            _print(f"{name}, seed {seed}", row)
    for angle in TURNS[:2]:  # into a walk
        for seed in SEEDS:
            row = turn_rows(model, _STRAIGHT, seed, turn_start=float(angle))
            every.append({name: row[name] for name in _UPRIGHT})
            _print(f"{np.degrees(angle):.0f} before, seed {seed}", every[-1])
    found = []
    for name, (low, high) in BARS.items():
        values = [row[name] for row in every if name in row]
        worst = max(values, key=lambda value: max(low - value, value - high))
        text = (
            f">= {low}" if high == np.inf else f"<= {high}" if low == -np.inf else f"{low}..{high}"
        )
        found.append(("turns", f"{name}, worst", float(worst), text, bool(low <= worst <= high)))
    return found


def _print(name, row):
    values = (f"{row[key]:24.1f}" if key in row else f"{'':24s}" for key in BARS)
    print(f"{name:24s}" + "".join(values))


def print_recorded(folder: FilePath) -> None:
    """The same figures of recorded turns on the spot."""
    for take in recordings(folder):
        for span, row in transitions.turns_with_spans(take.body):
            _print(take.name[-23:], {**feet_rows(take.body, span), **row})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures and the bars; returns 1 when one is missed, else 0."""
    parser = parser_of("training.walk.gait.turns", __doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parser.add_argument("--data", default=OUR_DATA, type=FilePath, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    model = load_model(parsed.model)
    found = bend_bars(model) + turn_bars(model)
    if parsed.data.is_dir():
        print_recorded(parsed.data)
    return print_bars(found)


if __name__ == "__main__":
    sys.exit(main())
