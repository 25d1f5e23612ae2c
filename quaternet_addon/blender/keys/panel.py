# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of keys, as the tab shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..interface.layout import field, tick

if TYPE_CHECKING:
    from typing import Any

    import bpy


_MORE = {"NTH": ("key_step",), "FEWEST": ("key_angle", "key_distance")}


def used_keys(options: Any) -> tuple[str, ...]:
    """Names of the options of keys that mean something, in order. options: with their values."""
    return ("keys", *_MORE.get(options.keys, ()), "contact_markers")


def draw_keys(column: bpy.types.UILayout | None, settings: bpy.types.PropertyGroup) -> None:
    """The options of keys; column: of `fold`, None: folded away."""
    if column is None:
        return
    for name in used_keys(settings):
        if name == "contact_markers":
            tick(column, settings, name)
        else:
            field(column, settings, name)
