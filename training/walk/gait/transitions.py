# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts from a stand, stops to one, and turns on the spot; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .body import low_passed, sideways
from .standing import ball_speeds, foot_offsets, stance_of, still_spans
from .strides import SIDES

if TYPE_CHECKING:
    from .body import Body


_STAND = 0.7  # seconds that a stand before a start or after a stop lasts at least
_SPEED_BELOW = 1.2  # Hz: the speed of travel without that of the steps
_RESTED = 10  # frames at the end of a stand: a last, small step may come late
_MOVES = 0.05  # m/s of the centre of mass: the first motion
_LIFTED = 0.03  # metres of a ball, up or along: the foot is off
_SLOWEST = 0.5  # m/s of a walk that is started or stopped
_RUN = 2.0  # m/s
_WITHIN = 5.0  # seconds that a start or a stop lasts at most
_TURNING, _LEAST = 0.4, 45.0  # rad/s; degrees of a turn on the spot
_ON_THE_SPOT = 0.35  # m/s
_STEPPING = 0.25  # m/s of a ball that is on its way

START_BARS = {"shift cm": (1.2, np.inf), "to lift-off s": (0.25, 0.7), "to 90 % s": (1.1, 2.3)}
RUN_START_BARS = {"to 90 % s": (1.0, 1.8)}
STOP_BARS = {
    "fore and aft cm": (0.0, 8.0),
    "apart cm": (11.0, np.inf),
    "larger knee": (0.0, 17.0),
    "to still s": (1.1, 2.7),
}
TURN_BARS = {
    "s per 90": (0.4, 1.65),
    "steps per 90": (1.4, 3.8),
    "head ahead": (2.5, np.inf),
    "head ahead s": (-0.05, np.inf),
}
SIX_SHIFT = 1.6
"""Centimetres: least median of six seeds' shifts of the weight before they start."""


def starts(body: Body) -> list[dict[str, float]]:
    """Rows of every start of a walk or run from a stand, with its ``speed``."""
    speed, found = hips_speed(body), []
    for span in still_spans(body, _STAND):
        after = slice(span.stop, min(len(body), span.stop + int(_WITHIN * body.fps)))
        if after.stop - after.start < body.fps:
            continue
        steady = np.percentile(speed[after], 80)
        reached = np.flatnonzero(speed[after] >= 0.9 * steady)
        lift = _lift(body, span)
        if steady < _SLOWEST or not len(reached) or lift is None:
            continue
        first = _first_motion(body, span, lift[0])
        found.append(
            {
                "speed": steady,
                "shift cm": _shift(body, span, first, *lift),
                "to lift-off s": (lift[0] - first) / body.fps,
                "to 90 % s": (after.start + reached[0] - first) / body.fps,
            }
        )
    return found


def stops(body: Body) -> list[dict[str, float]]:
    """Rows of every stop of a walk or run to a stand, with its ``speed``."""
    speed, found = hips_speed(body), []
    for span in still_spans(body, _STAND):
        before = slice(max(0, span.start - int(_WITHIN * body.fps)), span.start)
        if before.stop - before.start < body.fps:
            continue
        steady = np.percentile(speed[before], 80)
        fast = np.flatnonzero(speed[before] >= 0.9 * steady)
        if steady < _SLOWEST or not len(fast):
            continue
        rest = slice(max(span.start, span.stop - _RESTED), span.stop)
        shift, width = foot_offsets(body, rest)
        found.append(
            {
                "speed": steady,
                "fore and aft cm": 100.0 * shift,
                "apart cm": 100.0 * width,
                "larger knee": max(body.knee(side)[rest].mean() for side in SIDES),
                "to still s": (span.start - before.start - fast[-1]) / body.fps,
            }
        )
    return found


def turns(body: Body) -> list[dict[str, float]]:
    """Rows of every turn on the spot by 45 degrees or more."""
    return [row for _, row in turns_with_spans(body)]


def turns_with_spans(body: Body) -> list[tuple[slice, dict[str, float]]]:
    """The frames and the rows of every turn on the spot by 45 degrees or more."""
    heading = low_passed(np.radians(body.heading("Hips")), body.fps, 1.0)
    rate = np.gradient(heading) * body.fps
    mask = (np.abs(rate) > _TURNING) & (hips_speed(body) < _ON_THE_SPOT)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    found = []
    for first, last in edges.reshape(-1, 2):
        angle = np.degrees(heading[last - 1] - heading[first])
        if abs(angle) >= _LEAST:
            span = slice(int(first), int(last))
            found.append((span, _turn_rows(body, span, angle)))
    return found


def _turn_rows(body, span, angle):
    quarter = abs(angle) / 90.0
    head = low_passed(body.heading("Head") - body.heading("Hips"), body.fps, 2.0)[span]
    times = [
        low_passed(body.heading(name), body.fps, 2.0)[span] * np.sign(angle)
        for name in ("Head", "Hips")
    ]
    half = [np.argmax(t - t[0] > 0.5 * (t[-1] - t[0])) / body.fps for t in times]
    return {
        "s per 90": (span.stop - span.start) / body.fps / quarter,
        "steps per 90": _steps(body, span) / quarter,
        "head ahead": (np.sign(angle) * head).max(),
        "head ahead s": half[1] - half[0],
    }


def _steps(body, span):
    """How often a foot is on its way in a span."""
    moving = ball_speeds(body)[max(0, span.start - 3) : span.stop + 3] > _STEPPING
    return int((moving[1:] & ~moving[:-1]).sum() + moving[0].sum())


def hips_speed(body: Body) -> np.ndarray:
    """Speed of travel without that of the steps, m/s ``(T,)``."""
    hips = low_passed(body.hips[:, [0, 2]], body.fps, _SPEED_BELOW)
    return np.linalg.norm(np.gradient(hips, axis=0), axis=-1) * body.fps


def _lift(body, span):
    """Frame and foot of the first lift-off after a stand, None if none comes."""
    rest = slice(max(span.start, span.stop - 10), span.stop)
    after = slice(span.start, min(len(body), span.stop + int(2.0 * body.fps)))
    first = []
    for foot, side in enumerate(SIDES):
        ball = body.place(side + "ToeBase")
        away = np.linalg.norm(ball[after] - ball[rest].mean(0), axis=-1)
        moved = np.flatnonzero(away > _LIFTED)
        moved = moved[moved >= rest.start - after.start]
        if len(moved):
            first.append((int(after.start + moved[0]), foot))
    return min(first) if first else None


def _first_motion(body, span, lift):
    """Last frame before a lift-off in which the centre of mass hardly moves."""
    mass = low_passed(body.mass_centre[:, [0, 2]], body.fps, 3.0)
    speed = np.linalg.norm(np.gradient(mass, axis=0), axis=-1) * body.fps
    still = np.flatnonzero(speed[span.start : lift] < _MOVES)
    return span.start + (int(still[-1]) if len(still) else 0)


def _shift(body, span, first, lift, foot):
    """How far the centre of mass goes to the foot that stays, before the other lifts; cm."""
    stance = stance_of(body, slice(max(span.start, first - 10), max(first, span.start + 1)))
    across = body.mass_centre[:, [0, 2]] @ sideways(stance.ahead)
    to_stance = -1.0 if foot == 0 else 1.0
    return 100.0 * (to_stance * (across[first : lift + 1] - across[first])).max()
