# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of a rig on the ground under a motion: what games call root motion; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.motion import concatenate
from ..body.trajectory import SMOOTHING, trajectory_of
from ..maths.quaternion import angle, conjugate, multiply, rotate, yaw_to_quaternion
from ..maths.smoothing import lowpass
from .ground import stood_on

if TYPE_CHECKING:
    from ..body.motion import Motion

_SAME = 1e-4  # radians, and of the body's height: the last pose is the first one again
_EQUAL = 1e-6  # metres, or of a quaternion: less is rounding
_STAYS, _FACES = 0.12, 0.35  # of the height of the hips, and radians: who moves less stays there


@dataclass(frozen=True)
class RootTrack:
    """Where a root on the ground is and how it is turned against the rest pose.

    turns: ``(T, 4)`` about the vertical. positions: ``(T, 3)`` metres; origin: ``(3,)``, the
    place on the ground under the hips at rest, which goes to ``positions``.
    """

    turns: np.ndarray
    positions: np.ndarray
    origin: np.ndarray

    def slice(self, start: int) -> RootTrack:
        """The frames from ``start`` on."""
        return replace(self, turns=self.turns[start:], positions=self.positions[start:])

    def at_frames(self, frames: np.ndarray) -> RootTrack:
        """Some of the frames: their numbers, ``(F,)``."""
        return replace(self, turns=self.turns[frames], positions=self.positions[frames])

    def after(self, earlier: RootTrack, count: int) -> tuple[RootTrack, int]:
        """This track with frames of an earlier one where both are the same, and how many those are.

        count: at most so many of the first frames. Smoothing reaches back from what differs later.
        """
        count = min(count, len(self.turns), len(earlier.turns))
        away = np.abs(self.turns[:count] - earlier.turns[:count]).max(axis=-1, initial=0.0)
        far = np.abs(self.positions[:count] - earlier.positions[:count]).max(axis=-1, initial=0.0)
        differing = np.flatnonzero((away > _EQUAL) | (far > _EQUAL))
        count = int(differing[0]) if len(differing) else count
        turns = np.concatenate([earlier.turns[:count], self.turns[count:]])
        places = np.concatenate([earlier.positions[:count], self.positions[count:]])
        return replace(self, turns=turns, positions=places), count

    def move(self, points: np.ndarray) -> np.ndarray:
        """Where points ``(T, 3)`` or ``(3,)`` of the rest pose's world go, ``(T, 3)``."""
        return rotate(self.turns, np.asarray(points) - self.origin) + self.positions

    def remove(self, motion: Motion) -> Motion:
        """The motion as seen from the root: what is left for the bones below it."""
        back = conjugate(self.turns)
        rotations = np.array(motion.rotations, float)
        rotations[:, 0] = multiply(back, rotations[:, 0])
        roots = rotate(back, motion.root_positions - self.positions) + self.origin
        return replace(motion, rotations=rotations, root_positions=roots)


def root_track(motion: Motion, rest_hips: np.ndarray, rest_heading: float) -> RootTrack:
    """The smoothed ground projection of a motion's hips and its smoothed heading.

    Of a loop the last frame is the first one again, so that bones under the root repeat as well;
    under a motion that stays where it is, as a walk in place, the root stands still.
    rest_hips: ``(3,)`` metres, rest_heading: radians, of the rig's rest pose in the world.
    """
    whole, frames = _repeated(motion)
    trajectory = trajectory_of(whole)
    height = lowpass(stood_on(whole).mean(axis=1), SMOOTHING, motion.fps)[frames]
    (x, z), headings = trajectory.positions[frames].T, trajectory.headings[frames]
    places = np.stack([x, height, z], -1)
    if (
        np.ptp(places, axis=0).max() < _STAYS * motion.skeleton.root_height
        and np.ptp(headings) < _FACES
    ):
        places = np.broadcast_to(places.mean(axis=0), places.shape)
        headings = np.full(len(headings), headings.mean())
    origin = np.array(rest_hips, float)
    origin[1] -= motion.skeleton.root_height
    return RootTrack(yaw_to_quaternion(headings - rest_heading), places, origin)


def _repeated(motion):
    """A loop three times over and the frames of the middle one; any other motion as it is."""
    first, last = motion.root_positions[[0, -1]]
    rises = abs(last[1] - first[1]) > _SAME * motion.skeleton.root_height
    if rises or len(motion) < 3 or angle(motion.rotations[0], motion.rotations[-1]).max() > _SAME:
        return motion, slice(None)
    period, once = len(motion) - 1, motion.slice(0, -1)
    whole = [once.moved(first - last), once, motion.moved(last - first)]
    return concatenate(whole), slice(period, 2 * period + 1)
