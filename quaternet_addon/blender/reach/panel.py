# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of reaching a pose, as the tab shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..interface.layout import field, fold, wrapped
from ..keys.panel import draw_keys

if TYPE_CHECKING:
    import bpy


def reach_seconds(context: bpy.types.Context, settings: bpy.types.PropertyGroup) -> None:
    """Not known before the keys are read."""
    return


def draw_reach(
    column: bpy.types.UILayout, context: bpy.types.Context, settings: bpy.types.PropertyGroup
) -> None:
    """Which poses are reached, and what to do first."""
    wrapped(column, "Key a pose on a later frame, then go to the last frame to keep", icon="INFO")
    field(column, settings.reach, "frames")
    draw_keys(fold(column, settings, "show_keys", "Keys and Markers"), settings)
