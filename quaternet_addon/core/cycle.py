# SPDX-License-Identifier: GPL-3.0-or-later
"""Gait cycles: whether a body repeats itself, and the cycle that it repeats; pure.

A network that predicts motion is sure of the next half second. Further on it hedges: of two steps
that might be meant it makes the mean, and a walk dies down. A body that has just done one cycle
of a gait like the one before is best predicted by a third one.
"""

from dataclasses import dataclass

import numpy as np

from .quaternion import normalize

SHORTEST, LONGEST = 0.5, 1.5  # seconds of a cycle: a sprint's two steps, a stroll's
_SURE, _UNSURE = 0.35, 0.7  # of the poses' spread: how far cycles may differ
_MOVING = 0.25  # m/s: mean speed of the joints against the hips, of a body in motion
PULL, GROWN = 0.3, 15  # share of the way a frame, frames until it is that
ROOT_PULL = 0.5  # of that for the steps of the hips: a turn may be meant
_AS_GOOD = 0.03  # of the spread
_OVERLAP = 0.35  # of a cycle that has to be seen twice


@dataclass(frozen=True)
class Cycle:
    """The last P frames of a body that repeats itself; strength in (0, 1]: how alike cycles are.

    rotations ``(P, M, 4)``, heights ``(P, 1)``, steps ``(P, 4)`` as of
    ``continuation_network.motion_between``.
    """

    rotations: np.ndarray
    heights: np.ndarray
    steps: np.ndarray
    strength: float

    def __len__(self):
        return len(self.heights)

    def pull(self, index, rotations, height, steps):
        """A predicted frame drawn towards the cycle's: frame ``index`` after the last given one.

        The near future is the network's; within `GROWN` frames the pull grows to `PULL` of the
        way a frame. Returns rotations, height and steps.
        """
        place, share = index % len(self), PULL * self.strength * min(1.0, index / GROWN)
        turned = self.rotations[place]
        turned = np.where((turned * rotations).sum(-1, keepdims=True) < 0.0, -turned, turned)
        rotations = normalize(rotations + share * (turned - rotations))
        lifted = height + share * (self.heights[place] - height)
        steps = steps + min(1.0, ROOT_PULL * share) * (self.steps[place] - steps)
        return rotations, lifted, steps


def find_cycle(points, fps, rotations, heights, steps):
    """The Cycle at the end of given frames, None for a body that does not repeat itself.

    points: ``(T, J, 3)`` metres, joints seen from the hips in the body's heading. The others are
    the frames as `Cycle` has them, ``(T, ...)``.
    """
    if len(points) < 3:
        return None
    speed = np.linalg.norm(np.diff(points, axis=0), axis=-1).mean() * fps
    lengths = range(int(SHORTEST * fps), min(int(LONGEST * fps), len(points)) + 1)
    found = [
        (difference, length) for length in lengths for difference in _difference(points, length)
    ]
    if not found or speed < _MOVING:
        return None
    least = min(found)[0]
    # Two cycles in one are as alike as one: the shortest of the good ones.
    length = next(length for difference, length in found if difference <= least + _AS_GOOD)
    strength = float(np.clip((_UNSURE - least) / (_UNSURE - _SURE), 0.0, 1.0))
    if strength == 0.0:
        return None
    return Cycle(rotations[-length:], heights[-length:], steps[-length:], strength)


def _difference(points, length):
    """How much the last cycle differs from the one before, by its spread: none or one number."""
    seen = len(points) - length
    if seen < _OVERLAP * length:
        return []
    count = min(seen, length)
    now, before = points[-count:], points[-count - length : -length]
    last = points[-length:]
    spread = np.sqrt(((last - last.mean(0)) ** 2).sum(-1).mean())
    return [np.sqrt(((now - before) ** 2).sum(-1).mean()) / max(spread, 1e-9)]
