# SPDX-License-Identifier: GPL-3.0-or-later
"""What recorded people have in each row, and the bars made of it (data, see docs/GAIT.md); pure.

Each cell: recorded median; *take*, 5th to 95th percentile of recorded clips, in which a seed must
lie; *six*, 90 % interval of the median of six recorded actors, in which the median of six seeds
must lie. Classes are by speed; the bars at 1.0, 1.4 and 1.8 m/s are narrower in four rows.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

CLASSES = {"slow": (0.7, 1.1), "walk": (1.1, 1.5), "fast": (1.5, 2.0), "run": (2.0, 5.0)}
"""Class -> least and greatest speed, m/s; ``backward`` is judged on its own."""
_TABLE = """
row|class|median|take|six
cadence /min|slow|100|88..104|91..100
cadence /min|walk|106|96..114|98..110
cadence /min|fast|116|112..132|115..125
cadence /min|run|157|138..176|152..166
cadence /min|backward|92|84..98
step length m|slow|0.62|0.55..0.70|0.55..0.7
step length m|walk|0.70|0.60..0.80|0.65..0.8
step length m|fast|0.82|0.80..0.90|0.8..0.85
step length m|run|1.22|0.95..1.60|1..1.35
step length m|backward|0.52|0.50..0.60
walk ratio m s|slow|0.38|0.32..0.46|0.34..0.44
walk ratio m s|walk|0.40|0.34..0.46|0.36..0.44
walk ratio m s|fast|0.42|0.36..0.46|0.38..0.44
walk ratio m s|run|0.47|0.38..0.60|0.4..0.52
walk ratio m s|backward|0.35|0.30..0.40
double support %|slow|24|20..30|22.5..27.5
double support %|walk|21|18..28|20..24.5
double support %|fast|19|16..22|17..21
double support %|backward|32|26..35
hip sway cm|slow|4.5|1.5..6.5|4..6
hip sway cm|walk|4.3|1.5..5.5|3..5
hip sway cm|fast|2.0|1.0..4.5|1.5..4.5
hip sway cm|run|3.1|0.5..8.0|1..5.5
hip sway cm|backward|4.9|3.0..8.5
hip bob cm|slow|3.0|1.0..5.0|1.5..3.5
hip bob cm|walk|3.4|2.0..5.5|2.5..4.5
hip bob cm|fast|3.9|3.5..6.0|3.5..5.5
hip bob cm|run|9.3|7.0..11.0|8..10.5
hip bob cm|backward|3.1|1.5..5.5
pelvis yaw range|slow|12|7..18|7..12
pelvis yaw range|walk|11|7..18|9..15.5
pelvis yaw range|fast|17|13..20|14.5..18
pelvis yaw range|run|18|8..34|10..24
pelvis yaw range|backward|19|15..24
pelvis list range|slow|12|8..16|10..14.5
pelvis list range|walk|12|7..16|8.5..14
pelvis list range|fast|12|6..16|10.5..15
pelvis list range|run|14|6..23|8.5..19
pelvis list range|backward|9|6..12
pelvis tilt mean|slow|-4|-7..9|-4..6.5
pelvis tilt mean|walk|-2|-7..17|-4..5.5
pelvis tilt mean|fast|7|-2..18|-1..11
pelvis tilt mean|run|3|-2..6|-0.5..4.5
pelvis tilt mean|backward|-5|-8..-3
trunk lean mean|slow|-2|-4..4|-1.5..3
trunk lean mean|walk|2|-5..5|-0.5..3.5
trunk lean mean|fast|2|1..5|1.5..3.5
trunk lean mean|run|5|0..13|3.5..9.5
trunk lean mean|backward|-2|-4..0
trunk lean range|slow|3.5|2.0..5.0|3..5
trunk lean range|walk|3.3|2.0..5.0|2.5..4
trunk lean range|fast|2.1|1.0..5.0|2..5
trunk lean range|run|7.9|5.0..15.0|5.5..12.5
trunk lean range|backward|4.4|2.5..5.5
trunk side range|slow|2.9|1.5..5.5|2.5..4.5
trunk side range|walk|3.4|2.0..6.0|2..5
trunk side range|fast|5.2|3.0..6.0|3..5.5
trunk side range|run|7.6|3.5..12.0|3.5..9
trunk side range|backward|3.0|1.5..6.0
head pitch|slow|13|4..26|11..24
head pitch|walk|14|2..22|5..18
head pitch|fast|11|2..20|-1..19
head pitch|run|2|-16..12|-9..7
head pitch|backward|16|2..24
arm swing|slow|35|15..50|17.5..40
arm swing|walk|27|15..65|22.5..55
arm swing|fast|68|30..85|30..72.5
arm swing|run|67|30..115|45..85
arm swing|backward|36|25..50
elbow mean|slow|20|10..35|22.5..32.5
elbow mean|walk|27|10..35|22.5..32.5
elbow mean|fast|30|25..40|27.5..37.5
elbow mean|run|99|65..115|75..107.5
elbow mean|backward|19|10..25
knee furthest ahead|slow|8|5..24|10..21.5
knee furthest ahead|walk|13|5..23|9..21.5
knee furthest ahead|fast|18|9..24|16..24
knee furthest ahead|run|29|13..40|19.5..34
knee furthest ahead|backward|40|36..43
knee loading max|slow|28|22..36|26..33
knee loading max|walk|29|24..40|27..35
knee loading max|fast|39|32..44|32..43
knee loading max|run|50|34..60|39..58
knee loading max|backward|50|48..52
knee swing max|slow|68|62..76|66..73
knee swing max|walk|71|64..78|67..73
knee swing max|fast|74|68..76|70..76
knee swing max|run|111|66..132|88..118
knee swing max|backward|59|54..62
foot pitch landing|slow|21|16..30|19..29
foot pitch landing|walk|24|20..36|21..32
foot pitch landing|fast|30|24..38|26..32
foot pitch landing|run|12|-6..22|4..16
foot pitch landing|backward|-25|-28..-20
foot pitch toe-off|slow|-60|-64..-52|-62..-55
foot pitch toe-off|walk|-58|-64..-50|-63..-57
foot pitch toe-off|fast|-57|-64..-50|-61..-54
foot pitch toe-off|run|-60|-64..-48|-64..-56
foot pitch toe-off|backward|-2|-4..2
toe clearance cm|slow|2.2|0.5..4.5|1.5..4
toe clearance cm|walk|2.5|1.0..6.0|1.5..4.5
toe clearance cm|fast|3.7|0.5..8.0|2..6
toe clearance cm|run|12.4|1.5..21.0|6.5..16.5
toe clearance cm|backward|2.5|1.0..3.5
step width cm|slow|9|5..14|8.5..12
step width cm|walk|9|5..14|6.5..12.5
step width cm|fast|9|6..13|8..11
step width cm|run|7|-7..13|1..9.5
step width cm|backward|13|10..21
"""
_AT_SPEED = """
row|speed|take|six
hip sway cm|1.0|1.7..5.8|4.2..5.6
hip sway cm|1.4|1.2..5.2|2.3..4.6
hip sway cm|1.8|1.3..4.1|1.8..4.0
hip bob cm|1.0|1.5..4.8|1.9..3.3
hip bob cm|1.4|3.1..5.5|3.4..4.3
hip bob cm|1.8|3.4..6.3|3.7..5.5
walk ratio m s|1.0|0.33..0.46|0.35..0.44
walk ratio m s|1.4|0.38..0.46|0.40..0.43
walk ratio m s|1.8|0.38..0.46|0.39..0.44
trunk lean mean|1.0|-3.8..3.5|-0.8..3.0
trunk lean mean|1.4|0.6..3.9|1.4..3.3
trunk lean mean|1.8|1.6..4.8|1.8..3.6
"""


@dataclass(frozen=True)
class Cell:
    """One row at one speed: median of the recordings, and the two ranges, ``(low, high)``."""

    median: float
    take: tuple
    six: tuple | None = None


def class_of(speed: float) -> str | None:
    """Name of the class of a speed, None below and above all of them."""
    return next((name for name, (low, high) in CLASSES.items() if low <= speed < high), None)


def cells(name: str) -> dict[str, Cell]:
    """Row -> `Cell` of a class."""
    return {row: _CELLS[row][name] for row in _CELLS if name in _CELLS[row]}


def cells_at(speed: float) -> dict[str, Cell]:
    """Row -> `Cell` by which a walk at ``speed`` is judged, narrower at 1.0, 1.4 and 1.8 m/s."""
    found = cells(class_of(speed) or "")
    for row, ranges in _NARROWER.get(f"{speed:.1f}", {}).items():
        found[row] = Cell(found[row].median, *ranges)
    return found


def _range(text):
    low, high = text.split("..")
    return float(low), float(high)


def _read(table):
    return list(csv.DictReader(io.StringIO(table.strip()), delimiter="|"))


def _cell(entry):
    six = _range(entry["six"]) if entry["six"] else None
    return Cell(float(entry["median"]), _range(entry["take"]), six)


_CELLS, _NARROWER = {}, {}
for _entry in _read(_TABLE):
    _CELLS.setdefault(_entry["row"], {})[_entry["class"]] = _cell(_entry)
for _entry in _read(_AT_SPEED):
    _ranges = _range(_entry["take"]), _range(_entry["six"])
    _NARROWER.setdefault(_entry["speed"], {})[_entry["row"]] = _ranges


def inside(value: float, ends: tuple[float, float]) -> bool:
    """Whether a value lies in a range, ends included."""
    return ends[0] <= value <= ends[1]
