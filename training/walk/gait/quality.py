# SPDX-License-Identifier: GPL-3.0-or-later
"""Gait beside recordings: ``python -m training.walk.gait.quality [MODEL] [--data DIR]``.

Straight walks of six seeds at nine speeds, their starts, stops and stands, circles, how much
seeds differ, and a Fréchet-like distance to the recordings. In the tables ``*`` is outside the
range of medians of six people, ``**`` outside that of single recorded clips. Exits with 1 when a
bar is missed.
"""

from __future__ import annotations

import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, load_model

from ...bars import print_bars
from ...parsers import parser_of
from ..quality import OUR_DATA
from . import bends, frechet, standing, transitions, variety
from .body import relative_jerk
from .norms import CLASSES, cells, cells_at, class_of, inside
from .rows import clip_rows
from .takes import SEEDS, Take, ahead, along, circle, recordings, straight

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from .strides import Travel


SPEEDS = (0.5, 0.8, 1.0, 1.4, 1.8, 2.1, 2.5, 3.0, 3.5)
PASSED = {0.8: 17, 1.0: 17, 1.4: 19, 1.8: 19, 2.1: 15, 2.5: 15, 3.0: 15, 3.5: 15}
"""Speed -> rows that every seed has to pass, of 22 (of 21 in runs)."""
SIX_SHARE = 0.8  # of the rows' medians of six seeds
JERK = 0.75, 1.3  # of the recorded jerk
LOCK_BOB = 0.5  # centimetres that the foot lock adds at most
TRENDS = {"hip bob cm": 1, "hip sway cm": -1, "walk ratio m s": 1, "arm swing": 1}
"""Row -> whether it rises or falls from 1.0 to 1.8 m/s, in people."""
_WAIT = 7.0  # seconds of the stand before a walk, long enough to be an idle


def rows(data: Path | None, path: Path = DEFAULT_MODEL) -> list[tuple[Any, ...]]:
    """Print the tables; what has to hold: (mode, what, value, bar, whether it does)."""
    model = load_model(path)
    found, takes = _straight_bars(model), None
    found += _stand_bars(model) + _circle_bars(model)
    if data:
        takes = [take for take in recordings(data) if ahead(take)]
        print_recorded(takes)
        found += _frechet_bars(model, takes)
    return found


def jerk_share(travel: Travel) -> float:
    """Jerk of the strides of a clip against that of recordings at its speed."""
    strides = travel.strides
    span = slice(strides[0].frames.start, strides[-1].frames.stop)
    speed = float(np.median([stride.speed for stride in strides]))
    return relative_jerk(travel.body, span) / (37.5 * speed**1.35)


def _straight_bars(model):
    table, found, passed, cycles = {}, [], {}, {}
    for speed in SPEEDS:
        walks = [straight(model, speed, seed) for seed in SEEDS]
        takes = [
            Take(f"{speed} m/s", f"seed {s}", w.motion) for s, w in zip(SEEDS, walks, strict=True)
        ]
        table[speed] = [clip_rows(take.travel, 0.2, 6.0)[0] for take in takes]
        for entry, take, walk in zip(table[speed], takes, walks, strict=True):
            entry["jerk share"] = jerk_share(take.travel)
            raw = clip_rows(Take("", "", walk.raw).travel, 0.2, 6.0)[0]
            entry["lock adds to bob cm"] = entry["hip bob cm"] - raw.get("hip bob cm", np.nan)
        cycles[speed] = [variety.cycles(take.travel) for take in takes]
        passed[speed] = _passed(table[speed], speed)
    print_table(table)
    for speed, least in PASSED.items():
        seeds, six = passed[speed]
        print(f"{speed:.1f} m/s: rows passed by seed {seeds}, share of the medians {six:.2f}")
        found.append(_bar(f"rows passed by the worst seed at {speed}", min(seeds), least))
        found.append(_bar(f"share of rows whose median of six fits at {speed}", six, SIX_SHARE))
    return found + _trend_bars(table) + _size_bars(table) + _variety_bars(cycles)


def _passed(seeds, speed):
    """Rows passed by each seed, and the share of the rows that the medians of six pass."""
    if class_of(speed) is None:
        return None
    bars = cells_at(speed)
    counts = [sum(inside(s[row], cell.take) for row, cell in bars.items()) for s in seeds]
    medians = [
        inside(np.median([seed[row] for seed in seeds]), cell.six) for row, cell in bars.items()
    ]
    return counts, float(np.mean(medians))


def _bar(what, value, least=None, most=None):
    """A row of the table of bars."""
    met = (least is None or value >= least) and (most is None or value <= most)
    text = f">= {least}" if most is None else f"<= {most}" if least is None else f"{least}..{most}"
    return ("gait", what, float(value), text, bool(met))


def _trend_bars(table):
    found = []
    for row, sign in TRENDS.items():
        low, high = (np.median([seed[row] for seed in table[speed]]) for speed in (1.0, 1.8))
        what = f"{row}: {'rise' if sign > 0 else 'fall'} from 1.0 to 1.8 m/s"
        found.append(_bar(what, sign * (high - low), 0.0))
    return found


def _size_bars(table):
    shares = {v: np.median([seed["jerk share"] for seed in table[v]]) for v in SPEEDS}
    bob = {v: np.median([seed["lock adds to bob cm"] for seed in table[v]]) for v in SPEEDS}
    worst = max(shares, key=lambda v: abs(np.log(shares[v])))
    most = max(bob, key=bob.get)
    return [
        _bar(f"jerk against recordings, worst at {worst}", shares[worst], *JERK),
        _bar(f"bob that the foot lock adds, worst at {most}, cm", bob[most], None, LOCK_BOB),
    ]


def _variety_bars(cycles):
    between = {v: variety.between_takes(cycles[v]) for v in (1.0, 1.4, 1.8, 3.0)}
    within = [variety.between_strides(take) for v in (1.0, 1.4, 1.8) for take in cycles[v]]
    print("seeds differ by, cm: " + ", ".join(f"{d:.1f} at {v}" for v, d in between.items() if d))
    least = min((v for v in between if between[v]), key=between.get)
    strides = float(np.median([value for value in within if value]))
    return [
        _bar(f"pairs of seeds, least at {least} m/s, cm", between[least], variety.BARS["people"]),
        _bar("strides of a walk, cm", strides, variety.BARS["strides"]),
    ]


def _stand_bars(model):
    """Stands of 7 s, starts and stops of six seeds at 1.2 m/s; starts of runs at 3 m/s."""
    waits = Itinerary(wait=_WAIT)
    bodies = [
        Take("", "", straight(model, 1.2, seed, itinerary=waits).motion).body for seed in SEEDS
    ]
    stands, idles, starts, stops = [], [], [], []
    for body in bodies:
        for span in standing.still_spans(body):
            stands += [standing.stand_rows(body, w) for w in standing.windows(span, body.fps)]
            idles += [row for row in [standing.idle_rows(body, span)] if row]
        starts += transitions.starts(body)
        stops += transitions.stops(body)
    fast = [Take("", "", straight(model, 3.0, s, itinerary=waits).motion).body for s in SEEDS]
    runs = [row for body in fast for row in transitions.starts(body)]
    found = _range_bars("stand", stands, standing.STAND_BARS)
    found += _range_bars("idle", idles, standing.IDLE_BARS)
    found += _range_bars("start", starts, transitions.START_BARS)
    found += _range_bars("run start", runs, transitions.RUN_START_BARS)
    found += _range_bars("stop", stops, transitions.STOP_BARS)
    shift = np.median([row["shift cm"] for row in starts]) if starts else np.nan
    return [*found, _bar("start: median shift of six, cm", shift, transitions.SIX_SHIFT)]


def _range_bars(name, entries, bars):
    """A bar a row: the value that is furthest from the middle of its range."""
    if not entries:
        return [
            _bar(f"{name}: {row} (none was found)", np.nan, *ends) for row, ends in bars.items()
        ]
    found = []
    for row, (low, high) in bars.items():
        values = [entry[row] for entry in entries]
        worst = max(values, key=lambda v, low=low, high=high: max(low - v, v - high))
        passing = np.mean([low <= v <= high for v in values])
        print(f"{name:<10}{row:<18} median {np.median(values):7.2f}  pass {100 * passing:3.0f} %")
        found.append(_bar(f"{name}: {row}, worst", worst, low, None if high == np.inf else high))
    return found


def _circle_bars(model):
    found = []
    for radius in (1.0, 2.0, 3.0):
        shares = bends.lean_shares(circle(model, radius, 1.4).travel)
        if shares is None:
            print(f"circle of {radius} m: walked too slowly to lean")
            continue
        trunk, body, physical = shares
        print(f"circle of {radius} m: trunk {trunk:.2f}, body {body:.2f} of {physical:.0f} degrees")
        found.append(_bar(f"trunk's share of the lean, circle {radius} m", trunk, *bends.TRUNK_BAR))
        found.append(_bar(f"body's share of the lean, circle {radius} m", body, *bends.BODY_BAR))
    return found


def _frechet_bars(model, takes):
    """Distance of walks along recorded paths to the recordings, pooled and of single seeds."""
    walks = [take for take in takes if take.body.motion.fps == 30 and take.travel.speed.max() < 2.0]
    parts = [(take, frechet.motion_windows(take.motion)) for take in walks]
    parts = [(take, part) for take, part in parts if len(part)]
    people = np.concatenate([[take.person] * len(part) for take, part in parts])
    recorded = np.concatenate([part for _, part in parts])
    seeds = [_made_windows(model, [take for take, _ in parts], seed) for seed in SEEDS]
    seeds.append(tuple(np.concatenate(every) for every in zip(*seeds, strict=True)))
    found, alone = [], []
    print(f"Fréchet-like distance to {len(recorded)} windows of {len(set(people))} people")
    for name, joints in frechet.groups().items():
        space = frechet.Space(recorded, people, joints)
        theirs = space.gaussian(recorded, space.weights)
        *single, pooled = (
            frechet.distance(theirs, space.gaussian(made, frechet.equal_weights(ways)))
            for made, ways in seeds
        )
        print(f"{name:<6} seeds {' '.join(f'{d:.2f}' for d in single)}  pooled {pooled:.2f}")
        found.append(_bar(f"Fréchet distance, {name}, pooled", pooled, None, frechet.BARS[name]))
        alone = alone or single
    return [*found, _bar("Fréchet distance, worst seed", max(alone), None, frechet.ALONE)]


def _made_windows(model, takes, seed):
    """Windows of walks along the takes' ways, and of each whose way it was."""
    made = [(take.person, along(model, take, seed)) for take in takes]
    found = [(person, frechet.motion_windows(own.motion)) for person, own in made if own]
    ways = np.concatenate([[person] * len(windows) for person, windows in found])
    return np.concatenate([windows for _, windows in found]), ways


def print_table(table: Any) -> None:
    """Medians of six seeds by row and speed, with the marks of the ranges they miss."""
    print("row                     " + "".join(f"{speed:9.1f}" for speed in table))
    for row in table[1.0][0]:
        line = f"{row:<24}"
        for speed, seeds in table.items():
            median = np.median([seed.get(row, np.nan) for seed in seeds])
            line += f"{median:7.2f}{_mark(row, speed, median):<2}"
        print(line)


def _mark(row, speed, median):
    cell = cells_at(speed).get(row) if class_of(speed) else None
    if cell is None:
        return ""
    if not inside(median, cell.take):
        return "**"
    return "" if inside(median, cell.six) else "*"


def print_recorded(takes: Sequence[Take]) -> None:
    """What recordings have by the same code: median of each row beside that of the norms."""
    print("\nrecordings (in brackets the norms' median)")
    columns = {}
    for name, ends in CLASSES.items():
        clips = [clip_rows(take.travel, *ends)[0] for take in takes]
        columns[name] = [clip for clip in clips if clip]
    print(
        "row                     " + "".join(f"{n:>10} {len(c):>3}  " for n, c in columns.items())
    )
    for row in columns["walk"][0]:
        line = f"{row:<24}"
        for name, clips in columns.items():
            cell = cells(name).get(row)
            line += f"{np.median([clip[row] for clip in clips]):8.2f}"
            line += f" ({cell.median:g})".ljust(8) if cell else " " * 8
        print(line)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, then one of all bars; 1 when one is missed."""
    parser = parser_of("training.walk.gait.quality", __doc__)
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL, help="of the walk")
    parser.add_argument("--data", type=FilePath, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    return print_bars(rows(parsed.data or (OUR_DATA if OUR_DATA.is_dir() else None), parsed.model))


if __name__ == "__main__":
    sys.exit(main())
