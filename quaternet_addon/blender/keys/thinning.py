# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys as an animator wants them: all frames, every n-th, or the fewest within a tolerance.

Channels come from a `rig.driver.Driver`; the F-curves that the action has already are given new
keys, so that a motion can be written into its own action again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.keys.reduction import (
    contact_edges,
    every,
    hips_tolerance,
    joint_tolerance,
    keys_at,
    reduce_many,
)
from .fcurves import FEW, deselect, ensure_curve, enum_value, set_handles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import bpy

    from ...core.body.motion import Motion
    from ...core.keys.reduction import Keys
    from .action import Bound, Draft
    from .channels import Channel


_NOTHING = 1e-12  # smaller values of keys are rounding
_KINDS = {
    "rotation_quaternion": "QUATERNION",
    "rotation_euler": "EULER",
    "rotation_axis_angle": "AXIS_ANGLE",
}
_COLOURS = {"Left": "THEME04", "LHip": "THEME04", "Righ": "THEME01", "RHip": "THEME01"}
_COLOURS[""] = "THEME03"
_FEET = ("Left foot", "Right foot")
_PLANTED = 0.005  # metres that a planted foot may move by fewer keys; less where asked
_STILL = 1e-7  # a channel that changes less is one key


def write_motion(
    draft: Draft | Bound,
    channels: Sequence[Channel],
    first: int,
    motion: Motion,
    options: Any,
    driver: Any,
) -> None:
    """Key channels from frame ``first`` on, as ``options`` (with those of `core.keys.options`) say.

    draft: the action. channels: `channels.Channel`s with a row for each frame.
    motion: the core Motion they come from. driver: the `rig.driver.Driver`: mapping and size.
    """
    for channel, keys in keys_of(channels, motion, options, driver):
        if keys is None:
            _write_plain(draft, channel, first)
        else:
            _write_bezier(draft.bag, channel, keys, first)


def keys_of(
    channels: Sequence[Channel], motion: Motion, options: Any, driver: Any
) -> list[tuple[Channel, Keys | None]]:
    """``[(channel, Keys or None), ...]``, see `write_motion`. None: a key for every row."""
    smooth = [c for c in channels if c.interpolation == "LINEAR" and len(c.values) > 1]
    if options.keys == "ALL":
        smooth = []
    thinned = {id(c): keys for c, keys in _thinned(smooth, motion, options, driver)}
    return [(channel, thinned.get(id(channel))) for channel in channels]


def colour_groups(bag: Any, mapping: Mapping[str, str]) -> None:
    """Left blue, right red, the middle green: groups that have no colour of somebody's choice."""
    for joint, bone in mapping.items():
        group = bag.groups.get(bone)
        if group is not None and group.color_set == "DEFAULT":
            group.color_set = _COLOURS.get(joint[:4], _COLOURS[""])


def mark_contacts(action: bpy.types.Action, first: int, motion: Motion) -> None:
    """Pose markers of an action where feet come down and leave, from frame ``first`` on.

    Older ones of ours there go first.
    """
    markers = action.pose_markers
    for marker in [m for m in markers if m.name.startswith(_FEET) and m.frame >= first]:
        markers.remove(marker)
    if motion.contacts is None:
        return
    for frame, foot, lands in contact_edges(motion.contacts):
        marker = markers.new(f"{_FEET[foot]} {'down' if lands else 'up'}")
        marker.frame = first + frame


def _thinned(channels, motion, options, driver):
    """``(channel, Keys)`` of every channel."""
    if options.keys == "NTH":
        frames = every(len(motion), options.key_step)
        return [(channel, keys_at(channel.values, frames)) for channel in channels]
    contacts = motion.contacts
    contacts = np.zeros((len(motion), 2), bool) if contacts is None else contacts
    joints = {bone: joint for joint, bone in driver.mapping.items()}
    by_kind = {}
    for channel in channels:
        kind = _KINDS.get(channel.path.rpartition(".")[2], "VECTOR")
        by_kind.setdefault((kind, channel.values.shape), []).append(channel)
    found = []
    for (kind, _), alike in by_kind.items():
        limits = [_limits(channel, kind, joints, contacts, options, driver) for channel in alike]
        values = np.stack([channel.values for channel in alike])
        found += zip(alike, reduce_many(values, np.stack(limits), kind), strict=True)
    return found


def _limits(channel, kind, joints, contacts, options, driver):
    """Tolerance of a channel at each frame, in its own unit."""
    planted = min(_PLANTED, options.key_distance)
    if kind == "VECTOR":
        limits = hips_tolerance(contacts, options.key_distance, planted)
        return limits / (driver.rig.size * driver.rig.unit)
    joint, legs = joints.get(channel.group, ""), driver.skeleton.leg_length
    return joint_tolerance(joint, contacts, np.degrees(options.key_angle), planted, legs)


def _write_plain(draft, channel, first):
    values = np.asarray(channel.values)
    if channel.interpolation != "LINEAR" and np.ptp(values, axis=0).max(initial=0.0) < _STILL:
        values = values[:1]
    frames = first + np.arange(len(values), dtype=float)
    pairs = _pairs(frames, values.T)
    for index, co in enumerate(pairs):
        curve, had = _emptied(draft.bag, channel, index, len(frames))
        curve.keyframe_points.foreach_set("co", co)
        if draft.again and had == len(frames):
            continue
        _fill(curve.keyframe_points, "interpolation", channel.interpolation)
        curve.update()


def _write_bezier(bag, channel, keys, first):
    """Keys with handles: cubic curves whose handles lie a third of the way to the next key."""
    times, heights = keys.handles()
    for index in range(keys.values.shape[1]):
        curve, _ = _emptied(bag, channel, index, len(keys.frames))
        points = curve.keyframe_points
        (co,) = _pairs(first + keys.frames, keys.values[None, :, index])
        points.foreach_set("co", co)
        _fill(points, "interpolation", "BEZIER")
        set_handles(curve, 0, first + times, heights[..., index])


def _pairs(frames, values):
    """What `foreach_set` takes, for each row of ``values: (n, T)``: ``(n, 2 T)``.

    Rounding where nothing turns would differ from run to run.
    """
    pairs = np.empty((*values.shape, 2), np.float32)
    pairs[..., 0] = frames
    pairs[..., 1] = np.where(np.abs(values) < _NOTHING, 0.0, values)
    return pairs.reshape(len(values), -1)


def _emptied(bag, channel, index, count):
    """The F-curve of a property's index with ``count`` keys to be filled; how many it had."""
    curve = ensure_curve(bag, channel.path, index, channel.group)
    points = curve.keyframe_points
    had = before = len(points)
    if count < had <= count + FEW:
        for _ in range(had - count):
            points.remove(points[-1], fast=True)
        had = count
    if had > count:  # none of them is known by its number
        points.clear()
        had = 0
    if had < count:
        points.add(count - had)
        deselect(points, had)
    return curve, before


def _fill(points, name, value):
    points.foreach_set(name, np.full(len(points), enum_value(name, value), np.int32))
