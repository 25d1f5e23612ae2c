# SPDX-License-Identifier: GPL-3.0-or-later
"""How like the people walks are: ``python -m training.walk.gait.likeness [--model MODEL]``.

Each steady clip that the training saw (no held-out one) beside a walk straight ahead of that person
at that speed, by the rows of `rows`: recorded less ours, the median of a person's clips and of all
people, in walks and in runs; and ours before feet are planted. `core.walk.posture` makes good what
is missing of everybody. Last how far people are apart, recorded and ours.
"""

from __future__ import annotations

import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.walk.itinerary import FASTEST
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from ...parsers import parser_of
from ..quality import OUR_DATA
from . import variety
from .rows import clip_rows
from .takes import Take, ahead, held_out, recordings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quaternet_addon.core.walk.model import LocomotionModel

GAITS = {"walk": (0.6, 2.0), "run": (2.0, 5.0)}
"""Gait -> least and greatest speed, m/s."""
_SECONDS, _SHORTEST = 7.0, 5.0  # of a walk beside a clip; metres


def pairs(
    model: LocomotionModel, folder: FilePath, ends: tuple[float, float]
) -> dict[str, list[tuple[Take, Take, Take]]]:
    """Person -> of each of their clips: the clip, a walk at its speed, that before the lock."""
    found: dict[str, list[tuple[Take, Take, Take]]] = {}
    for take in recordings(folder):
        steady = [s.speed for s in take.travel.strides if s.steady and ends[0] <= s.speed < ends[1]]
        known = take.person in model.styles and not held_out(take)
        if not (steady and known and ahead(take)):
            continue
        speed = min(float(np.median(steady)), FASTEST)
        length = max(_SHORTEST, _SECONDS * speed)
        path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))
        walk = Walk(model, path, speed=speed, style={take.person: 1.0})
        ours = Take("ours", take.person, walk.run())
        found.setdefault(take.person, []).append((take, ours, Take("raw", take.person, walk.raw)))
    return found


def print_missing(
    found: dict[str, list[tuple[Take, Take, Take]]], ends: tuple[float, float]
) -> None:
    """Recorded less ours by person (with so many clips), everybody's median, and that of raw."""
    shown: dict[str, dict[str, float]] = {}
    raw: list[dict[str, float]] = []
    for person, clips in found.items():
        figures = [[clip_rows(take.travel, *ends)[0] for take in clip] for clip in clips]
        figures = [clip for clip in figures if all(clip)]
        if figures:
            shown[f"{person} {len(figures)}"] = _medians(figures, 1)
            raw.append(_medians(figures, 2))
    everybody = {row: float(np.median([own[row] for own in shown.values()])) for row in raw[0]}
    before = {row: float(np.median([own[row] for own in raw])) for row in raw[0]}
    columns = {"all": everybody, "raw": before} | shown
    print("recorded less ours  " + "".join(f"{name:>12}" for name in columns))
    for row in everybody:
        print(f"{row:<20}" + "".join(f"{own[row]:12.2f}" for own in columns.values()))


def _medians(figures, which):
    """Median over clips of the first figures less those at ``which``."""
    return {
        row: float(np.median([clip[0][row] - clip[which][row] for clip in figures]))
        for row in figures[0][0]
    }


def print_distances(found: dict[str, list[tuple[Take, Take, Take]]]) -> None:
    """How far people are apart, recorded and ours, median of pairs."""
    for which, words in enumerate(("recorded", "ours")):
        cycles = [_cycle([clip[which] for clip in clips]) for clips in found.values()]
        known = [cycle for cycle in cycles if cycle is not None]
        away = [variety.distance(a, b) for n, a in enumerate(known) for b in known[:n]]
        print(f"{words}: people are {np.median(away):.1f} cm apart, median of {len(away)} pairs")


def _cycle(takes):
    found = [variety.cycles(take.travel) for take in takes]
    means = [cycles.mean(0) for cycles in found if len(cycles)]
    return np.mean(means, axis=0) if means else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is missing in walks and runs, and how far people are apart; returns 0."""
    parser = parser_of("training.walk.gait.likeness", __doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parser.add_argument("--data", default=OUR_DATA, type=FilePath, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    model = load_model(parsed.model)
    for gait, ends in GAITS.items():
        found = pairs(model, parsed.data, ends)
        print(f"\n{gait}s")
        print_missing(found, ends)
        print_distances(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
