# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dance does for too long: the same again and again, or a whirl; and what of it; pure.

A plan is watched instead of the frames that are danced along it: it is known before, and a seed's
plan has the same bits everywhere. A plan's poses are the centres of codes. The same: the joints,
on the average of a second, near where they were a round before, as the body faces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from .features import CODE_FRAMES

if TYPE_CHECKING:
    from .features import Codebook


_EVERY = 2  # frames: every second one is looked at
_LEAST, _MOST, _MEAN = 0.4, 4.0, 1.0  # seconds of a round, and that a likeness is the mean of
# Metres, root mean square of the joints, below which it is the same, and from which it is not. Of
# the frames in which a dance is within 11 cm of a round before, nine in ten have a plan within 13.
_SAME, _OTHER = 0.13, 0.16
_TURNING, _STRAIGHT = 1.6, 1.3  # radians in a second: a whirl, and none
_LESS = 2.0  # seconds that a second of something else takes off a count
_NOWHERE = 100.0  # metres: unlike any pose

# Seconds of the same, or of whirling, after which codes begin to wear, and in which they are worn;
# codes that are worn, of the last ones; metres within which others are worn with them; radians of
# a code's turn that is all whirl; codes after which half is as new. Chosen on plans with other
# seeds than those that `training.dance.quality` judges. Two seconds later they go on to wear, to
# three times as much; if they did so at once, dances would seek poses that nobody holds for long:
# backs bent by 40 degrees and more in 4 % of the frames instead of 2 (recorded: 1).
_BORED, _DIZZY, _WEARING = 4.0, 3.5, 1.0
_BACK, _NEAR, _ROUND, _FRESH = 15, 0.16, 0.43, 24.0


class Repeats:
    """How worn the codes of N dances are, as these go on.

    book: a Codebook. fps: of the codes' frames. ``repeated (N,)`` and ``whirled (N, 2)``, to the
    left and to the right: for how many seconds that has gone on.
    """

    def __init__(self, book: Codebook, fps: float, count: int) -> None:
        self._code, rate = CODE_FRAMES / fps, fps / _EVERY
        codes = len(book.vectors)
        self._poses = book.poses[:, ::_EVERY].reshape(codes, -1, book.poses[0, 0].size)
        lags = np.arange(max(1, int(_LEAST * rate)), max(2, int(_MOST * rate)))
        new = self._poses.shape[1]
        self._seen = np.full((count, lags[-1] + new, self._poses.shape[2]), _NOWHERE)
        self._before = lags[-1] + np.arange(new)[:, None] - lags  # columns: rows of `_seen`
        self._away = np.full((count, max(1, round(_MEAN * rate)), len(lags)), _NOWHERE)
        self._turns = book.steps[:, 2]
        self._turned = np.zeros((count, max(1, round(fps / CODE_FRAMES))))
        self._danced = np.zeros((count, 0), int)
        self._near = elementary.exp(-((book.away / _NEAR) ** 2))
        self.repeated, self.whirled = np.zeros(count), np.zeros((count, 2))
        self._worn, self._dizzy = np.zeros((count, codes)), np.zeros((count, 2))

    def see(self, codes: np.ndarray) -> None:
        """The next code of every dance, ``(N,)``."""
        self._danced = np.concatenate([self._danced, codes[:, None]], 1)[:, -_BACK:]
        self._count(codes)
        kept = 0.5 ** (1.0 / _FRESH)
        bored = (self.repeated - _BORED) / _WEARING
        bored = np.clip(bored, 0.0, 1.0) + np.clip(bored - 2.0, 0.0, 2.0)
        self._worn *= kept
        for row in np.flatnonzero(bored):
            near = self._near[self._danced[row]].max(0)
            self._worn[row] = np.maximum(self._worn[row], bored[row] * near)
        dizzy = np.clip((self.whirled - _DIZZY) / (2.0 * _WEARING), 0.0, 1.0)
        self._dizzy = np.maximum(kept * self._dizzy, dizzy)

    def worn(self) -> np.ndarray:
        """How worn each code is, ``(N, K)``: 0 as new, 1 and more what went on for too long."""
        left = np.clip(self._turns / _ROUND, -1.0, 1.0)
        return self._worn + self._dizzy @ np.maximum([left, -left], 0.0)

    def _count(self, codes):
        """``repeated`` and ``whirled`` after the codes."""
        new = self._poses[codes]
        self._seen = np.concatenate([self._seen[:, new.shape[1] :], new], 1)
        self._away = np.concatenate([self._away[:, new.shape[1] :], self._from_before(new)], 1)
        least = self._away.mean(1).min(1)
        self.repeated = self._longer(self.repeated, (_OTHER - least) / (_OTHER - _SAME))
        self._turned = np.concatenate([self._turned[:, 1:], self._turns[codes, None]], 1)
        turned = self._turned.sum(1)[:, None] * [1.0, -1.0]
        self.whirled = self._longer(self.whirled, (turned - _STRAIGHT) / (_TURNING - _STRAIGHT))

    def _from_before(self, new):
        """How far the last poses are from those of each lag before, ``(N, 4, lags)`` metres."""
        square = (self._seen * self._seen).sum(-1)
        away = square[:, -new.shape[1] :, None] + square[:, None]
        away = away - 2.0 * new @ self._seen.swapaxes(1, 2)
        away = np.take_along_axis(away, self._before[None], 2)
        return np.sqrt(np.maximum(away, 0.0) / (new.shape[-1] / 3))

    def _longer(self, seconds, share):
        """Counts of seconds a code later; ``share``: 1 goes on, 0 gets shorter."""
        share = np.clip(share, 0.0, 1.0)
        return np.maximum(seconds + self._code * (share - _LESS * (1.0 - share)), 0.0)
