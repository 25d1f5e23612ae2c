# SPDX-License-Identifier: GPL-3.0-or-later
"""What walks of the network lack against the people it learnt from, made good; pure.

Beside the training clips (held-out ones were not looked at; `training.walk.gait.likeness`) their
trunks lean back, their pelvises are tilted back, their trunks swing less in a stride and their feet
are closer together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.ragged import Ragged
from ..maths.smoothing import ease, smoothed
from .upper_body import AHEAD, ARMS, LEFT, LEGS, UpperBody

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_LEAN, _BRISK = np.radians((1.7, 1.1)), (1.4, 1.8)  # of walks, by m/s; runs lean by themselves
_TILT = np.radians((2.0, 1.0))  # of walks, of runs
_AHEAD_SWINGS, _LEFT_SWINGS = (0.2, 0.9), (0.25, 0.15)  # shares of what a trunk's swings gain
_SWAYS = 0.16  # share of what hips sway more
_LANDS = np.radians(2.5)  # by which feet come down steeper in walks
_BEFORE, _AFTER = 0.25, 0.1  # seconds of that, from a touchdown
_WIDER = 0.009 / 0.84  # radians of each thigh: 1.8 cm of step width in the model's proportions
_STRIDE = 0.9  # seconds to each side: the mean of a stride
_FEET = ("LeftFoot", "RightFoot")


def like_people(
    motions: Sequence[Motion],
    shares: Sequence[np.ndarray],
    speeds: Sequence[np.ndarray],
    gaits: Sequence[np.ndarray],
    headings: Sequence[np.ndarray],
) -> list[Motion]:
    """The same motions, of one rate, with trunks and feet a little more like people's.

    motions: on skeletons of one kind. Of each: shares: ``(T,)`` in [0, 1], how much each frame
    goes ahead. speeds: ``(T,)`` m/s in the model's proportions. gaits: ``(T,)``, 0 walks, 1 runs.
    headings: ``(T,)`` radians.
    """
    out = list(motions)
    chosen = [index for index, share in enumerate(shares) if np.any(share > 0.0)]
    if not chosen:
        return out
    motions = [motions[index] for index in chosen]
    share, speed, gait, heading = (
        np.concatenate([values[index] for index in chosen])
        for values in (shares, speeds, gaits, headings)
    )
    ragged = Ragged([len(motion) for motion in motions])
    rotations = np.concatenate([motion.rotations for motion in motions])
    body = UpperBody([m.skeleton for m in motions], ragged, rotations, heading, _FEET)
    _carry(body, ragged, motions[0].fps, (share, speed, gait))
    sways, roots = _swaying(motions, ragged, share, heading)
    _step(body, motions, ragged, share * (1.0 - gait), sways)
    body.joints.write(rotations)
    parts = zip(chosen, motions, ragged.split(rotations), ragged.split(roots), strict=True)
    for index, motion, part, places in parts:
        out[index] = replace(motion, rotations=part, root_positions=places)
    return out


def _carry(body, ragged, fps, goes):
    """Pelvis and trunk of a body that goes: share, speed and gait ``(F,)``."""
    share, speed, gait = goes
    ahead, left = (lean - smoothed(lean, _STRIDE, fps, ragged) for lean in body.leans())
    body.turn("Hips", (*LEGS, "LowerBack"), LEFT, share * _between(gait, _TILT))
    more = share * (1.0 - gait) * np.interp(speed, _BRISK, _LEAN)
    body.turn("LowerBack", ARMS, LEFT, more + share * _between(gait, _AHEAD_SWINGS) * ahead)
    body.turn("LowerBack", ARMS, AHEAD, -share * _between(gait, _LEFT_SWINGS) * left)


def _step(body, motions, ragged, walks, sways):
    """Legs under hips that sway by ``sways`` more, and feet as they come down, ``(F,)``."""
    legs = np.array([motion.skeleton.leg_length for motion in motions])[ragged.of]
    steep = _landing(np.concatenate([m.contacts for m in motions]), ragged, motions[0].fps)
    for foot, (sign, side) in enumerate(((1.0, "Left"), (-1.0, "Right"))):
        outward = sign * walks * _WIDER - sways / legs
        body.turn(side + "UpLeg", _FEET[foot : foot + 1], AHEAD, outward)
        body.turn(side + "Foot", (), LEFT, -_LANDS * walks * steep[:, foot])


def _swaying(motions, ragged, share, heading):
    """How much further to the left hips are, ``(F,)`` metres, and where they then are."""
    roots, axis = np.concatenate([m.root_positions for m in motions]), _to_the_left(heading)
    away = roots - smoothed(roots, _STRIDE, motions[0].fps, ragged)
    left = away[:, 0] * axis[:, 0] + away[:, 2] * axis[:, 2]
    sways = _SWAYS * share * left
    return sways, roots + sways[:, None] * axis


def _to_the_left(heading):
    zero = 0.0 * heading
    return np.stack([elementary.cos(heading), zero, -elementary.sin(heading)], -1)


def _landing(contacts, ragged, fps):
    """How near each foot is to a touchdown, ``(F, 2)`` in [0, 1]."""
    out = []
    for contact in ragged.split(contacts.astype(bool)):
        frames, near = np.arange(len(contact)), np.zeros(contact.shape)
        for foot in range(2):
            lands = 1 + np.flatnonzero(~contact[:-1, foot] & contact[1:, foot])
            if len(lands):
                after = np.searchsorted(lands, frames, side="right")
                until = (lands[np.minimum(after, len(lands) - 1)] - frames) / fps
                since = (frames - lands[np.maximum(after - 1, 0)]) / fps
                until = np.where(after < len(lands), until, np.inf)
                since = np.where(after > 0, since, np.inf)
                near[:, foot] = np.maximum(ease(1.0 - until / _BEFORE), ease(1.0 - since / _AFTER))
        out.append(near)
    return np.concatenate(out)


def _between(gait, ends):
    """``ends`` of walks and of runs by ``gait: (F,)``."""
    return (1.0 - gait) * ends[0] + gait * ends[1]
