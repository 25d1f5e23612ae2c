# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user's own keys switch over later, and what makes ours show otherwise then."""

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
    """Warnings, up to two, of what changes on the body by its keys after a frame.

    Those are constraints, which win over our keys, and rotation modes, which show others.

    mapping: canonical joint -> bone name. curves: what goes on playing beside our keys.
    """
    changing = {curve.data_path for curve in curves if _changes(curve, now)}
    if not changing:
        return []
    body = {*mapping.values()}
    body |= {p.name for name in body for p in obj.data.bones[name].parent_recursive}
    told = []
    if constraints := _constraints(obj, body, changing):
        told.append(
            f"constraints change by their keys after frame {now}, and win over ours: "
            f"{_named(constraints)}"
        )
    paths = {name: obj.pose.bones[name].path_from_id("rotation_mode") for name in sorted(body)}
    if modes := [repr(name) for name, path in paths.items() if path in changing]:
        told.append(
            f"rotation modes change by their keys after frame {now}, and our keys do not show "
            f"from there on: {_named(modes)}"
        )
    return told


def _constraints(obj, body, changing):
    """Those that turn bones of the body and are switched by one of the changing paths."""
    return [
        f"{constraint.name!r} ({bone.name!r})"
        for bone in obj.pose.bones
        for constraint in bone.constraints
        if constraint.type not in HARMLESS
        and changing & {constraint.path_from_id(name) for name in _SWITCHES}
        and body & {moved.name for moved in turned_by(bone, constraint)}
    ]


def _named(found):
    return ", ".join(found[:4]) + (" and others" if len(found) > 4 else "")


def _changes(curve, now):
    """Has a switch other values after a frame than on it?"""
    if not curve.data_path.endswith((*_SWITCHES, "rotation_mode")) or not plays(curve):
        return False
    before = curve.evaluate(now)
    later = [point.co[1] for point in curve.keyframe_points if point.co[0] > now]
    return any(abs(value - before) > _SAME for value in later)
