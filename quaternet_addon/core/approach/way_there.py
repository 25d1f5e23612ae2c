# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a far pose: from heading to heading, and how fast; pure; metres, seconds, core space.

Angles are radians about +Y; 0 faces +Z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..maths import elementary
from ..reach.far import STANDS, STRIDE

LEAD = 0.6  # seconds at each end that the network of "reach a pose" makes: into the walk, out of it
SLOWEST = 0.5  # m/s: who has more time than that stands in the pose before the key
_BENT = np.radians(75.0)  # off the straight line: more is a turn of the body, not of the way
_ASIDE = np.radians(40.0)
_FACINGS = (0.0, np.pi, 0.5 * np.pi, -0.5 * np.pi)
_POINTS = 41


@dataclass(frozen=True)
class WayThere:
    """A curve from one body to another.

    points: ``(N, 3)`` on the floor, with a straight stretch of ``before`` metres ahead of the
    first body's place and as much after the other's. facing: radians that the body is turned from
    its way. speed: m/s in the steady part. reached: metres from the first point to where this
    begins. arrives: seconds after which the body is there.
    """

    points: np.ndarray
    before: float
    facing: float
    speed: float
    reached: float
    arrives: float


def way_there(
    start: tuple[np.ndarray, float, np.ndarray],
    end: tuple[np.ndarray, float, float],
    seconds: float,
) -> WayThere:
    """The `WayThere` in so many seconds.

    start: hips ``(3,)``, their heading, their velocity ``(3,)``. end: hips, heading, and metres
    between the balls of the feet.
    """
    (place, heading, velocity), (there, final, stride) = start, end
    across = (there - place) * [1.0, 0.0, 1.0]
    straight = float(elementary.arctan2(across[0], across[2]))
    turns = _wrapped(np.array([heading, final]) - straight)
    facing = next((f for f in _FACINGS if (np.abs(_wrapped(turns - f)) < _ASIDE).all()), 0.0)
    curve = _curve(place, there, straight + np.clip(_wrapped(turns - facing), -_BENT, _BENT))
    length = float(np.linalg.norm(np.diff(curve, axis=0), axis=-1).sum())
    ahead = float(velocity @ across) / max(float(np.linalg.norm(across)), 1e-6)
    first = ahead if ahead > STANDS else 0.0
    last = 1.0 if stride > STRIDE else 0.0  # of the speed, still, in the pose
    share = 0.5 * LEAD * (2.0 + last)  # seconds at the whole speed that the two ends stand for
    speed = (length - 0.5 * LEAD * first) / (seconds - 2.0 * LEAD + share)
    arrives = seconds
    if speed < SLOWEST and not last:
        speed = SLOWEST
        arrives = (length - 0.5 * LEAD * first) / speed + 2.0 * LEAD - share
        arrives = float(np.clip(arrives, 2.0 * LEAD + 0.1, seconds))
    speed = float(max(speed, SLOWEST))
    before = 1.2 * speed + 0.3
    reached = before + 0.5 * LEAD * (first + speed)
    return WayThere(_longer(curve, before), before, float(facing), speed, reached, arrives)


def _wrapped(angle):
    return elementary.wrapped(angle)


def _curve(place, there, headings):
    """A cubic Bezier curve on the floor that leaves and arrives in these headings: ``(N, 3)``."""
    ends = np.stack([place, there]) * [1.0, 0.0, 1.0]
    third = np.linalg.norm(ends[1] - ends[0]) / 3.0
    ahead = third * np.stack(
        [elementary.sin(headings), 0.0 * headings, elementary.cos(headings)], -1
    )
    hull = np.stack([ends[0], ends[0] + ahead[0], ends[1] - ahead[1], ends[1]])
    u = np.linspace(0.0, 1.0, _POINTS)[:, None]
    shares = ((1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u**3)
    return sum(share * point for share, point in zip(shares, hull, strict=True))


def _longer(curve, metres):
    first, last = curve[1] - curve[0], curve[-1] - curve[-2]
    first, last = (metres * way / np.linalg.norm(way) for way in (first, last))
    return np.concatenate([curve[:1] - first, curve, curve[-1:] + last])
