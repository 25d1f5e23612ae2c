# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns on the spot under way: where a path turns back on itself, and at stops in bends; pure.

Nobody walks an arc of 20 cm: people stop, turn on the spot in two or three steps, and go on.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .path import KNOWN_PATHS, grid
from .turning import SETTLE, Turn, turn_of, turn_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .itinerary import Itinerary
    from .path import Path


_WINDOW = 0.35  # metres to both sides: a half turn within them has a radius of 22 cm
_BACK = np.radians(120.0)  # what turns by more there is no bend to be walked
_AT_STOPS = np.radians(45.0)  # who stands anyway turns on the spot for less
_ROOM = 0.9  # metres to the ends, and from one such place to the next
_STEP = 0.02  # metres
_STILL = 1e-6  # metres a frame


def with_hairpins(wish: Itinerary, path: Path) -> tuple[Itinerary, tuple[float, ...]]:
    """The wish with stops where the path turns back, and all places of turns on the spot.

    Both in the proportions of the model. Stops in bends get the time that a turn takes. Loops, and
    who looks at something all the way, do not turn.
    """
    if wish.loop or wish.face is not None:
        return wish, ()
    stops, places = dict(wish.stops), []
    for place in _hairpins(path):
        if all(abs(place - stop) > _ROOM for stop in stops):
            stops[place] = 0.0
    for place, seconds in stops.items():
        angle = float(_turns(path, np.array([place]))[0])
        inside = path.closed or _ROOM < place < path.length - _ROOM
        if inside and abs(angle) > _AT_STOPS:
            stops[place] = max(seconds, turn_seconds(angle) + SETTLE)
            places.append(place)
    return replace(wish, stops=tuple(sorted(stops.items()))), tuple(sorted(places))


@functools.lru_cache(KNOWN_PATHS)
def _hairpins(path):
    """Where the path turns back on itself, metres along it."""
    places = grid(0.0, path.length, _STEP)
    if not path.closed:
        places = places[(places > _ROOM) & (places < path.length - _ROOM)]
    angles, found = np.abs(_turns(path, places)), []
    while len(angles) and angles.max() > _BACK:
        most = angles >= angles.max() - 1e-6
        place = float(np.median(places[most]))
        place = float(places[most][np.argmin(np.abs(places[most] - place))])
        found.append(place)
        angles = np.where(np.abs(places - place) < _ROOM, 0.0, angles)
    return tuple(found)


def _turns(path, places):
    """By how much the heading changes around places, radians."""
    return path.heading(places + _WINDOW) - path.heading(places - _WINDOW)


def headings_with_turns(
    way: Callable[[np.ndarray], np.ndarray],
    distances: np.ndarray,
    places: Sequence[float],
    fps: float,
) -> tuple[np.ndarray, np.ndarray, tuple[Turn, ...]]:
    """Headings ``(T,)`` without the turns at places, what these add, ``(T,)``, and the `Turn`s.

    way: its heading at distances. distances: ``(T,)`` metres along it. places: of turns, metres.
    """
    headings, turns = way(distances), []
    seconds, aside, out = np.arange(len(headings)) / fps, np.zeros(len(headings)), headings.copy()
    for place in places:
        still = np.abs(np.gradient(distances)) < _STILL
        stands = np.flatnonzero(still & (np.abs(distances - place) < _STEP))
        if len(stands) < 2 or stands[0] == 0 or stands[-1] == len(headings) - 1:
            continue
        before, after = way(np.array([place - _WINDOW, place + _WINDOW]))
        inside = np.abs(distances - place) < _WINDOW
        out -= np.where(inside, headings - before, np.where(distances < place, 0.0, after - before))
        turn = turn_of(after - before, float(seconds[stands[0]]))
        aside += turn.radians * turn.turned(seconds)
        turns.append(turn)
    return out, aside, tuple(turns)
