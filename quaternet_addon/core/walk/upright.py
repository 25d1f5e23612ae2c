# SPDX-License-Identifier: GPL-3.0-or-later
"""Pelvis and trunk of who stands, turned into the range of people who do; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths.ragged import Ragged
from ..maths.smoothing import bridged
from .stands import MOSTLY
from .upper_body import AHEAD, ARMS, LEFT, LEGS, UP, UpperBody

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .stands import Stands

# Degrees from the 10th to the 90th percentile of recorded stands.
_TILT, _LEAN = (-5.0, 3.0), (-2.0, 3.0)  # ahead, of the pelvis and of the trunk
_ASIDE_OF_WAY = (-3.0, 3.0)  # by which pelvis and trunk point elsewhere than the way
_LIST = (-0.8, 0.8)  # of the pelvis: with more one knee would be bent


# What is measured, its range, the axis to turn about, which joint, and what below it is held.
_RANGES = (
    (UpperBody.aside, _ASIDE_OF_WAY, UP, "Hips", LEGS),
    (UpperBody.twist, _ASIDE_OF_WAY, UP, "LowerBack", ()),
    (UpperBody.tilt, _TILT, LEFT, "Hips", (*LEGS, "LowerBack")),
    (UpperBody.list, _LIST, AHEAD, "Hips", (*LEGS, "LowerBack")),
    (UpperBody.lean, _LEAN, LEFT, "LowerBack", ARMS),
)


def upright(
    motions: Sequence[Motion], share: np.ndarray, headings: np.ndarray, stands: Stands
) -> list[Motion]:
    """Motions on skeletons of one kind, upright where they stand.

    share, headings: ``(F,)``, of all motions one after the other, as in `stands.stands_of`.
    """
    ragged = stands.runs.ragged
    parts = ragged.runs(share > 0.0)  # one by one: a stand knows nothing of the next
    within = np.searchsorted(parts.start, stands.runs.start, side="right") - 1
    parts = parts.kept(np.isin(np.arange(len(parts)), within))
    frames, own = parts.frames, Ragged(parts.lengths)
    place = np.zeros(len(ragged), int)
    place[frames] = np.arange(len(frames))
    skeletons = [motions[index].skeleton for index in ragged.of[parts.start]]
    rotations = np.concatenate([motion.rotations for motion in motions])
    upper = UpperBody(skeletons, own, rotations[frames], headings[frames])
    here, near = place[stands.runs.frames], share[frames]
    for measure, ends, axis, name, held in _RANGES:
        mean, radians = stands.mean(measure(upper)[here]), np.zeros(len(frames))
        radians[here] = (np.clip(mean, *np.radians(ends)) - mean)[stands.runs.of]
        upper.turn(name, held, axis, near * bridged(radians, near > MOSTLY, own))
    upper.joints.write(rotations, frames)
    turned = ragged.split(rotations)
    return [replace(m, rotations=part) for m, part in zip(motions, turned, strict=True)]
