# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a motion on a rig what was planned? Soles, footprints, fronts and skin, as numbers; pure.

Whatever goes wrong between a plan and a rig (a mapping, constraints, an odd rest pose), something
of this shows it. Each check takes what was seen at some frames and returns a sentence that names
a bone, or "". Lengths in metres, core space: y is up.
"""

import numpy as np

_FLOOR = 0.08  # leg lengths between soles and floor
_FOOTPRINT = 0.15  # leg lengths between a foot and its place in the plan
_FRONT = np.radians(70.0)  # between a foot and the body's front
_LONGER, _BY = 4.0, 0.25  # torn: so many times longer than at rest, and by leg lengths
_FEWEST = 3  # edges that make a tear


def off_the_floor(lowest, floor, at_rest, legs, bone):
    """Soles that do not stand as high over the floor as they do at rest.

    lowest: ``(T,)`` height of the lowest point of the feet. floor: ``(T,)`` or a number. at_rest:
    of the lowest point over the floor at rest. A foot in the air does not count: of the frames
    the lower half is looked at.
    """
    gaps = np.sort(np.asarray(lowest) - floor - at_rest)
    gap = float(np.median(gaps[: max(1, len(gaps) // 2)]))
    if abs(gap) <= _FLOOR * legs:
        return ""
    where = "over" if gap > 0.0 else "under"
    return f"the soles are {abs(gap):.2g} m {where} the floor ({bone!r})"


def off_the_footprints(feet, planned, legs, bones):
    """Feet that are not where they were planned. feet, planned: ``(T, 2, 3)``."""
    away = np.linalg.norm(np.asarray(feet) - planned, axis=-1).max(axis=0)
    worst = int(np.argmax(away))
    if away[worst] <= _FOOTPRINT * legs:
        return ""
    return f"{bones[worst]!r} is up to {away[worst]:.2g} m away from its footprints"


def off_the_front(feet, headings, bones):
    """Feet that do not point to the front of the body.

    feet: ``(T, 2, 3)`` directions, NaN where nothing shows them. headings: ``(T,)`` radians about
    y from +z, of the body in the plan.
    """
    yaws = np.arctan2(feet[..., 0], feet[..., 2]) - np.asarray(headings)[:, None]
    away = np.abs((yaws + np.pi) % (2.0 * np.pi) - np.pi)
    known = np.isfinite(away).all(axis=0)
    middle = np.where(known, np.median(np.where(known, away, 0.0), axis=0), 0.0)
    worst = int(np.argmax(middle))
    if middle[worst] <= _FRONT:
        return ""
    degrees = np.degrees(middle[worst])
    return f"{bones[worst]!r} points {degrees:.0f} degrees away from the front of the body"


def torn_edges(lengths, at_rest, legs):
    """Indices of edges of the skin that are torn; none if there are only one or two.

    lengths: ``(T, E)``. at_rest: ``(E,)``. legs: length of the legs in the same unit.
    """
    longest = np.median(lengths, axis=0) if len(lengths) else np.zeros(0)
    torn = np.flatnonzero((longest > _LONGER * at_rest) & (longest - at_rest > _BY * legs))
    return torn if len(torn) >= _FEWEST else torn[:0]
