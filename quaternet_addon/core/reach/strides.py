# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of who goes from a stand to one farther away than a step; pure.

A network that is unsure how many steps people take there gives the mean of all: both feet leave the
floor together and come down where the pose has them. Here one foot steps after the other, ahead and
back past each other, aside so that they close.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..body.contacts import segments

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOP = 0.1  # seconds: steps of people who do not run have both feet off the floor for less
_LUNGE = 0.45  # metres: in a longer step a foot does not go where there is time for more
_JUMP = 0.08  # metres that hips rise who jumps
AHEAD, BACK, ASIDE = range(3)
# Metres that a body goes in a step, aside in two: as people do it on the way from a stand to a
# stand, and at most.
_USUAL, _MOST = (0.6, 0.45, 0.6), (0.75, 0.6, 0.9)
_TIME, _QUICKEST = (0.3, 0.3, 0.4), 0.25  # seconds of the first one usually, and at least
_HURRIED = 0.8, 1.1  # of the quickest and the longest, where else no steps would fit
_EACH = 0.05  # what a step costs, beside what it is longer and quicker than these
_PASSING = 2.0  # a step past the other foot is twice as long as the first and the last one
_SWINGS = (0.95, 1.0, 0.8)  # of its time a foot is off the floor: ahead, back, aside
_FOLLOWS = 0.35  # how much the beat of steps follows the hips, which start and stop slowly
_COUNTS = range(2, 9)


class Step(NamedTuple):
    """From one row to another, both of them standing; share: of the foot's way, by then."""

    begin: int
    end: int
    share: float = 1.0


def is_glided(balls: np.ndarray, contacts: np.ndarray, hips: np.ndarray, fps: float) -> bool:
    """Whether feet fly together from one row to another, or take a longer step than people.

    balls: ``(2, T, 3)`` metres. contacts: ``(2, T)`` bool. hips: ``(T,)`` heights, metres.
    """
    if (hips - max(hips[0], hips[-1])).max() > _JUMP:
        return False
    flies = np.diff(segments(np.logical_not(contacts.any(axis=0))), axis=1).max(initial=0) / fps
    return bool(flies > _HOP or np.linalg.norm(balls[:, -1] - balls[:, 0], axis=-1).max() > _LUNGE)


def kind_of(way: np.ndarray, left: np.ndarray) -> int:
    """`AHEAD`, `BACK` or `ASIDE`; both horizontal, ``(2,)``; left: of the body, of length 1."""
    ahead = np.array([-left[1], left[0]])
    if abs(way @ left) > abs(way @ ahead):
        return ASIDE
    return AHEAD if way @ ahead > 0.0 else BACK


def count_of(length: float, kind: int, seconds: float) -> int | None:
    """How many steps are made of so many metres in that time; None where it is too short."""
    for quicker, longer in ((1.0, 1.0), _HURRIED):
        costs = dict(_costs(length, kind, seconds, quicker * _QUICKEST, longer * _MOST[kind]))
        if costs:
            return min(costs, key=lambda count: costs[count])
    return None


def _costs(length, kind, seconds, quickest, longest):
    """Counts of steps that are none too quick or long, and how unlike people's these are."""
    for count in _COUNTS:
        stride, each = length / _strides(count, kind), seconds / _beats(count, kind).sum()
        whole = kind != ASIDE or count % 2 == 0
        if whole and stride <= longest and each >= quickest:
            longer, quicker = stride / _USUAL[kind], _TIME[kind] / each
            yield count, longer**2 + quicker**2 + _EACH * count


def _strides(count, kind):
    """Into how many equal parts a way is divided by steps: the last one only closes."""
    return count / 2 if kind == ASIDE else count - 1


def _beats(count, kind):
    """How much time steps take, against each other: of those in which feet pass each other more."""
    beats = np.full(count, 1.0 if kind == ASIDE else _PASSING)
    beats[[0, -1]] = 1.0
    return beats


def strides(
    balls: np.ndarray, hips: np.ndarray, left: np.ndarray, first: int, fps: float
) -> list[list[Step]] | None:
    """The `Step`s of both feet from one stand to another; None where the time is too short.

    balls: ``(2, T, 3)`` metres, of which the first and the last row count. hips: ``(T, 3)``. left:
    of the body, horizontal, ``(2,)``, of length 1. first: the foot that goes first.
    """
    ways = (balls[:, -1] - balls[:, 0])[:, [0, 2]]
    kind = kind_of(ways.mean(axis=0), left)
    # Of who turns one foot goes farther than the other: its steps are to be no longer, if they can.
    lengths = np.linalg.norm(ways, axis=-1).max(), np.linalg.norm(ways.mean(axis=0))
    counts = (count_of(float(length), kind, (len(hips) - 1) / fps) for length in lengths)
    count = next(filter(None, counts), None)
    if count is None:
        return None
    steps: list[list[Step]] = [[], []]
    for number, (begin, end) in enumerate(
        _swings(hips[:, [0, 2]], _beats(count, kind), _SWINGS[kind])
    ):
        place = number // 2 + 1 if kind == ASIDE else number + 1
        share = min(1.0, place / _strides(count, kind))
        steps[(first + number) % 2].append(Step(begin, end, share))
    return steps


def _swings(hips, beats, share):
    """The first and the last row of each step."""
    for begins, ends in pairwise(_rows(hips, beats)):
        middle, half = 0.5 * (begins + ends), 0.5 * share * (ends - begins)
        begin = round(middle - half)
        yield begin, max(round(middle + half), begin + 1)


def _rows(hips, beats):
    """When steps begin and end: ``(count + 1,)`` rows, between an even beat and the hips' own."""
    rows, even = np.arange(len(hips)), np.concatenate([[0.0], np.cumsum(beats) / beats.sum()])
    gone = (hips - hips[0]) @ (hips[-1] - hips[0])
    gone = np.maximum.accumulate(gone) / max(float(gone[-1]), 1e-9)
    return (1.0 - _FOLLOWS) * even * rows[-1] + _FOLLOWS * np.interp(even, gone, rows)


def stands_between(ball: np.ndarray, steps: list[Step]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows and place ``(3,)`` of each stand before, between and after a foot's steps.

    ball: ``(T, 3)``, which stands in the first and the last row. Where there are few rows, at low
    rates, a foot may have none between two steps.
    """
    rows = np.arange(len(ball))
    begins = [0, *(step.end for step in steps)]
    ends = [*(step.begin + 1 for step in steps), len(ball)]
    shares = [0.0, *(step.share for step in steps)]
    for begin, end, share in zip(begins, ends, shares, strict=True):
        if end > begin:
            yield rows[begin:end], ball[0] + share * (ball[-1] - ball[0])
