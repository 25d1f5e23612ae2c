# SPDX-License-Identifier: GPL-3.0-or-later
"""F-curves that go on from the keys they have: what was before a frame stays as it was drawn."""

from __future__ import annotations

import functools
import itertools
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import bpy
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .channels import Channel


_AUTOMATIC = {"AUTO", "AUTO_CLAMPED", "VECTOR"}  # handles that move when a neighbour changes
_SIDES = ("handle_left", "handle_right")
FEW = 6  # keys that are quicker one by one than all as arrays
_EXACT = 1e-3  # frames: a key this near is on the frame


def ensure_curve(bag: Any, path: str, index: int, group: str) -> bpy.types.FCurve:
    """The F-curve of one property's index in an action's bag, made in its group if missing."""
    curve = bag.fcurves.find(path, index=index)
    if curve is None:
        curve = bag.fcurves.new(path, index=index)
        curve.group = bag.groups.get(group) or bag.groups.new(group)
        quaternion = path.endswith(("rotation_quaternion", "rotation_axis_angle"))
        curve.color_mode = "AUTO_YRGB" if quaternion else "AUTO_RGB"  # as keys set by hand
    return curve


def write_once(bag: Any, channel: Channel, frame: int) -> None:
    """One key of a channel with one row, which holds from then on and before."""
    for index, (value,) in enumerate(channel.values.T):
        curve = ensure_curve(bag, channel.path, index, channel.group)
        curve.keyframe_points.clear() if len(curve.keyframe_points) else None
        append_keys(curve, np.array([float(frame)]), [value], "CONSTANT")


def deselect(points: Any, first: int = 0) -> None:
    """Unselect keys from number ``first`` on: `add` selects what it adds."""
    names = "select_control_point", "select_left_handle", "select_right_handle"
    if len(points) - first <= FEW:
        for number, name in itertools.product(range(first, len(points)), names):
            setattr(points[number], name, False)
        return
    for name in names:
        chosen = np.empty(len(points), bool)
        points.foreach_get(name, chosen)
        chosen[first:] = False
        points.foreach_set(name, chosen)


def set_handles(
    curve: bpy.types.FCurve, count: int, times: np.ndarray, heights: np.ndarray
) -> None:
    """Handles of all keys but the first ``count``: frames and values ``(2, n)``, left and right."""
    points = curve.keyframe_points
    for number in range(count, len(points)):  # foreach_set does nothing to the types of handles
        points[number].handle_left_type = points[number].handle_right_type = "ALIGNED"
    for side, frames, values in zip(_SIDES, times, heights, strict=True):
        now = _read(curve, side, 2)
        now[count:] = np.stack([frames, values], -1)
        points.foreach_set(side, now.ravel())
    curve.update()


def interpolation_value(name: str) -> int:
    """Number of a keyframe interpolation such as "LINEAR", as arrays of keys hold it."""
    return enum_value("interpolation", name)


@functools.lru_cache(32)
def enum_value(field: str, name: str) -> int:
    """Number of a value of one of a key's enums, as arrays of keys hold it; the same for good."""
    return bpy.types.Keyframe.bl_rna.properties[field].enum_items[name].value


def cut_curve(curve: bpy.types.FCurve, frame: int, start: int) -> None:
    """Remove what comes after ``frame``; up to it the curve keeps its values on whole frames.

    Keys, handles and interpolations before it stay. Where the cut goes through a segment, keys on
    whole frames take over from the last key kept, and where modifiers show more than the keys,
    from frame ``start`` on. Linear extrapolation is a line from and to a key there.
    """
    frames = _read(curve, "co", 2)[:, 0]
    kept = int(np.searchsorted(frames, frame + _EXACT, "right"))
    active = [modifier for modifier in curve.modifiers if not modifier.mute]
    endless = curve.extrapolation == "LINEAR"
    if endless and kept and not active and start < frames[0] - _EXACT:
        _lead_to_first(curve, start)
        frames, kept = np.insert(frames, 0, start), kept + 1
    if active or (endless and not kept):
        kept, first = 0, int(min(start, np.ceil(frames[0])))
    else:
        first = int(np.floor(frames[kept - 1] + _EXACT)) + 1 if kept else frame
    drawn = np.arange(min(first, frame + 1), frame + 1)
    if kept and kept == len(frames):
        drawn = drawn[-1:]  # nothing but the last value is held up to the cut
    values = [curve.evaluate(int(number)) for number in drawn]
    with handles_kept(curve, kept):
        for modifier in active:
            curve.modifiers.remove(modifier)
        curve.extrapolation = "CONSTANT"
        points = curve.keyframe_points
        for number in range(len(frames) - 1, kept - 1, -1):
            points.remove(points[number], fast=True)
    append_keys(curve, drawn, values, "LINEAR")


def _lead_to_first(curve, frame):
    """A key on a frame before the first one, for what linear extrapolation shows from there on."""
    value, points = curve.evaluate(frame), curve.keyframe_points
    drawn = [_read(curve, side, 2) for side in _SIDES]
    points.insert(frame, value, options={"FAST"}).interpolation = "LINEAR"
    for side, before in zip(_SIDES, drawn, strict=True):
        points.foreach_set(side, np.concatenate([_read(curve, side, 2)[:1], before]).ravel())


@contextmanager
def handles_kept(curve: bpy.types.FCurve, count: int) -> Iterator[None]:
    """The handles of a curve's first ``count`` keys stay where they are, whatever is changed.

    Blender places automatic ones anew at many a change, also of what is no key: where an older
    Blender had drawn a curve they come elsewhere.
    """
    drawn = [_read(curve, side, 2)[:count] for side in _SIDES]
    yield
    for side, before in zip(_SIDES, drawn, strict=True):
        now = _read(curve, side, 2)
        now[:count] = before
        curve.keyframe_points.foreach_set(side, now.ravel())


def append_keys(
    curve: bpy.types.FCurve,
    frames: np.ndarray,
    values: Sequence[float] | np.ndarray,
    interpolation: str,
    handles: tuple[np.ndarray, np.ndarray] | None = None,
) -> None:
    """Keys after the last one of a curve, which leads to them in a line; the rest stays.

    frames, values: ``(n,)``, ascending and later than the curve's own keys. handles: frames and
    values ``(2, n)`` of those of Bezier keys, left and right.
    """
    points, count = curve.keyframe_points, len(curve.keyframe_points)
    if not len(frames):
        return
    if count:
        _freeze(points[count - 1])
    with handles_kept(curve, count):
        points.add(len(frames))
        deselect(points, count)
        co = _read(curve, "co", 2)
        co[count:, 0], co[count:, 1] = frames, values
        points.foreach_set("co", co.ravel())
        kinds = _read(curve, "interpolation", 1, np.int32).ravel()
        # To a first Bezier key too the last one leads in a line: they are a frame apart.
        kinds[max(count - 1, 0) : count] = interpolation_value(
            "LINEAR" if handles else interpolation
        )
        kinds[count:] = interpolation_value(interpolation)
        points.foreach_set("interpolation", kinds)
        curve.update()
        if handles is not None:
            set_handles(curve, count, *handles)


@dataclass(frozen=True)
class StoredKey:
    """A key to the digit, with what is drawn after it."""

    co: tuple
    handle_left: tuple
    handle_right: tuple
    handle_left_type: str
    handle_right_type: str
    interpolation: str
    easing: str
    back: float
    amplitude: float
    period: float
    type: str


def keys_after(curve: bpy.types.FCurve, frame: float) -> list[StoredKey]:
    """The keys of a curve after a frame, as `StoredKey`s."""
    names = [field.name for field in fields(StoredKey)]
    return [
        StoredKey(*(_value(getattr(point, name)) for name in names))
        for point in curve.keyframe_points
        if point.co[0] > frame + _EXACT
    ]


def put_back(curve: bpy.types.FCurve, key: StoredKey) -> None:
    """A `StoredKey` after the last key of a curve, which leads to it as it did to others.

    Its handles stay where they were, whatever stands beside it now.
    """
    points = curve.keyframe_points
    with handles_kept(curve, len(points)):
        points.add(1)
        point = points[-1]
        for name in ("interpolation", "easing", "back", "amplitude", "period", "type"):
            setattr(point, name, getattr(key, name))
        for side in ("left", "right"):
            kind = getattr(key, f"handle_{side}_type")
            setattr(point, f"handle_{side}_type", "FREE" if kind in _AUTOMATIC else kind)
        point.co, point.handle_left, point.handle_right = key.co, key.handle_left, key.handle_right
        curve.update()


def _value(value):
    return value if isinstance(value, (str, float)) else tuple(value)


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
