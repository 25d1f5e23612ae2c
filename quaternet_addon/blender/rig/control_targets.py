# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controls of a rig are to do for a motion, in armature space."""

import numpy as np

from .ik_limbs import targets_of, without_ik


class ControlTargets:
    """The controls of one rig: those of mapped bones, and of limbs with IK their targets and poles.

    rig: `armature.Rig`. retarget: its `core.rig.retarget.Retarget`. mapping: canonical joint ->
    bone name. limbs: `ik_limbs.Limb`s whose bones IK turns. following: those that FK turns,
    whose targets and poles come along.
    """

    def __init__(self, rig, retarget, mapping, limbs, following=()):
        self._rig, self._retarget, self._mapping = rig, retarget, mapping
        self._limbs, self._following = limbs, following
        self._free = list(without_ik(retarget.bones, limbs).values())

    def alone(self):
        """The same without what only comes along."""
        return ControlTargets(self._rig, self._retarget, self._mapping, self._limbs)

    def of(self, motion):
        """Rotations ``(T, 4)`` and places ``(T, 3)`` of controls, each by bone index."""
        turns = self._retarget.mapped_rotations(motion.rotations)
        turned = self._rig.rotations_to_armature(np.stack(list(turns.values())))
        rotations = dict(zip(turns, turned, strict=True))
        targets = {bone: rotations[bone] for bone in self._free}
        goals = {self._retarget.bones["Hips"]: self._rig.to_armature(motion.root_positions)}
        for turns, places in self._of_limbs(motion, rotations):
            targets, goals = targets | turns, goals | places
        return targets, goals

    def _of_limbs(self, motion, rotations):
        """The same of each limb with IK."""
        limbs = [*self._limbs, *self._following]
        if not limbs:
            return []
        positions = self._rig.to_armature(motion.positions())
        places = {name: positions[:, i] for i, name in enumerate(motion.skeleton.names)}
        return [targets_of(limb, self._rig, self._mapping, rotations, places) for limb in limbs]
