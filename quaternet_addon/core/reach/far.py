# SPDX-License-Identifier: GPL-3.0-or-later
"""Which poses are far away, and which of these are walked to; pure. Metres in the model's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import toe_positions
from ..body.states import heading
from ..maths.quaternion import rotate, yaw_to_quaternion

if TYPE_CHECKING:
    from ..body.motion import Motion

GUESS = 1.5  # seconds beyond which a gap is a guess
FAR = 0.75  # metres of hips beyond which a pose is far away
STANDS = 0.3  # m/s of hips: who is slower stands
STRIDE = 0.35  # metres between the balls of the feet along the way: a pose in full stride
WALKED = 2.25  # seconds beyond which a body walks from a stand into a stand
_LEARNED = 3.3  # seconds of the longest gap that the network has learned from


def is_walked(away: np.ndarray, seconds: float, speed: float, pose: Motion) -> bool:
    """Whether a pose is to be walked to that is ``away: (3,)`` metres, by a body at so many m/s.

    From a stand into a stand, where that takes long, and where the network has never seen so long
    a gap. On training takes set aside the network is nearer to the recording at every length (L2P
    2.8, 3.8 and 4.4 at 45, 60 and 75 frames, walked 4.1, 5.4 and 6.3); its feet change contact when
    the recorded ones do more often up to 2 s (F1 .74 and .68 against .67 and .65), less often from
    2.5 s on (.60 against .64). Sooner, `strides` are made where it glides.
    """
    way = float(np.linalg.norm(away[[0, 2]]))
    if way <= FAR:
        return False
    if speed >= STANDS or stride_of(pose) >= STRIDE:
        return seconds > _LEARNED
    return seconds > WALKED


def stride_of(pose: Motion) -> float:
    """Metres between the balls of the feet of a pose of one frame, as the body faces."""
    left, right = toe_positions(pose)[0]
    facing = yaw_to_quaternion(-heading(pose.rotations[0, 0]))
    return float(np.abs(rotate(facing, left - right)[2]))
