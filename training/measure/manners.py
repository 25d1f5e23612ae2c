# SPDX-License-Identifier: GPL-3.0-or-later
"""How a body goes from one pose to another, by figures that recordings have, too; NumPy."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import TOES, segments, toe_positions
from quaternet_addon.core.feet.sole_points import sole_points
from quaternet_addon.core.maths.smoothing import smoothed

from ..walk.gait.body import Body

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from quaternet_addon.core.body.motion import Motion


FIGURES = ("knee", "elbow", "hips", "slide", "under", "waits", "uneven")
"""Degrees a frame of 1/30 s, twice; m/s²; metres, twice; shares of the gap, twice."""
_LOW = 0.02  # metres over its rest: a lower ball is on the floor
_STILL = 0.1  # m/s: a slower one stands
_WAITS = 0.25  # of the gap's mean speed: a slower body waits
_RESTS, _REST = 0.2, 4  # m/s of the joints, frames: so slow for so long, a body is at rest
_SHORTEST, _LONGEST = 0.25, 4.4  # seconds
_POSE, PLACE = 0.08, 0.2  # metres: joints that move less stay in the pose; hips, in place
_GAPS, _BACK, _WALKS = (15, 30, 45, 60, 90), 6, 0.7  # frames, frames, m/s


def manners(motion: Motion, first: int, last: int) -> dict[str, float]:
    """`FIGURES` of the way from frame ``first`` to frame ``last``, at 30 fps over a floor at 0.

    Frames around it count for how it begins and ends. slide: how far both balls go that are on
    the floor. under: how far a sole is below it. waits: the longest time on the way in
    which the body hardly moves.
    """
    body = Body(motion)
    around = slice(max(0, first - 2), last + 3)
    bends = {
        "knee": [body.knee(side)[around] for side in ("Left", "Right")],
        "elbow": [body.elbow(side)[around] for side in ("Left", "Right")],
    }
    found = {name: float(np.abs(np.diff(rows)).max()) for name, rows in bends.items()}
    bent = np.diff(body.hips[around], 2, axis=0)
    found["hips"] = float(np.linalg.norm(bent, axis=-1).max()) * motion.fps**2
    gap = motion.slice(first, last + 1)
    away = body.places[first : last + 1] - body.places[last]
    left = np.linalg.norm(away, axis=-1).mean(axis=-1)
    nearer = np.flatnonzero(left <= 0.5 * left[0])[0] / (len(left) - 1)
    found["uneven"] = abs(float(nearer) - 0.5)
    found["slide"] = _slide(gap)
    found["under"] = max(0.0, -float(sole_points(gap)[..., 1].min()))
    found["waits"] = _wait(gap)
    return found


def _slide(motion):
    rest = motion.skeleton.rest_positions[motion.skeleton.index(TOES[0]), 1]
    balls = toe_positions(motion)
    low = balls[..., 1] < rest + _LOW
    steps = np.linalg.norm(np.diff(balls[..., [0, 2]], axis=0), axis=-1)
    sliding = low[1:] & low[:-1] & (steps * motion.fps > _STILL)
    return float(steps[sliding].sum())


def body_speed(motion: Motion) -> np.ndarray:
    """Mean speed of the joints between frames, ``(T - 1,)`` m/s."""
    steps = np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1)
    return steps.mean(axis=-1) * motion.fps


def _wait(motion):
    """Share of the gap: the longest run of slow frames on the way, after it began."""
    speed = body_speed(motion)
    slow = speed < _WAITS * speed.mean()
    goes = np.flatnonzero(~slow)
    runs = segments(slow[goes[0] : goes[-1] + 1])
    return float(np.diff(runs, axis=1).max(initial=0)) / len(slow)


def recorded_ways(motions: Iterable[Motion]) -> Iterator[tuple[str, dict[str, float]]]:
    """Each way from a rest to the next one, and those out of a walk: its kind, its `manners`."""
    for motion in motions:
        slow = smoothed(body_speed(motion), 0.1, motion.fps) < _RESTS
        rests = [rest for rest in segments(slow) if rest[1] - rest[0] >= _REST]
        for kind, first, last in (*_between_rests(motion, rests), *_out_of_walks(motion, rests)):
            yield kind, manners(motion, first, last)


def _between_rests(motion, rests):
    places = motion.positions()
    for (_, first), (last, _) in pairwise(rests):
        moved = np.linalg.norm(places[last] - places[first], axis=-1)
        if _SHORTEST <= (last - first) / motion.fps <= _LONGEST and moved.mean() > _POSE:
            across = np.linalg.norm((places[last] - places[first])[0, [0, 2]])
            yield "in place" if across < PLACE else "elsewhere", first, last


def _out_of_walks(motion, rests):
    """The last 0.5 to 3 s before rests of whoever walks at their start."""
    resting = np.zeros(len(motion), bool)
    for first, last in rests:
        resting[first:last] = True
    roots = motion.root_positions[:, [0, 2]]
    for last, _ in rests:
        for frames in _GAPS:
            first = last - frames
            if first >= _BACK and not resting[first:last].any():
                speed = np.linalg.norm(roots[first] - roots[first - _BACK]) * motion.fps / _BACK
                if speed > _WALKS:
                    yield "out of a walk", first, last
