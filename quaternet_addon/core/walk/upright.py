# SPDX-License-Identifier: GPL-3.0-or-later
"""Pelvis and trunk of who stands, turned into the range of people who do; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import offsets_together
from ..maths import elementary
from ..maths.quaternion import axis_angle_to_quaternion, rotate, yaw, yaw_to_quaternion
from ..maths.ragged import Ragged
from ..maths.smoothing import bridged
from .stands import MOSTLY
from .turnable import Turnable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .stands import Stands

# Degrees from the 10th to the 90th percentile of recorded stands.
_TILT, _LEAN = (-5.0, 3.0), (-2.0, 3.0)  # ahead, of the pelvis and of the trunk
_ASIDE_OF_WAY = (-3.0, 3.0)  # by which pelvis and trunk point elsewhere than the way
_LIST = (-0.8, 0.8)  # of the pelvis: with more one knee would be bent


class _Upper:
    """Angles of pelvis and trunk, ``(P,)`` radians, of frames that can be turned.

    headings: ``(P,)`` of the way. joints: what is turned.
    """

    def __init__(self, skeletons, ragged, rotations, headings):
        self.joints = Turnable(skeletons, ragged, rotations, (*_LEGS, *_ARMS))
        self._headings, self._facing = headings, yaw_to_quaternion(headings)
        self._world, body = self.joints.world, skeletons[0]
        self._chest, to_neck = body.index("Spine"), body.down_to([body.index("Neck")])[1:]
        offsets = offsets_together(skeletons, ragged, to_neck)
        self._trunk = [(body.parents[joint], offsets[joint]) for joint in to_neck]

    def aside(self) -> np.ndarray:
        return _about(yaw(self._world[0]) - self._headings)

    def twist(self) -> np.ndarray:
        return _about(yaw(self._world[self._chest]) - self._headings)

    def tilt(self) -> np.ndarray:
        return -self._rise_of(_AHEAD)

    def list(self) -> np.ndarray:
        return self._rise_of(_LEFT)

    def lean(self) -> np.ndarray:
        bones = [rotate(self._world[joint], bone) for joint, bone in self._trunk]
        x, y, z = np.sum(bones, axis=0).T
        return elementary.arctan2(
            x * elementary.sin(self._headings) + z * elementary.cos(self._headings), y
        )

    def _rise_of(self, axis):
        return elementary.arcsin(np.clip(rotate(self._world[0], axis)[:, 1], -1.0, 1.0))

    def turn(self, name: str, held: Sequence[str], axis: np.ndarray, radians: np.ndarray) -> None:
        """A joint and what is below it, but for ``held``, about an axis of who faces the way."""
        turn = axis_angle_to_quaternion(rotate(self._facing, axis), radians)
        self.joints.turn(name, held, turn)


_LEFT, _UP, _AHEAD = np.eye(3)
_LEGS, _ARMS = ("LeftUpLeg", "RightUpLeg"), ("Neck", "LeftArm", "RightArm")
# What is measured, its range, the axis to turn about, which joint, and what below it is held.
_RANGES = (
    (_Upper.aside, _ASIDE_OF_WAY, _UP, "Hips", _LEGS),
    (_Upper.twist, _ASIDE_OF_WAY, _UP, "LowerBack", ()),
    (_Upper.tilt, _TILT, _LEFT, "Hips", (*_LEGS, "LowerBack")),
    (_Upper.list, _LIST, _AHEAD, "Hips", (*_LEGS, "LowerBack")),
    (_Upper.lean, _LEAN, _LEFT, "LowerBack", _ARMS),
)


def upright(
    motions: Sequence[Motion], share: np.ndarray, headings: np.ndarray, stands: Stands
) -> list[Motion]:
    """Motions on skeletons of one kind, upright where they stand.

    share, headings: ``(F,)``, of all motions one after the other, as in `stands.stands_of`.
    """
    ragged = stands.runs.ragged
    parts = ragged.runs(share > 0.0)  # one by one: a stand knows nothing of the next
    within = np.searchsorted(parts.start, stands.runs.start, side="right") - 1
    parts = parts.kept(np.isin(np.arange(len(parts)), within))
    frames, own = parts.frames, Ragged(parts.lengths)
    place = np.zeros(len(ragged), int)
    place[frames] = np.arange(len(frames))
    skeletons = [motions[index].skeleton for index in ragged.of[parts.start]]
    rotations = np.concatenate([motion.rotations for motion in motions])
    upper = _Upper(skeletons, own, rotations[frames], headings[frames])
    here, near = place[stands.runs.frames], share[frames]
    for measure, ends, axis, name, held in _RANGES:
        mean, radians = stands.mean(measure(upper)[here]), np.zeros(len(frames))
        radians[here] = (np.clip(mean, *np.radians(ends)) - mean)[stands.runs.of]
        upper.turn(name, held, axis, near * bridged(radians, near > MOSTLY, own))
    upper.joints.write(rotations, frames)
    turned = ragged.split(rotations)
    return [replace(m, rotations=part) for m, part in zip(motions, turned, strict=True)]


def _about(radians):
    """An angle as one from -pi to pi."""
    return (radians + np.pi) % (2.0 * np.pi) - np.pi
