# SPDX-License-Identifier: GPL-3.0-or-later
"""Constraints that the user's own keys switch over later: where they act they win over ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..keys.action import plays
from .movers import HARMLESS, turned_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import bpy


_SWITCHES = ("influence", "mute", "enabled")
_SAME = 1e-3  # of an influence


def told_later(
    obj: bpy.types.Object,
    mapping: Mapping[str, str],
    curves: Iterable[bpy.types.FCurve],
    now: int,
) -> list[str]:
    """Warnings, none or one, of constraints on the body that change by their keys after a frame.

    mapping: canonical joint -> bone name. curves: what goes on playing beside our keys.
    """
    changing = {curve.data_path for curve in curves if _changes(curve, now)}
    if not changing:
        return []
    body = {*mapping.values()}
    body |= {p.name for name in body for p in obj.data.bones[name].parent_recursive}
    found = [
        f"{constraint.name!r} ({bone.name!r})"
        for bone in obj.pose.bones
        for constraint in bone.constraints
        if constraint.type not in HARMLESS
        and changing & {constraint.path_from_id(name) for name in _SWITCHES}
        and body & {moved.name for moved in turned_by(bone, constraint)}
    ]
    if not found:
        return []
    named = ", ".join(found[:4]) + (" and others" if len(found) > 4 else "")
    return [f"constraints change by their keys after frame {now}, and win over ours: {named}"]


def _changes(curve, now):
    """Has a switch other values after a frame than on it?"""
    if not curve.data_path.endswith(_SWITCHES) or not plays(curve):
        return False
    before = curve.evaluate(now)
    later = [point.co[1] for point in curve.keyframe_points if point.co[0] > now]
    return any(abs(value - before) > _SAME for value in later)
