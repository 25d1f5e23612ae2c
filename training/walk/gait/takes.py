# SPDX-License-Identifier: GPL-3.0-or-later
"""The motions that are measured: recordings of people, and walks that the model makes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.walk.itinerary import FASTEST, SLOWEST, Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk

from ...data.cleaning import ground_height
from ...data.sources import lower_to_ground
from ..data import load_level
from ..recordings import HELD_OUT, PEOPLE, STYLIZED, paths_of
from ..root_path import root_path
from .body import Body
from .strides import Travel

if TYPE_CHECKING:
    from pathlib import Path as FilePath
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.walk.model import LocomotionModel


SEEDS = tuple(range(6))
SECONDS = 9.0  # of a straight walk, at its speed
_STANDING = 0.25  # m/s at an end of a recording that is a stand
_LEAST = 0.8  # metres of a recorded way that is walked again
_AHEAD = 0.8  # mean cosine between facing and travel


@dataclass(frozen=True)
class Take:
    """A motion and who made it; its `Body` and `Travel` are worked out once."""

    name: str
    person: str
    motion: Motion

    @cached_property
    def body(self) -> Body:
        """Places and angles."""
        return Body(self.motion)

    @cached_property
    def travel(self) -> Travel:
        """Path and strides."""
        return Travel(self.body)


def recordings(folder: FilePath) -> list[Take]:
    """Everybody's clips as recorded, on level ground: a list of `Take`. No styled ones."""
    own = {person: text for person, text in PEOPLE.items() if person not in STYLIZED}
    return [
        load_take(folder, path, person) for person, text in own.items() for path in paths_of(text)
    ]


def load_take(folder: FilePath, path: str, person: str = "") -> Take:
    """One recording on level ground, its balls at their height of rest where they stand."""
    motion = load_level(folder, path)
    return Take(path, person, lower_to_ground(motion, ground_height(motion)))


def ahead(take: Take) -> bool:
    """Whether a take goes where it faces."""
    travel = take.travel
    way = np.arctan2(travel.direction[:, 0], travel.direction[:, 1])
    facing = np.radians(take.body.heading("Hips"))
    moving = travel.speed > 0.3
    return bool(moving.any() and np.cos(facing - way)[moving].mean() > _AHEAD)


def held_out(take: Take) -> bool:
    """Whether no training saw this recording."""
    return take.name in HELD_OUT


def straight(model: LocomotionModel, speed: float, seed: int, **options: Any) -> Walk:
    """A walk straight ahead from stand to stand; its ``motion`` and ``raw`` are worked out."""
    length = max(5.0, SECONDS * speed)
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))
    walk = Walk(model, path, speed=speed, seed=seed, **options)
    walk.run()
    return walk


def circle(
    model: LocomotionModel, radius: float, speed: float, seed: int = 0, laps: int = 2
) -> Take:
    """Walk round and round a circle, as a `Take`."""
    angle = np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False)
    places = radius * np.stack([np.cos(angle) - 1.0, 0.0 * angle, np.sin(angle)], -1)
    walk = Walk(model, Path(places, closed=True), speed=speed, seed=seed, laps=laps)
    return Take(f"circle {radius:g} m", f"seed {seed}", walk.run())


def along(model: LocomotionModel, take: Take, seed: int) -> Take | None:
    """A walk along a recorded take's path, at its speed and with its ends; None if too short."""
    path = root_path(take.motion)
    speeds = path.speeds()
    length = np.linalg.norm(np.diff(path.positions, axis=0), axis=-1).sum()
    if length < _LEAST:
        return None
    points = np.stack([path.positions[:, 0], 0.0 * speeds, path.positions[:, 1]], -1)
    stands = [bool(speed < _STANDING) for speed in speeds[[0, -1]]]
    ends = Itinerary(standing_start=stands[0], standing_end=stands[1])
    speed = float(np.clip(np.percentile(speeds, 75), SLOWEST, FASTEST))
    walk = Walk(model, Path(_thinned(points)), speed=speed, seed=seed, itinerary=ends)
    return Take(take.name, f"seed {seed}", walk.run())


def _thinned(points, step=0.1):
    """Points of a way at least ``step`` metres apart: a stand is one."""
    kept = [points[0]]
    for point in points[1:]:
        if np.linalg.norm(point - kept[-1]) >= step:
            kept.append(point)
    return np.array(kept)
