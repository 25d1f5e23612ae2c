# SPDX-License-Identifier: GPL-3.0-or-later
"""What a curve of the user's shows after the current frame."""

from __future__ import annotations

import numpy as np

from ..keys.action import plays
from ..keys.fcurves import keys_after

_LONGEST = 10_000  # frames after the last pose
_SAME = 1e-3  # frames


class Ahead:
    """The part of a curve after a frame; curve: None for a property without one.

    kept: the keys there, which may stand as they are: `keys.fcurves.StoredKey`s. None of a curve
    that is muted, and none where modifiers show something else than the keys.
    """

    def __init__(self, curve, now):
        self._curve = curve if curve is not None and plays(curve) else None
        modified = False
        if self._curve is not None:
            modified = any(not modifier.mute for modifier in curve.modifiers)
            modified |= len(curve.sampled_points) > 0  # Graph editor > Bake Curve
        self._modified = modified
        self.kept = [] if self._curve is None or modified else keys_after(curve, now)

    def drawn(self, frame: float, end: int) -> tuple[np.ndarray, list[float]]:
        """What no key of `kept` says of the curve after ``frame``, up to ``end``: frames, values.

        Nothing for a curve that only holds its last key.
        """
        curve = self._curve
        if curve is None or not (self._modified or curve.extrapolation == "LINEAR"):
            return np.zeros(0), []
        if self.kept:
            frame = max(frame, self.kept[-1].co[0])
        first = int(np.floor(frame + _SAME)) + 1
        frames = np.arange(first, min(end, first + _LONGEST) + 1, dtype=float)
        return frames, [curve.evaluate(number) for number in frames]
