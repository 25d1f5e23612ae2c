# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controls of a rig are to do for a motion, in armature space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .ik_limbs import targets_of, without_ik

if TYPE_CHECKING:
    from ...core.body.motion import Motion


class ControlTargets:
    """The controls of one rig: those of mapped bones, and of limbs with IK their targets and poles.

    rig: `armature.Rig`. retarget: its `core.rig.retarget.Retarget`. mapping: canonical joint ->
    bone name, of what is keyed. limbs: `ik_limbs.Limb`s whose bones IK turns. placed:
    `placed_bones.PlacedBones`. following: limbs that FK turns, whose targets and poles come along.
    """

    def __init__(self, rig, retarget, mapping, limbs, placed, following=()):
        self._rig, self._retarget, self._mapping, self._limbs = rig, retarget, mapping, limbs
        self._placed, self._following = placed, following
        free = without_ik(retarget.bones, limbs)
        self._free = [bone for joint, bone in free.items() if joint in mapping]

    def of(self, motion: Motion) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
        """Rotations ``(T, 4)`` and places ``(T, 3)`` of controls, each by bone index."""
        targets, goals, rotations = self._own(motion)
        for turns, places in self._of_limbs(motion, rotations, self._following):
            targets, goals = targets | turns, goals | places
        return targets, goals

    def alone(self, motion: Motion) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
        """The same without what only comes along."""
        return self._own(motion)[:2]

    def _own(self, motion):
        """The same, and the rotations of all mapped bones."""
        turns = self._retarget.mapped_rotations(motion.world[1])
        turned = self._rig.rotations_to_armature(np.stack(list(turns.values())))
        rotations = dict(zip(turns, turned, strict=True))
        targets = {bone: rotations[bone] for bone in self._free}
        goals = {self._retarget.bones["Hips"]: self._rig.to_armature(motion.root_positions)}
        for name, places in self._placed.goals(motion).items():
            goals[self._rig.names.index(name)] = self._rig.to_armature(places)
        for turns, places in self._of_limbs(motion, rotations, self._limbs):
            targets, goals = targets | turns, goals | places
        return targets, goals, rotations

    def _of_limbs(self, motion, rotations, limbs):
        """The same of each of some limbs with IK."""
        if not limbs:
            return []
        positions = self._rig.to_armature(motion.positions())
        places = {name: positions[:, i] for i, name in enumerate(motion.skeleton.names)}
        return [targets_of(limb, self._rig, self._mapping, rotations, places) for limb in limbs]
