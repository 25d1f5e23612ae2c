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


def draw_dance(column: bpy.types.UILayout, context: bpy.types.Context, settings: Any) -> None:
    """The options of a dance."""
    for name in ("duration", "style", "temperature", "radius"):
        field(column, settings.dance, name)
    for name in ("from_pose", "standing_end"):
        tick(column, settings.dance, name)
    more = fold(column, settings, "show_advanced", "Advanced")
    if more is not None:
        tick(more, settings.dance, "exact_windows")
    draw_keys(fold(column, settings, "show_keys", "Keys and Markers"), settings)
