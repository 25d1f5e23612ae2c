# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in a crowd, and how one walker differs from the next; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..walk.avoidance import Disc
from ..walk.path import Path
from .characters import Character, to_core

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..walk.giving_way import GivingWay
    from ..walk.way import Way
    from .job import Clip


DISTANCE, LONGEST_DELAY, WIDTH = 0.6, 10.0, 2.0  # metres, seconds, metres: where a job says nothing
_GAP = 0.9  # metres between walkers of one curve, across and along it
_PACE, _SETS_OUT = 0.12, 2.0  # of the speed, and seconds, by which people differ
_STEP = 0.25  # metres between the points of a lane
_WARNED = 5  # pairs that a warning names


@dataclass(frozen=True)
class Member:
    """One walker.

    factor: times the speed. delay: seconds that it waits. seed: added to the clip's.
    """

    character: Character
    way: Way
    factor: float
    delay: float
    seed: int


def members(clip: Clip, characters: Sequence[Character], ways: Sequence[Way]) -> list[Member]:
    """The `Member`s of a clip's crowd; shorter lists go round and round.

    Those who share a curve walk in lanes beside each other and in rows behind each other. Groups
    set out together, at one pace.
    """
    crowd, count = clip.crowd, clip.bodies
    variety, group = crowd.get("variety", 1.0), crowd.get("group", 1)  # type: ignore[union-attr]  # it is a crowd
    random = np.random.default_rng([clip.random_seed, count])
    drawn = random.uniform(0.0, 1.0, (count // group + 1, 2))
    waits = can_wait(clip)
    out = []
    for index in range(count):
        pace, late = drawn[index // group]
        way = ways[index % len(ways)]
        sharing = len(range(index % len(ways), count, len(ways)))
        if sharing > 1:
            way = _lane(way, index // len(ways), sharing, crowd.get("width", WIDTH))  # type: ignore[union-attr]  # it is a crowd
        out.append(
            Member(
                character=characters[index % len(characters)],
                way=way,
                factor=1.0 + variety * _PACE * (2.0 * pace - 1.0),
                delay=variety * _SETS_OUT * late if waits else 0.0,
                seed=index,
            )
        )
    return out


def can_wait(clip: Clip) -> bool:
    """Whether the walkers of a clip may start later."""
    return clip.settings.get("standing_start", True) and not clip.settings.get("loop", False)


def discs(clip: Clip) -> list[Disc]:
    """The obstacles of a crowd as `Disc`s."""
    given = clip.crowd.get("obstacles", ())  # type: ignore[union-attr]  # it is a crowd
    centres = [to_core(np.array([*g["centre"], 0.0], float))[[0, 2]] for g in given]
    return [Disc(tuple(c), g["radius"]) for c, g in zip(centres, given, strict=True)]


def warnings(giving: GivingWay) -> list[str]:
    """What a crowd did not solve, in words; giving: a finished `GivingWay`."""
    found = giving.conflicts
    if not found:
        return []
    named = [
        f"{c.first} and {c.second} at {c.seconds:.1f} s ({c.distance:.2f} m)"
        for c in sorted(found, key=lambda c: c.distance)[:_WARNED]
    ]
    more = ", ..." if len(found) > _WARNED else ""
    begin = f"{len(found)} pairs of the crowd come closer than {giving.distance:g} m"
    return [f"{begin}: {', '.join(named)}{more}"]


def facts(giving: GivingWay, members: Sequence[Member]) -> dict[str, Any]:
    """How a crowd keeps apart, for the manifest; unsolved: the pairs that come too near."""
    closest = giving.closest
    return {
        "delays": [round(m.delay + d, 3) for m, d in zip(members, giving.delays, strict=True)],
        "factors": [round(member.factor, 4) for member in members],
        "aside_mean": round(float(giving.offsets[:, 0].mean()), 4),
        "aside_max": round(float(giving.offsets[:, 1].max()), 4),
        "closest": round(float(closest), 4) if np.isfinite(closest) else None,
        "unsolved": [
            {
                "characters": [c.first, c.second],
                "seconds": round(float(c.seconds), 3),
                "distance": round(c.distance, 4),
            }
            for c in giving.conflicts
        ],
    }


def _lane(way, number, sharing, width):
    """A way beside and along a way that several share, for the ``number``-th of them."""
    lanes = max(1, int(width / _GAP) + 1)
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


def _along(pairs, first, length):
    """Pairs of distances and values, where the path begins ``first`` metres later."""
    return tuple((d - first, value) for d, value in pairs if 0.0 <= d - first <= length)
