# SPDX-License-Identifier: GPL-3.0-or-later
"""When feet step that seem to stand all the way from one pose to another place; pure."""

from __future__ import annotations

import numpy as np

from .strides import Step, strides

_SLID = 0.02  # metres between two given poses that a standing foot may slide unseen
_STEP, _HALF = 0.4, 0.42  # seconds of a step that has to be made; share of a short gap
_PAUSE, _REST = 0.17, 0.13  # seconds between the steps of both feet; share of a short gap
_ASIDE = 0.5  # of the way: that much to one side, the foot on that side goes first


def steps_between(
    balls: list[np.ndarray], contacts: np.ndarray, left: np.ndarray, fps: float
) -> list[list[Step]]:
    """The `Step`s of each foot, both of them standing; none: nothing to do.

    balls: of both feet, ``(T, 3)`` metres each, the first and the last row of which are given.
    contacts: ``(T, 2)`` bool. left: horizontal, to the body's left, ``(2,)``. Only feet in contact
    from the first to the last row, elsewhere in that one, step: one after the other. Steps lie
    within the rows and take one row or more, however few these are.
    """
    ways = [ball[-1] - ball[0] for ball in balls]
    wanted = [
        bool(contacts[:, foot].all() and np.linalg.norm(way) >= _SLID)
        for foot, way in enumerate(ways)
    ]
    last = len(contacts) - 1
    length = max(2, round(min(_STEP * fps, _HALF * last)))
    if all(wanted):
        first, pause = _goes_first(balls, ways, left), min(_PAUSE * fps, _REST * last)
        before, after = round((last - pause) / 2.0), round((last + pause) / 2.0)
        windows = (before - length, before), (after, after + length)
        steps = [[_within(window, last)] for window in windows]
        return steps if first == 0 else steps[::-1]
    return [
        [_within(_beside(contacts[:, 1 - foot], length), last)] if wanted[foot] else []
        for foot in range(2)
    ]


def many_steps(
    balls: np.ndarray, hips: np.ndarray, left: np.ndarray, fps: float
) -> list[list[Step]] | None:
    """The `Step`s of each foot, as many as people make; None where the time is too short.

    balls ``(2, T, 3)``, hips ``(T, 3)``, left ``(2,)``: see `strides`.
    """
    first = _goes_first(balls, balls[:, -1] - balls[:, 0], left)
    return strides(balls, hips, left, first, fps)


def _within(window: tuple[int, int], last: int) -> Step:
    """A step that neither begins nor ends outside of the rows: at low rates there are few."""
    begin = min(max(window[0], 0), last - 1)
    return Step(begin, min(max(window[1], begin + 1), last))


def _beside(other, length):
    """A step of so many rows while the other foot, ``(T,)`` bool, stands, where there is room."""
    last, swing = len(other) - 1, np.flatnonzero(~other)
    begin, end = (swing[0], swing[-1]) if len(swing) else (last, last)
    if not len(swing) or max(begin, last - end) < 2:
        start = (last - length) // 2
        return start, start + length
    if begin > last - end:
        return max(0, begin - length), int(begin)
    return int(end), min(last, end + length)


def _goes_first(balls, ways, left):
    """Foot 0 or 1: the one on the side to which the body goes, or else the one behind."""
    way = (ways[0] + ways[1])[[0, 2]] / 2.0
    aside = float(way @ left)
    if abs(aside) > _ASIDE * np.linalg.norm(way):
        return 0 if aside > 0.0 else 1
    behind = float((balls[0][0] - balls[1][0])[[0, 2]] @ way)
    return 0 if behind <= 1e-9 else 1
