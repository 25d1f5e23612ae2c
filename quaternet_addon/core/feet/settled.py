# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that float are set down before their feet are planted; pure.

The lock brings each foot down by itself, and the ball of a runner is down for too few frames to
come all the way: recorded runners' balls, and so the network's, pass some centimetres over their
height at rest. A whole body that is lower by that bends no knee.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, toes_together
from ..body.skeleton import QUATERNET_SKELETON
from ..maths.ragged import Ragged
from ..maths.smoothing import bridged, smoothed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion

_MOST = 0.06  # metres on the canonical skeleton: what floats higher is in the air
_SMOOTH = 0.3  # seconds
_UP = np.array([0.0, 1.0, 0.0])


def settled(motions: Sequence[Motion], floors: Sequence[np.ndarray]) -> list[Motion]:
    """Motions whose bodies are lower by as much as the balls of planted feet float.

    floors: of each motion, the height of the ground under each foot, ``(T, 2)`` metres. Feet are
    not moved against their bodies, and nothing is raised.
    """
    ragged = Ragged([len(motion) for motion in motions])
    rest = np.array(
        [[m.skeleton.rest_positions[m.skeleton.index(toe), 1] for toe in TOES] for m in motions]
    )
    over = toes_together(motions, ragged)[..., 1] - np.concatenate(floors) - rest[ragged.of]
    contact = np.concatenate([np.asarray(motion.contacts) > 0.5 for motion in motions])
    known = contact[:, 0] | contact[:, 1]
    lowest = np.where(known, np.where(contact, over, np.inf).min(axis=1), 0.0)
    least = np.zeros(len(lowest))
    stances = ragged.runs(known)
    least[stances.frames] = -stances.maximum(-lowest[stances.frames])[stances.of]
    drop = smoothed(bridged(least, known, ragged), _SMOOTH, motions[0].fps, ragged)
    size = np.array([m.skeleton.leg_length for m in motions]) / QUATERNET_SKELETON.leg_length
    parts = ragged.split(np.clip(drop, 0.0, _MOST * size[ragged.of]))
    return [m.moved(-part[:, None] * _UP) for m, part in zip(motions, parts, strict=True)]
