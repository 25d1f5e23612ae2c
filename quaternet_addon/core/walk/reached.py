# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a walk is slower than was asked, because its way bends; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .itinerary import Route

if TYPE_CHECKING:
    from .plan import Plan
    from .request import WalkRequest


_SLOWER = 0.65  # of the speed that was asked for: less is told; a corner alone takes some
_ENDS = 1.5  # seconds to each side of a stand: starts and stops are no surprise
_BENDS, _STRAIGHT = 0.8, np.radians(10.0)  # metres to each side; less is no bend
_LONGER = 0.1  # of the time: less is not told
_CRAWLS = 0.25  # of the slowest speed that may be asked for: less is no walking
_STILL = 1e-6  # metres a frame


@dataclass(frozen=True)
class Slowest:
    """The slowest place between starts and stops: m/s, metres along the path as given."""

    speed: float
    asked: float
    place: float


def slowest(plan: Plan, asked: np.ndarray, tempo: float = 1.0) -> Slowest | None:
    """The `Slowest` place of a plan, or None where it is as fast as asked all the way.

    asked: ``(T,)`` m/s at each of its frames, in the model's proportions. tempo: of the body, see
    `body.tempo`: a giant starts and stops in a giant's time.
    """
    speeds, fps = plan.trajectory.speeds(), plan.trajectory.fps
    standing = np.abs(np.diff(plan.distances, prepend=plan.distances[0])) < _STILL
    near = np.convolve(standing, np.ones(2 * int(_ENDS * tempo * fps) + 1), "same") > 0.5
    frames = np.flatnonzero(~near)
    if not len(frames):
        return None
    share = speeds[frames] / asked[frames]
    frame = frames[int(np.argmin(share))]
    if share.min() >= _SLOWER:
        return None
    return Slowest(float(speeds[frame]), float(asked[frame]), float(plan.places[frame]))


def took_longer(plan: Plan) -> float:
    """By what share of the time that the asked speed means a plan is longer in motion."""
    trajectory, goes = plan.trajectory, np.abs(np.diff(plan.distances)) > _STILL
    seconds = (np.arange(len(goes)) + 0.5) / trajectory.fps
    took = np.sum(goes & (seconds > plan.start) & (seconds < plan.arrival)) / trajectory.fps
    return float(took / plan.asked - 1.0)


def told_bends(request: WalkRequest, plan: Plan) -> tuple[str, ...]:
    """Warnings, none or one, where the way bends too much for the speed that was asked for."""
    wish, path, scale = request.itinerary, request.path, request.scale
    if wish.duration is not None or wish.loop:
        return ()
    route = Route(wish, path.length, path.closed, request.laps)
    asked = request.speed / scale * route.factor(plan.places * scale)
    found, longer = slowest(plan, asked, request.tempo), took_longer(plan)
    takes = f"the way takes {100.0 * longer:.0f} % longer than the speed means"
    if not found:
        return (f"bends slow it down: {takes}",) if longer > _LONGER else ()
    speed, place = found.speed * scale, found.place * scale
    near = path.heading(place + np.linspace(-_BENDS, _BENDS, 21))
    if np.ptp(np.unwrap(near)) < _STRAIGHT:
        return ()  # between two flights of stairs, say
    told = f"bends slow it down to {speed:.2g} m/s, most at {place:.2g} m along the curve"
    if speed < _CRAWLS * request.limits[0]:
        told = f"bends bring it to a stand, as at {place:.2g} m along the curve"
    return (f"{told}; {takes}" if longer > _LONGER else told,)
