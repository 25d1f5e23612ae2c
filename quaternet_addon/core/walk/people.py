# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose gait a walk has: a seed is a person, chosen among those recorded at its speed; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .request import WalkRequest


RUN_FROM = 2.05  # m/s in the model's proportions: faster ones run
WORDS = {
    "WOMAN": "Female 1",
    "MAN": "Male 1",
    "BRISK": "CMU 39",
    "UNHURRIED": "CMU 49",
    "MARCH": "March",
}
"""Words for styles of the shipped model: each is one person's gait, the last one acted."""
_REACH = {"walk": 1.1, "run": 1.15}  # how far beyond the recorded speeds somebody is trusted
_FEW = 4  # that seeds choose from where all are slower than anybody was
_ORDER = 20261128  # of the people, the same for every walk


@dataclass(frozen=True)
class Person:
    """What the recordings hold of one style of a model.

    walk, run: least and greatest speed ahead, m/s, or None. cadence: steps a second against
    everybody's at the same speed. styled: no gait of somebody's own, for no seed to choose.
    aside: whether they were recorded going backward and sideways.
    """

    walk: tuple | None = None
    run: tuple | None = None
    cadence: float = 1.0
    styled: bool = False
    aside: bool = False


def read_people(header: dict[str, Any]) -> tuple[Person, ...]:
    """The `Person` of each style of a model file; an empty tuple for a file that names none."""
    return tuple(
        Person(
            tuple(entry["walk"]) if entry["walk"] else None,
            tuple(entry["run"]) if entry["run"] else None,
            float(entry["cadence"]),
            bool(entry.get("styled", False)),
            bool(entry.get("aside", False)),
        )
        for entry in header.get("people", ())
    )


@dataclass(frozen=True)
class Cast:
    """Indices of the styles that walk and that run in one take, and the walker's cadence."""

    walker: int
    runner: int
    cadence: float = 1.0

    def style(self, gait: np.ndarray, styles: int) -> np.ndarray:
        """Weights of the styles ``(T, S)``: the walker's where ``gait: (T,)`` is 0."""
        weights = np.zeros((len(gait), styles))
        weights[:, self.walker] += 1.0 - gait
        weights[:, self.runner] += gait
        return weights


@dataclass(frozen=True)
class Blend:
    """Weights ``(S,)`` of the styles, walking and running, and their cadence; see `blended`."""

    weights: tuple
    cadence: float = 1.0

    def style(self, gait: np.ndarray, styles: int) -> np.ndarray:
        """The weights ``(T, S)`` of each frame; gait: ``(T,)``."""
        return np.broadcast_to(np.array(self.weights), (len(gait), styles))


def blended(
    people: Sequence[Person], styles: Sequence[str], wish: str | Mapping[str, float]
) -> Blend:
    """The `Blend` of a wish: a word of WORDS, a style's name, or a dictionary of them to weights.

    styles: names of the model's styles. ValueError says which there are.
    """
    wishes = wish if isinstance(wish, Mapping) else {wish: 1.0}
    weights = np.zeros(len(styles))
    for name, weight in wishes.items():
        known = WORDS.get(str(name).upper(), name)
        if known not in styles:
            raise ValueError(f"Expected a style out of {', '.join(styles)}, got {name}.")
        weights[styles.index(known)] += weight
    if not weights.sum() > 0.0 or weights.min() < 0.0:
        raise ValueError("Expected weights of styles above zero.")
    weights = weights / weights.sum()
    cadences = [person.cadence for person in people] or np.ones(len(styles))
    return Blend(tuple(weights.tolist()), float(weights @ cadences))


def check_aside(request: WalkRequest) -> None:
    """ValueError where a walk backward or sideways is asked that the model was never shown."""
    if not request.itinerary.aside:
        return
    if not any(person.aside for person in request.model.people):
        raise ValueError(
            "Expected a walk ahead, got one backward or sideways: this model has none."
        )


def chosen(request: WalkRequest) -> Cast | Blend | None:
    """The `Cast` or `Blend` of a `request.WalkRequest`; None for a model that knows nobody."""
    model, people = request.model, request.model.people
    if request.style != "SEED":
        return blended(people, model.styles, request.style)
    if not people:
        return None
    seed, aside = int(request.seed) & 0xFFFFFFFF, request.itinerary.aside
    return cast(people, seed, request.model_speed, model.default_style, aside)


def cast(
    people: Sequence[Person], seed: int, speed: float, default: int, aside: bool = False
) -> Cast:
    """Who walks and who runs for a seed at a steady speed of the model's proportions, m/s.

    Seed 0: the style ``default`` where it was recorded at that speed. aside: for a way backward
    or sideways.
    """
    if aside:
        able = [n for n, person in enumerate(people) if person.aside] or [default]
        one = able[seed % len(able)]
        return Cast(one, one, people[one].cadence)
    walker = _one_of(people, "walk", seed, min(speed, RUN_FROM), default)
    runner = _one_of(people, "run", seed, max(speed, RUN_FROM), default)
    if speed > RUN_FROM and people[runner].walk:
        walker = runner  # nobody becomes somebody else on the way into a run
    return Cast(walker, runner, people[walker].cadence)


def _one_of(people, gait, seed, speed, default):
    able = [n for n, person in enumerate(people) if getattr(person, gait) and not person.styled]
    if not able:
        return default
    away = {n: _beyond(getattr(people[n], gait), speed) for n in able}
    near = [n for n in able if away[n] <= _REACH[gait]] or [min(able, key=away.get)]
    if all(getattr(people[n], gait)[0] > speed for n in able):  # nobody was recorded so slowly
        near = sorted(able, key=away.get)[:_FEW]
    order = [n for n in np.random.default_rng(_ORDER).permutation(len(people)) if n in near]
    if default in near:
        order.remove(default)
        order.insert(0, default)
    return int(order[seed % len(order)])


def _beyond(ends, speed):
    """By what factor a speed is outside of a range, 1 inside."""
    return max(ends[0] / speed, speed / ends[1], 1.0)
