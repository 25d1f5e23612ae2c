# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the soles of a rig's feet are at rest, and their shape: by its mesh, else by bones; pure.

heads, tails: ``(B, 3)`` metres of the upright rest, core axes. bones: canonical joint -> index.
legs: length of the legs. feet: points ``(N, 3)`` of the mesh of the left and of the right foot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.foot_shape import HEEL_LENGTH, TOE_LENGTH, FootShape, outermost
from ..maths import elementary
from ..maths.quaternion import rotate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .rest_pose import RestPose

_LONGEST_FOOT = 0.45  # leg lengths: a longer tail is no part of a foot
_AT_THE_TAIL = 0.02  # of a bone's length: a bone that begins so near to its tail only closes it
_ENDS = ("_end", ".end", "_nub", "nub", "end site", "_leaf")
_ALIKE, _HIGHEST_ANKLE = 0.1, 0.8  # leg lengths: of two soles, of an ankle over its sole
_ROLLS = np.radians(np.arange(10.0, 50.0, 5.0))  # pitches of a foot that leaves the ground
_GIVES = 0.02  # of the way from ankle to tip
_FLAT_FOOT = 0.03  # leg lengths: no ankle is lower
_ANKLE = 0.085 / 0.84  # height of the canonical ankle, in leg lengths


def soles_of_bones(
    rest: RestPose, ends: Sequence[np.ndarray], bones: Mapping[str, int], legs: float
) -> list[float]:
    """Heights ``(2,)`` of the lowest points of the feet at rest over their ankles.

    Heads of the bones of a foot count, and tails that lie rather than stand and are no longer
    than a foot. Importers point other tails anywhere, and the bones that they put at the ends of
    chains are tails as well. A foot that tells nothing has its ankle as high as the canonical one.
    """
    heads, tails = ends
    found = []
    for side in ("Left", "Right"):
        foot = bones[side + "Foot"]
        places = [heads[foot]]
        for bone in _below(rest.parents, foot):
            away = tails[bone] - heads[bone]
            short = np.linalg.norm(away) < _LONGEST_FOOT * legs
            if short and -away[1] < np.hypot(away[0], away[2]):
                places.append(tails[bone])
            if bone == bones.get(side + "ToeBase") or not _only_ends(rest, bone):
                places.append(heads[bone])
        sole = min(place[1] for place in places) - heads[foot, 1]
        found.append(sole if -sole > _FLAT_FOOT * legs else -_ANKLE * legs)
    return found


def _below(parents, top):
    """A bone and all below it."""
    found = {top}
    for bone, parent in enumerate(parents):
        if parent in found:
            found.add(bone)
    return sorted(found)


def _only_ends(rest, bone):
    """True for a bone that carries nothing and starts where its parent ends, or is called so."""
    if bone in rest.parents or rest.parents[bone] < 0:
        return False
    parent = rest.parents[bone]
    length = np.linalg.norm(rest.tails[parent] - rest.heads[parent])
    gap = np.linalg.norm(rest.heads[bone] - rest.tails[parent])
    return bool(gap < _AT_THE_TAIL * length) or rest.names[bone].lower().endswith(_ENDS)


def soles_of_mesh(
    heads: np.ndarray, feet: Sequence[np.ndarray], bones: Mapping[str, int], legs: float
) -> list[float] | None:
    """As `soles_of_bones`, from the feet's mesh where both feet have some, alike; or None.

    feet: points ``(N, 3)`` of the left and of the right one.
    """
    if not all(map(len, feet)):
        return None
    ankles = [heads[bones[side + "Foot"], 1] for side in ("Left", "Right")]
    soles = [points[:, 1].min() - ankle for points, ankle in zip(feet, ankles, strict=True)]
    alike = abs(soles[0] - soles[1]) < _ALIKE * legs
    under = max(soles) < 0.0 and min(soles) > -_HIGHEST_ANKLE * legs
    return soles if alike and under else None


def shape_of(
    points: np.ndarray, ankle: np.ndarray, ball: np.ndarray | None, turn: np.ndarray
) -> FootShape:
    """What of a foot could go through the floor.

    points: ``(N, 3)`` of its mesh. ankle, ball: ``(3,)``, no ball on a foot in one piece. turn:
    ``(4,)`` that takes the foot at rest to the body's front.
    """
    own = rotate(turn, points - ankle)
    if ball is None:
        return FootShape(outermost(own), None)
    ball = rotate(turn, ball - ankle)
    ahead = own[:, 2] > ball[2]
    return FootShape(outermost(own[~ahead]), outermost(own[ahead] - ball))


def stiff_foot(ball: np.ndarray, sole: float) -> FootShape:
    """Of a foot in one piece that has no mesh, as long as a person's with toes.

    ball: ``(3,)`` where a person has it, from the ankle. sole: height of the sole over the ankle.
    """
    ends = [-HEEL_LENGTH * ball[2], (1.0 + TOE_LENGTH) * ball[2]]
    return FootShape(np.array([[0.0, sole, end] for end in ends]), None)


def front_of(points: np.ndarray, ball: np.ndarray, sole: float) -> float:
    """How far before its ankle a foot in one piece rolls over the ground, metres.

    points: ``(N, 3)`` of the foot, ball: ``(3,)`` where a person has the ball, both from the ankle.
    sole: height of the sole over the ankle. Rolled over a ball that lies there, nothing of the
    foot goes under the ground by more than soles give.
    """
    high = max(ball[1] - sole, 0.0)
    front = float(ball[2])
    for angle in _ROLLS:
        up = np.array([0.0, elementary.cos(angle), -elementary.sin(angle)])
        lowest = points[np.argmin(points @ up)]
        over = max(lowest[1], sole) - sole - high
        under = over * elementary.cos(angle) + high + _GIVES * float(points[:, 2].max())
        front = max(front, float(lowest[2] - under / elementary.sin(angle)))
    return front
