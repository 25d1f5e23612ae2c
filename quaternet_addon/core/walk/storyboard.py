# SPDX-License-Identifier: GPL-3.0-or-later
"""A motion as still pictures: footprints with their frames, poses along the way; pure.

Everything is geometry in core space (Y up, metres): what draws it needs to know no bones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, segments, toe_positions
from ..maths import elementary
from ..maths.quaternion import rotate

if TYPE_CHECKING:
    from ..body.motion import Motion


# A sole in units of the foot's length from ankle to ball: right and ahead of the ball.
_SOLE = np.array(
    [(0.34, 0.05), (0.30, 0.40), (0.12, 0.62), (-0.14, 0.55), (-0.30, 0.20), (-0.28, -0.30),
     (-0.22, -0.90), (-0.24, -1.25), (-0.08, -1.42), (0.10, -1.42), (0.24, -1.25), (0.22, -0.80)]
)  # fmt: skip
_UNSEEN = 0.01  # a bone shorter than this share of the leg is no line


@dataclass(frozen=True)
class Footprint:
    """One contact of a foot with the ground.

    foot: 0 left, 1 right. start, stop: first frame and the one after the last. outline: ``(N, 3)``
    metres, the sole on the ground. place: ``(3,)``, under the ball of the foot.
    """

    foot: int
    start: int
    stop: int
    outline: np.ndarray
    place: np.ndarray


def footprints(motion: Motion) -> list[Footprint]:
    """The Footprints of a motion with contacts, in the order in which they come down."""
    skeleton, prints = motion.skeleton, []
    positions, world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)
    for foot, name in enumerate(TOES):
        toe = skeleton.index(name)
        ankle = skeleton.parents[toe]
        size = np.linalg.norm(skeleton.offsets[toe][[0, 2]])
        rest = skeleton.rest_positions[toe, 1]
        for start, stop in segments(motion.contacts[:, foot]):  # type: ignore[index]  # it has contacts
            middle = (start + stop) // 2
            place = np.median(positions[start:stop, toe], axis=0) - [0.0, rest, 0.0]
            ahead = rotate(world[middle, ankle], skeleton.offsets[toe])
            heading = elementary.arctan2(ahead[0], ahead[2])
            outline = place + size * _turned(_SOLE * ([1.0, 1.0] if foot else [-1.0, 1.0]), heading)
            prints.append(Footprint(foot, int(start), int(stop), outline, place))
    return sorted(prints, key=lambda footprint: footprint.start)


def _turned(points, heading):
    """Points ``(N, 2)``, right and ahead, about the vertical: ``(N, 3)``."""
    sine, cosine = elementary.sin(heading), elementary.cos(heading)
    right, ahead = np.array([-cosine, 0.0, sine]), np.array([sine, 0.0, cosine])
    return points[:, :1] * right + points[:, 1:] * ahead


def poses(motion: Motion, seconds: float = 0.5, most: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Stick figures along a motion: frames ``(F,)`` and lines ``(F, B, 2, 3)`` in metres.

    seconds: between two of them; longer where there would be more than ``most``.
    """
    skeleton = motion.skeleton
    step = max(1, int(round(seconds * motion.fps)), int(np.ceil(len(motion) / most)))
    frames = np.arange(0, len(motion), step)
    positions, _ = skeleton.forward_kinematics(
        motion.rotations[frames], motion.root_positions[frames]
    )
    least = _UNSEEN * skeleton.leg_length
    ends = [j for j in range(1, len(skeleton)) if np.linalg.norm(skeleton.offsets[j]) > least]
    starts = [skeleton.parents[joint] for joint in ends]
    return frames, np.stack([positions[:, starts], positions[:, ends]], 2)


def ground_track(motion: Motion) -> np.ndarray:
    """Where the feet are between: the way on the ground, ``(T, 3)`` metres."""
    toes = toe_positions(motion)
    rest = motion.skeleton.rest_positions[[motion.skeleton.index(name) for name in TOES], 1]
    track = motion.root_positions.copy()
    track[:, 1] = (toes[..., 1] - rest).min(axis=1)
    return track
