# SPDX-License-Identifier: GPL-3.0-or-later
"""Bones that are keyed in place as well as turned: what carries the hips, feet under the root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import animatable
from .armature import bone_locations
from .movers import taken

if TYPE_CHECKING:
    import numpy as np

    from ...core.body.motion import Motion
    from .armature import Rig


class PlacedBones:
    """The bones of one rig whose places are keyed.

    obj: the armature object. mapping: canonical joint -> bone name. keyed: those that are not
    replaced by IK.

    carrier: the bone that is moved for the hips to travel: connected hips go with their parent.
    apart: joint -> bone of feet and hands that hang on the root of the rig, as in many games.
    """

    def __init__(self, obj, mapping, keyed):
        self._bones, self._pose, self._hips = obj.data.bones, obj.pose.bones, mapping["Hips"]
        self.carrier = animatable.unconnected(obj, self._hips)
        self.apart = _ends_apart(obj, keyed, mapping)

    @property
    def names(self) -> list[str]:
        """Of all of them."""
        return [self.carrier, *self.apart.values()]

    @property
    def paths(self) -> set[str]:
        """Data paths of their locations."""
        return {self._pose[name].path_from_id("location") for name in self.names}

    def locations(self, rig: Rig, motion: Motion, hips: np.ndarray) -> dict[int, np.ndarray]:
        """Bone index -> location channels ``(T, 3)`` while what is above is at rest.

        motion: on the rig's skeleton, hips: ``(T, 3)`` of the hips' heads, core space.
        """
        rest, index = rig.rest_pose.heads, rig.names.index
        carrier = index(self.carrier)
        places = hips + rest[carrier] - rest[index(self._hips)]
        found = {carrier: bone_locations(rig, self._bones[self.carrier], places)}
        for name, places in self.goals(motion).items():
            found[index(name)] = bone_locations(rig, self._bones[name], places)
        return found

    def goals(self, motion: Motion) -> dict[str, np.ndarray]:
        """Name of each bone of `apart` -> where it goes ``(T, 3)``, core space."""
        if not self.apart:
            return {}
        places, index = motion.positions(), motion.skeleton.index
        return {bone: places[:, index(joint)] for joint, bone in self.apart.items()}


def _ends_apart(obj, keyed, mapping):
    """Joint -> bone of feet and hands whose parents carry no body, as the root of a game's rig."""
    apart, carried = {}, {*mapping.values(), *taken(obj, {"location", "rotation"})}
    for joint in ("LeftFoot", "RightFoot", "LeftHand", "RightHand"):
        bone = obj.data.bones[keyed[joint]] if joint in keyed else None
        if bone is not None and not carried & {above.name for above in bone.parent_recursive}:
            apart[joint] = bone.name
    return apart
