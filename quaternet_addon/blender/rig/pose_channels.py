# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations and places of pose bones as the channels that hold them."""

from types import MappingProxyType

from ..keys.channels import Channel, rotation_channels, rotation_property


class PoseChannels:
    """Makes the channels of one rig's bones; locked ones are left out or stay as they are.

    rig: `armature.Rig`. locks: `locks.Locks`.
    """

    def __init__(self, obj, rig, locks):
        self._pose, self._names, self._locks = obj.pose.bones, rig.names, locks

    def __call__(self, basis, locations, previous=MappingProxyType({})):
        """Channels of basis rotations ``(T, 4)`` and locations ``(T, 3)``, by bone index.

        previous: data path -> values ``(n,)`` of the frame before, from which rotations go on.
        """
        channels = []
        for bone, values in locations.items():
            name = self._names[bone]
            channel = Channel(self._pose[name].path_from_id("location"), values, name)
            channels.append(self._locks.location(channel))
        for bone, turns in basis.items():
            name = self._names[bone]
            if self._locks.is_fixed(bone):
                continue
            mode = self._pose[name].rotation_mode
            path = self._pose[name].path_from_id(rotation_property(mode))
            values = rotation_channels(turns, mode, previous.get(path))
            channels.append(Channel(path, values, name))
        return channels
