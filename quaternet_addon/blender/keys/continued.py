# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves that go on: what was before stays as it is, new keys come after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .fcurves import append_keys, cut_curve, ensure_curve

if TYPE_CHECKING:
    from typing import Any

    import bpy

    from ...core.keys.reduction import Keys
    from .channels import Channel


_SAME = 1e-6  # difference of a property from its rest that nobody sees


@dataclass(frozen=True)
class Past:
    """What the properties of a rig did up to a frame, and how keys go on from it.

    now: that frame. start: the first one that the user sees. values: data path -> values ``(n,)``
    at ``now``. history: data path -> values ``(T, n)`` of the frames up to ``now``, of properties
    without keys that strips move.
    """

    now: int
    start: int
    values: dict
    history: dict

    def append(self, bag: Any, channel: Channel, keys: Keys | None) -> None:
        """The keys of a `channels.Channel` after those that there are.

        bag: the owner of F-curves. keys: `core.keys.reduction.Keys`, None: one for every row.
        """
        first = self.now + 1
        frames = first + np.arange(len(channel.values), dtype=float)
        for index, values in enumerate(channel.values.T):
            curve = self.curve_so_far(bag, channel, index)
            if keys is None:
                append_keys(curve, frames, values, channel.interpolation)
                continue
            times, heights = keys.handles()
            handles = first + times, heights[..., index]
            append_keys(curve, first + keys.frames, keys.values[:, index], "BEZIER", handles)

    def rest(self, bag: Any, channel: Channel) -> None:
        """A channel with one row is at rest from the next frame on, where it would not be."""
        for index, (value,) in enumerate(channel.values.T):
            if self._is_off(bag, channel.path, index, value):
                curve = self.curve_so_far(bag, channel, index)
                append_keys(curve, np.array([self.now + 1.0]), [value], "CONSTANT")

    def _is_off(self, bag, path, index, rest):
        """Is a property anywhere but at rest now or, by its old keys, later?"""
        curve = bag.fcurves.find(path, index=index)
        later = curve is not None and any(p.co[0] > self.now for p in curve.keyframe_points)
        return later or abs(self.values[path][index] - rest) > _SAME

    def curve_so_far(self, bag: Any, channel: Channel, index: int) -> bpy.types.FCurve:
        """The curve of a property up to now; its keys are the old ones, or hold its value."""
        path = channel.path
        curve = bag.fcurves.find(path, index=index)
        if curve is not None and len(curve.sampled_points):  # Graph editor > Bake Curve
            first, last = curve.range()
            curve.convert_to_keyframes(int(first), int(last) + 1)
        if curve is not None and (curve.mute or not len(curve.keyframe_points)):
            bag.fcurves.remove(curve)  # plays nothing: the property itself showed
            curve = None
        if curve is not None:
            cut_curve(curve, self.now, self.start)
            return curve
        curve = ensure_curve(bag, path, index, channel.group)
        frames, values = np.array([self.now]), np.array([self.values[path][index]])
        history = self.history.get(path)
        if history is not None and np.ptp(history[:, index]) > _SAME:
            frames = np.arange(self.now - len(history) + 1, self.now + 1)
            values = history[:, index]
        append_keys(curve, frames, values, "LINEAR")
        return curve


def show_all_frames(action: bpy.types.Action) -> None:
    """A frame range that the user set by hand, or a cycle, ends where our keys begin."""
    if action.use_frame_range:
        action.use_frame_range = False
    action.use_cyclic = False
