# SPDX-License-Identifier: GPL-3.0-or-later
"""How walks of a network come to bear themselves as people do, before feet are planted; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths.smoothing import ease
from .arms import carried_aside, hanging_in_bends, no_deeper
from .aside import going_aside
from .carriage import arms_hanging, faced, level_headed, looking_on
from .idle import enlivened, leaning_over
from .inward import among_bends, bending, less_inward, pressed
from .landing import gently
from .passing import clear_of_each_other
from .posture import like_people as upright_as_people
from .stand import at_ease

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .finish import OnPath
    from .walk import Walk


_GOES = 0.5  # m/s: who goes slower starts, stops or turns on the spot
AHEAD, ASIDE = 1.0, 2.5  # seconds by which a frame here depends on those after it


def like_people(walks: Sequence[Walk], placed: Sequence[OnPath]) -> list[Motion]:
    """Motions of one rate that go, stand, and breathe where they stand, as people do.

    walks: `walk.Walk`s whose people are known. placed: of each, its motion on its path.
    """
    motions, shares = [on.motion for on in placed], [on.still for on in placed]

    def planned(values):
        return [w.plan.at(on.seconds, values(w.plan)) for w, on in zip(walks, placed, strict=True)]

    headings, gaits = (
        planned(values) for values in (lambda p: p.trajectory.headings, lambda p: p.gait)
    )
    speeds = planned(lambda plan: plan.trajectory.speeds())
    goes = [
        np.zeros(len(share)) if walk.itinerary.aside else 1.0 - share
        for walk, share in zip(walks, shares, strict=True)
    ]
    ways = [goes_on * ease(v / _GOES) for goes_on, v in zip(goes, speeds, strict=True)]
    motions = upright_as_people(motions, ways, speeds, gaits, headings)
    motions = _in_bends(walks, motions, goes, gaits, planned(lambda p: pressed(p.trajectory)))
    motions = _faced(walks, motions, shares, headings)
    floors, scales = [on.floor for on in placed], [walk.scale for walk in walks]
    walking = [way * (1.0 - gait) for way, gait in zip(ways, gaits, strict=True)]
    parts = zip(motions, headings, walking, scales, strict=True)
    motions = [clear_of_each_other(*part) for part in parts]
    motions = arms_hanging(at_ease(motions, shares, headings, floors, scales), shares)
    motions = gently(motions, walking, speeds)
    motions = _carried(walks, motions, planned(lambda plan: going_aside(plan.trajectory)))
    motions = [
        leaning_over(*parts) for parts in zip(motions, shares, headings, scales, strict=True)
    ]
    times, seeds = [on.seconds for on in placed], [walk.seed for walk in walks]
    motions = enlivened(motions, shares, times, headings, seeds, scales)
    return level_headed(motions, [walk.terrain is None for walk in walks])  # on stairs they look


def _faced(walks, motions, shares, headings):
    """Motions whose hips face as they are asked to, where that is not the way they go."""
    parts = zip(walks, motions, shares, headings, strict=True)
    return [
        looking_on(faced(motion, heading, 1.0 - share, walk.scale))
        if walk.itinerary.turned
        else motion
        for walk, motion, share, heading in parts
    ]


def _in_bends(walks, motions, goes, gaits, aside):
    """Motions that walk in bends as people do; goes: ``(T,)`` of each; aside: of `pressed`."""
    out = []
    for walk, motion, ahead, gait, across in zip(walks, motions, goes, gaits, aside, strict=True):
        bends = bending(across)
        share = ahead * (1.0 - gait) * bends
        upright = less_inward(motion, walk.scale * across, share)
        upright = no_deeper(upright, ahead) if gait.any() else upright
        if walk.request.style == "SEED":  # who is asked for by name may carry them elsewhere
            bends = (
                1.0 if walk.terrain else among_bends(bends, motion.fps)
            )  # on stairs they do so, too
            upright = hanging_in_bends(upright, ahead * (1.0 - gait) * bends)
        out.append(upright)
    return out


def _carried(walks, motions, shares):
    """Motions whose trunks and arms are people's where they go aside; shares: of `going_aside`."""
    parts = zip(walks, motions, shares, strict=True)
    return [
        carried_aside(motion, share, walk.scale) if walk.itinerary.aside else motion
        for walk, motion, share in parts
    ]
