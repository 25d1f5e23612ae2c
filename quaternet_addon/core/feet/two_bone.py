# SPDX-License-Identifier: GPL-3.0-or-later
"""Two-bone inverse kinematics of legs and arms; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.backend import norm, taken
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    between,
    conjugate,
    cross,
    multiply,
    normalize,
    rotate,
)
from ..maths.ragged import Ragged

if TYPE_CHECKING:
    from collections.abc import Sequence

REACH = 0.9985  # of the limb: a knee that never locks out never snaps

_TRUST = 1.0  # weight of the hinge against the bend itself (its sine), for the knee's axis
_STRAIGHT = 0.01  # sine of a bend below which the hinge, not the bend, gives the knee's axis
HINGE = np.array([-1.0, 0.0, 0.0])  # knee axis in thigh space, for straight legs
_HINGE_TIME = 0.2  # seconds to each side from which a straight leg learns its axis


def reach(
    limb: Sequence[np.ndarray],
    upper: np.ndarray,
    target: np.ndarray,
    fps: float,
    longest: float | np.ndarray = REACH,
    *,
    ragged: Ragged | None = None,
    frames: np.ndarray | None = None,
    hinge: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """World rotations of the two bones of a moving limb that bring its end to ``target``.

    limb: root, middle and end, ``(T, 3)`` each. upper: world rotations ``(T, 4)`` of the upper
    bone. longest: stretch that is allowed, share of the limb's length, scalar or ``(T,)``. ragged:
    of several clips, None for one. frames: indices ``(M,)`` of those that are
    wanted, None for all. hinge: ``(T, 3)``, about which it bends, None to learn it from the limb.
    Returns two ``(M, 4)``: what to multiply the upper and the lower bone's rotations with.
    """
    if hinge is None:
        hinge = _hinges(limb, upper, fps, ragged or Ragged([len(target)]))
    if frames is not None:
        *limb, target, hinge = (taken(values, frames) for values in (*limb, target, hinge))
        longest = longest if np.ndim(longest) == 0 else np.asarray(longest)[frames]
    above, below = two_bone_turns(*limb, target, hinge, longest)
    first, second = normalize(above), normalize(below)
    for _ in range(2):  # the hinge is not quite square to the limb: the rest goes in two more turns
        middle = limb[0] + rotate(above, limb[1] - limb[0])
        limb = [limb[0], middle, middle + rotate(below, limb[2] - limb[1])]
        hinge = rotate(above, hinge)
        above, below = two_bone_turns(*limb, target, hinge, longest)
        first, second = normalize(multiply(above, first)), normalize(multiply(below, second))
    return first, second


def _hinges(
    limb: Sequence[np.ndarray], thigh: np.ndarray, fps: float, ragged: Ragged
) -> np.ndarray:
    """Axis about which each frame's knee bends, ``(T, 3)``, from the frames around it.

    A straight leg shows no axis, and the thigh's own is only nearly right. In the thigh's space
    the axis hardly moves, so bent frames tell it to their straight neighbours.
    """
    hip, knee, ankle = limb
    lengths = norm(knee - hip) * norm(ankle - hip)
    normal = cross(ankle - hip, knee - hip) / np.maximum(lengths, 1e-12)
    local = rotate(conjugate(thigh), normal) + _STRAIGHT * HINGE
    half = max(1, int(round(_HINGE_TIME * fps)))
    local = ragged.convolved(local, np.hanning(2 * half + 3)[1:-1])
    return rotate(thigh, local / np.maximum(norm(local), 1e-12))


def two_bone_turns(
    root: np.ndarray,
    middle: np.ndarray,
    end: np.ndarray,
    target: np.ndarray,
    hinge: np.ndarray,
    longest: float | np.ndarray = REACH,
) -> tuple[np.ndarray, np.ndarray]:
    """World rotations of the two bones of a limb that bring ``end`` to ``target``.

    All ``(T, 3)``; hinge: direction about which a straight limb would bend. A target out of
    reach is approached along the line to it. longest: as in `reach`. Returns two ``(T, 4)``.
    The limb keeps its plane as far as it can (law of cosines, then the least rotation).
    """
    chord, upper, lower = end - root, middle - root, end - middle
    first, second, before, wanted = (
        norm(way)[..., 0] for way in (upper, lower, chord, target - root)
    )
    after = np.clip(wanted, np.abs(first - second) * 1.01 + 1e-6, (first + second) * longest)
    normal = cross(chord, upper) / np.maximum(before * first, 1e-12)[:, None]
    # A knee that is bent backwards a little (its normal opposes the hinge) counts as negative.
    side = np.where((normal * hinge).sum(-1) < 0.0, -1.0, 1.0)
    normal = side[:, None] * normal + _TRUST * hinge
    normal = normal / np.maximum(norm(normal), 1e-12)
    opening = _corner(first, after, second) - side * _corner(first, before, second)
    bent = _corner(first, second, before)
    bend = _corner(first, second, after) - np.where(side < 0.0, 2.0 * np.pi - bent, bent)
    raising, bending = (axis_angle_to_quaternion(normal, turn) for turn in (opening, bend))
    reached = rotate(raising, upper) + rotate(multiply(raising, bending), lower)
    thigh = multiply(between(reached, target - root), raising)
    return thigh, multiply(thigh, bending)


def _corner(a, b, opposite):
    """Angle between sides ``a`` and ``b`` of a triangle, by the law of cosines."""
    cosine = (a * a + b * b - opposite * opposite) / np.maximum(2.0 * a * b, 1e-12)
    return elementary.arccos(np.minimum(np.maximum(cosine, -1.0), 1.0))
