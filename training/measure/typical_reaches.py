# SPDX-License-Identifier: GPL-3.0-or-later
"""Reaches that animators ask for, judged by what recorded people do.

``python -m training.measure.typical_reaches [--model FILE] [--data DIR]``

From a stand and from a walk into a crouch, an arm up, a seat, a step aside, a turn, a pick-up, in
0.3 to 4 s, the pose held or not keyed whole. Figures: see `manners`. A bar is what 90 to 95 of 100
recorded ways between two rests stay under; with --data these are worked out anew from the training
takes and printed instead. A reach that no person makes is to say so, and is not judged otherwise.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.approach.walker import Walker
from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import concatenate
from quaternet_addon.core.maths.quaternion import angle
from quaternet_addon.core.reach.features import GROUPS, groups_of
from quaternet_addon.core.reach.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.walk import walk
from quaternet_addon.core.walk.path import Path as Way
from quaternet_addon.core.walk.walk import Walk

from ..bars import print_bars
from ..data.collection import pieces_of, training_paths
from ..parsers import parser_of
from . import key_poses
from .manners import FIGURES, PLACE, manners, recorded_ways

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.reach.model import ReachModel
    from quaternet_addon.core.walk.model import LocomotionModel


SECONDS = (0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
_SPEED, _PAST, _HOLD, _FPS = 1.3, 30, 5, 30.0  # m/s of the walk; frames
_ARM = tuple(name == "right arm" for name in GROUPS)
_ASIDE = (0.3, 0.5, 0.75, 1.0, 1.5)

_NAMES = ("knee", "elbow", "hips", "slide", "under", "uneven", "waits")
BARS = {
    "in place": dict(zip(_NAMES, (13.5, 15.1, 12.3, 0.19, 0.043, 0.37, 0.07), strict=True)),
    "elsewhere": dict(zip(_NAMES, (22.6, 40.9, 18.1, 0.60, 0.047, 0.198, 0.07), strict=True)),
    "out of a walk": dict(zip(_NAMES, (23.7, 30.9, 21.1, 0.83, 0.049, 0.233, 0.07), strict=True)),
}
"""What 90 to 95 of 100 recorded ways stay under (--data prints both). None of them waits, as who
does is at rest: a frame or two are allowed."""
STAYS = 0.01  # metres
FARTHEST = {0.3: 0.22, 0.5: 0.43, 1.0: 1.06, 1.5: 1.93}
USUAL = {0.3: 0.1, 0.5: 0.19, 1.0: 0.71, 1.5: 1.01}
"""Seconds: metres of hips from a stand to a stand, in training takes: the most, and 1 in 100."""


@dataclass(frozen=True)
class Asked:
    """A reach: its name, the frames before, the key."""

    name: str
    context: Motion
    key: Key


def walked(model: LocomotionModel) -> Motion:
    """A walk of 6 m that the reaches start from, straight ahead into a stand at the origin."""
    return Walk(model, Way(np.array([[0.0, 0.0, -6.0], [0.0, 0.0, 0.0]])), speed=_SPEED).run()


def asked(whole: Motion) -> Iterator[Asked]:
    """All reaches of the list, from the end and the middle of a walk."""
    stand, going = whole.slice(-_PAST, None), whole.slice(60, 60 + _PAST)
    for seconds in SECONDS:
        for name, pose, holds in _from_stand(stand.slice(-1, None)):
            key = Key(pose, seconds, holds, rests=True)
            yield Asked(f"stand, {name}, {seconds:g} s", stand, key)
        for name, pose, holds in _from_walk(stand.slice(-1, None), going, seconds):
            key = Key(pose, seconds, holds, rests=holds[0])
            yield Asked(f"walk, {name}, {seconds:g} s", going, key)


def _from_stand(stand):
    whole = (True,) * len(GROUPS)
    yield "arm up", key_poses.arm_up(stand), whole
    yield "only the arm up", key_poses.arm_up(stand), _ARM
    yield "crouch", key_poses.crouch(stand), whole
    yield "seat", key_poses.seat(stand), whole
    yield "pick up", key_poses.pick_up(stand), whole
    for degrees in (90.0, 180.0):
        yield f"turn {degrees:g}", key_poses.turned(stand, degrees), whole
    for way in _ASIDE:
        yield f"{way:g} m aside", stand.moved([way, 0.0, 0.0]), whole
    for way in (0.5, 1.5, 3.0):
        yield f"{way:g} m ahead", stand.moved([0.0, 0.0, way]), whole


def _from_walk(stand, going, seconds):
    """Who slows down evenly goes half as far as who goes on."""
    whole = (True,) * len(GROUPS)
    here, there = going.root_positions[-1], stand.root_positions[-1]
    stop = stand.moved((here - there) * [1.0, 0.0, 1.0] + [0.0, 0.0, 0.5 * _SPEED * seconds])
    yield "stop", stop, whole
    yield "stop, arm up", key_poses.arm_up(stop), whole
    yield "stop, pick up", key_poses.pick_up(stop), whole
    yield "only the arm up", key_poses.arm_up(stop), _ARM


def reached(model: ReachModel, wanted: Asked, walker: Walker) -> tuple[dict[str, float], list[str]]:
    """Its figures, `manners` and two more, and what is said of it.

    off: how far what is keyed is from its key, in 0.01 degrees or 0.1 mm, whichever is more.
    moved: metres between where balls stand first and last, of a stand of whom no leg is asked.
    """
    way = Reach(model, wanted.context, [wanted.key], fps=_FPS, ground=0.0, walker=walker)
    made = way.run()
    held = [made.slice(-1, None)] * _HOLD if wanted.key.rests else []
    first = len(wanted.context) - 1
    motion = concatenate([wanted.context, made, *held])
    balls = toe_positions(motion)[first : first + len(made) + 1]
    found = manners(motion, first, first + len(made))
    found["off"] = _off(made, wanted.key)
    found["moved"] = float(np.linalg.norm(balls[-1] - balls[0], axis=-1).max())
    return found, [text for text in way.warnings if "is a guess" not in text]


def _off(made, key):
    held = np.asarray(key.holds)[groups_of(made.skeleton)]
    turned = np.degrees(angle(made.rotations[-1], key.pose.rotations[0]))[held].max()
    moved = np.linalg.norm(made.root_positions[-1] - key.pose.root_positions[0])
    return float(max(turned / 0.01, moved / 1e-4 if key.holds[0] else 0.0))


def kind_of(wanted: Asked) -> str:
    """Out of `BARS`."""
    if wanted.name.startswith("walk"):
        return "out of a walk"
    return "in place" if _way(wanted) < PLACE else "elsewhere"


def _way(wanted):
    if not wanted.key.holds[0]:
        return 0.0
    across = wanted.key.pose.root_positions[-1] - wanted.context.root_positions[-1]
    return float(np.linalg.norm(across[[0, 2]]))


def _beyond_people(wanted):
    """Farther from a stand into a stand than anybody went in that time."""
    return in_time(FARTHEST, wanted) if "stand" in wanted.name else False


def in_time(table: Mapping[float, float], wanted: Asked) -> bool:
    """Whether a reach goes farther than a table of seconds and metres says, linear between."""
    seconds = wanted.key.seconds
    limit = np.interp(seconds, list(table), list(table.values()), right=np.inf)
    return bool(_way(wanted) > limit)


def print_recorded(folder: Path) -> None:
    """What 90 and 95 of 100 recorded ways stay under: where the bars come from."""
    motions = (piece.motion for piece in pieces_of(folder, training_paths(folder)))
    found = list(recorded_ways(motion for motion in motions if len(motion) > _PAST))
    for name in BARS:
        rows = [row for kind, row in found if kind == name]
        print(f"{name}, {len(rows)} ways")
        for key in FIGURES:
            ninety, more = np.percentile([row[key] for row in rows], [90.0, 95.0])
            print(f"  {key:<8}{ninety:9.3f}{more:9.3f}")


def bars(
    found: Sequence[tuple[Asked, Mapping[str, float], Sequence[str]]],
) -> list[tuple[Any, ...]]:
    """What has to hold, as ``(mode, what, value, limit, holds)``: the worst reach of each kind."""
    rows = []

    def most(what, chosen, figure, limit):
        worst = max(chosen, key=lambda row: row[1][figure])
        name, value = worst[0].name, worst[1][figure]
        rows.append(("reach", f"{what} ({name})", value, f"<= {limit:g}", value <= limit))

    for kind, limits in BARS.items():
        chosen = [row for row in found if kind_of(row[0]) == kind and not row[2]]
        for figure, limit in limits.items():
            most(f"{kind}: {figure}", chosen, figure, limit)
    most("off its key", found, "off", 1.0)
    stands = [row for row in found if row[0].name.startswith("stand, only")]
    most("feet of a stand that raises an arm, m", stands, "moved", STAYS)
    silent = sum(_beyond_people(row[0]) and not row[2] for row in found)
    rows.append(("reach", "farther than anybody, and not told", silent, "<= 0", silent == 0))
    short = [r for r in found if r[0].key.seconds <= max(USUAL) and " m " in r[0].name]
    told = sum(not in_time(USUAL, row[0]) and bool(row[2]) for row in short)
    rows.append(("reach", "not far, and told off", told, "<= 0", told == 0))
    return rows


def _print_reaches(found):
    print(f"{'':34}" + "".join(f"{name:>9}" for name in found[0][1]))
    for wanted, figures, said in found:
        values = "".join(f"{value:9.3f}" for value in figures.values())
        print(f"{wanted.name:<34}{values}  {said[0] if said else ''}")


def rows(path: Path = DEFAULT_MODEL) -> list[tuple[Any, ...]]:
    """Print all reaches of a model file; what has to hold."""
    model, walk_model = load_model(path), walk.load_model(walk.DEFAULT_MODEL)
    walker = Walker(walk_model)
    found = [(wanted, *reached(model, wanted, walker)) for wanted in asked(walked(walk_model))]
    _print_reaches(found)
    return bars(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the reaches and the bars; 1 when one is missed."""
    return command(arguments, "typical_reaches", __doc__, (rows, print_recorded))


def command(
    arguments: Sequence[str] | None,
    name: str,
    described: str | None,
    functions: tuple[Callable[[Path], list], Callable[[Path], None]],
) -> int:
    """A command of this folder that judges a reach model; its exit status.

    functions: the bars of a model file, and what prints how recordings in a folder set them.
    """
    judged, print_how = functions
    parser = parser_of(f"training.measure.{name}", described)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="default: the shipped")
    parser.add_argument("--data", type=Path, help="folder of motion capture: the bars anew")
    parsed = parser.parse_args(arguments)
    if parsed.data:
        print_how(parsed.data)
        return 0
    return print_bars(judged(parsed.model))


if __name__ == "__main__":
    sys.exit(main())
