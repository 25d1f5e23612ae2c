# SPDX-License-Identifier: GPL-3.0-or-later
"""A motion on a rig's own bones, as files of motion hold it; pure.

What is made on the canonical skeleton goes to all bones of the rig by `core.rig.retarget`; written
to BVH it has the rig's names, hierarchy and proportions. Joint frames are world-aligned in the
rig's rest pose, whatever the roll of its bones.
"""

import numpy as np

from ..body.motion import Motion
from ..body.skeleton import Skeleton
from ..maths.quaternion import conjugate, multiply
from .retarget import Retarget


class RigMotion:
    """Converts motions for one rig; made once, used for many clips.

    retarget: a `core.rig.retarget.Retarget`. Taken are the lowest bone above all mapped bones and
    everything below it; what is above stands still. skeleton: of the taken bones, world-aligned;
    ends: ``(J, 3)`` metres from heads to tails. ValueError where the mapped bones have no common
    bone above them.
    """

    def __init__(self, retarget: Retarget):
        rest = retarget.rest
        self._retarget = retarget
        root = _common_bone(rest.parents, list(retarget.bones.values()))
        self._bones = _below(rest.parents, root)
        parents = [self._bones.index(rest.parents[b]) if b != root else -1 for b in self._bones]
        heads = rest.heads[self._bones]
        offsets = np.where(np.array(parents)[:, None] < 0, 0.0, heads - heads[parents])
        names = [rest.names[bone] for bone in self._bones]
        self.skeleton = Skeleton(tuple(names), tuple(parents), offsets, _height(retarget, root))
        self.ends = rest.tails[self._bones] - heads
        self._hips = self._bones.index(retarget.bones["Hips"])
        self._to_rest = conjugate(rest.rotations[self._bones])[None]

    def convert(self, motion: Motion) -> Motion:
        """The motion on ``skeleton``. motion: on the retarget's canonical skeleton."""
        world, hips = self._retarget.canonical_to_rig(motion.rotations, motion.root_positions)
        turns = multiply(world[:, self._bones], self._to_rest)
        rotations = self.skeleton.global_to_local(turns)
        if self._hips:  # the root is above the hips: it goes where they take it
            chain = self.skeleton.forward_kinematics(rotations, np.zeros_like(hips))[0]
            hips = hips - chain[:, self._hips]
        return Motion(self.skeleton, rotations, hips, motion.fps, motion.contacts)


def _common_bone(parents, bones):
    """The lowest bone that all ``bones`` are or hang on."""

    def chain(bone):
        above = [bone]
        while parents[above[-1]] >= 0:
            above.append(parents[above[-1]])
        return above

    shared = set(chain(bones[0])).intersection(*map(chain, bones[1:]))
    if not shared:
        raise ValueError("Expected a bone above all mapped bones, got several trees of bones.")
    return max(shared)  # parents come first, so the lowest of a chain is the last


def _below(parents, root):
    """``root`` and all bones below it, parents first."""
    taken = [root]
    for bone in range(root + 1, len(parents)):
        if parents[bone] in taken:
            taken.append(bone)
    return taken


def _height(retarget, root):
    """Height of the root over the ground at rest, metres."""
    heads = retarget.rest.heads
    return retarget.hips_height + float(heads[root, 1] - heads[retarget.bones["Hips"], 1])
