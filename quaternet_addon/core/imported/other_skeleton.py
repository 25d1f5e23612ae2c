# SPDX-License-Identifier: GPL-3.0-or-later
"""The skeleton of an imported network as a rig: its poses to canonical ones and back; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.motion import Motion
from ..body.proportions import fit
from ..body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from ..maths.quaternion import IDENTITY
from ..rig.rest_pose import RestPose
from ..rig.retarget import Retarget, retarget_motion

if TYPE_CHECKING:
    from ..body.skeleton import Skeleton


class OtherSkeleton:
    """A network's skeleton whose joints have canonical names, among others.

    Joints of the canonical skeleton that it lacks stay at rest; joints of its own that ours lacks
    are given to the network at rest. Raises ValueError where it does not fit.
    """

    def __init__(self, skeleton: Skeleton):
        missing = [name for name in REQUIRED_JOINTS if name not in skeleton.names]
        if missing:
            raise ValueError(
                "Expected a model for a skeleton with the joints of ours, got one without "
                f"{', '.join(missing[:4])}: it cannot move this rig."
            )
        if skeleton.root_height is None:  # a network of joints only: let it stand
            skeleton = replace(skeleton, root_height=skeleton.leg_length)
        self.skeleton = skeleton
        heads = skeleton.rest_positions
        names = [name for name in QUATERNET_SKELETON.names if name in skeleton.names]
        still = np.tile(IDENTITY, (len(skeleton), 1))
        rest = RestPose(skeleton.names, skeleton.parents, heads, _tails(skeleton, heads), still)
        self._retarget = Retarget(rest, {name: name for name in names})

    @property
    def body(self) -> Skeleton:
        """The canonical skeleton in this one's proportions."""
        return self._retarget.skeleton

    def given(self, motion: Motion) -> Motion:
        """A canonical motion of any proportions on this skeleton."""
        here = fit(motion, self.body)
        world, roots = self._retarget.canonical_to_rig(here.rotations, here.root_positions)
        return Motion(self.skeleton, self.skeleton.global_to_local(world), roots, motion.fps)

    def taken(self, motion: Motion, skeleton: Skeleton) -> Motion:
        """The inverse of `given`: on the canonical ``skeleton`` of some proportions."""
        roots = np.zeros_like(motion.root_positions)
        _, world = motion.skeleton.forward_kinematics(motion.rotations, roots)
        made = retarget_motion(self._retarget, world, motion.root_positions, motion.fps)
        return fit(made, skeleton)


def _tails(skeleton, heads):
    """Where each joint's bone ends: at its first child, or as far on as it is from its parent."""
    tails = heads + skeleton.offsets
    for child in reversed(range(len(skeleton))):
        parent = skeleton.parents[child]
        if parent >= 0 and np.linalg.norm(skeleton.offsets[child]) > 0.0:
            tails[parent] = heads[child]
    return tails
