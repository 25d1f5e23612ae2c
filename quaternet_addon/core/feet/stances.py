# SPDX-License-Identifier: GPL-3.0-or-later
"""What a foot's stances ask of it, and how that fades in the swings between them; pure.

Feet are one `Ragged`: F frames of one foot after the other. ``stances`` are the `Runs` of contact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.seam import fading
from ..maths.backend import norm
from ..maths.smoothing import ease, smoothed

if TYPE_CHECKING:
    from ..maths.ragged import Ragged, Runs

FADE = 0.35  # seconds in which a correction of the joints comes and goes
_FASTEST = 8.0  # rad/s: what a correction may carry from a contact into a swing
THROWN, _PER_TURN = 2.5, 12.0  # rad/s, of no correction, and more by so much of each radian of it
_LANDING = 0.5  # share of it that goes into a landing: an impact is no glide
_ROLL_TIME = 0.13  # seconds of rolling on to and off the ball
_INSIDE = 0.1  # seconds of a contact's ends in which the ball rises and comes down in place
LIFT_TIME, LAND_TIME = 0.22, 0.19  # seconds between the ground and the full clearance
_LIFT_SMOOTH = 0.07  # seconds
_ANKLE_SHARE = (0.3, 1.0)  # of a lift that the ankle does, early and late in a swing


def plants(
    ball: np.ndarray, stances: Runs, floor: np.ndarray, fps: float, standing_at: np.ndarray
) -> np.ndarray:
    """Where balls ``(F, 3)`` go in stances; elsewhere they stay.

    floor: ``(F,)`` metres. standing_at: ``(N, 3)``: where balls stood in the frame before
    the first, NaN where it did not.
    """
    target, (begins, ends) = np.array(ball), stances.inside
    if not len(stances):
        return target
    middle = (stances.start + stances.stop) // 2
    # Where it lands, not where it is on the average: a landing leg is as long as it gets.
    landed = stances.start + np.maximum(1, (middle - stances.start) // 2)
    landing = type(stances)(stances.ragged, stances.start, np.where(begins, landed, stances.stop))
    plant = landing.percentile(ball[landing.frames], 50.0)
    before = standing_at[stances.ragged.of[stances.start]]
    stands = ~begins & np.isfinite(before).all(axis=-1)
    plant = np.where(stands[:, None], before, plant)
    plant[:, 1] = floor[middle]
    frames, of = stances.frames, stances.of
    offset = plant[of] - ball[frames]
    offset[:, 1] *= _roll(stances, begins | stands, ends, fps)
    target[frames] += offset
    target[frames, 1] = np.maximum(target[frames, 1], floor[middle][of])
    return target


def _roll(stances, lands, leaves, fps):
    """How much of its height a ball gives up in each frame of a stance, ``(M,)`` in [0, 1].

    After the heel the ball comes down, before the toe it goes up, each in its own time: pressed
    to the ground at once it would stretch the leg.
    """
    of, frames = stances.of, stances.frames
    down = np.where(lands[of], frames - stances.start[of], stances.lengths[of])
    up = np.where(leaves[of], stances.stop[of] - 1 - frames, stances.lengths[of])
    return ease(np.minimum(down, up) / max(1.0, _ROLL_TIME * fps))


def spread(
    vectors: np.ndarray,
    stances: Runs,
    contact: np.ndarray,
    fps: float,
    follows: np.ndarray,
    *,
    fade: float = FADE,
    thrown: float = THROWN,
) -> np.ndarray:
    """Corrections ``(M, 3)`` of the stances, inertialised out of and into the swings: ``(F, 3)``.

    vectors: at ``stances.frames``. contact: ``(F,)``. follows: ``(N,)``, whether a clip goes on
    from another one, whose last frame had no correction. fade: seconds. thrown: rad/s that no
    correction carries.
    """
    ragged, out = stances.ragged, np.zeros((len(contact), 3))
    out[stances.frames] = vectors
    swings = ragged.runs(~contact)
    if not len(swings):
        return out
    vectors = out.copy()
    begins, ends = swings.inside
    # A clip that is cut in a swing has time; one that goes on from another has not.
    between = (begins | follows[ragged.of[swings.start]]) & ends
    fades = np.where(between, np.minimum(fade, swings.lengths / fps), fade)
    of, frames = swings.of, swings.frames
    last = np.where(begins, swings.start - 1, swings.start)
    velocity = _velocity(vectors, contact, ragged, last, -1, fps, thrown=thrown)
    times = (frames - last[of]) / fps
    out[frames] += np.where(
        begins[of, None], _fading(vectors[last], velocity, fades, of, times), 0.0
    )
    landing = np.where(ends, swings.stop, swings.stop - 1)
    velocity = _LANDING * _velocity(vectors, contact, ragged, landing, 1, fps, thrown=thrown)
    times = (landing[of] - frames) / fps
    out[frames] += np.where(
        ends[of, None], _fading(vectors[landing], velocity, fades, of, times), 0.0
    )
    return out


def _fading(offsets, velocities, fade, of, times):
    return fading(offsets[of], velocities[of], fade[of, None], times[:, None])


def _velocity(vectors, contact, ragged, edge, step, fps, *, thrown):
    """Of corrections at edges of stances, away from them: ``(n, 3)`` rad/s, capped.

    edge: ``(n,)`` frames. step: 1 or -1, to the next frame inside the stance. What is hardly
    corrected at the edge may carry little: a knee that was straightened by 32 degrees and by 3 in
    the last frame would be thrown as far to the other side.
    """
    inner = np.clip(edge + step, ragged.first[edge], ragged.stop[edge] - 1)
    velocity = (vectors[edge] - vectors[inner]) * fps
    most = np.minimum(_FASTEST, thrown + _PER_TURN * norm(vectors[edge]))
    velocity *= np.minimum(1.0, most / np.maximum(norm(velocity), 1e-9))
    return np.where(contact[inner, None], velocity, 0.0)


def swing_weight(
    contact: np.ndarray,
    ragged: Ragged,
    fps: float,
    lift: float = LIFT_TIME,
    land: float = LAND_TIME,
) -> tuple[np.ndarray, np.ndarray]:
    """How much a ball is to be off the ground, ``(F,)`` in [0, 1], and the ankle's share in that.

    A ball rises in place before it leaves, and comes down in place after it lands: it rolls
    over the toes, and down from the heel. lift, land: seconds between the ground and the full
    clearance.
    """
    count, stances, swings = len(ragged), ragged.runs(contact), ragged.runs(~contact)
    weight, share = np.zeros(count), np.zeros(count)
    after_stance, before_stance = np.zeros(count + 1), np.zeros(count + 1)
    inside = np.minimum(_INSIDE * fps, stances.lengths / 3.0)
    after_stance[stances.stop] = before_stance[stances.start] = inside
    begins, ends = swings.inside
    before = np.where(begins, after_stance[swings.start], 0.0)
    after = np.where(ends, before_stance[swings.stop], 0.0)
    # Whole frames apart from parts of them: where a clip lies among others rounds nothing then.
    first = np.maximum(ragged.first[swings.start], swings.start - np.ceil(before).astype(int))
    last = swings.stop + np.ceil(after).astype(int)
    wide = type(swings)(ragged, first, np.minimum(ragged.stop[swings.start], last))
    of, frames = wide.of, wide.frames
    start, stop = swings.start[of], swings.stop[of]
    since = (frames - (start - 1) + before[of]) / (lift * fps)
    until = (stop - frames + after[of]) / (land * fps)
    since, until = np.where(begins[of], since, 1.0), np.where(ends[of], until, 1.0)
    along = np.where((begins & ends)[of], (frames - start + 1) / (stop - start + 1), 0.5)
    early, late = _ANKLE_SHARE
    wanted = ease(np.minimum(since, until)), early + (late - early) * ease(along)
    for part in (of % 2 == 0, of % 2 == 1):  # those that are next to each other may overlap
        here = frames[part]
        for most, now in zip((weight, share), wanted, strict=True):
            most[here] = np.maximum(most[here], now[part])
    return weight, share


def bump(need: np.ndarray, weight: np.ndarray, ragged: Ragged, fps: float) -> np.ndarray:
    """A smooth curve about over ``need: (F,)`` that is zero where ``weight`` is."""
    rise = smoothed(need, _LIFT_SMOOTH, fps, ragged)
    lifted = ragged.runs(weight > 0.0)
    if len(lifted):
        of, frames = lifted.of, lifted.frames
        here = need[frames]
        highest = lifted.maximum(here)
        ratios = here / np.maximum(rise[frames], 1e-9)
        scale = lifted.maximum(np.where(here > 0.5 * highest[of], ratios, 0.0))
        scale = np.where(highest > 1e-4, np.clip(scale, 1.0, 1.5), 1.0)
        rise[frames] *= scale[of]
    return rise * np.minimum(1.0, 3.0 * weight)
