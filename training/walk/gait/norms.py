# SPDX-License-Identifier: GPL-3.0-or-later
"""What recorded people have in each row, and the bars made of it (data, see docs/GAIT.md); pure.

Each cell: recorded median; *take*, 5th to 95th percentile of recorded clips, in which a seed must
lie; *six*, 90 % interval of the median of six recorded actors, in which the median of six seeds
must lie. Classes are by speed; the bars at 1.0, 1.4 and 1.8 m/s are narrower in four rows.
"""

import csv
import io
from dataclasses import dataclass

CLASSES = {"slow": (0.7, 1.1), "walk": (1.1, 1.5), "fast": (1.5, 2.0), "run": (2.0, 5.0)}
"""Class -> least and greatest speed, m/s; ``backward`` is judged on its own."""
_TABLE = """
row|slow|walk|fast|run|backward
cadence /min|100;88..104;91..100|106;96..114;98..110|116;112..132;115..125|157;138..176;152..166|92;84..98
step length m|0.62;0.55..0.70;0.55..0.7|0.70;0.60..0.80;0.65..0.8|0.82;0.80..0.90;0.8..0.85|1.22;0.95..1.60;1..1.35|0.52;0.50..0.60
walk ratio m s|0.38;0.32..0.46;0.34..0.44|0.40;0.34..0.46;0.36..0.44|0.42;0.36..0.46;0.38..0.44|0.47;0.38..0.60;0.4..0.52|0.35;0.30..0.40
double support %|24;20..30;22.5..27.5|21;18..28;20..24.5|19;16..22;17..21||32;26..35
contact %||||31;20..44;23..37|
hip sway cm|4.5;1.5..6.5;4..6|4.3;1.5..5.5;3..5|2.0;1.0..4.5;1.5..4.5|3.1;0.5..8.0;1..5.5|4.9;3.0..8.5
hip bob cm|3.0;1.0..5.0;1.5..3.5|3.4;2.0..5.5;2.5..4.5|3.9;3.5..6.0;3.5..5.5|9.3;7.0..11.0;8..10.5|3.1;1.5..5.5
pelvis yaw range|12;7..18;7..12|11;7..18;9..15.5|17;13..20;14.5..18|18;8..34;10..24|19;15..24
pelvis list range|12;8..16;10..14.5|12;7..16;8.5..14|12;6..16;10.5..15|14;6..23;8.5..19|9;6..12
pelvis tilt mean|-4;-7..9;-4..6.5|-2;-7..17;-4..5.5|7;-2..18;-1..11|3;-2..6;-0.5..4.5|-5;-8..-3
trunk lean mean|-2;-4..4;-1.5..3|2;-5..5;-0.5..3.5|2;1..5;1.5..3.5|5;0..13;3.5..9.5|-2;-4..0
trunk lean range|3.5;2.0..5.0;3..5|3.3;2.0..5.0;2.5..4|2.1;1.0..5.0;2..5|7.9;5.0..15.0;5.5..12.5|4.4;2.5..5.5
trunk side range|2.9;1.5..5.5;2.5..4.5|3.4;2.0..6.0;2..5|5.2;3.0..6.0;3..5.5|7.6;3.5..12.0;3.5..9|3.0;1.5..6.0
head pitch|13;4..26;11..24|14;2..22;5..18|11;2..20;-1..19|2;-16..12;-9..7|16;2..24
arm swing|35;15..50;17.5..40|27;15..65;22.5..55|68;30..85;30..72.5|67;30..115;45..85|36;25..50
elbow mean|20;10..35;22.5..32.5|27;10..35;22.5..32.5|30;25..40;27.5..37.5|99;65..115;75..107.5|19;10..25
knee furthest ahead|8;5..24;10..21.5|13;5..23;9..21.5|18;9..24;16..24|29;13..40;19.5..34|40;36..43
knee loading max|28;22..36;26..33|29;24..40;27..35|39;32..44;32..43|50;34..60;39..58|50;48..52
knee swing max|68;62..76;66..73|71;64..78;67..73|74;68..76;70..76|111;66..132;88..118|59;54..62
foot pitch landing|21;16..30;19..29|24;20..36;21..32|30;24..38;26..32|12;-6..22;4..16|-25;-28..-20
foot pitch toe-off|-60;-64..-52;-62..-55|-58;-64..-50;-63..-57|-57;-64..-50;-61..-54|-60;-64..-48;-64..-56|-2;-4..2
toe clearance cm|2.2;0.5..4.5;1.5..4|2.5;1.0..6.0;1.5..4.5|3.7;0.5..8.0;2..6|12.4;1.5..21.0;6.5..16.5|2.5;1.0..3.5
step width cm|9;5..14;8.5..12|9;5..14;6.5..12.5|9;6..13;8..11|7;-7..13;1..9.5|13;10..21
"""
_AT_SPEED = """
row|1.0|1.4|1.8
hip sway cm|1.7..5.8;4.2..5.6|1.2..5.2;2.3..4.6|1.3..4.1;1.8..4.0
hip bob cm|1.5..4.8;1.9..3.3|3.1..5.5;3.4..4.3|3.4..6.3;3.7..5.5
walk ratio m s|0.33..0.46;0.35..0.44|0.38..0.46;0.40..0.43|0.38..0.46;0.39..0.44
trunk lean mean|-3.8..3.5;-0.8..3.0|0.6..3.9;1.4..3.3|1.6..4.8;1.8..3.6
"""


@dataclass(frozen=True)
class Cell:
    """One row at one speed: median of the recordings, and the two ranges, ``(low, high)``."""

    median: float
    take: tuple
    six: tuple = None


def class_of(speed):
    """Name of the class of a speed, None below and above all of them."""
    return next((name for name, (low, high) in CLASSES.items() if low <= speed < high), None)


def cells(name):
    """Row -> `Cell` of a class."""
    return {row: _CELLS[row][name] for row in _CELLS if name in _CELLS[row]}


def cells_at(speed):
    """Row -> `Cell` by which a walk at ``speed`` is judged, narrower at 1.0, 1.4 and 1.8 m/s."""
    found = cells(class_of(speed))
    for row, ranges in _NARROWER.get(f"{speed:.1f}", {}).items():
        found[row] = Cell(found[row].median, *ranges)
    return found


def _range(text):
    low, high = text.split("..")
    return float(low), float(high)


def _read(table):
    return list(csv.DictReader(io.StringIO(table.strip()), delimiter="|"))


def _cell(text):
    median, *ranges = text.split(";")
    return Cell(float(median), *map(_range, ranges))


_CELLS = {
    entry.pop("row"): {name: _cell(text) for name, text in entry.items() if text}
    for entry in _read(_TABLE)
}
_NARROWER = {}
for _entry in _read(_AT_SPEED):
    _row = _entry.pop("row")
    for _speed, _text in _entry.items():
        _NARROWER.setdefault(_speed, {})[_row] = tuple(map(_range, _text.split(";")))


def inside(value, ends):
    """Whether a value lies in a range, ends included."""
    return ends[0] <= value <= ends[1]
