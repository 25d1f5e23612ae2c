# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip of motion on a skeleton, pure: slicing, resampling, mirroring, joining."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..maths.quaternion import (
    make_continuous,
    multiply,
    normalize,
    rotate,
    slerp,
    yaw,
    yaw_to_quaternion,
)
from ..maths.turns import mirror_image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .skeleton import Skeleton


@dataclass(frozen=True)
class Motion:
    """T frames at ``fps``; frame t is at time ``t / fps``.

    rotations: ``(T, J, 4)`` unit, parent space. root_positions: ``(T, 3)`` metres, world.
    contacts: ``(T, 2)`` bool or None, left and right ball of the foot on the ground.
    """

    skeleton: Skeleton
    rotations: np.ndarray
    root_positions: np.ndarray
    fps: float
    contacts: np.ndarray | None = None

    def __post_init__(self):
        frames, joints = len(self.root_positions), len(self.skeleton)
        expected = (frames, joints, 4)
        if np.shape(self.rotations) != expected or np.shape(self.root_positions) != (frames, 3):
            raise ValueError(
                f"Expected rotations {expected} and root positions ({frames}, 3), got "
                f"{np.shape(self.rotations)} and {np.shape(self.root_positions)}."
            )
        if not 0.0 < self.fps < np.inf:
            raise ValueError(f"Expected a finite frame rate above zero, got {self.fps}.")

    def __len__(self):
        return len(self.root_positions)

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return (len(self) - 1) / self.fps

    def positions(self) -> np.ndarray:
        """World positions of the joints, ``(T, J, 3)`` metres; not to be written to."""
        return self.world[0]

    @cached_property
    def world(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the joints: `positions`, and rotations ``(T, J, 4)``; worked out once, read only."""
        found = self.skeleton.forward_kinematics(self.rotations, self.root_positions)
        for values in found:
            values.flags.writeable = False
        return found

    def slice(self, start: int, stop: int | None) -> Motion:
        """Frames ``start`` to ``stop - 1``."""
        return self.at_frames(np.s_[start:stop])

    def at_frames(self, frames: Any) -> Motion:
        """Some of the frames: their numbers, ``(F,)``, or a slice."""
        contacts = None if self.contacts is None else self.contacts[frames]
        rotations, roots = self.rotations[frames], self.root_positions[frames]
        return replace(self, rotations=rotations, root_positions=roots, contacts=contacts)

    def ending(self, seconds: float | None = None, fps: float | None = None) -> Motion:
        """The last ``seconds``, or a little more, all where None; at another rate if there is one.

        The last frame stays the last, in which it differs from `resample`.
        """
        count = len(self)
        if seconds is not None:
            count = min(count, int(np.ceil(seconds * self.fps)) + 1)
        last = self.slice(len(self) - count, None)
        return last if fps is None else _backward(_backward(last).resample(fps))

    def resample(self, fps: float, start: float = 0.0, skip: int = 0) -> Motion:
        """The seconds from ``start`` on at another rate: slerp, linear positions, nearest contacts.

        start: seconds, between frames too; it becomes the first frame. skip: how many of the
        result's first frames to leave out.
        """
        other = replace(self, fps=fps)  # refuses what is no frame rate
        if (fps == self.fps and start == 0.0) or len(self) < 2:
            return other.slice(skip, None)
        count = int(np.floor((self.duration - start) * fps + 1e-6)) + 1
        times = start * self.fps + np.arange(skip, count) * (self.fps / fps)
        left = np.clip(times.astype(int), 0, len(self) - 2)
        part = times - left
        roots = self.root_positions
        nearest = np.minimum(np.rint(times).astype(int), len(self) - 1)
        return replace(
            other,
            rotations=slerp(self.rotations[left], self.rotations[left + 1], part[:, None]),
            root_positions=roots[left] + part[:, None] * (roots[left + 1] - roots[left]),
            contacts=None if self.contacts is None else self.contacts[nearest],
        )

    def mirror(self) -> Motion:
        """Left and right exchanged: reflected at the plane x = 0."""
        order = self.skeleton.mirror_order
        return replace(
            self,
            rotations=mirror_image(self.rotations, order),
            root_positions=self.root_positions * [-1.0, 1.0, 1.0],
            contacts=None if self.contacts is None else self.contacts[:, ::-1],
        )

    def moved(self, offset: Sequence[float] | np.ndarray) -> Motion:
        """The clip moved by ``offset``: ``(3,)``, or ``(T, 3)`` of each frame, metres."""
        return replace(self, root_positions=self.root_positions + np.asarray(offset, float))

    def turned(
        self, radians: float, pivot: Sequence[float] | np.ndarray = (0.0, 0.0, 0.0)
    ) -> Motion:
        """The whole clip rotated about the vertical through ``pivot``, ``(3,)`` metres."""
        turn = yaw_to_quaternion(np.float64(radians))
        rotations = np.array(self.rotations, float)
        rotations[:, 0] = multiply(turn[None], rotations[:, 0])
        pivot = np.asarray(pivot, float)
        roots = rotate(turn, self.root_positions - pivot) + pivot
        return replace(self, rotations=rotations, root_positions=roots)

    def continuous(self) -> Motion:
        """Neighbouring quaternions on one hemisphere, unit length; the same poses."""
        return replace(self, rotations=make_continuous(normalize(self.rotations)))

    def headings(self) -> np.ndarray:
        """Heading of the root, ``(T,)`` radians about +Y, unwrapped."""
        return np.unwrap(yaw(self.rotations[:, 0]))


def _backward(motion):
    return replace(
        motion,
        rotations=motion.rotations[::-1],
        root_positions=motion.root_positions[::-1],
        contacts=None if motion.contacts is None else motion.contacts[::-1],
    )


def concatenate(motions: Sequence[Motion]) -> Motion:
    """Clips of one skeleton and rate, one after the other; contacts only if all have them."""
    first = motions[0]
    for motion in motions[1:]:
        if motion.skeleton.names != first.skeleton.names or motion.fps != first.fps:
            raise ValueError(
                f"Expected clips of one skeleton at {first.fps} fps, got "
                f"{len(motion.skeleton)} joints at {motion.fps} fps."
            )
    contacts = [motion.contacts for motion in motions if motion.contacts is not None]
    return replace(
        first,
        rotations=np.concatenate([motion.rotations for motion in motions]),
        root_positions=np.concatenate([motion.root_positions for motion in motions]),
        contacts=np.concatenate(contacts) if len(contacts) == len(motions) else None,
    )
