# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of rigs that walk, in a collection of their own; all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import numpy as np

from ..files.copies import copied
from ..keys import action as actions
from ..rig import rest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..keys.channels import Channel
    from .scene import Figure

_NAME, _TITLE = "Crowd", "Walk"  # of the collection, and before the names of actions


class People:
    """``with People(scene) as people:``, then `add` one by one. name: of their collection."""

    def __init__(self, scene):
        self._scene, self._made, self._count = scene, [], 0

    def __enter__(self):
        self._collection = bpy.data.collections.new(_NAME)
        self.name = self._collection.name
        try:
            self._scene.collection.children.link(self._collection)
        except BaseException:
            bpy.data.collections.remove(self._collection)
            raise
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            return
        bpy.data.batch_remove([*self._made, self._collection])

    def add(self, figure: Figure, channels: Sequence[Channel], first: int) -> bpy.types.Object:
        """A copy of a figure's rig, meshes and all, with keys from a frame on: the new rig."""
        self._count += 1
        obj = copied(figure.object, self._collection, self._made)
        obj.name = f"{figure.object.name} {self._count:03d}"
        obj.quaternet_takes.items.clear()
        if obj.animation_data is not None:  # what the copied rig did is not for this one
            obj.animation_data.action = None
            for track in list(obj.animation_data.nla_tracks):
                obj.animation_data.nla_tracks.remove(track)
        rest.settle(obj, figure.driver.rest_channels)
        draft = actions.Draft(obj, f"{_TITLE} {obj.name}")
        bag = draft.bag
        for channel in channels:
            frames = first + np.arange(len(channel.values), dtype=float)
            actions.write_channels(bag, channel, frames)
        draft.assign()
        return obj
