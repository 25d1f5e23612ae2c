# SPDX-License-Identifier: GPL-3.0-or-later
"""F-curves that go on from the keys they have: what was before a frame stays as it was drawn."""

import bpy
import numpy as np

_AUTOMATIC = {"AUTO", "AUTO_CLAMPED", "VECTOR"}  # handles that move when a neighbour changes
_EXACT = 1e-3  # frames: a key this near is on the frame


def ensure_curve(bag, path, index, group):
    """The F-curve of one property's index in an action's bag, made in its group if missing."""
    curve = bag.fcurves.find(path, index=index)
    if curve is None:
        curve = bag.fcurves.new(path, index=index)
        curve.group = bag.groups.get(group) or bag.groups.new(group)
        quaternion = path.endswith(("rotation_quaternion", "rotation_axis_angle"))
        curve.color_mode = "AUTO_YRGB" if quaternion else "AUTO_RGB"  # as keys set by hand
    return curve


def deselect(points, first=0):
    """Unselect keys from number ``first`` on: `add` selects what it adds."""
    for name in ("select_control_point", "select_left_handle", "select_right_handle"):
        chosen = np.empty(len(points), bool)
        points.foreach_get(name, chosen)
        chosen[first:] = False
        points.foreach_set(name, chosen)


def set_handles(curve, count, times, heights):
    """Handles of all keys but the first ``count``: frames and values ``(2, n)``, left and right."""
    points = curve.keyframe_points
    for number in range(count, len(points)):  # foreach_set does nothing to the types of handles
        points[number].handle_left_type = points[number].handle_right_type = "ALIGNED"
    for side, frames, values in zip(("handle_left", "handle_right"), times, heights, strict=True):
        now = _read(curve, side, 2)
        now[count:] = np.stack([frames, values], -1)
        points.foreach_set(side, now.ravel())
    curve.update()


def interpolation_value(name):
    """Number of a keyframe interpolation such as "LINEAR", as arrays of keys hold it."""
    return bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items[name].value


def cut_curve(curve, frame, start):
    """Remove what comes after ``frame``; up to it the curve keeps its values on whole frames.

    Keys, handles and interpolations before it stay. Where the cut goes through a segment, or
    what the curve shows is more than its keys (modifiers, linear extrapolation), keys on whole
    frames take over: from the last key kept, or from frame ``start`` on.
    """
    frames = _read(curve, "co", 2)[:, 0]
    kept = int(np.searchsorted(frames, frame + _EXACT, "right"))
    active = [modifier for modifier in curve.modifiers if not modifier.mute]
    if active or curve.extrapolation == "LINEAR":
        kept, first = 0, int(min(start, np.ceil(frames[0])))
    else:
        first = int(np.floor(frames[kept - 1] + _EXACT)) + 1 if kept else frame
    drawn = np.arange(min(first, frame + 1), frame + 1)
    if kept and kept == len(frames):
        drawn = drawn[-1:]  # nothing but the last value is held up to the cut
    values = [curve.evaluate(int(number)) for number in drawn]
    for modifier in active:
        curve.modifiers.remove(modifier)
    curve.extrapolation = "CONSTANT"
    points = curve.keyframe_points
    for number in range(len(frames) - 1, kept - 1, -1):
        points.remove(points[number], fast=True)
    append_keys(curve, drawn, values, "LINEAR")


def append_keys(curve, frames, values, interpolation, handles=None):
    """Keys after the last one of a curve, which leads to them in a line; the rest stays.

    frames, values: ``(n,)``, ascending and later than the curve's own keys. handles: frames and
    values ``(2, n)`` of those of Bezier keys, left and right.
    """
    points, count = curve.keyframe_points, len(curve.keyframe_points)
    if not len(frames):
        return
    if count:
        _freeze(points[count - 1])
    drawn = [_read(curve, side, 2) for side in ("handle_left", "handle_right")]
    points.add(len(frames))
    deselect(points, count)
    co = _read(curve, "co", 2)
    co[count:, 0], co[count:, 1] = frames, values
    points.foreach_set("co", co.ravel())
    kinds = _read(curve, "interpolation", 1, np.int32).ravel()
    # To a first Bezier key too the last one leads in a line: they are a frame apart.
    kinds[max(count - 1, 0) : count] = interpolation_value("LINEAR" if handles else interpolation)
    kinds[count:] = interpolation_value(interpolation)
    points.foreach_set("interpolation", kinds)
    curve.update()
    if handles is not None:
        set_handles(curve, count, *handles)
    if not count:
        return
    for side, before in zip(("handle_left", "handle_right"), drawn, strict=True):
        now = _read(curve, side, 2)
        now[:count] = before  # automatic handles have just been moved by the new neighbours
        points.foreach_set(side, now.ravel())


def _freeze(point):
    """Keep a key's handles where they are, whatever follows it."""
    left, right = tuple(point.handle_left), tuple(point.handle_right)
    if point.handle_left_type in _AUTOMATIC:
        point.handle_left_type = "FREE"
    if point.handle_right_type in _AUTOMATIC:
        point.handle_right_type = "FREE"
    point.handle_left, point.handle_right = left, right


def _read(curve, attribute, width, kind=np.float32):
    points = curve.keyframe_points
    buffer = np.empty(len(points) * width, kind)
    points.foreach_get(attribute, buffer)
    return buffer.reshape(-1, width)
