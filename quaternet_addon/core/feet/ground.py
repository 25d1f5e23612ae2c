# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground that a motion stands on, another ground under it, and its root on that ground; pure.

The ground of a motion is where its planted balls of the feet are, less their height at rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, detect_contacts, segments, toe_positions
from ..body.trajectory import SMOOTHING, trajectory_of
from ..maths.quaternion import conjugate, multiply, rotate, yaw_to_quaternion
from ..maths.smoothing import bridged, lowpass
from .foot_lock import lock_feet, swing_clearance

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..body.motion import Motion

_HIPS_TIME = 0.2  # seconds (standard deviation) in which the hips follow the ground
_SAME = 1e-6  # metres, or of a quaternion: less is rounding
_STEEPEST = np.cos(np.radians(50.0))  # a sole does not follow a steeper slope


def contacts_of(motion: Motion) -> np.ndarray:
    """The contacts of a motion, or what its feet look like over the lowest they come.

    ``(T, 2)`` bool, left and right.
    """
    if motion.contacts is not None:
        return motion.contacts
    lowest = toe_positions(motion)[..., 1].min() - _rest_heights(motion.skeleton).min()
    return detect_contacts(motion, lowest)


def stood_on(motion: Motion) -> np.ndarray:
    """Height of the ground under each foot, ``(T, 2)`` metres, eased from stand to stand."""
    contacts, balls = contacts_of(motion), toe_positions(motion)[..., 1]
    heights = balls - _rest_heights(motion.skeleton)
    for foot in range(2):
        for start, stop in segments(contacts[:, foot]):
            quarter = (stop - start) // 4  # balls roll on and off at the ends
            heights[start:stop, foot] = np.median(heights[start + quarter : stop - quarter, foot])
        heights[:, foot] = bridged(heights[:, foot], contacts[:, foot])
        if not contacts[:, foot].any():
            heights[:, foot] = np.nan
    other = heights[:, ::-1]
    heights = np.where(np.isnan(heights), other, heights)
    return np.where(np.isnan(heights), balls.min() - _rest_heights(motion.skeleton), heights)


def _rest_heights(skeleton):
    return skeleton.rest_positions[[skeleton.index(name) for name in TOES], 1]


def stand_on(motion: Motion, surface: Callable, align: bool = True) -> Motion:
    """The same motion on another ground: feet planted on it, hips at their height over it.

    surface: function of points ``(N, 2)``, metres, x and z: heights ``(N,)`` (NaN where there
    is no ground) and normals ``(N, 3)``. align: soles lie along its slopes.
    """
    contacts, own = contacts_of(motion), stood_on(motion)
    heights, _ = _under(surface, motion, own)
    rise = lowpass((heights - own).mean(axis=1), _HIPS_TIME, motion.fps)
    raised = motion.moved(rise[:, None] * [0, 1, 0])
    lift, placed = swing_clearance(motion.skeleton), raised
    for _ in range(2):  # a foot that is planted elsewhere stands on other ground
        heights, normals = _under(surface, placed, own)
        normals = normals if align else None
        placed = lock_feet(raised, contacts, heights, lift, normals=normals)
    return placed


def _under(surface, motion, own):
    """Heights ``(T, 2)`` and normals ``(T, 2, 3)`` of the surface under the balls."""
    points = toe_positions(motion)[..., [0, 2]]
    heights, normals = surface(points.reshape(-1, 2))
    heights, normals = heights.reshape(-1, 2), normals.reshape(-1, 2, 3)
    flat = np.isnan(heights) | ~(normals[..., 1] > _STEEPEST)
    normals = np.where(flat[..., None], [0.0, 1.0, 0.0], normals)
    return np.where(np.isnan(heights), own, heights), normals


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

    def after(self, earlier: RootTrack, count: int) -> tuple[RootTrack, int]:
        """This track with frames of an earlier one where both are the same, and how many those are.

        count: at most so many of the first frames. Smoothing reaches back from what differs later.
        """
        count = min(count, len(self.turns), len(earlier.turns))
        away = np.abs(self.turns[:count] - earlier.turns[:count]).max(axis=-1, initial=0.0)
        far = np.abs(self.positions[:count] - earlier.positions[:count]).max(axis=-1, initial=0.0)
        differing = np.flatnonzero((away > _SAME) | (far > _SAME))
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

    rest_hips: ``(3,)`` metres, rest_heading: radians, of the rig's rest pose in the world.
    """
    trajectory = trajectory_of(motion)
    height = lowpass(stood_on(motion).mean(axis=1), SMOOTHING, motion.fps)
    x, z = trajectory.positions.T
    origin = np.array(rest_hips, float)
    origin[1] -= motion.skeleton.root_height
    turns = yaw_to_quaternion(trajectory.headings - rest_heading)
    return RootTrack(turns, np.stack([x, height, z], -1), origin)
