# SPDX-License-Identifier: GPL-3.0-or-later
"""Where feet stand on ground with steps: the whole sole on a tread, where it fits; pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import segments, toe_positions
from ..body.foot_shape import HEEL_LENGTH, TOE_LENGTH
from ..body.skeleton import QUATERNET_SKELETON
from ..maths import elementary
from .sole_points import sole_points

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..body.motion import Motion

JUMP = 0.03  # metres in the canonical proportions, a centimetre apart: an edge, no slope
_STEP, _AROUND = 0.01, 0.15  # metres likewise: between two looks, and beyond heel and toes
_GAP = 0.012  # metres likewise between a sole and a riser, or another slope
_SUNK, _AIR = 0.004, 0.02  # metres likewise that a sole may be in a slope beside it, or over it
_FAR = 0.1  # of a metre away
_STEEPEST = elementary.cos(np.radians(50.0))  # a sole does not follow a steeper slope


@dataclass(frozen=True)
class Stand:
    """A stance on another ground.

    foot: 0 left, 1 right; frames ``start`` to ``stop - 1``. place: ``(2,)`` metres, x and z, of its
    ball as it landed. shift: ``(2,)`` metres from there to where it stands. height, normal: of the
    ground there, metres and ``(3,)``. edges: whether there are any around it. over: metres of the
    height over the surface under the ball, where a sole rests on what is before and behind it.
    """

    foot: int
    start: int
    stop: int
    place: np.ndarray
    shift: np.ndarray
    height: float
    normal: np.ndarray
    edges: bool
    over: float

    @property
    def landed(self) -> slice:
        """The frames whose median place counts."""
        return landing(self.start, self.stop)


def stands_on(
    motion: Motion, contacts: np.ndarray, own: np.ndarray, surface: Callable
) -> list[Stand]:
    """The stances of a motion on a surface, in order of time.

    contacts: ``(T, 2)`` bool. own: ``(T, 2)`` metres, the ground it was made on. surface: as in
    `ground.stand_on`.
    """
    scale = motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
    heel, tip, ahead = _sole(motion.skeleton)
    steps = np.arange(-heel - _AROUND * scale, ahead + _AROUND * scale, _STEP * scale)
    spans = sorted((*span, foot) for foot in range(2) for span in segments(contacts[:, foot]))
    if not spans:
        return []
    places, facing = _places(motion, spans)
    # All in one call, in the order of time: rays start over the ground so far.
    lines = places[:, None] + steps[:, None] * facing[:, None]
    heights, normals = surface(lines.reshape(-1, 2))
    heights, normals = heights.reshape(lines.shape[:2]), normals.reshape(*lines.shape[:2], 3)
    out = []
    for row, (start, stop, foot) in enumerate(spans):
        before = out[-1].height if out else np.inf
        shift, at, edges = _fitted(steps, heights[row], heel, tip, scale, before)
        height, normal = float(heights[row, at]), normals[row, at]
        known, over = bool(np.isfinite(height)), 0.0
        if known and not edges:
            slopes = -(normals[row][:, [0, 2]] @ facing[row]) / np.maximum(normals[row][:, 1], 0.1)
            clear = _clear(steps, heights[row], slopes, (heel, tip), scale)
            shift = steps[clear] if clear != at else 0.0
            over, normal = _resting(
                steps - shift, heights[row], normals[row], facing[row], (heel, tip), scale
            )
            height = float(heights[row, clear]) + over
        if not known:
            height = float(np.median(own[start:stop, foot]))
        if not (known and normal[1] > _STEEPEST):
            normal = np.array([0.0, 1.0, 0.0])
        move = shift * facing[row]
        out.append(Stand(foot, start, stop, places[row], move, height, normal, edges, over))
    return out


def _places(motion, spans):
    """Where balls land and which way feet point, ``(n, 2)`` each, x and z."""
    balls, soles = toe_positions(motion)[..., [0, 2]], sole_points(motion)[..., [0, 2]]
    places = [np.median(balls[landing(start, stop), foot], axis=0) for start, stop, foot in spans]
    ahead = []
    for start, stop, foot in spans:
        quarter = (stop - start) // 4
        flat = soles[start + quarter : stop - quarter, foot]
        ahead.append(np.median(flat[:, 2] - flat[:, 0], axis=0))
    ahead = np.array(ahead)
    far = np.maximum(np.linalg.norm(ahead, axis=-1, keepdims=True), 1e-9)
    return np.array(places), ahead / far


def landing(start: int, stop: int) -> slice:
    """The frames of a stance in which it lands; all, if it begins the motion."""
    return slice(start, start + max(1, (stop - start) // 4) if start else stop)


def _sole(skeleton):
    """From the ball back to the heel, ahead to the tip, and so far as edges count; metres.

    A short tip lets a ball that comes down behind its tread's edge go ahead by all of its foot.
    """
    offset = skeleton.offsets[skeleton.index("LeftToeBase")]
    length = float(np.hypot(offset[0], offset[2]))
    known = [shape.ends(offset[2]) for shape in skeleton.feet if shape is not None]
    if not np.isfinite(known).all() or not known:
        return (1.0 + HEEL_LENGTH) * length, TOE_LENGTH * length, TOE_LENGTH * length
    heel, tip = np.max(known, axis=0)
    return heel, tip, max(heel, tip)


def _clear(steps, heights, slopes, sole, scale):
    """Index of where a ball at 0 of ``steps`` goes so that its whole sole lies on one slope."""
    heel, tip = sole[0] + _GAP * scale, sole[1] + _GAP * scale
    order = np.argsort(np.abs(steps), kind="stable")
    order = order[np.abs(steps[order]) <= _AROUND * scale]
    costs = []
    for at in order:
        under = (steps >= steps[at] - heel) & (steps <= steps[at] + tip)
        over = heights[at] + slopes[at] * (steps[under] - steps[at]) - heights[under]
        sunk, air = max(0.0, -np.nanmin(over)), max(0.0, np.nanmax(over))
        if sunk <= _SUNK * scale and air <= _AIR * scale:
            return int(at)
        costs.append(sunk + 0.5 * air + _FAR * abs(steps[at]))
    return int(order[np.argmin(costs)])


def _resting(steps, heights, normals, ahead, sole, scale):
    """How a sole rests with its ball at 0 of ``steps``: metres over the ball's ground, normal.

    On what is no plane it lies as the ground does on the average, and on its highest places.
    """
    heel, tip = sole
    under = (steps >= -heel) & (steps <= tip) & np.isfinite(heights)
    ball = int(np.argmin(np.abs(steps)))
    slope, level = np.polyfit(steps[under], heights[under], 1)
    sunk = (heights[under] - (level + slope * steps[under])).max()
    if sunk <= _SUNK * scale:
        return 0.0, normals[ball]
    fall = (normals[:, [0, 2]] / np.maximum(normals[:, 1:2], 0.1))[under].mean(axis=0)
    fall = fall - (fall @ ahead + slope) * ahead
    normal = np.array([fall[0], 1.0, fall[1]])
    over = level + max(0.0, sunk - _SUNK * scale) - heights[ball]
    return float(over), normal / np.linalg.norm(normal)


def _fitted(steps, heights, heel, tip, scale, before):
    """How far a ball at 0 of ``steps`` moves along them, its index then, and whether for edges.

    To the tread on which its sole is with the shortest way: a ball that comes down just over an
    edge may have its foot on the tread before, but not if the stand ``before``, at that height in
    metres, is on that one: people take one tread a step.
    """
    here = int(np.argmin(np.abs(steps)))
    jumps = np.diff(np.where(np.isfinite(heights), heights, -1e3))
    edges = np.flatnonzero(np.abs(jumps) > JUMP * scale)
    if not len(edges) or not np.isfinite(heights[here]):
        return 0.0, here, False
    found = []
    for first, last in itertools.pairwise([-1, *edges, len(steps) - 1]):
        tread = first + 1, int(last)
        shift = _on_tread(steps, jumps, tread, (heel, tip), _GAP * scale)
        own = tread[0] <= here <= tread[1]
        free = np.isfinite(heights[tread[0]]) and abs(heights[tread[0]] - before) > JUMP * scale
        if own or (abs(shift) <= _AROUND * scale and free):
            found.append((abs(shift), shift, tread))
    _, shift, tread = min(found)
    return shift, int(np.clip(np.argmin(np.abs(steps - shift)), *tread)), True


def _on_tread(steps, jumps, tread, sole, gap):
    """How far a ball at 0 moves for its sole to be on a tread, from its first step to its last."""
    (first, last), (heel, tip) = tread, sole
    least, most = -np.inf, np.inf
    hard = [False, False]  # a riser, which a sole cannot be in
    if first > 0:
        hard[0] = jumps[first - 1] < 0.0
        least = steps[first] + heel + hard[0] * gap
    if last < len(jumps):
        hard[1] = jumps[last] > 0.0
        most = steps[last] - tip - hard[1] * gap
    if least <= most:
        shift = np.clip(0.0, least, most)
    else:
        shift = least if hard[0] > hard[1] else most if hard[1] > hard[0] else 0.5 * (least + most)
    # The ball stays on its tread, however short that is.
    return float(np.clip(shift, steps[first], steps[last]))
