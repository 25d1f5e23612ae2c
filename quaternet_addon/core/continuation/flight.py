# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in the air flies on as a body falls, until a foot is down; pure.

A network is sure of the pose and not of the height. Over 22 flights in training takes that it had
not seen the centre of mass is 4.1 cm off after .1 s (median), 3.4 of them too high; falling, .5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.mass import mass_centre
from ..maths import elementary
from ..maths.smoothing import ease
from .landing import FLIGHT, GRAVITY, height_of_feet

if TYPE_CHECKING:
    from ..body.motion import Motion


_FALLS = 5.0, 15.0  # m/s² that are measured of a body that falls freely
_OFF, _FRAMES = 0.05, 4  # metres over its rest that a ball is at least; frames looked at
_HASTE = 0.1  # metres that a body is ahead of its fall, up to which it is left so
_LONGEST, _EASES, _GIVES = (
    1.0,
    0.2,
    0.1,
)  # seconds of a flight to come; from the landing on; a crouch's


def fallen(given: Motion, made: Motion) -> Motion:
    """The motion ``made`` after ``given``, its centre of mass on a parabola until it lands.

    Both are over a floor at 0, metres, with contacts; made begins with the last given frame. A body
    whose feet are up, but which does not fall, lies, sits or hangs on something, and is left alone,
    and so is a keyed flight that is unlike any fall.
    """
    up = height_of_feet(given)[0][::-1] > _OFF
    count = min(len(up) if up.all() else int(np.argmin(up)), _FRAMES)
    if count < FLIGHT:
        return made
    known = given.slice(len(given) - count, None)
    height = _heights(known)
    falls = -np.diff(height, 2).mean() * given.fps**2
    if not _FALLS[0] < falls < _FALLS[1]:
        return made
    seconds = (count - 1) / given.fps
    speed = (height[-1] - height[0]) / seconds - 0.5 * GRAVITY * seconds
    times = np.arange(len(made)) / made.fps
    path = height[-1] + speed * times - 0.5 * GRAVITY * times**2
    gap, _ = height_of_feet(made)
    shift = path - _heights(made)
    down = (gap + shift <= 0.0) & (times > 0.0)
    if not down.any() or times[np.argmax(down)] > _LONGEST:
        return made
    land = int(np.argmax(down))
    roots, contacts = np.array(made.root_positions), np.array(made.contacts)
    roots[:land, 1] += shift[:land]
    roots[land:, 1] += _landed(shift[land - 1 : land + 1], gap[land:], made.fps)
    contacts[1:land] = False
    return replace(made, root_positions=roots, contacts=contacts)


def no_faster(
    lowered: np.ndarray, gap: np.ndarray, speed: float, fps: float, *, gives: bool
) -> np.ndarray:
    """What a body in the air is lowered by, ``(T,)`` metres: it falls, then knees give.

    lowered: by which it would come down in time, ``(T,)``. gap: of the feet over the floor,
    ``(T,)`` metres, the last given frame's first, in which they go up at ``speed`` m/s. gives:
    whether knees are to give. High jumps as they are keyed last longer than anybody's: 1 m was
    lost at 10 m/s.
    """
    times = np.arange(len(gap)) / fps
    path = gap[0] + speed * times - 0.5 * GRAVITY * times**2
    land = int(np.argmax(path <= 0.0)) if (path <= 0.0).any() else len(gap)
    most = np.maximum(gap[:land] - path[:land], 0.0)
    if (lowered[:land] - most).max(initial=0.0) < _HASTE:
        return lowered
    slower = np.array(lowered)
    slower[:land] = np.minimum(lowered[:land], most)
    if gives and land < len(gap) and lowered[land - 1] > most[-1]:
        after = times[: len(gap) - land]
        impact = GRAVITY * times[land] - speed
        slower[land:] += impact * after * elementary.exp(-after / _GIVES)
    return slower


def _landed(shift, gap, fps):
    """What hips are shifted by from the landing on, ``(T,)`` metres: feet are down, knees give.

    shift: in the last frame of the flight and the first one after it. gap: of the feet there as
    the network has them, which may land later.
    """
    times = np.arange(len(gap)) / fps
    later = np.minimum.accumulate(gap > 0.0)  # it is still in the air
    left = (shift[1] + max(gap[0], 0.0)) * (1.0 - ease(times / _EASES))
    falls = min(0.0, (shift[1] - shift[0]) * fps)
    return left - np.where(later, gap, 0.0) + falls * times * elementary.exp(-times / _GIVES)


def _heights(motion):
    """Of the centre of mass, ``(T,)`` metres."""
    return mass_centre(motion.skeleton, motion.positions())[:, 1]
