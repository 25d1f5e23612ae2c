# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job says of a crowd, and what it is told of one; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..walk.avoidance import Disc
from ..walk.company import Company, Member
from ..walk.company import members as company_members
from ..walk.giving_way import GivingWay
from .characters import to_core

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..walk.walk import Walk
    from ..walk.way import Way
    from .job import Clip


DISTANCE, LONGEST_DELAY = 0.6, 10.0  # metres, seconds: where a job says nothing
_WARNED = 5  # pairs that a warning names


def members(clip: Clip, cast: int, ways: Sequence[Way]) -> list[Member]:
    """The `Member`s of a clip's crowd; cast: how many characters there are."""
    crowd = clip.crowd
    asked = {name: crowd[name] for name in ("variety", "group", "width", "stops") if name in crowd}  # type: ignore[index,operator]  # it is a crowd
    company = Company(clip.bodies, clip.random_seed, **asked)
    loops = clip.settings.get("loop", False)
    can_stop = not loops and "stops" not in clip.settings
    return company_members(company, ways, cast, can_wait=can_wait(clip), can_stop=can_stop)


def giving_way(clip: Clip, walks: Sequence[Walk]) -> GivingWay:
    """What lets the walks of a clip's crowd give way to each other, not run yet."""
    crowd = clip.crowd or {}
    return GivingWay(
        walks,
        crowd.get("distance", DISTANCE),
        longest_delay=crowd.get("longest_delay", LONGEST_DELAY),
        discs=discs(clip),
        stay=crowd.get("stay", True),
    )


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
    found, said = giving.conflicts, []
    if giving.blocked:
        through = [f"{c.first} at {c.seconds:.1f} s" for c in giving.blocked[:_WARNED]]
        more = ", ..." if len(giving.blocked) > _WARNED else ""
        said = [f"walkers go through obstacles: {', '.join(through)}{more}"]
    if not found:
        return said
    named = [
        f"{c.first} and {c.second} at {c.seconds:.1f} s ({c.distance:.2f} m)"
        for c in sorted(found, key=lambda c: c.distance)[:_WARNED]
    ]
    more = ", ..." if len(found) > _WARNED else ""
    begin = f"{len(found)} pairs of the crowd come closer than {giving.distance:g} m"
    return [f"{begin}: {', '.join(named)}{more}", *said]


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
        "through_obstacles": [
            {"character": c.first, "obstacle": c.second, "seconds": round(float(c.seconds), 3)}
            for c in giving.blocked
        ],
    }
