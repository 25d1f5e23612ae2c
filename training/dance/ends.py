# SPDX-License-Identifier: GPL-3.0-or-later
"""Dances that end in a stand, judged: slips, balance, how still they are in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.approach.standing_end import StandingEnd
from quaternet_addon.core.body.contacts import measure_skate
from quaternet_addon.core.body.mass import mass_centre
from quaternet_addon.core.dance.arms import depth
from quaternet_addon.core.dance.dance import Dance
from quaternet_addon.core.reach import model as reach_model
from quaternet_addon.core.walk import model as walk_model

if TYPE_CHECKING:
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.dance.model import DanceModel


SEEDS, _SECONDS, _END = range(24), 5.0, 1.5  # dances; of each; looked at
_FEET = tuple(side + part for side in ("Left", "Right") for part in ("Foot", "ToeBase"))
SLIPS, LEANS, MOVES, TORSO = 0.01, 6.0, 0.3, 0.5  # bars: m/s, cm, m/s, cm


def ends(model: DanceModel) -> list[dict[str, float]]:
    """Figures of the last seconds of dances that end in a stand, one for each seed."""
    ending, found = StandingEnd(reach_model.load_model(), walk_model.load_model()), []
    for seed in SEEDS:
        made = Dance(model, duration=_SECONDS, seed=seed)
        made.ending = ending
        found.append(_figures(made.run()))
    return found


def _figures(motion: Motion) -> dict[str, float]:
    tail = motion.slice(-1 - round(_END * motion.fps), None)
    points = tail.positions()
    speeds = np.linalg.norm(np.diff(points, axis=0), axis=-1).max(-1) * tail.fps
    middle = points[-1, [tail.skeleton.index(name) for name in _FEET]].mean(0)
    away = mass_centre(tail.skeleton, points[-1:])[0] - middle
    contacts = np.asarray(tail.contacts)
    return {
        "slips": measure_skate(tail, contacts).maximum_contact_speed,
        "leans": 100.0 * float(np.linalg.norm(away[[0, 2]])),
        "moves": float(speeds[-1]),
        "in the torso": 100.0 * float(depth(tail).max()),
        "on both feet": float(contacts[-1].all()),
    }


def bars(found: list[dict[str, float]]) -> list[tuple[Any, ...]]:
    """What has to hold in every end: tuples of what, value, bar, whether it does."""
    rows = []
    for name, what, most in (
        ("slips", "standing ends: fastest planted ball, m/s", SLIPS),
        ("leans", "standing ends: centre of mass off the feet's middle, cm", LEANS),
        ("moves", "standing ends: fastest joint in the last frame, m/s", MOVES),
        ("in the torso", "standing ends: forearms in the torso, cm", TORSO),
    ):
        value = max(row[name] for row in found)
        rows.append((what, value, f"<= {most:g}", value <= most))
    both = min(row["on both feet"] for row in found)
    return [*rows, ("standing ends: on both feet, least", both, ">= 1", both >= 1.0)]
