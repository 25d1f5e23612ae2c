# SPDX-License-Identifier: GPL-3.0-or-later
"""How motion on the canonical skeleton moves one rig, and how the rig's own pose is read back.

A `Driver` is the only thing that knows which bones carry which joint: jobs hand it motions and
get channels to key. It changes nothing in the file before `Driver.settle`.
"""

from dataclasses import dataclass

import numpy as np

from ..core.retarget import Retarget, retarget_motion
from . import mapping as mappings
from .armature import basis_rotations, hips_locations, sample_pose
from .channels import rotation_channels, rotation_property


@dataclass(frozen=True)
class DrivingOptions:
    """What the user chose about how motion drives the rig, the same for every mode."""


@dataclass(frozen=True)
class Channel:
    """One property to key.

    path: data path from the armature object. values: ``(T, n)``, one column for each index of
    the property. group: name for the channel's group, its bone. interpolation: a Blender
    keyframe interpolation, for every key.
    """

    path: str
    values: np.ndarray
    group: str
    interpolation: str = "LINEAR"


class Driver:
    """A mapped armature object, ready to be moved and read.

    obj: the armature object. rig: its `armature.Rig`. mapping: canonical joint -> bone name.

    retarget: `core.retarget.Retarget`; skeleton: the canonical skeleton in the rig's proportions,
    on which motions come and go; warnings: sentences for the user. Raises ValueError where keys
    on the mapped bones could not move the rig.
    """

    def __init__(self, obj, rig, mapping, options=None):
        self.obj, self.rig, self.mapping = obj, rig, mapping
        self.options = options or DrivingOptions()
        self.warnings = mappings.check_animatable(obj, mapping)
        self.retarget = Retarget(rig.rest_pose, mapping, rig.axes)
        self.skeleton = self.retarget.skeleton

    def channels(self, motion, previous=None):
        """``[Channel, ...]`` that make the rig do ``motion``, one row for each of its frames.

        motion: `core.motion.Motion` on `skeleton`, world space. previous: data path -> values
        ``(n,)`` of the frame before, from which rotation channels go on without a jump in sign
        or by a turn. ValueError if the motion holds what is no number.
        """
        previous = previous or {}
        pose, bones = self.obj.pose.bones, self.obj.data.bones
        rotations, hips = self.retarget.canonical_to_rig(motion.rotations, motion.root_positions)
        basis = basis_rotations(self.rig, self.retarget, bones, rotations)
        hips_bone = self.mapping["Hips"]
        location = hips_locations(self.rig, bones[hips_bone], hips)
        channels = [Channel(pose[hips_bone].path_from_id("location"), location, hips_bone)]
        for bone in self.mapping.values():
            mode = pose[bone].rotation_mode
            path = pose[bone].path_from_id(rotation_property(mode))
            turns = basis[:, self.rig.names.index(bone)]
            values = rotation_channels(turns, mode, previous.get(path))
            channels.append(Channel(path, values, bone))
        if not all(np.isfinite(channel.values).all() for channel in channels):
            raise ValueError(
                "Expected numbers from the model, got NaN: please report this rig and what you "
                "generated."
            )
        return channels

    def rest_channels(self):
        """``[Channel, ...]`` with one row: what `settle` sets, as keys would hold it.

        Leftovers of an earlier pose on the chain that carries the body: bones above mapped bones
        go to rest, mapped bones lose a moved place (hips: keyed) or scale. Faces, fingers and
        other bones keep their pose.
        """
        mapped, seen, channels = set(self.mapping.values()), set(), []
        for name in self.mapping.values():
            bone = self.obj.pose.bones[name]
            keep = ("location",) if name == self.mapping["Hips"] else ()
            channels += _rest(bone, {"scale", "location"}.difference(keep))
            for parent in bone.parent_recursive:
                if parent.name not in mapped and parent.name not in seen:
                    seen.add(parent.name)
                    channels += _rest(parent, _REST)
        return channels

    def settle(self):
        """Set what `rest_channels` says on the rig itself: no key overrides it."""
        for channel in self.rest_channels():
            owner, _, name = channel.path.rpartition(".")
            setattr(self.obj.path_resolve(owner), name, channel.values[0])

    def sample(self, frames, fps):
        """The rig's evaluated poses at ``frames`` (numbers of the timeline) as a Motion.

        Constraints, drivers and the NLA count. fps: frames of the result a second. Returns a
        `core.motion.Motion` on `skeleton`, world space, metres.
        """
        rotations, heads = sample_pose(self.obj, self.rig, frames)
        hips = heads[:, self.rig.names.index(self.mapping["Hips"])]
        return retarget_motion(self.retarget, rotations, hips, fps)


_REST = {
    "location": (0.0, 0.0, 0.0),
    "rotation_quaternion": (1.0, 0.0, 0.0, 0.0),
    "rotation_euler": (0.0, 0.0, 0.0),
    "rotation_axis_angle": (0.0, 0.0, 1.0, 0.0),
    "scale": (1.0, 1.0, 1.0),
}


def _rest(bone, properties):
    """Channels that put properties of a pose bone to rest."""
    return [
        Channel(bone.path_from_id(name), np.array([value]), bone.name)
        for name, value in _REST.items()
        if name in properties
    ]
