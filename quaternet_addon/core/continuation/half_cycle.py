# SPDX-License-Identifier: GPL-3.0-or-later
"""Gaits of which less than two steps were seen: the other foot does the same, mirrored; pure."""

from __future__ import annotations

import numpy as np

from ..maths.turns import mirror_image
from .cycle import FORCED, IN_PLACE, LONGEST, QUICK, Cycle, apart, closed, led_by, sure, way

_FEWEST, _SEEN = 6, 0.6  # frames, share of a step: how much of the one before it has to be seen
_WALKS, _STOOD, _SETS_OUT, _LATEST = 0.5, 0.2, 0.7, 12  # m/s, twice; of the latest speed; frames
_GLIMPSED = 4  # frames by which a body has to be seen for longer than a cycle, to go by that


def find_half_cycle(
    points: np.ndarray,
    fps: float,
    rotations: np.ndarray,
    heights: np.ndarray,
    steps: np.ndarray,
    sides: tuple[np.ndarray, np.ndarray],
) -> Cycle | None:
    """The Cycle of two steps at the end of given frames that are like mirror images, or None.

    For a body on its way that was seen for less than a cycle. Of 22 walks and runs set aside, known
    for a second, poses are then 7.9 degrees off after .4 s and 10.0 after 2 s, in place of 9.4 and
    10.8; of those known for longer a whole cycle says more. sides: the joint on the other side, of
    all ``(J,)`` and of the moving ones, ``(M,)``. Others as of `cycle.find_cycle`.
    """
    found = []
    for length in range(int(QUICK * fps / 2), int(LONGEST * fps / 2) + 1):
        count = min(length, len(points) - length)
        if count >= max(_FEWEST, _SEEN * length):
            image = points[-count - length : -length, sides[0]] * [-1.0, 1.0, 1.0]
            found.append((apart(points[-count:], image, points[-length:]), length))
    if not found or way(steps) <= IN_PLACE:
        return None
    least, length = min(found)
    if not sure(least) or 2 * length + _GLIMPSED <= len(points):
        return None
    image = mirror_image(rotations[-length - 1 :], sides[1])
    turned, lifted, share = closed(rotations[-1], heights[-1], image, heights[-length - 1 :])
    both = np.concatenate([turned, mirror_image(turned, sides[1])])
    lifted, share = np.concatenate([lifted, lifted]), np.minimum(share, share[sides[1]])
    strength = sure(least)
    turns = _in_turn(steps, length)
    return Cycle(both, lifted, turns, strength, share=share, lead=led_by(strength))


def likelier(cycle: Cycle | None, half: Cycle | None) -> Cycle | None:
    """Which of a body's Cycle and the one of its mirrored step is to be followed."""
    repeats = cycle.strength if cycle is not None and not cycle.delay else 0.0
    if half is not None and repeats < max(FORCED, half.strength):
        return half
    return cycle


def _in_turn(steps, length):
    """A step of the other foot and one of this one: ``(2 length, 4)``.

    What sways goes the other way; what is the same in both is that of all that was seen.
    """
    mean, last = steps[-2 * length :].mean(axis=0), steps[-length:]
    swaying = last - last.mean(axis=0)
    return mean + np.concatenate([swaying * [1.0, -1.0, 1.0, -1.0], swaying])


def sets_out(steps: np.ndarray, fps: float) -> bool:
    """Whether a body that stood until then goes straight on, at the end of ``steps: (T, 4)``.

    Who dances in place comes back.
    """
    goes = way(steps[-_LATEST:]) * fps > _WALKS * _LATEST
    return bool(goes and np.median(_speeds(steps, fps)) < _STOOD)


def stood_before(steps: np.ndarray, fps: float) -> bool:
    """Whether a body was much slower in ``steps: (T, 4)`` than it goes at their end."""
    speeds = _speeds(steps, fps)
    return bool(len(speeds) and speeds.min() < _STOOD * speeds[-_LATEST:].mean())


def under_way_for(steps: np.ndarray, fps: float) -> int:
    """Frames at the end of ``steps: (T, 4)`` in which a body goes about as fast as at last.

    All of them for who does not walk: who has just set out is not to be judged by the stand.
    """
    speeds = _speeds(steps, fps)
    slower = np.flatnonzero(speeds < _SETS_OUT * speeds[-_LATEST:].mean()) if len(speeds) else []
    count = len(speeds) - 1 - int(slower[-1]) if len(slower) else len(steps)
    goes = len(speeds) and speeds[-_LATEST:].mean() > _WALKS
    return count if goes and count >= _LATEST else len(steps)


def _speeds(steps, fps):
    """Of the hips from frame to frame, ``(T - 1,)`` m/s: the first step is not known."""
    return fps * np.hypot(steps[1:, 1], steps[1:, 2])
