# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a motion on a rig what was planned? Soles, footprints, fronts and skin, as numbers; pure.

Whatever goes wrong between a plan and a rig (a mapping, constraints, an odd rest pose), something
of this shows it. Each check takes what was seen at some frames and returns how far off it is, or
None where that is nothing to speak of. Lengths in metres, core space: y is up.
"""

import numpy as np

from ..maths import elementary

_FLOOR = 0.08  # leg lengths between soles and floor
_SUNK = 0.03  # leg lengths by which a foot goes under the floor in a single frame
_HAND = 0.06  # leg lengths of a hand, or of what it holds, that are under the floor
_FOOTPRINT = 0.15  # leg lengths between a foot and its place in the plan
_IN, _BAND = 0.06, 0.05  # leg lengths: an arm deep in the trunk; heights of a trunk that count
_FRONT = np.radians(70.0)  # between a foot and the body's front
_LONGER, _BY = 4.0, 0.25  # torn: so many times longer than at rest, and by leg lengths
_FEWEST = 3  # edges that make a tear
_AWAY = 1.5  # leg lengths farther from the hips than at rest: more than raised arms are


def off_the_floor(
    lowest: np.ndarray, floor: np.ndarray | float, at_rest: float, legs: float
) -> float | None:
    """Metres by which soles stand over (negative: under) where they do at rest; or None.

    lowest: ``(T,)`` height of the lowest point of the feet. floor: ``(T,)`` or a number. at_rest:
    of the lowest point over the floor at rest. Feet in the air and toes that bend are few.
    """
    gap = float(np.median(np.asarray(lowest) - floor - at_rest))
    return gap if abs(gap) > _FLOOR * legs else None


def sunk(heights: np.ndarray, legs: float) -> float | None:
    """Metres by which a part of a foot goes under the floor in its worst frame; or None.

    heights: ``(N,)`` of the lowest points over where soles stand.
    """
    under = -float(np.min(heights)) if len(heights) else 0.0
    return under if under > _SUNK * legs else None


def through_the_floor(lowest: np.ndarray, floor: np.ndarray, legs: float) -> float | None:
    """Metres by which a hand goes through the floor at its worst; or None.

    lowest, floor: ``(T,)`` heights, of the hand with all that it carries and of the floor.
    """
    under = float(np.max(floor - np.asarray(lowest)))
    return under if under > _HAND * legs else None


def off_the_footprints(
    feet: np.ndarray, planned: np.ndarray, legs: float
) -> tuple[float, int] | None:
    """(metres, foot) of the foot that is farthest from where it was planned; or None.

    feet, planned: ``(T, 2, 3)``.
    """
    away = np.linalg.norm(np.asarray(feet) - planned, axis=-1).max(axis=0)
    worst = int(np.argmax(away))
    return (float(away[worst]), worst) if away[worst] > _FOOTPRINT * legs else None


def in_the_trunk(arms: np.ndarray, trunk: np.ndarray, legs: float) -> tuple[float, int] | None:
    """(metres, arm) of the arm that lies deepest in the trunk, in most frames; or None.

    arms: ``(T, 2, P, 3)`` points along the bones of both forearms, trunk: ``(N, 3)`` of its mesh;
    both beside the body at rest, x to its left, from its middle.
    """
    depths = np.zeros(arms.shape[:3])
    for index in np.ndindex(depths.shape):
        x, y, z = arms[index]
        near = trunk[(np.abs(trunk[:, 1] - y) < _BAND * legs) & (trunk[:, 0] * x > 0.0)]
        if len(near) and near[:, 2].min() < z < near[:, 2].max():
            depths[index] = np.quantile(np.abs(near[:, 0]), 0.95) - abs(x)
    middle = np.median(depths.max(axis=2), axis=0)
    worst = int(np.argmax(middle))
    return (float(middle[worst]), worst) if middle[worst] > _IN * legs else None


def off_the_front(feet: np.ndarray, headings: np.ndarray) -> tuple[float, int] | None:
    """(radians, foot) of the foot that points least to the front of the body; or None.

    feet: ``(T, 2, 3)`` directions, NaN where nothing shows them. headings: ``(T,)`` radians about
    y from +z, of the body in the plan.
    """
    yaws = elementary.arctan2(feet[..., 0], feet[..., 2]) - np.asarray(headings)[:, None]
    away = np.abs((yaws + np.pi) % (2.0 * np.pi) - np.pi)
    known = np.isfinite(away).all(axis=0)
    middle = np.where(known, np.median(np.where(known, away, 0.0), axis=0), 0.0)
    worst = int(np.argmax(middle))
    return (float(middle[worst]), worst) if middle[worst] > _FRONT else None


def torn_edges(lengths: np.ndarray, at_rest: np.ndarray, legs: float) -> np.ndarray:
    """Indices of edges of the skin that are torn; none if there are only one or two.

    lengths: ``(T, E)``. at_rest: ``(E,)``. legs: length of the legs in the same unit.
    """
    longest = np.median(lengths, axis=0) if len(lengths) else np.zeros(0)
    torn = np.flatnonzero((longest > _LONGER * at_rest) & (longest - at_rest > _BY * legs))
    return torn if len(torn) >= _FEWEST else torn[:0]


def goes_away(away: float, legs: float) -> bool:
    """True if a body that goes so far from its place at rest leaves behind what it does not carry.

    away: greatest way of the hips; legs: their length in the same unit.
    """
    return bool(away > _BY * legs)


def left_behind(away: np.ndarray, at_rest: np.ndarray, legs: float) -> np.ndarray:
    """Indices of vertices that the body walks away from; none if there are only one or two.

    away: ``(T, V, 3)`` from the hips, at_rest: ``(V, 3)``; legs: their length in the same unit.
    """
    farther = np.linalg.norm(away, axis=-1) - np.linalg.norm(at_rest, axis=-1)
    lost = np.flatnonzero(farther.max(axis=0) > _AWAY * legs)
    return lost if len(lost) >= _FEWEST else lost[:0]
