# SPDX-License-Identifier: GPL-3.0-or-later
"""Legs as arrays: read from motions, turned, and written back to them; pure.

All legs of all motions lie on one axis of F frames, a `Ragged`: the left legs of one motion after
the other, then the right ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.foot_shape import HEEL_LENGTH, TOE_LENGTH
from ..body.skeleton import walk_down_together
from ..maths.backend import columns, norm
from ..maths.quaternion import conjugate, multiply, rotate
from ..maths.ragged import Ragged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.foot_shape import FootShape
    from ..body.motion import Motion

UP = np.array([0.0, 1.0, 0.0])
_PARTS = ("UpLeg", "Leg", "Foot", "ToeBase")


@dataclass(frozen=True)
class LegLengths:
    """Lengths of the legs in each frame, metres; on rigs of one kind they differ by motion only.

    offsets: ``(F, 3)`` each, from hip to knee, to ankle, to ball, in their parent's frame.
    ball_rest: ``(F,)`` height of the ball over its sole. heel: ``(F, 3)`` from the ankle, foot's
    frame. tip: ``(F,)`` from the ball ahead to where toes end. leg: ``(F,)`` thigh and shin.
    mean_leg: ``(F,)`` of both legs of a body. shapes: of each leg, its foot's `FootShape` or None.
    stiff: ``(F,)`` bool, feet known to be in one piece.
    """

    offsets: list
    ball_rest: np.ndarray
    heel: np.ndarray
    tip: np.ndarray
    leg: np.ndarray
    mean_leg: np.ndarray
    shapes: list[FootShape | None]
    stiff: np.ndarray


@dataclass(frozen=True)
class Legs:
    """Poses of the legs; world, metres.

    hip: ``(F, 3)``. thigh, shin, foot, toes, pelvis: ``(F, 4)`` rotations.
    """

    lengths: LegLengths
    hip: np.ndarray
    thigh: np.ndarray
    shin: np.ndarray
    foot: np.ndarray
    toes: np.ndarray
    pelvis: np.ndarray

    def limb(self) -> list[np.ndarray]:
        """Hips, knees and ankles, ``(F, 3)`` each."""
        to_knee, to_ankle, _ = self.lengths.offsets
        knee = self.hip + rotate(self.thigh, to_knee)
        return [self.hip, knee, knee + rotate(self.shin, to_ankle)]

    def to_ball(self) -> np.ndarray:
        """From ankles to balls, ``(F, 3)``."""
        return rotate(self.foot, self.lengths.offsets[2])

    def foot_turned(self, turn: np.ndarray) -> Legs:
        """With feet and toes turned by ``turn: (F, 4)`` in the world."""
        return replace(self, foot=multiply(turn, self.foot), toes=multiply(turn, self.toes))


@dataclass(frozen=True)
class Bodies:
    """The motions that legs were read from, and what it takes to write legs back.

    joints: ``(2, 4)`` indices of the legs' joints. above: ``(F, 4)`` world rotations of the joints
    that the legs hang on. ankle, ball: ``(F, 3)`` metres, world, where they were.
    """

    motions: Sequence[Motion]
    ragged: Ragged
    joints: np.ndarray
    above: np.ndarray
    ankle: np.ndarray
    ball: np.ndarray

    def written(self, legs: Legs, drop: np.ndarray) -> list[Motion]:
        """The motions with these legs, and hips ``drop: (F / 2,)`` metres lower."""
        parts = (self.ragged.split(values) for values in (self._rotations(legs), drop))
        return [
            replace(motion, rotations=turned).moved(-lower[:, None] * UP)
            for motion, turned, lower in zip(self.motions, *parts, strict=True)
        ]

    def _rotations(self, legs):
        """All joints' rotations, parent space: other joints keep theirs in the world."""
        before = np.concatenate([motion.rotations for motion in self.motions])
        parents, out, above = self.motions[0].skeleton.parents, before.copy(), self.above
        for part, here in enumerate((legs.thigh, legs.shin, legs.foot, legs.toes)):
            local = multiply(conjugate(above), here).reshape(2, -1, 4)
            for joint, values in zip(self.joints[:, part], local, strict=True):
                out[:, joint] = values
            above = here
        strange = [j for j, p in enumerate(parents) if p in self.joints and j not in self.joints]
        return self._with_others(strange, before, out) if strange else out

    def _with_others(self, joints, before, after):
        """Joints that hang on a leg without being of it keep their world rotations."""
        skeleton, out = self.motions[0].skeleton, after.copy()
        nowhere = np.zeros((len(after), 3))
        old, new = (skeleton.forward_kinematics(r, nowhere)[1] for r in (before, after))
        for joint in joints:
            out[:, joint] = multiply(conjugate(new[:, skeleton.parents[joint]]), old[:, joint])
        return out


def read_legs(motions: Sequence[Motion]) -> tuple[Bodies, Legs]:
    """`Bodies` and `Legs` of motions on skeletons that differ in nothing but proportions."""
    skeletons, frames = [motion.skeleton for motion in motions], [len(m) for m in motions]
    first, ragged = skeletons[0], Ragged(frames)
    joints = np.array([[first.index(side + p) for p in _PARTS] for side in ("Left", "Right")])
    places, turns = walk_down_together(
        skeletons,
        ragged,
        first.down_to(joints[:, 3]),
        np.concatenate([motion.rotations for motion in motions]),
        np.concatenate([motion.root_positions for motion in motions]),
    )

    def both(values, joints):
        return columns(np.concatenate([values[joint] for joint in joints]))

    hip, _, ankle, ball = joints.T
    above = both(turns, [first.parents[joint] for joint in hip])
    parts = (both(turns, part) for part in joints.T)
    lengths = _lengths(skeletons, joints, Ragged(2 * frames))
    legs = Legs(lengths, both(places, hip), *parts, both(turns, (0, 0)))
    return Bodies(motions, ragged, joints, above, both(places, ankle), both(places, ball)), legs


def _lengths(skeletons, joints, ragged):
    def each(measure):
        return ragged.spread([measure(s, leg) for leg in joints for s in skeletons])

    offsets = each(lambda s, leg: s.offsets[leg[1:]])
    offsets = [columns(offsets[:, part]) for part in range(3)]
    ankle_rest = each(lambda s, leg: s.rest_positions[leg[2], 1])
    shapes = [skeleton.feet[foot] for foot in range(2) for skeleton in skeletons]
    heel = -HEEL_LENGTH * (offsets[2] * [1.0, 0.0, 1.0]) - ankle_rest[:, None] * UP
    balls = [skeleton.offsets[leg[3], 2] for leg in joints for skeleton in skeletons]
    ends = [
        (np.nan, np.nan) if shape is None else shape.ends(ball)
        for shape, ball in zip(shapes, balls, strict=True)
    ]
    back, tip = ragged.spread(ends).T
    heel[:, 2] = np.where(np.isfinite(back), offsets[2][:, 2] - back, heel[:, 2])
    length = norm(offsets[2][:, [0, 2]])[:, 0]
    return LegLengths(
        offsets=offsets,
        ball_rest=each(_ball_rest),
        heel=heel,
        tip=np.where(np.isfinite(tip), tip, TOE_LENGTH * length),
        leg=(norm(offsets[0]) + norm(offsets[1]))[:, 0],
        mean_leg=ragged.spread([s.leg_length for s in skeletons] * 2),
        shapes=shapes,
        stiff=ragged.spread([shape is not None and shape.stiff for shape in shapes]),
    )


def _ball_rest(skeleton, leg):
    """Height of a ball over the sole of its own foot: one leg may be shorter than the other."""
    shape = skeleton.feet[skeleton.names[leg[3]].startswith("Right")]
    if shape is None or not len(shape.foot):
        return skeleton.rest_positions[leg[3], 1]
    ball, sole = skeleton.offsets[leg[3], 1], shape.foot[:, 1].min()
    if shape.toes is not None and len(shape.toes):
        sole = min(sole, ball + shape.toes[:, 1].min())
    return ball - sole
