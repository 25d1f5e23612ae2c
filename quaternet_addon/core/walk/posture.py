# SPDX-License-Identifier: GPL-3.0-or-later
"""What walks of the network lack against the people it learnt from, made good; pure.

Between 0.8 and 2.8 m/s its trunks lean back by 1.7 to 3 degrees more than the median person of the
training clips (held-out ones were not looked at), faster by 0.6 to 1.2; in walks its feet are
1.2 to 2.3 cm closer together. The least of each is added. Beside clips of the same person at the
same speed (`likeness`) it walks with less in it: pelvis and trunk roll by 15 to 30 % less, nearly
everybody's. Knees fold 5 degrees less too: folding them more made them snap elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import offsets_together
from ..maths.backend import norm
from ..maths.quaternion import axis_angle_to_quaternion, cross, rotate, yaw_to_quaternion
from ..maths.ragged import Ragged
from ..maths.smoothing import smoothed
from .likeness import ELBOW
from .upright import AHEAD, ARMS, LEFT, LEGS, Upper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_LEAN = np.radians((1.7, 0.6))
_FAST = 2.5, 3.2  # m/s: from the one to the other
_LEG = 0.84  # metres, in the model's proportions
_WIDER = 0.006  # metres to each side
_SLOW = 1.0  # seconds to each side: means over these have no steps in them
_LIST = (1.2, 1.8), (0.15, 0.4)  # m/s, and by what share of itself the pelvis lists more
_SIDE, _NOD = 0.4, 0.3  # by what share of themselves trunks lean more to the sides, and ahead
_SIDES = (("Left", 1.0), ("Right", -1.0))


def like_people(
    motions: Sequence[Motion],
    shares: Sequence[np.ndarray],
    speeds: Sequence[np.ndarray],
    gaits: Sequence[np.ndarray],
    headings: Sequence[np.ndarray],
    own: Sequence[np.ndarray],
) -> list[Motion]:
    """The same motions, carried more like the people they are of.

    motions: of one rate, on skeletons of one kind. Of each: shares: ``(T,)`` in [0, 1], how much
    each frame goes ahead. speeds: ``(T,)`` m/s in the model's proportions. gaits: ``(T,)``, 0
    walks, 1 runs. headings: ``(T,)`` radians. own: ``(T, 6)`` of `likeness`, who walks.
    """
    out = list(motions)
    chosen = [index for index, share in enumerate(shares) if np.any(share > 0.0)]
    if not chosen:
        return out
    motions = [motions[index] for index in chosen]
    share, speed, gait, heading, mine = (
        np.concatenate([values[index] for index in chosen])
        for values in (shares, speeds, gaits, headings, own)
    )
    carried = _Carried(motions, heading, share * (1.0 - gait), speed)
    carried.move_more()
    carried.bear(np.radians(mine[:, :4]), share)
    carried.spread(np.radians(mine[:, 5]))
    carried.part((_WIDER + 0.005 * mine[:, 4]) / _LEG)
    for index, motion, part in zip(chosen, motions, carried.written(), strict=True):
        out[index] = replace(motion, rotations=part)
    return out


class _Carried:
    """Bodies whose joints are turned in the world; walks: ``(F,)``, how much each frame walks."""

    def __init__(self, motions, heading, walks, speed):
        self._ragged, self._fps = Ragged([len(motion) for motion in motions]), motions[0].fps
        self._rotations = np.concatenate([motion.rotations for motion in motions])
        self._skeletons = [motion.skeleton for motion in motions]
        names = [side + part for side, _ in _SIDES for part in ("ForeArm", "Hand", "Foot")]
        self._upper = Upper(self._skeletons, self._ragged, self._rotations, heading, names)
        self._facing, self._walks, self._speed = yaw_to_quaternion(heading), walks, speed

    def move_more(self) -> None:
        """Pelvis and trunk move as much as people's do."""
        upper, walks, back = self._upper, self._walks, ("LowerBack",)
        more = walks * np.interp(self._speed, *_LIST)
        upper.turn("Hips", (*LEGS, *back), AHEAD, more * self._swaying(upper.list()))
        upper.turn("LowerBack", ARMS, AHEAD, walks * _SIDE * self._swaying(upper.side()))
        upper.turn("LowerBack", ARMS, LEFT, walks * _NOD * self._swaying(upper.lean()))

    def bear(self, own: np.ndarray, share: np.ndarray) -> None:
        """Trunk, pelvis, head and elbows as one's own: ``(F, 4)`` radians; share: ``(F,)``."""
        upper, (lean, tilt, head, elbow) = self._upper, (self._walks * column for column in own.T)
        upper.turn("Hips", (*LEGS, "LowerBack"), LEFT, tilt)
        lean = lean + share * np.interp(self._speed, _FAST, _LEAN)
        upper.turn("LowerBack", ARMS, LEFT, lean)
        upper.turn("Neck", (), LEFT, head)
        elbow = elbow + self._walks * np.radians(np.interp(self._speed, *ELBOW))
        for side, _ in _SIDES:
            bend, axis = self._bend(side + "Arm", side + "ForeArm", side + "Hand")
            turn = axis_angle_to_quaternion(axis, np.maximum(elbow, -bend))
            upper.joints.turn(side + "ForeArm", (), turn)

    def spread(self, radians: np.ndarray) -> None:
        """Arms further out by so many radians, ``(F,)``."""
        for side, sign in _SIDES:
            self._upper.turn(side + "Arm", (), AHEAD, sign * self._walks * radians)

    def part(self, radians: np.ndarray) -> None:
        """Thighs further apart by so many radians each, ``(F,)``."""
        for side, sign in _SIDES:
            held = (side + "Foot",)
            self._upper.turn(side + "UpLeg", held, AHEAD, sign * self._walks * radians)

    def written(self) -> list[np.ndarray]:
        """The rotations ``(T, J, 4)`` of each motion."""
        self._upper.joints.write(self._rotations)
        return self._ragged.split(self._rotations)

    def _swaying(self, values):
        """What of ``values: (F,)`` is no slower than steps."""
        return values - smoothed(values, _SLOW, self._fps, self._ragged)

    def _bones(self, *names):
        """From each joint to the next, in the world: ``(F, 3)`` each."""
        joints = [self._skeletons[0].index(name) for name in names]
        offsets = offsets_together(self._skeletons, self._ragged, joints)
        world = self._upper.joints.world
        return [rotate(world[a], offsets[b]) for a, b in pairwise(joints)]

    def _bend(self, *names):
        """Angle ``(F,)`` and axis ``(F, 3)`` by which a limb is bent."""
        upper, lower = self._bones(*names)
        axis = cross(upper, lower)
        size, (ux, uy, uz), (vx, vy, vz) = norm(axis), upper.T, lower.T
        # Not NumPy's sum: its order, and so its last bit, would depend on who is beside whom.
        return np.arctan2(size[:, 0], ux * vx + uy * vy + uz * vz), axis / np.maximum(size, 1e-9)
