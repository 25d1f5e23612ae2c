# SPDX-License-Identifier: GPL-3.0-or-later
"""How a gap that is filled for a shorter time is played, slower; pure.

A network has learned from motion that goes on, in gaps of up to a few seconds. Where a pose is
held the end is played slower and slower; where a body stands and is to be elsewhere soon, the
start is, too. Who stands and has more time than is foretold well uses all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LEAVES, _STOPS, _LONGEST = 0.4, 0.45, 0.6  # of a gap, twice, and seconds: that is played slower
_TAKES = 0.6  # seconds in which who is moving gets slower


@dataclass(frozen=True)
class Playing:
    """A gap of ``duration`` seconds, filled for ``seconds`` of motion.

    most: seconds that it is filled for at most, the rest is slowness. still: how far the body
    stands at the start, 0 to 1: who moves goes on at his speed at first. rests: whether the pose
    is come to rest in. leaves: how much of the start is played slower, 0 to 1.
    """

    duration: float
    most: float = np.inf
    still: float = 1.0
    rests: bool = False
    leaves: float = 0.0

    @property
    def seconds(self) -> float:
        """Of motion that the gap is to be filled for."""
        return self._whole - 0.5 * (self._leaving + self._stopping)

    def shown(self, times: np.ndarray) -> np.ndarray:
        """Seconds of that motion to show at ``times: (...)``, from 0 to `duration`."""
        times = self._stretched(np.asarray(times, float))
        shown = times
        if self._leaving:
            shown = shown - self._leaving * lost(times / self._leaving)
        if self._stopping:
            left = (self._whole - times) / self._stopping
            shown = shown - self._stopping * (0.5 - lost(left))
        return shown

    @property
    def _whole(self):
        return min(self.duration, self.most)

    @property
    def _stopping(self):
        return _slowing(_STOPS, self._whole) if self.rests else 0.0

    @property
    def _leaving(self):
        return self.leaves * _slowing(_LEAVES, self._whole)

    def _stretched(self, times):
        """From `duration` to the whole: at the body's own speed at first, then slower."""
        if self._whole == self.duration:
            return times
        takes = (1.0 - self.still) * min(_TAKES, self._whole)
        rate = (self._whole - 0.5 * takes) / (self.duration - 0.5 * takes)
        own = takes * lost(times / takes) if takes else 0.0
        return rate * times + (1.0 - rate) * own


def lost(share: np.ndarray) -> np.ndarray:
    """What a ``share: (...)`` of a smooth start from rest loses against full speed; half in all."""
    share = np.clip(share, 0.0, 1.0)
    return share - share**3 * (1.0 - 0.5 * share)


def _slowing(share, duration):
    return min(share * duration, _LONGEST)
