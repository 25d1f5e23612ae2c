# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a continuation, as the tab shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..interface.late import Late
from ..interface.layout import field, fold, wrapped
from ..keys.panel import draw_keys

if TYPE_CHECKING:
    from typing import Any

    import bpy


class _Shipped:
    """The shipped model, read when it is first spoken of."""

    reliable_seconds = Late("reliable_seconds", "shipped")


def continuation_seconds(context: bpy.types.Context, settings: Any) -> float:
    """How long the panel's continuation lasts."""
    return settings.continuation.duration


def draw_continuation(
    column: bpy.types.UILayout, context: bpy.types.Context, settings: Any
) -> None:
    """The options of a continuation, and how far the model knows what comes next."""
    options = settings.continuation
    field(column, options, "duration")
    field(column, options, "blend")
    seconds = _Shipped.reliable_seconds()
    if seconds and options.duration > seconds:
        text = f"Close to how it would go on for {seconds:g} s, plausible motion after that"
        wrapped(column, text, icon="INFO")
    draw_keys(fold(column, settings, "show_keys", "Keys and Markers"), settings)
