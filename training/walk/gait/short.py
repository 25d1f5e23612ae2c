# SPDX-License-Identifier: GPL-3.0-or-later
"""The shortest walks: ``python -m training.walk.gait.short [--model MODEL] [--data DIR]``.

Ways of 0.3 to 2.5 m, on which a start and a stop overlap, at three speeds and of three seeds, from
stand to stand, and short ones that are cut from longer walks at one end. Recorded starts and stops
(no held-out ones) by the same code, then bars that they pass. How far the hips' speed drops on the
way is held against people who walk slowly: within a stride it changes by two thirds of its most
(0.4 to 0.7 m/s) to a third (0.9 to 1.1 m/s). How fast toes come down is held against all recorded
touchdowns of walks, and how near ankles pass each other against all passes. Exits with 1 when a
bar is missed.
"""

from __future__ import annotations

import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import segments
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from ...bars import print_bars
from ...parsers import parser_of
from ..quality import OUR_DATA
from .body import Body, low_passed, sideways
from .standing import still_spans
from .takes import ahead, held_out, recordings
from .transitions import hips_speed
from .uneven import snaps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from quaternet_addon.core.walk.model import LocomotionModel


LENGTHS = np.round(np.arange(0.3, 2.55, 0.1), 1)
SPEEDS, SEEDS = (0.5, 0.8, 1.1), (0, 1, 2)
_ALL_SEEDS = range(12)
_FEW = 1.0  # metres: walked in two or three steps by who is not asked to be slow
_STRIDES = 4.0  # Hz: below, the hips' speed
_SIDES = ("Left", "Right")
BARS = {
    "hips slow down by, share": 0.5,
    "a foot goes back cm": 2.0,
    "knee, degrees a frame": 15.0,
    "hips, jerk m/s3": 50.0,
    "feet, jerk m/s3": 420.0,
    "joints, jerk m/s3": 1550.0,
}
"""At most: as in recorded starts and stops. A foot slides back by no more than it rolls."""
TIPS = 267.0
"""Degrees by which nine in ten recorded feet tip down at most, for each metre the body goes."""
PASSES = 7.7
"""Centimetres from ankle to ankle in nine in ten recorded passes at least, across the way."""
_PASSING = 5.0, (0.4, 0.5, 0.6, 0.8)  # metres and m/s: slow walks of all seeds
_STEP, _STEADY = (0.25, 1.6), 0.5  # seconds; m/s^2
_TRAVEL, _GOES = 1.0, 1.3  # Hz; m/s
_TIPPING = 2.5, (0.5, 0.8, 1.1, 1.4)  # metres and m/s: walks of all seeds whose toes are looked at
_SWING, _AROUND = 6, (6, 4)  # frames of a swing at least; before and after a touchdown
_WALKS = 0.4, 1.8  # m/s


def figures(body: Body, frames: slice = slice(None)) -> dict[str, float]:
    """What is jerky in some frames of a motion."""
    mask = np.zeros(len(body), bool)
    mask[frames] = True
    found = snaps(body, mask)
    feet = [_jerks(low_passed(body.place(side + "ToeBase"), body.fps), body.fps) for side in _SIDES]
    return {
        "knee, degrees a frame": found["knee, degrees a frame"],
        "hips, jerk m/s3": found["hips, jerk m/s3"],
        "feet, jerk m/s3": float(max(jerks[mask[3:]].max() for jerks in feet)),
        "joints, jerk m/s3": float(_jerks(body.places, body.fps)[mask[3:]].max()),
    }


def _jerks(places, fps):
    """Third derivatives, m/s^3, ``(T - 3, ...)``."""
    return np.linalg.norm(np.diff(places, 3, axis=0), axis=-1) * fps**3


def way_figures(body: Body) -> dict[str, float]:
    """The figures of a walk along +Z, with its steps."""
    speed = np.gradient(low_passed(body.hips[:, 2], body.fps, _STRIDES)) * body.fps
    before, after = np.maximum.accumulate(speed), np.maximum.accumulate(speed[::-1])[::-1]
    balls = np.stack([body.place(side + "ToeBase")[:, 2] for side in _SIDES], -1)
    back = (np.maximum.accumulate(balls, axis=0) - balls).max()
    swings = [segments(~body.motion.contacts[:, foot]) for foot in range(2)]
    return {
        "steps": float(sum(len(found) for found in swings)),
        "hips slow down by, share": float((np.minimum(before, after) - speed).max() / speed.max()),
        "a foot goes back cm": 100.0 * float(back),
        **figures(body),
    }


def tips(body: Body) -> list[float]:
    """How fast toes come down at each touchdown of a walk: degrees for each metre gone."""
    speed, found = hips_speed(body), []
    for foot, side in enumerate(_SIDES):
        fall = -np.diff(body.foot_pitch(side)) * body.fps
        for start, stop in segments(~body.contacts[:, foot]):
            first, last = stop - _AROUND[0], stop + _AROUND[1]
            whole = start > 0 and stop - start >= _SWING and last < len(body)
            if whole and _WALKS[0] < speed[stop] < _WALKS[1]:
                found.append(fall[first:last].max() / speed[stop])
    return found


def passes(body: Body) -> list[float]:
    """How far apart ankles are across the way where one passes the other, centimetres."""
    velocity = np.gradient(low_passed(body.hips[:, [0, 2]], body.fps, _TRAVEL), axis=0) * body.fps
    speed = np.linalg.norm(velocity, axis=-1)
    way = velocity / np.maximum(speed, 1e-6)[:, None]
    ankles = (body.place("LeftFoot") - body.place("RightFoot"))[:, [0, 2]]
    along, across = (ankles * way).sum(-1), (ankles * sideways(way)).sum(-1)
    steady = (np.abs(np.gradient(speed)) * body.fps < _STEADY) & (speed > _WALKS[0])
    steady &= speed < _GOES
    frames = np.flatnonzero(np.diff(np.sign(along)))
    steps = np.diff(frames) / body.fps
    found = frames[1:][(steps > _STEP[0]) & (steps < _STEP[1])]
    return (100.0 * across[found[steady[found]]]).tolist()


def walked(
    model: LocomotionModel, length: float, speed: float, seed: int, **wish: Any
) -> dict[str, float]:
    """The `way_figures` of a walk straight ahead. wish: of its `Itinerary`."""
    return way_figures(_walk(model, length, speed, seed, **wish))


def _walk(model, length, speed, seed, **wish):
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))
    return Body(Walk(model, path, speed=speed, seed=seed, itinerary=Itinerary(**wish)).run())


def recorded(folder: FilePath) -> list[dict[str, float]]:
    """The `figures` of starts and stops that were recorded, of walks."""
    found = []
    for take in recordings(folder):
        body = take.body
        if held_out(take) or body.fps != 30.0:
            continue
        speed = hips_speed(body)
        for span in still_spans(body, 0.5):
            for first, last in (
                (span.stop - 6, span.stop + 45),
                (span.start - 45, span.start + 12),
            ):
                here = slice(max(0, first), min(len(body), last))
                if here.stop - here.start >= 40 and 0.4 < speed[here].max() < 1.8:
                    found.append(figures(body, here))
    return found


def rows(model: LocomotionModel) -> list[tuple[Any, ...]]:
    """What has to hold: (mode, what, value, bar, whether it does)."""
    made = {
        (length, speed, seed): walked(model, length, speed, seed)
        for length in LENGTHS
        for speed in SPEEDS
        for seed in SEEDS
    }
    cut = [
        walked(model, length, 0.8, seed, **{end: False})
        for length in LENGTHS[LENGTHS <= _FEW]
        for seed in SEEDS
        for end in ("standing_start", "standing_end")
    ]
    found = []
    for name, most in BARS.items():
        value, where = max((row[name], key) for key, row in made.items())
        what = "{} ({:g} m, {:g} m/s, seed {})".format(name, *where)
        found.append(("short", what, value, f"<= {most}", value <= most))
        if name in cut[0] and "slow" not in name:
            value = max(row[name] for row in cut)
            found.append(("short", f"{name}, one end moving", value, f"<= {most}", value <= most))
    few = [row["steps"] for (length, v, _), row in made.items() if length <= _FEW and v > 0.5]
    met = min(few) >= 2 and max(few) <= 3
    text = f"steps up to {_FEW:g} m, least and most {min(few):g}"
    return [*found, ("short", text, max(few), "2..3", met), _tipping(model), _passing(model)]


def _tipping(model):
    """The bar for how fast toes come down."""
    length, speeds = _TIPPING
    bodies = (_walk(model, length, speed, seed) for speed in speeds for seed in _ALL_SEEDS)
    value = float(np.percentile([rate for body in bodies for rate in tips(body)], 90.0))
    return ("short", "toes tip down, degrees a metre, 90 %", value, f"<= {TIPS}", value <= TIPS)


def _passing(model):
    """The bar for how near feet pass in slow walks."""
    length, speeds = _PASSING
    bodies = (_walk(model, length, speed, seed) for speed in speeds for seed in _ALL_SEEDS)
    value = float(np.percentile([apart for body in bodies for apart in passes(body)], 10.0))
    return ("short", "ankles pass at, cm, 10 %", value, f">= {PASSES}", value >= PASSES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures and the bars; returns 1 when one is missed, else 0."""
    parser = parser_of("training.walk.gait.short", __doc__)
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parser.add_argument("--data", default=OUR_DATA, type=FilePath, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    people = recorded(parsed.data) if parsed.data.exists() else []
    for name in people[0] if people else ():
        values = [row[name] for row in people]
        print(f"{len(people)} starts and stops: {name}, median {np.median(values):.0f}", end=", ")
        print(f"90 % {np.percentile(values, 90):.0f}, most {max(values):.0f}")
    if people:
        takes = [t for t in recordings(parsed.data) if not held_out(t) and t.body.fps == 30.0]
        rates = [rate for take in takes for rate in tips(take.body)]
        print(f"{len(rates)} touchdowns: toes tip down, degrees a metre, ", end="")
        print(f"median {np.median(rates):.0f}, 90 % {np.percentile(rates, 90):.0f}")
        apart = [value for take in takes if ahead(take) for value in passes(take.body)]
        print(f"{len(apart)} passes: ankles apart, cm, ", end="")
        print(f"median {np.median(apart):.1f}, 10 % {np.percentile(apart, 10):.1f}")
    return print_bars(rows(load_model(parsed.model)))


if __name__ == "__main__":
    sys.exit(main())
