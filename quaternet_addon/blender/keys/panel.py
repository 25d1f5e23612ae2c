# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of keys, as the tab shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..interface.layout import tick

if TYPE_CHECKING:
    import bpy


def draw_keys(column: bpy.types.UILayout | None, settings: bpy.types.PropertyGroup) -> None:
    """The options of keys; column: of `fold`, None: folded away."""
    if column is None:
        return
    column.prop(settings, "keys")
    if settings.keys == "NTH":
        column.prop(settings, "key_step")
    if settings.keys == "FEWEST":
        column.prop(settings, "key_angle")
        column.prop(settings, "key_distance")
    tick(column, settings, "contact_markers")
