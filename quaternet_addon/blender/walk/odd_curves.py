# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves that nobody can walk along: those that move with the walker, and those like walls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..rig.movers import acts

if TYPE_CHECKING:
    import bpy

    from ...core.walk.path import Path


_STEEPEST = 45.0  # degrees over the window: stairs are at 34
_WINDOW = 0.5  # metres, in lengths of a person's legs
_POINTS = 400


def require_own_way(curve: bpy.types.Object, rig: bpy.types.Object, travels: bool) -> None:
    """ValueError for a curve that hangs on the rig that is to walk along it.

    travels: the armature object itself goes along, not only bones of it.
    """
    thing: bpy.types.Object | None = curve
    while thing is not None:
        if _hangs_on(thing, rig, travels):
            raise ValueError(
                f"Curve {curve.name!r} hangs on the armature {rig.name!r} that is to walk along "
                "it, so it would move with every step. Clear its parent (Object > Parent > Clear "
                "and Keep Transformation), its constraints or its modifiers."
            )
        thing = thing.parent


def _hangs_on(thing, rig, travels):
    """Do a rig's bones move an object or its points, or the rig's object, if that travels?"""
    if thing.parent == rig and (travels or thing.parent_type == "BONE"):
        return True
    for constraint in filter(acts, thing.constraints):
        targets = getattr(constraint, "targets", None) or [constraint]
        if any(_aims_at(target, "target", rig, travels) for target in targets):
            return True
    shown = [modifier for modifier in thing.modifiers if modifier.show_viewport]
    return any(
        modifier.type in ("HOOK", "ARMATURE")
        and _aims_at(modifier, "object", rig, travels or modifier.type == "ARMATURE")
        for modifier in shown
    )


def _aims_at(holder, attribute, rig, travels):
    target = getattr(holder, attribute, None)
    return target == rig and (travels or bool(getattr(holder, "subtarget", "")))


def steep(name: str, path: Path, leg_length: float) -> list[str]:
    """A sentence for a path that climbs as nobody walks; none for others. leg_length: metres."""
    window = _WINDOW * leg_length
    places = np.linspace(0.0, max(path.length - window, 0.0), _POINTS)
    rise = np.abs(path.height(np.minimum(places + window, path.length)) - path.height(places))
    angle = float(np.degrees(np.arctan(rise.max() / min(window, path.length))))
    if angle <= _STEEPEST:
        return []
    return [f"{name!r} climbs at up to {angle:.0f} degrees: nobody walks so steeply"]
