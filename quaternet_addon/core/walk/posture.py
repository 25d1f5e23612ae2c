# SPDX-License-Identifier: GPL-3.0-or-later
"""What walks of the network lack against the people it learnt from, made good; pure.

Between 0.8 and 2.8 m/s its trunks lean back by 1.7 to 3 degrees more than the median person of the
training clips (held-out ones were not looked at), faster by 0.6 to 1.2; in walks its feet are
1.2 to 2.3 cm closer together. The least of each is added.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths.quaternion import axis_angle_to_quaternion, rotate, yaw_to_quaternion
from ..maths.ragged import Ragged
from .turnable import Turnable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_LEAN = np.radians((1.7, 0.6))
_FAST = 2.5, 3.2  # m/s: from the one to the other
_WIDER = 0.006 / 0.84  # radians of each thigh: 1.2 cm of step width in the model's proportions
_LEFT, _AHEAD = np.eye(3)[[0, 2]]
_HELD = ("Neck", "LeftArm", "RightArm")


def like_people(
    motions: Sequence[Motion],
    shares: Sequence[np.ndarray],
    speeds: Sequence[np.ndarray],
    gaits: Sequence[np.ndarray],
    headings: Sequence[np.ndarray],
) -> list[Motion]:
    """The same motions, trunks a little further ahead and feet a little further apart.

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
    ragged, facing = Ragged([len(motion) for motion in motions]), yaw_to_quaternion(heading)
    rotations = np.concatenate([motion.rotations for motion in motions])
    skeletons = [motion.skeleton for motion in motions]
    body = Turnable(skeletons, ragged, rotations, (*_HELD, "LeftFoot", "RightFoot"))
    ahead = axis_angle_to_quaternion(rotate(facing, _LEFT), share * np.interp(speed, _FAST, _LEAN))
    body.turn("LowerBack", _HELD, ahead)
    wider, axis = share * (1.0 - gait) * _WIDER, rotate(facing, _AHEAD)
    for sign, side in ((1.0, "Left"), (-1.0, "Right")):
        turn = axis_angle_to_quaternion(axis, sign * wider)
        body.turn(side + "UpLeg", (side + "Foot",), turn)
    body.write(rotations)
    for index, motion, part in zip(chosen, motions, ragged.split(rotations), strict=True):
        out[index] = replace(motion, rotations=part)
    return out
