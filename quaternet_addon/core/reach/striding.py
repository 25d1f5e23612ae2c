# SPDX-License-Identifier: GPL-3.0-or-later
"""Gaps that are crossed in planned steps, and hips that go along with these; pure.

A network that does not know how many steps people take does not know when either: its hips hang
back, rush through the middle and creep up to the pose. Feet that kept up with them would whip past
each other, so the hips go at one speed.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .playing import lost
from .steps import many_steps
from .strides import is_glided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .strides import Step

RAISED = 0.03  # metres over its rest: no ball that stands is higher
_STARTS, _STOPS = 0.3, 0.45  # seconds in which hips get going, and stop; shares of a shorter gap
_NEAR = 0.1  # metres: who stays so near where he stands needs no steps


def striding(
    motion: Motion,
    balls: np.ndarray,
    lefts: np.ndarray,
    given: Sequence[int],
    left_standing: Sequence[int],
    rest: float,
) -> tuple[Motion, dict[int, list[list[Step]]]]:
    """The motion with hips that go as feet will step, and the `Step`s by the row they start from.

    balls: ``(2, T, 3)`` metres; rest: height of a resting one. lefts: ``(T, 2)``, the body's left
    over the ground, of length 1. given, left_standing: as in `plant.plant`. Where there are steps
    both feet are in contact all the time but for these.
    """
    contacts, roots = np.array(motion.contacts), np.array(motion.root_positions)
    low, fps, planned = balls[..., 1] <= rest + RAISED, motion.fps, {}
    for first, last in pairwise(given):
        rows = slice(first, last + 1)
        if first not in left_standing or not low[:, [first, last]].all():
            continue
        if np.linalg.norm(balls[:, last] - balls[:, first], axis=-1).max() < _NEAR:
            continue
        if not is_glided(balls[:, rows], contacts[rows].T, roots[rows, 1], fps):
            continue
        hips = _at_one_speed(roots[rows], fps)
        steps = many_steps(balls[:, rows], hips, lefts[first], fps)
        if steps is not None:
            roots[rows], contacts[rows], planned[first] = hips, True, steps
    return replace(motion, root_positions=roots, contacts=contacts), planned


def _at_one_speed(hips, fps):
    """Hips ``(T, 3)`` that go the same way at one speed between start and stop; ends as they are.

    What they do aside from that way, and up and down, stays.
    """
    way, last = (hips[-1] - hips[0]) * [1.0, 0.0, 1.0], len(hips) - 1
    gone = (hips - hips[0]) @ way / max(float(way @ way), 1e-9)
    unit = min(fps, last)  # rows
    starts, stops, rows = max(_STARTS * unit, 1.0), max(_STOPS * unit, 1.0), np.arange(last + 1.0)
    begun, left = starts * lost(rows / starts), stops * (0.5 - lost((last - rows) / stops))
    even = (rows - begun - left) / (last - 0.5 * (starts + stops))
    return hips + (even - gone)[:, None] * way
