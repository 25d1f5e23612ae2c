# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions that repeat: the last frame is the first one again, further along; pure."""

from dataclasses import dataclass, replace

import numpy as np

from ..body.motion import Motion, concatenate
from ..maths.quaternion import angle, conjugate, multiply, slerp
from ..maths.smoothing import ease

_FADE = 0.4  # seconds in which the way on turns into the way from the start
_TILES = 3  # what is done to the middle one knows no ends


@dataclass(frozen=True)
class Seam:
    """How far a repeated motion is from one that was never cut, at its worst joint.

    degrees, centimetres: last frame against the first. degrees_per_second, metres_per_second:
    change of velocity from the step before the seam to the step after it. The ``usual`` ones are
    the greatest such changes between all other steps: a seam below them is not seen.
    """

    degrees: float
    centimetres: float
    degrees_per_second: float
    metres_per_second: float
    usual_degrees_per_second: float
    usual_metres_per_second: float


def repeated(motion: Motion, first: int, period: int, travel: np.ndarray) -> Motion:
    """A motion that goes in circles: frames ``first`` to ``first + period - 1``, closed.

    motion: goes on after them for half a second or so, in step with them. travel: ``(3,)`` metres
    from each frame to the one a period later. What comes after the period fades into what came
    at its start, so neither position nor velocity jumps from the last frame to the first.
    """
    once, on = motion.slice(first, first + period), motion.slice(first + period, None)
    count = min(int(round(_FADE * motion.fps)), len(on), period)
    part = np.linspace(0.0, 1.0, count + 1)[:-1] if count else np.zeros(0)
    part = ease(part)
    rotations, roots = once.rotations.copy(), once.root_positions.copy()
    rotations[:count] = slerp(on.rotations[:count], once.rotations[:count], part[:, None])
    away = on.root_positions[:count] - travel - roots[:count]
    roots[:count] += (1.0 - part[:, None]) * away
    return replace(once, rotations=rotations, root_positions=roots).continuous()


def tiled(motion: Motion, travel: np.ndarray) -> Motion:
    """A repeated motion three times over, each ``travel`` further on.

    travel: ``(3,)`` metres.
    """
    return concatenate([motion.moved(tile * np.asarray(travel)) for tile in range(_TILES)])


def middle(motion: Motion, travel: np.ndarray) -> Motion:
    """The middle of what `tiled` gave, at the place of the first, with the first frame again.

    Returns a motion of one frame more than a period.
    travel: ``(3,)`` metres.
    """
    period = len(motion) // _TILES
    cut = motion.slice(period, 2 * period + 1)
    again = [slice(0, period), slice(0, 1)]
    roots = cut.root_positions - travel
    return Motion(
        cut.skeleton,
        np.concatenate([cut.rotations[part] for part in again]),
        np.concatenate([roots[:-1], roots[:1] + travel]),
        cut.fps,
        np.concatenate([cut.contacts[part] for part in again]),  # type: ignore[index]  # it has contacts
    )


def measure_seam(motion: Motion, travel: np.ndarray) -> Seam:
    """The Seam of a motion whose last frame should be its first, ``travel`` further on.

    travel: ``(3,)`` metres.
    """
    turns = np.degrees(_turns(motion.rotations)) * motion.fps
    steps = np.diff(motion.positions(), axis=0) * motion.fps
    turn, step = (np.linalg.norm(v - np.roll(v, 1, 0), axis=-1).max(-1) for v in (turns, steps))
    gap = motion.positions()[-1] - motion.positions()[0] - travel
    return Seam(
        degrees=float(np.degrees(angle(motion.rotations[-1], motion.rotations[0]).max())),
        centimetres=float(100.0 * np.linalg.norm(gap, axis=-1).max()),
        degrees_per_second=float(turn[0]),
        metres_per_second=float(step[0]),
        usual_degrees_per_second=float(turn[1:].max()),
        usual_metres_per_second=float(step[1:].max()),
    )


def _turns(rotations):
    """Turn from each frame to the next, ``(T - 1, J, 3)``: small rotation vectors, radians."""
    turn = multiply(rotations[1:], conjugate(rotations[:-1]))
    return 2.0 * np.where(turn[..., :1] < 0.0, -1.0, 1.0) * turn[..., 1:]
