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
_SHORTLY = 0.05  # frames after the cut: Blender takes keys within 0.01 for one


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

    def append(
        self, bag: Any, channel: Channel, keys: Keys | None, start: np.ndarray | None = None
    ) -> None:
        """The keys of a `channels.Channel` after those that there are.

        bag: the owner of F-curves. keys: `core.keys.reduction.Keys`, None: one for every row.
        start: ``(n,)``, where the property stands for the same pose as before once what is above
        it has gone to rest, see `rest`; None: nothing above it does.
        """
        first = self.now + 1
        frames = first + np.arange(len(channel.values), dtype=float)
        for index, values in enumerate(channel.values.T):
            curve = self.curve_so_far(bag, channel, index)
            if start is not None:
                append_keys(curve, np.array([self.now + _SHORTLY]), [start[index]], "LINEAR")
                curve.keyframe_points[-2].interpolation = "CONSTANT"
            if keys is None:
                append_keys(curve, frames, values, channel.interpolation)
                continue
            times, heights = keys.handles()
            handles = first + times, heights[..., index]
            append_keys(curve, first + keys.frames, keys.values[:, index], "BEZIER", handles)

    def rest(self, bag: Any, channel: Channel, at_once: bool = False) -> None:
        """A channel with one row is at rest from the next frame on, where it would not be.

        at_once: before that, as what is below it makes up for it, see `append`.
        """
        for index, (value,) in enumerate(channel.values.T):
            if self._is_off(bag, channel.path, index, value):
                curve = self.curve_so_far(bag, channel, index)
                frame = self.now + (_SHORTLY if at_once else 1.0)
                kind = "CONSTANT" if at_once else "LINEAR"  # as what is below it goes
                append_keys(curve, np.array([frame]), [value], kind)

    def fade(self, bag: Any, channel: Channel, left: np.ndarray) -> None:
        """A channel with one row comes to rest softly. left: of what it is now ``(T,)``, 1 to 0."""
        frames = self.now + 1 + np.arange(1 + int(np.argmin(left)), dtype=float)
        for index, (value,) in enumerate(channel.values.T):
            off = self.values[channel.path][index] - value
            if self._is_off(bag, channel.path, index, value):
                curve = self.curve_so_far(bag, channel, index)
                append_keys(curve, frames, value + left[: len(frames)] * off, "LINEAR")

    def is_off(self, channel: Channel) -> bool:
        """Is a channel with one row anywhere but there now?"""
        return bool(np.abs(self.values[channel.path] - channel.values[0]).max() > _SAME)

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
