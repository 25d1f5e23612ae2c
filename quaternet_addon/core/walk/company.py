# SPDX-License-Identifier: GPL-3.0-or-later
"""Who walks in a crowd, and how one walker differs from the next; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .path import Path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .way import Way


WIDTH = 2.0  # metres of the lanes of those who share a way, where nothing is said
_GAP = 0.9  # metres between walkers of one way, across and along it
_PACE, _SETS_OUT = 0.12, 2.0  # of the speed, and seconds, by which people differ
_STEP = 0.25  # metres between the points of a lane
_STOPS_AT, _STOPS_FOR = (0.3, 0.7), (3.0, 7.0)  # of the way, and seconds
_LONG_ENOUGH = 3.0  # metres of a way on which somebody stops


@dataclass(frozen=True)
class Company:
    """What is asked of a crowd.

    count: walkers. seed: of what differs. variety: how much they differ in pace and in when they
    set out. group: so many set out, walk and stop together. width: metres of the lanes of those
    who share a way. stops: the share of the groups that stop once on their way.
    """

    count: int
    seed: int = 0
    variety: float = 1.0
    group: int = 1
    width: float = WIDTH
    stops: float = 0.0


@dataclass(frozen=True)
class Member:
    """One walker.

    cast: which of the characters it is. factor: times the speed. delay: seconds that it waits.
    seed: added to the crowd's. group: number of those it is with.
    """

    cast: int
    way: Way
    factor: float
    delay: float
    seed: int
    group: int


def members(
    company: Company,
    ways: Sequence[Way],
    cast: int,
    *,
    can_wait: bool = True,
    can_stop: bool = True,
) -> list[Member]:
    """The `Member`s of a company; ways and cast, shorter than it, go round and round.

    A group takes one way. Those who share a way walk in lanes beside each other and in rows
    behind each other. cast: how many characters there are. can_wait, can_stop: whether walkers
    may start later, and stand on their way.
    """
    size = company.group
    groups, paused = _drawn(company, len(ways))
    stops = company.stops if can_stop else 0.0
    lanes = _in_lanes([index // size % len(ways) for index in range(company.count)])
    out = []
    for index, (number, place, sharing) in enumerate(lanes):
        pace, late = groups[index // size]
        way = _paused(ways[number], paused[index // size], stops)
        if sharing > 1:
            way = _lane(way, place, sharing, _lanes(company))
        out.append(
            Member(
                cast=index % cast,
                way=way,
                factor=1.0 + company.variety * _PACE * (2.0 * pace - 1.0),
                delay=company.variety * _SETS_OUT * late if can_wait else 0.0,
                seed=index,
                group=index // size,
            )
        )
    return out


def _drawn(company, ways):
    """For each group pace and delay, and three numbers for its stop, all in [0, 1)."""
    groups = -(-company.count // company.group)
    random = np.random.default_rng([company.seed, company.count])
    drawn, paused = random.uniform(0.0, 1.0, (groups, 2)), random.uniform(0.0, 1.0, (groups, 3))
    for number in range(min(ways, groups)):  # who is in front goes first
        drawn[number::ways, 1] = np.sort(drawn[number::ways, 1])[::-1]
    return drawn, paused


def _in_lanes(ways):
    """``(way, place on it, how many share it)`` of each; ways: of each the number."""
    taken = dict.fromkeys(ways, 0)
    for way in ways:
        yield way, taken[way], ways.count(way)
        taken[way] += 1


def _paused(way, drawn, share):
    """A way with a stop on it, for that share of those who draw ``(3,)`` numbers in [0, 1)."""
    chosen, place, long = drawn
    if chosen >= share or way.path.length < _LONG_ENOUGH:
        return way
    (first, last), (least, most) = _STOPS_AT, _STOPS_FOR
    stop = (first + place * (last - first)) * way.path.length, least + long * (most - least)
    return replace(way, stops=(*way.stops, stop))


def _lanes(company):
    """How many lanes there are; a group keeps together in one row."""
    lanes = max(1, int(company.width / _GAP) + 1)
    return max(company.group, lanes // company.group * company.group)


def _lane(way, number, sharing, lanes):
    """A way beside and along a way that several share, for the ``number``-th of them."""
    row, lane = divmod(number, lanes)
    rows = -(-sharing // lanes)
    path, span = way.path, 0.0
    if not path.closed:
        span = min((rows - 1) * _GAP, 0.5 * path.length)
    gap = (path.length if path.closed else span) / max(rows if path.closed else rows - 1, 1)
    first, last = row * gap, row * gap + path.length - span
    places = np.linspace(first, last, max(2, int((last - first) / _STEP)), endpoint=not path.closed)
    ahead = path.tangent(places)
    left = np.stack([ahead[:, 2], 0.0 * ahead[:, 0], -ahead[:, 0]], -1)
    aside = (lane - 0.5 * (min(lanes, sharing) - 1)) * _GAP
    moved = Path(path.position(places) + aside * left, path.closed)
    return replace(
        way,
        path=moved,
        factors=_along(way.factors, first, moved.length),
        stops=_along(way.stops, first, moved.length),
    )


def half_width(group: int) -> float:
    """Metres from the middle of a way to the outermost of a group that walks on it."""
    return 0.5 * (group - 1) * _GAP


def _along(pairs, first, length):
    """Pairs of distances and values, where the path begins ``first`` metres later."""
    return tuple((d - first, value) for d, value in pairs if 0.0 <= d - first <= length)
