# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a dance, as the tab shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..interface.layout import field, fold, tick
from ..keys.panel import draw_keys

if TYPE_CHECKING:
    from typing import Any

    import bpy


def dance_seconds(context: bpy.types.Context, settings: Any) -> float:
    """How long the panel's dance lasts."""
    return settings.dance.duration


_FOLDED = ("exact_windows",)
_TICKS = ("from_pose", "standing_end", *_FOLDED)


def used_by_dance(options: Any) -> list[str]:
    """Names of the options of a dance that mean something, in order.

    options: with their values. Who goes on from the current pose begins with what that leads to.
    """
    style = () if options.from_pose else ("style",)
    return ["duration", *style, "temperature", "radius", *_TICKS]


def draw_dance(column: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """The options of a dance."""
    more = None
    for name in used_by_dance(settings.dance):
        if name in _FOLDED:
            more = fold(column, settings, "show_advanced", "Advanced")
        place = more if name in _FOLDED else column
        if place is not None:
            (tick if name in _TICKS else field)(place, settings.dance, name)
    draw_keys(fold(column, settings, "show_keys", "Keys and Markers"), settings)
