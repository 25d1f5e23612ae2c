# SPDX-License-Identifier: GPL-3.0-or-later
"""How hips come to a key that the network did not expect there; pure.

What a network adds to the plain way is taken away within `splines.FALL` before the key, so a body
arrives with the speed that it means by what is left there. Where that does not follow from where
it was a little earlier, as such a body would not be at the key, it would be thrown there within
two frames: what is too much is taken away sooner.
"""

from __future__ import annotations

import numpy as np

from ..maths.smoothing import ease
from .splines import FALL, KNOTS, SPACING, basis, goes_out

_EARLIER = 0.2  # seconds before the key
_MOST = 0.05  # metres; in 99 of 100 recorded gaps of up to 1.5 s, set aside, it is at most that
_BROUGHT = 0.8  # seconds before the key in which the rest goes
_AT_KEY, _BEFORE = basis(np.array([0.0, _EARLIER]))  # ``(KNOTS,)`` each
_KEPT = FALL / _EARLIER * goes_out(np.array(_EARLIER))  # of what was added then, at an even speed
_THROWN = _AT_KEY - _KEPT * _BEFORE  # weights of the knots
_GOES = 1.0 - ease(SPACING * (np.arange(KNOTS) - 1.0) / _BROUGHT)  # by the seconds to the key


def arriving(knots: np.ndarray, moving: int) -> np.ndarray:
    """The knots ``(..., 2 KNOTS, 3 M + 5)`` with hips that arrive without a jerk.

    moving: M, how many joints turn.
    """
    place = slice(3 * moving, 3 * moving + 3)
    thrown = _THROWN @ knots[..., KNOTS:, place]
    size = np.linalg.norm(thrown, axis=-1, keepdims=True)
    much = thrown * np.maximum(0.0, 1.0 - _MOST / np.maximum(size, 1e-9))
    knots = np.array(knots)
    knots[..., KNOTS:, place] -= much[..., None, :] * (_GOES / (_THROWN @ _GOES))[:, None]
    return knots
