# SPDX-License-Identifier: GPL-3.0-or-later
"""Reaches from a stand into the same stand elsewhere: in which steps, and what is said of them.

``python -m training.measure.reach_grid [--model FILE] [--data DIR]``

The key is 0.3 to 2 m ahead, aside or back, 0.3 to 2 s later. Figures of each: m/s on the average,
and at most (hips); the longest way of a foot from one stand to the next; how far apart the balls
of the feet are at most; for how long both are off the floor; how fast a ball is, m/s; the knee's
largest change in a frame; how far feet slide on the floor; what is said of it.

A bar is what 95 of 100 recorded steps in that direction stay under, of bodies slower than 2 m/s
that do not turn, and for knees and slides that of `typical_reaches`; with --data they are worked
out anew from the training takes and printed instead.
Reaches of which it is said that they come too soon are not judged.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.approach.walker import Walker
from quaternet_addon.core.body.contacts import TOES, detect_contacts, segments, toe_positions
from quaternet_addon.core.body.motion import concatenate
from quaternet_addon.core.body.states import heading
from quaternet_addon.core.maths.quaternion import rotate, yaw_to_quaternion
from quaternet_addon.core.reach.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.walk import walk

from ..data.collection import pieces_of, training_paths
from . import typical_reaches
from .manners import manners

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.reach.model import ReachModel


DIRECTIONS = {"ahead": (0.0, 0.0, 1.0), "aside": (1.0, 0.0, 0.0), "back": (0.0, 0.0, -1.0)}
WAYS, SECONDS = (0.3, 0.5, 0.75, 1.0, 1.5, 2.0), (0.3, 0.5, 0.75, 1.0, 1.5, 2.0)
FIGURES = ("m/s", "most", "step", "apart", "hop", "foot", "knee", "slide")
STEPS: dict[str, dict[str, float]] = {
    "ahead": {"step": 1.681, "apart": 0.879, "hop": 0.233, "foot": 5.296},
    "aside": {"step": 1.351, "apart": 1.113, "hop": 0.333, "foot": 7.4},
    "back": {"step": 1.223, "apart": 0.763, "hop": 0.2, "foot": 4.277},
}
"""What 95 of 100 recorded steps stay under, metres and seconds: --data prints them."""
WAYS_BARS = {name: typical_reaches.BARS["elsewhere"][name] for name in ("knee", "slide")}
_LEAST, _TURNS, _RUNS = 0.12, 0.8, 2.0  # metres of a step; radians that it turns; m/s of hips
_STANDS, _OFF = 5, 0.02  # frames before and after; metres over its rest of a ball off the floor


@dataclass(frozen=True)
class Step:
    """A foot's way from one stand to the next: ``(2,)`` metres to the left and ahead of the body.

    apart: metres between the balls at most. hop: seconds in which both are off the floor. speed:
    m/s of the hips over the ground. turned: radians that the hips turn. foot: m/s at most.
    """

    way: np.ndarray
    apart: float
    hop: float
    speed: float
    turned: float
    foot: float

    @property
    def length(self) -> float:
        """Metres."""
        return float(np.linalg.norm(self.way))

    @property
    def direction(self) -> str | None:
        """Out of `DIRECTIONS`; None: in between, or no step but a shift of the foot."""
        left, ahead = self.way
        if self.length < _LEAST:
            return None
        if abs(left) > 2.0 * abs(ahead):
            return "aside"
        return None if abs(ahead) < 2.0 * abs(left) else ("ahead" if ahead > 0.0 else "back")


def steps_of(motion: Motion) -> Iterator[Step]:
    """All steps of a motion over a floor at 0."""
    contacts, balls = detect_contacts(motion), toe_positions(motion)
    facing, roots, fps = heading(motion.rotations[:, 0]), motion.root_positions, motion.fps
    for foot in range(2):
        for (_, leaves), (lands, _) in pairwise(segments(contacts[:, foot])):
            first, rows = leaves - 1, slice(leaves - 1, lands + 1)
            home = yaw_to_quaternion(-facing[(leaves + lands) // 2])
            way = rotate(home, balls[lands, foot] - balls[first, foot])
            turned = abs((facing[lands] - facing[first] + np.pi) % (2.0 * np.pi) - np.pi)
            gone = float(np.linalg.norm((roots[lands] - roots[first])[[0, 2]]))
            yield Step(
                way[[0, 2]],
                apart=_apart(balls[rows]),
                hop=float((~contacts[leaves:lands].any(axis=-1)).sum() / fps),
                speed=gone * fps / (lands - first),
                turned=float(turned),
                foot=float(np.linalg.norm(np.diff(balls[rows, foot], axis=0), axis=-1).max()) * fps,
            )


def _apart(balls):
    between = (balls[:, 0] - balls[:, 1])[:, [0, 2]]
    return float(np.linalg.norm(between, axis=-1).max())


def reached(
    model: ReachModel, walker: Walker, stand: Motion, way: np.ndarray, seconds: float
) -> tuple[dict[str, float], str]:
    """`FIGURES` of the way into the same stand so many metres ``(3,)`` away, and what is said."""
    key = Key(stand.slice(-1, None).moved(way), seconds, rests=True)
    reach = Reach(model, stand, [key], ground=0.0, walker=walker)
    made = reach.run()
    before, after = stand.slice(-_STANDS, None), [made.slice(-1, None)] * _STANDS
    motion = concatenate([before, made, *after])
    balls = toe_positions(motion)
    rest = motion.skeleton.rest_positions[motion.skeleton.index(TOES[0]), 1]
    flies = segments((balls[..., 1] > rest + _OFF).all(axis=-1))
    hips = np.linalg.norm(np.diff(motion.root_positions[:, [0, 2]], axis=0), axis=-1)
    judged = manners(motion, _STANDS - 1, _STANDS - 1 + len(made))
    figures = (
        float(np.linalg.norm(way)) / seconds,
        float(hips.max()) * motion.fps,
        max((step.length for step in steps_of(motion)), default=0.0),
        _apart(balls),
        float(np.diff(flies, axis=1).max(initial=0)) / motion.fps,
        float(np.linalg.norm(np.diff(balls, axis=0), axis=-1).max()) * motion.fps,
        judged["knee"],
        judged["slide"],
    )
    said = [text for text in reach.warnings if "is a guess" not in text]
    return dict(zip(FIGURES, figures, strict=True)), " ".join(said)


def bars(
    found: Sequence[tuple[str, Mapping[str, float], str]],
) -> list[tuple[Any, ...]]:
    """What has to hold, as ``(mode, what, value, limit, holds)``: the worst reach of a direction.

    found: names, which begin with a word of `DIRECTIONS`, figures, and what is said.
    """
    rows = []
    for direction, steps in STEPS.items():
        chosen = [row for row in found if row[0].startswith(direction) and not row[2]]
        for figure, limit in {**steps, **WAYS_BARS}.items():
            name, figures, _ = max(chosen, key=lambda row: row[1][figure])
            value, what = figures[figure], f"{direction}: {figure} ({name})"
            rows.append(("reach", what, value, f"<= {limit:g}", value <= limit))
    return rows


def rows(path: Path = DEFAULT_MODEL) -> list[tuple[Any, ...]]:
    """Print all reaches of a model file; what has to hold."""
    model, walk_model = load_model(path), walk.load_model(walk.DEFAULT_MODEL)
    walker, found = Walker(walk_model), []
    stand = typical_reaches.walked(walk_model).slice(-30, None)
    print(f"{'':22}" + "".join(f"{name:>8}" for name in FIGURES))
    for direction, ahead in DIRECTIONS.items():
        for metres in WAYS:
            for seconds in SECONDS:
                name, way = f"{direction} {metres:g} m {seconds:g} s", metres * np.array(ahead)
                figures, said = reached(model, walker, stand, way, seconds)
                values = "".join(f"{value:8.2f}" for value in figures.values())
                print(f"{name:<22}{values}  {said}")
                found.append((name, figures, said))
    return bars(found)


def print_recorded(folder: Path) -> None:
    """What 90, 95 and 99 of 100 recorded steps stay under: where the bars come from."""
    pieces = pieces_of(folder, training_paths(folder))
    steps = [s for piece in pieces if piece.group != "dance" for s in steps_of(piece.motion)]
    steps = [step for step in steps if step.speed < _RUNS and step.turned < _TURNS]
    for direction in DIRECTIONS:
        chosen = [step for step in steps if step.direction == direction]
        print(f"{direction}, {len(chosen)} steps")
        for name, values in (
            ("step", [step.length for step in chosen]),
            ("apart", [step.apart for step in chosen]),
            ("hop", [step.hop for step in chosen]),
            ("foot", [step.foot for step in chosen]),
        ):
            shown = "".join(f"{value:9.3f}" for value in np.percentile(values, [90, 95, 99]))
            print(f"  {name:<8}{shown}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the grid and the bars; 1 when one is missed."""
    return typical_reaches.command(arguments, "reach_grid", __doc__, (rows, print_recorded))


if __name__ == "__main__":
    sys.exit(main())
