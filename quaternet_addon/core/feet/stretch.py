# SPDX-License-Identifier: GPL-3.0-or-later
"""Legs stretch until they are straight, no farther, and not through the floor; pure.

A knee that stretches fast, as where a body jumps off, would bend backward if it went on so. It
stops at straight, and the leg then lies where the ankle was going: from hip to ankle. A foot on
its way down stops at the floor, and the knee gives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, toe_positions
from ..body.seam import blend_seam
from ..maths import elementary
from ..maths.quaternion import (
    between,
    conjugate,
    multiply,
    quaternion_to_rotation_vector,
    rotate,
    rotation_vector_to_quaternion,
)
from ..maths.ragged import Ragged
from .legs import UP, read_legs
from .two_bone import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from ..body.skeleton import Skeleton

_SIDES, _LEG = ("Left", "Right"), ("UpLeg", "Leg", "Foot")
_ANKLES = tuple(side + "Foot" for side in _SIDES)


@dataclass(frozen=True)
class Stretch:
    """How far knees stretch, and which numbers their joints have among rotations.

    joints: ``(2, 3)`` of thighs, shins and feet. offsets: ``(2, 2, 3)`` metres, of knees and
    ankles from the joints before them. least: ``(2,)`` radians, of the shins' rotation vectors
    about the axis to the left, about which knees bend.
    """

    joints: np.ndarray
    offsets: np.ndarray
    least: np.ndarray

    @classmethod
    def seen_in(cls, motion: Motion) -> Stretch:
        """Up to straight legs, or as far as a motion's own knees go, where that is farther."""
        stretch = cls.straight(motion.skeleton)
        bends = stretch.bends(motion.rotations)
        return replace(stretch, least=np.minimum(stretch.least, bends.min(axis=1)))

    @classmethod
    def straight(cls, skeleton: Skeleton) -> Stretch:
        """Up to straight legs."""
        joints = np.array([[skeleton.index(side + part) for part in _LEG] for side in _SIDES])
        offsets = skeleton.offsets[joints[:, 1:]]
        return cls(joints, offsets, _straight(*np.moveaxis(offsets, 1, 0)))

    def bends(self, rotations: np.ndarray) -> np.ndarray:
        """What is compared with `least`, of rotations ``(T, J, 4)``: ``(2, T)`` radians."""
        return quaternion_to_rotation_vector(rotations[:, self.joints[:, 1]])[..., 0].T

    def among(self, skeleton: Skeleton, names: Sequence[str]) -> Stretch:
        """The same for rotations of some joints of a skeleton, all of the legs among them."""
        places = [[names.index(skeleton.names[joint]) for joint in leg] for leg in self.joints]
        return replace(self, joints=np.array(places))

    def kept(self, rotations: np.ndarray, least: np.ndarray | None = None) -> np.ndarray:
        """Parent-space rotations ``(T, J, 4)`` with no knee farther than that.

        The ankle stays on its line from the hip, and feet keep their turn in the world. least:
        ``(2, T)`` radians, in place of one limit for all frames.
        """
        if least is None:
            least = np.repeat(self.least[:, None], len(rotations), axis=1)
        for (thigh, shin, foot), offsets, limits in zip(
            self.joints, self.offsets, least, strict=True
        ):
            bend = quaternion_to_rotation_vector(rotations[:, shin])
            far = np.flatnonzero(bend[:, 0] < limits)
            if not len(far):
                continue
            rotations = np.array(rotations)
            before, vectors = rotations[far, shin], bend[far]
            vectors[:, 0] = limits[far]
            after = rotation_vector_to_quaternion(vectors).astype(rotations.dtype)
            ankle, put = (offsets[0] + rotate(turn, offsets[1][None]) for turn in (before, after))
            turn = between(put, ankle).astype(rotations.dtype)
            rotations[far, thigh] = multiply(rotations[far, thigh], turn)
            rotations[far, shin] = after
            kept = multiply(multiply(conjugate(after), conjugate(turn)), before)
            rotations[far, foot] = multiply(kept, rotations[far, foot])
        return rotations


def blend_stretched(before: Motion, after: Motion, duration: float, at_ease: float = 0.0) -> Motion:
    """`body.seam.blend_seam` of Motions, with knees that stretch as far as those of ``before``."""
    kept = Stretch.seen_in(before).kept
    bent = blend_seam(before, after, duration, at_ease=at_ease, possible=kept)
    return replace(bent, rotations=kept(bent.rotations))


def _straight(knee, ankle):
    """About the axis to the left, radians ``(2,)``: what straightens legs of offsets ``(2, 3)``."""
    across = knee[:, 1] * ankle[:, 2] - knee[:, 2] * ankle[:, 1]
    return -elementary.arctan2(across, (knee[:, 1:] * ankle[:, 1:]).sum(-1))


def lowest_feet(context: Motion, floor: float) -> np.ndarray:
    """How low balls and ankles may be, ``(2, 2)`` metres of each foot.

    As low as where it stands on the floor, or as they have been in a context.
    """
    skeleton = context.skeleton
    points, rest = _points(context), skeleton.rest_positions[:, 1]
    feet = np.array([[skeleton.index(name) for name in names] for names in (TOES, _ANKLES)])
    return np.minimum(floor + rest[feet].T, points.min(axis=0))


def over_lowest(motion: Motion, lowest: np.ndarray) -> np.ndarray:
    """How far the lower of ball and ankle is over ``lowest: (2, 2)``, ``(T, 2)`` metres."""
    return (_points(motion) - lowest).min(-1)


def feet_kept_up(motion: Motion, lowest: np.ndarray) -> Motion:
    """The motion with the knees bent so far that no ball or ankle is under ``lowest: (2, 2)``."""
    under = np.maximum(-over_lowest(motion, lowest), 0.0)
    if not under.any():
        return motion
    bodies, legs = read_legs([motion])
    limb, rise = legs.limb(), np.concatenate([under[:, 0], under[:, 1]])
    frames, ragged = np.flatnonzero(rise), Ragged([len(motion)] * 2)
    target = limb[2] + rise[:, None] * UP
    turns = reach(limb, legs.thigh, target, motion.fps, ragged=ragged, frames=frames)
    thigh, shin = np.array(legs.thigh), np.array(legs.shin)
    thigh[frames], shin[frames] = (
        multiply(turn, part[frames]) for turn, part in zip(turns, (thigh, shin), strict=True)
    )
    return bodies.written(replace(legs, thigh=thigh, shin=shin), np.zeros(len(motion)))[0]


def _points(motion):
    """Heights of balls and ankles, ``(T, 2, 2)`` metres of each foot."""
    ankles = [motion.skeleton.index(name) for name in _ANKLES]
    return np.stack([toe_positions(motion)[..., 1], motion.positions()[:, ankles, 1]], axis=-1)
