# SPDX-License-Identifier: GPL-3.0-or-later
"""Jumps out of a stand: they land once, and who has landed comes up to a stand again; pure.

Of 20 jumps on the spot in training takes, each out of a stand, all do: the hips are lowest .13 to
.23 s after the feet are down (one: .4 s), up again (.93 of their height at rest) after .3 to .85 s,
half of them within .4 s, and stay up. A network that is unsure crouches on, or once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import segments, toe_positions
from ..body.mass import mass_centre
from ..maths.smoothing import ease
from .cycle import Cycle, leapt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


GRAVITY = 9.81  # m/s²
RAISED, FLIGHT = 0.08, 3  # metres of the lower ball over its rest, frames: a flight
_TOO_LONG, _HOP = 1.6, 0.2  # times as long as a jump of such a height; metres of what is none
_SINCE = 0.7  # seconds since a jump landed in which another one is the same jump over again
_GIVES = 0.2  # seconds from the landing on in which a body goes down
_TALL, _STILL = 0.93, 0.9  # of the hips' height at rest; m/s of the fastest joint: a stand
_LASTS = 2  # frames after the first one that a stand lasts at least
_IN_PLACE = 0.6  # m/s of one that stays where it lands, and of one that jumps on the spot
_LEAVES = 2  # frames from the last known one on in which it is in the air, or soon
_TAKES_OFF, _EASES = 10, 0.2  # frames that its speed is measured over; seconds after landing
_LOOKED_AT = 0.5  # seconds over which that is measured
_STRENGTH = 2.0  # of the stand's pull: up as soon as recorded bodies are
_ARMS = 0.3  # share of that of the arms, which come down by themselves


def height_of_feet(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Of the lower ball over its rest, ``(T,)`` metres, and of both balls, ``(T, 2)``."""
    rest = motion.skeleton.rest_positions[motion.skeleton.index("LeftToeBase"), 1]
    toes = toe_positions(motion)[..., 1]
    return toes.min(-1) - rest, toes


def landed(before: np.ndarray, gap: np.ndarray, fps: float) -> int | None:
    """Number of the frame to come, from 0, in which a jump is over; None where there is none.

    It is below 0 where that is already so. before, gap: heights of the feet in what is known and
    in what follows, its last frame first, metres. Who has jumped more than once goes on jumping,
    and so does who landed a while ago.
    """
    flights = [
        (start - len(before), stop - len(before))
        for start, stop in segments(np.concatenate([before, gap[1:]]) > RAISED)
        if stop - start >= FLIGHT
    ]
    if sum(stop <= 0 for _, stop in flights) > 1:
        return None
    ends = [stop for _, stop in flights if stop > -_SINCE * fps]
    return int(ends[0]) if ends else None


def hovers(gap: np.ndarray, low: float, fps: float) -> np.ndarray:
    """How far a body that is up, but neither jumps nor falls, is to come down, ``(T,)`` in [0, 1].

    gap: as of `landed`; low: what it is higher than, metres. Who leaves the ground is back within
    the time that a fall from there and the way up take: of 165 flights in training takes all that
    last longer than `_TOO_LONG` times that are stands on the tips of the toes or on something.
    What is in the air at first is left alone, as what was before is not known.
    """
    times, share = np.arange(len(gap)), np.zeros(len(gap))
    for start, stop in segments(gap > low):
        peak = gap[start:stop].max()
        if start and RAISED < peak < _HOP and stop - start > _TOO_LONG * _falls_for(peak) * fps:
            away = np.maximum(np.maximum(start - times, times - stop + 1), 0)
            share = np.maximum(share, 1.0 - ease(away / (_GIVES * fps)))
    return share


def _falls_for(height):
    """Seconds that a body is up which rises by ``height`` metres and falls again."""
    return 2.0 * np.sqrt(2.0 * height / GRAVITY)


def straight_on(given: Motion, made: Motion) -> np.ndarray:
    """How far to shift a body that jumps on the spot in each frame, ``(T, 2)`` metres, x and z.

    In the air nothing moves its centre of mass aside. Over 119 jumps in training takes it is 1.3 cm
    off on landing if it goes on at the pace of the last `_TAKES_OFF` frames known in the air, and
    1.7 as the network has it (3.0 and 2.7 known until a frame before it leaves the ground). The
    network drifts where a keyed jump is like none that it knows. given, made: as of `risen`.
    """
    shift = np.zeros((len(made), 2))
    before, (gap, _) = height_of_feet(given)[0], height_of_feet(made)
    high = segments(np.concatenate([before, gap[1:]]) > RAISED) - len(before) + 1
    lands = [b for a, b in high if a <= _LEAVES < b and b - a >= FLIGHT]
    if not lands or len(given) <= _TAKES_OFF:
        return shift
    known, centre = (
        mass_centre(motion.skeleton, motion.positions())[:, [0, 2]] for motion in (given, made)
    )
    step = (known[-1] - known[-1 - _TAKES_OFF]) / _TAKES_OFF
    if np.linalg.norm(step) * made.fps > _IN_PLACE:
        return shift
    land = min(lands[0], len(made) - 1)
    change = np.zeros_like(shift)
    change[1:] = step - np.diff(centre, axis=0)
    left = 1.0 - ease(np.arange(len(made) - land) / (_EASES * made.fps))
    change[land:] = left[:, None] * change[max(1, land - _TAKES_OFF) : land + 1].mean(0)
    return np.cumsum(change, axis=0)


def risen(
    given: Motion, made: Motion, frames: Sequence[np.ndarray], names: Sequence[str]
) -> Cycle | None:
    """The stand out of which a body jumped, as a Cycle that it comes up to where it has landed.

    None for who does not jump, did not stand before, or goes on his way after it. given, made:
    what is known and what follows, its last frame first, over a floor at 0, with contacts. frames:
    the known ones: rotations ``(T, M, 4)``, heights ``(T, 1)``, steps ``(T, 4)`` as `Cycle` has
    them. names: of the moving joints.
    """
    fps, (gap, _), (before, _) = made.fps, height_of_feet(made), height_of_feet(given)
    contacts = np.concatenate([given.contacts, made.contacts[1:]])  # type: ignore[index]  # both have them
    if not leapt(contacts, np.concatenate([before, gap[1:]])):
        return None
    frame = landed(before, gap, fps)
    stand = _stand(given)
    if frame is None or stand is None or not _stays(made, frame + int(_GIVES * fps)):
        return None
    pose = [part[stand : stand + 1] for part in frames]
    arms = np.array(["Arm" in name or "Hand" in name for name in names])
    share = np.where(arms, _ARMS, 1.0)[:, None].astype(pose[0].dtype)
    delay = frame + int(_GIVES * fps)
    return Cycle(pose[0], pose[1], np.zeros_like(pose[2]), _STRENGTH, delay, share)


def _stand(given):
    """The stillest frame in which a body stands upright on both feet, None for none."""
    fastest = np.linalg.norm(np.diff(given.positions(), axis=0), axis=-1).max(-1) * given.fps
    for _ in range(_LASTS):  # the fastest of a few frames
        fastest = np.maximum(fastest, np.append(fastest[1:], fastest[-1:]))
    tall = given.root_positions[:, 1] > _TALL * given.skeleton.root_height
    stands = given.contacts.all(-1)[1:] & tall[1:] & (fastest < _STILL)
    return 1 + int(np.argmin(np.where(stands, fastest, np.inf))) if stands.any() else None


def _stays(made, frame):
    """Whether a body hardly leaves its place from a frame on."""
    first = max(0, frame)
    places = made.root_positions[first : first + 1 + int(_LOOKED_AT * made.fps), [0, 2]]
    if len(places) < 2:
        return False
    away = np.linalg.norm(places[-1] - places[0])
    return bool(away * made.fps / (len(places) - 1) < _IN_PLACE)
