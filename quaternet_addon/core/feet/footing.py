# SPDX-License-Identifier: GPL-3.0-or-later
"""Where and when feet stand, and on what ground; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..maths.ragged import Ragged, Runs
from .soles import lean
from .stances import FADE, LAND_TIME, LIFT_TIME, THROWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


@dataclass(frozen=True)
class Steps:
    """How feet leave the ground, and what their toes may do on it.

    lift, land: seconds between the ground and the full clearance. toes: ``(2,)`` radians by which
    the toes of each foot may point down where it stands, as they do in a motion that goes on.
    fade: seconds in which what the ground asks of a joint comes and goes. thrown: rad/s that a leg
    may go on by from a stance that asks nothing of it in the end.
    """

    lift: float = LIFT_TIME
    land: float = LAND_TIME
    toes: tuple[float, float] = (0.0, 0.0)
    fade: float = FADE
    thrown: float = THROWN


@dataclass(frozen=True)
class Footing:
    """What the ground asks of N legs in F frames, one leg after the other (see `legs`).

    contact: ``(F,)`` bool, and its ``stances``. floor: ``(F,)`` metres, of the ball when it stands.
    clearance: ``(F,)`` metres, least rise of a swinging ball. standing_at: ``(N, 3)`` metres, where
    each ball stood in the frame before the first, NaN where it did not. follows: ``(N,)`` bool,
    whether a leg goes on from another motion. lean: ``(F, 4)`` world turns that take a level sole
    to the slope under it, None on level ground. steps: `Steps`. toes: ``(F,)`` of these.
    """

    ragged: Ragged
    fps: float
    contact: np.ndarray
    stances: Runs
    floor: np.ndarray
    clearance: np.ndarray
    standing_at: np.ndarray
    follows: np.ndarray
    steps: Steps
    toes: np.ndarray
    lean: np.ndarray | None = None


def footing_of(
    motions: Sequence[Motion],
    ball_rest: np.ndarray,
    grounds: Sequence,
    clearances: Sequence[float],
    standing_at: np.ndarray | None = None,
    normals: np.ndarray | None = None,
    *,
    steps: Steps | None = None,
) -> Footing:
    """The `Footing` of motions' own contacts. ball_rest: ``(F,)``; others as in `lock_together`."""
    steps = steps or Steps()
    frames, fps = [len(motion) for motion in motions], motions[0].fps
    ragged = Ragged(2 * frames)
    contact = _both([motion.contacts for motion in motions])
    grounds = [
        np.broadcast_to(np.asarray(ground, float), (len(motion), 2))
        for ground, motion in zip(grounds, motions, strict=True)
    ]
    legs = 2 * len(motions)
    return Footing(
        ragged=ragged,
        fps=fps,
        contact=contact,
        stances=ragged.runs(contact),
        floor=_both(grounds) + ball_rest,
        clearance=ragged.spread(np.tile(np.asarray(clearances, float), 2)),
        standing_at=np.full((legs, 3), np.nan if standing_at is None else standing_at),
        follows=np.full(legs, standing_at is not None),
        steps=steps,
        toes=ragged.spread(np.repeat(steps.toes, len(motions))),
        lean=None if normals is None else lean(_both([normals]), contact, fps, ragged),
    )


def _both(values):
    """``(T, 2, ...)`` of each motion: all left columns one after the other, then all right ones."""
    return np.concatenate([value[:, foot] for foot in range(2) for value in values])
