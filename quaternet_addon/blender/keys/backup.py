# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of an action as arrays, to put back what a rewriting that failed has left.

Reading them makes no data-block: removing one would have Blender rebuild its dependency graph,
which in a heavy scene takes longer than the keys themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import numpy as np

from .fcurves import enum_value

if TYPE_CHECKING:
    from typing import Any


_ARRAYS = {"co": 2, "interpolation": 1}
_HANDLES = {"handle_left": 2, "handle_right": 2}
_SIDES = ("handle_left_type", "handle_right_type")
_INTEGERS = {"interpolation", *_SIDES}
_AUTOMATIC = ("AUTO", "AUTO_CLAMPED")
_AS_ARRAYS = bpy.app.version >= (4, 2, 0)  # 3.4 gives no sides at once, and takes none


class KeyBackup:
    """All F-curves of one object in an action. target: an `action.Draft` or `action.Bound`."""

    def __init__(self, target):
        self._target = target
        self._curves = [_Curve(curve) for curve in target.bag.fcurves]
        self._markers = [(marker.name, marker.frame) for marker in target.action.pose_markers]
        action = target.action
        self._range = action.use_frame_range, action.use_cyclic

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self.restore()

    def on(self, target: Any) -> KeyBackup:
        """This backup for the same action, looked up anew: Blender may have moved what was held."""
        self._target = target
        return self

    def restore(self) -> None:
        """Make the action what it was."""
        bag, action = self._target.bag, self._target.action
        for curve in list(bag.fcurves):
            bag.fcurves.remove(curve)
        for curve in self._curves:
            curve.restore(bag)
        used = {curve.group.name for curve in bag.fcurves if curve.group}
        for group in [group for group in bag.groups if group.name not in used]:
            bag.groups.remove(group)
        while len(action.pose_markers):
            action.pose_markers.remove(action.pose_markers[0])
        for name, frame in self._markers:
            action.pose_markers.new(name).frame = frame
        action.use_frame_range, action.use_cyclic = self._range


class _Curve:
    def __init__(self, curve):
        self._place = curve.data_path, curve.array_index
        self._group = curve.group.name if curve.group else None
        self._look = curve.extrapolation, curve.color_mode, curve.mute
        points = curve.keyframe_points
        self._count = len(points)
        self._sides = [_read_side(points, side) for side in _SIDES]
        # Handles that Blender places need not be read: with thousands of keys that takes time.
        placed = all(_all_automatic(kinds) for kinds in self._sides)
        arrays = _ARRAYS if placed else _ARRAYS | _HANDLES
        self._arrays = {name: _read(points, name, width) for name, width in arrays.items()}
        self._cycles = [
            (modifier.mode_before, modifier.mode_after)
            for modifier in curve.modifiers
            if modifier.type == "CYCLES"
        ]

    def restore(self, bag: Any) -> None:
        path, index = self._place
        curve = bag.fcurves.new(path, index=index)
        if self._group:
            curve.group = bag.groups.get(self._group) or bag.groups.new(self._group)
        curve.extrapolation, curve.color_mode, curve.mute = self._look
        points = curve.keyframe_points
        points.add(self._count)
        for side, kinds in zip(_SIDES, self._sides, strict=True):
            if _AS_ARRAYS:
                points.foreach_set(side, kinds)
                continue
            for point, kind in zip(points, kinds, strict=True):
                setattr(point, side, kind)
        for name, values in self._arrays.items():
            points.foreach_set(name, values)
        for before, after in self._cycles:
            cycles = curve.modifiers.new("CYCLES")
            cycles.mode_before, cycles.mode_after = before, after
        curve.update()


def _read(points, name, width):
    values = np.empty(len(points) * width, np.int32 if name in _INTEGERS else np.float32)
    points.foreach_get(name, values)
    return values


def _all_automatic(kinds):
    if not _AS_ARRAYS:
        return set(kinds) <= set(_AUTOMATIC)
    if not len(kinds):
        return True
    if (kinds != kinds[0]).any():  # they are alike wherever nobody has been at work
        return False
    return int(kinds[0]) in [enum_value("handle_left_type", name) for name in _AUTOMATIC]


def _read_side(points, side):
    return _read(points, side, 1) if _AS_ARRAYS else [getattr(point, side) for point in points]
