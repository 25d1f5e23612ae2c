# SPDX-License-Identifier: GPL-3.0-or-later
"""Backward and sideways: ``python -m training.walk.gait.aside [--model MODEL] [--data DIR]``.

Recorded takes and walks of two seeds, who are the two people recorded so, by the same code:
cadence, how far apart and how near ankles come, where the head looks, how far the hips drop, how
hard joints jerk, how often no ball stands, how far the trunk leans, how elbows are bent, and how
near hands come to the lines from hip to knee and from hips to neck. Then bars that the recordings
pass, or walks ahead do where the recordings look at the floor. Exits with 1 when one is missed.
"""

from __future__ import annotations

import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import SHUFFLE
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from ...bars import print_bars
from ...parsers import parser_of
from ..quality import OUR_DATA
from .takes import Take, load_take

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from quaternet_addon.core.walk.model import LocomotionModel


RECORDED = (
    "accad/Female1_B22_SideStepLeft.bvh",
    "accad/Female1_B23_SideStepRight.bvh",
    "accad/Male1_B22_SideStepLeft.bvh",
    "accad/Male1_B23_SideStepRight.bvh",
    "accad/Female1_B05_WalkBackwards.bvh",
    "accad/Male1_B6_WalkBackwards.bvh",
    "100style/Neutral_SW.bvh",
    "100style/Neutral_SR.bvh",
)
SPEEDS = {"LEFT": (0.4, 0.5, 0.8, 1.0), "RIGHT": (0.4, 0.5, 0.8, 1.0), "BACKWARD": (0.4, 0.8, 1.2)}
TOO_FAST = 1.4  # m/s: is to be slowed down, and told
_METRES, _GOES = 6.0, 0.1  # of a way; m/s
_SIDES = "Left", "Right"
SIDE_BARS: dict[str, tuple[float | None, float | None]] = {
    "ankles apart, most cm": (None, 95.0),
    "ankles apart, least cm": (9.0, None),
    "head down, median": (None, 20.0),
    "head roll, most": (None, 10.0),
    "hips, lowest cm": (82.0, None),
    "jerk, most m/s3": (None, 1700.0),
    "no ball stands, %": (None, 3.0),
    "trunk ahead, mean": (None, 6.0),
    "trunk ahead, most": (None, 10.5),
    "elbow, mean": (None, 30.0),
    "hand from thighs cm": (12.0, None),
    "hand from trunk cm": (22.0, None),
}
"""What the recordings with 30 frames a second pass; heads and hips as people go ahead."""
BACK_BARS = {**SIDE_BARS, "ankles apart, most cm": (None, 70.0), "hips, lowest cm": (88.0, None)}
CADENCE = 84.0, 100.0  # a minute, sideways at 0.5 m/s


def figures(take: Take) -> dict[str, float]:
    """The figures of a take in the frames that go; centimetres, degrees."""
    body, travel = take.body, take.travel
    goes = travel.speed > _GOES
    away = body.place("LeftFoot")[:, [0, 2]] - body.place("RightFoot")[:, [0, 2]]
    apart = 100.0 * np.linalg.norm(away, axis=-1)[goes]
    jerks = np.linalg.norm(np.diff(body.places, 3, axis=0), axis=-1) * body.fps**3
    seconds = [stride.seconds for stride in travel.strides]
    balls = np.stack([body.place(side + "ToeBase")[:, [0, 2]] for side in _SIDES], 1)
    slower = np.linalg.norm(np.gradient(balls, axis=0), axis=-1).min(axis=1) * body.fps
    return {
        "speed m/s": float(np.median(travel.speed[goes])),
        "cadence /min": 120.0 / float(np.median(seconds)) if seconds else np.nan,
        "ankles apart, most cm": float(apart.max()),
        "ankles apart, least cm": float(apart.min()),
        "head down, median": float(np.median(body.pitch("Head")[goes])),
        "head roll, most": float(np.abs(body.roll("Head")[goes]).max()),
        "hips, lowest cm": float(100.0 * body.hips[goes, 1].min()),
        "jerk, most m/s3": float(jerks.max()),
        "no ball stands, %": 100.0 * float((slower[goes] > SHUFFLE).mean()),
        **_carriage(body, goes),
    }


def _carriage(body, goes):
    """Trunk and arms in the frames that go; of the two arms the worse."""
    heading = np.radians(body.heading("Hips"))
    lean = body.lean("Hips", "Neck", np.stack([np.sin(heading), np.cos(heading)], -1))[goes]
    thighs = [(body.place(side + "UpLeg"), body.place(side + "Leg")) for side in _SIDES]
    hands, trunk = [body.place(side + "Hand") for side in _SIDES], (body.hips, body.place("Neck"))
    return {
        "trunk ahead, mean": float(lean.mean()),
        "trunk ahead, most": float(lean.max()),
        "elbow, mean": max(float(body.elbow(side)[goes].mean()) for side in _SIDES),
        "hand from thighs cm": _nearest(hands, thighs, goes),
        "hand from trunk cm": _nearest(hands, [trunk], goes),
    }


def _nearest(points, lines, frames):
    """Centimetres from points ``(T, 3)`` to lines between two, the least of these frames."""
    least = np.inf
    for point in points:
        for begin, end in lines:
            line, away = (end - begin)[frames], (point - begin)[frames]
            share = np.clip((away * line).sum(-1) / (line * line).sum(-1), 0.0, 1.0)
            least = min(least, np.linalg.norm(away - share[:, None] * line, axis=-1).min())
    return 100.0 * float(least)


def walked(model: LocomotionModel, facing: str, speed: float, seed: int) -> tuple[Take, Walk]:
    """A walk that faces so along a straight way, as a `Take`, and the `Walk` itself."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, _METRES]]))
    walk = Walk(model, path, speed=speed, seed=seed, itinerary=Itinerary(facing=facing))
    return Take(f"{facing} {speed}", f"seed {seed}", walk.run()), walk


def rows(model: LocomotionModel) -> list[tuple[Any, ...]]:
    """Print our figures; what has to hold: (mode, what, value, bar, whether it does)."""
    found: list[tuple[Any, ...]] = []
    for facing, speeds in SPEEDS.items():
        made = {v: [figures(walked(model, facing, v, s)[0]) for s in (0, 1)] for v in speeds}
        for speed, both in made.items():
            for seed, row in enumerate(both):
                _print(f"{facing} {speed} seed {seed}", row)
        everything = [row for both in made.values() for row in both]
        for name, (low, high) in (BACK_BARS if facing == "BACKWARD" else SIDE_BARS).items():
            values = [row[name] for row in everything]
            what = f"{facing}: {name}, worst"
            if high is not None:
                found.append(("aside", what, max(values), f"<= {high}", max(values) <= high))
            if low is not None:
                found.append(("aside", what, min(values), f">= {low}", min(values) >= low))
        if 0.5 in made:
            value = max((row["cadence /min"] for row in made[0.5]), key=lambda v: abs(v - 92.0))
            met = CADENCE[0] <= value <= CADENCE[1]
            found.append(("aside", f"{facing}: cadence at 0.5 m/s", value, "84..100", met))
        told = walked(model, facing, TOO_FAST, 0)[1].warnings
        met = any("slowed down to" in text for text in told)
        found.append(("aside", f"{facing}: {TOO_FAST} m/s are told", len(told), ">= 1", met))
    return found


def _print(name, row):
    print(f"{name:36s}" + "".join(f"{value:9.1f}" for value in row.values()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures and the bars; returns 1 when one is missed, else 0."""
    parser = parser_of("training.walk.gait.aside", __doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parser.add_argument("--data", default=OUR_DATA, type=FilePath, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    for path in RECORDED if parsed.data.exists() else ():
        row = figures(load_take(parsed.data, path))
        if path == RECORDED[0]:
            print(", ".join(row))
        _print(path, row)
    return print_bars(rows(load_model(parsed.model)))


if __name__ == "__main__":
    sys.exit(main())
