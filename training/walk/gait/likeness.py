# SPDX-License-Identifier: GPL-3.0-or-later
"""How like the people walks are: ``python -m training.walk.gait.likeness [--model MODEL]``.

For each person, the clips that the training saw beside walks of that person at those speeds, by the
rows of `rows`: the median difference, recorded less ours. ``missing`` is what would be added to the
table of ``core.walk.likeness`` (a person with n clips counts n times against everybody's median,
which counts once). Last how far people are apart, recorded and ours.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.walk.likeness import COLUMNS
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from ..quality import OUR_DATA
from . import variety
from .body import sideways
from .rows import clip_rows
from .strides import SIDES
from .takes import Take, ahead, held_out, recordings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quaternet_addon.core.walk.model import LocomotionModel

_WALKS = 0.6, 2.0  # m/s
_SECONDS, _SHORTEST = 7.0, 5.0  # of a walk beside a clip; metres
OTHERS = (
    "trunk lean range",
    "trunk side range",
    "pelvis list range",
    "knee swing max",
    "arm swing",
    "foot pitch toe-off",
    "double support %",
)
"""Rows that are printed besides."""


def carried(take: Take) -> dict[str, float]:
    """The rows of a clip, and how far out its arms hang, degrees."""
    rows, _ = clip_rows(take.travel, *_WALKS)
    body, across = take.body, sideways(take.travel.direction)
    hang = [
        sign * body.hang(side + "Arm", side + "Hand", across)
        for side, sign in zip(SIDES, (1.0, -1.0), strict=True)
    ]
    spans = [stride.frames for stride in take.travel.strides if stride.steady]
    out = [values[span].mean() for values in hang for span in spans]
    return rows | {"arms out": float(np.mean(out))} if rows else {}


def pairs(model: LocomotionModel, folder: FilePath) -> dict[str, list[tuple[Take, Take]]]:
    """Person -> each clip of a steady walk that was trained on, with a walk at its speed."""
    found: dict[str, list[tuple[Take, Take]]] = {}
    for take in recordings(folder):
        steady = [stride.speed for stride in take.travel.strides if stride.steady]
        speed = float(np.median(steady)) if steady else 0.0
        known = take.person in model.styles and not held_out(take)
        if not (known and ahead(take) and _WALKS[0] <= speed < _WALKS[1]):
            continue
        length = max(_SHORTEST, _SECONDS * speed)
        path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))
        walk = Walk(model, path, speed=speed, style={take.person: 1.0})
        found.setdefault(take.person, []).append((take, Take("ours", take.person, walk.run())))
    return found


def missing(found: dict[str, list[tuple[Take, Take]]]) -> dict[str, np.ndarray]:
    """Person -> what is missing of COLUMNS and OTHERS; prints it."""
    names = (*COLUMNS, *OTHERS)
    away: dict[str, list[list[float]]] = {}
    for person, both in found.items():
        for take, ours in both:
            theirs, made = carried(take), carried(ours)
            if theirs and made:
                away.setdefault(person, []).append([theirs[n] - made[n] for n in names])
    medians = {person: np.median(rows, axis=0) for person, rows in away.items()}
    middle = np.median(list(medians.values()), axis=0)
    print(f"{'':10s}" + "".join(f"{name:>19s}" for name in names))
    for person, rows in away.items():
        count = len(rows)
        medians[person] = (count * medians[person] + middle) / (count + 1.0)
        print(f"{person:10s}" + "".join(f"{value:19.1f}" for value in medians[person]))
    print(f"{'everybody':10s}" + "".join(f"{value:19.1f}" for value in middle))
    return medians


def print_distances(found: dict[str, list[tuple[Take, Take]]]) -> None:
    """How far people are apart, recorded and ours, median of pairs."""
    for which, words in enumerate(("recorded", "ours")):
        cycles = [_cycle([pair[which] for pair in both]) for both in found.values()]
        known = [cycle for cycle in cycles if cycle is not None]
        away = [variety.distance(a, b) for n, a in enumerate(known) for b in known[:n]]
        print(f"{words}: people are {np.median(away):.1f} cm apart, median of {len(away)} pairs")


def _cycle(takes):
    found = [variety.cycles(take.travel) for take in takes]
    means = [cycles.mean(0) for cycles in found if len(cycles)]
    return np.mean(means, axis=0) if means else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is missing of each person, and how far they are apart; returns 0."""
    parser = argparse.ArgumentParser(
        prog="python -m training.walk.gait.likeness", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parser.add_argument("--data", default=OUR_DATA, type=FilePath, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    found = pairs(load_model(parsed.model), parsed.data)
    missing(found)
    print_distances(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
