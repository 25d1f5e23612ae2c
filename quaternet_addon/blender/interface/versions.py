# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the interface differs between the versions of Blender, 3.4 to 5.x.

Where actions differ is in `keys.action`.
https://developer.blender.org/docs/release_notes/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_NEWER = bpy.app.version >= (4, 0, 0)


def progress_bar(layout: bpy.types.UILayout, text: str, done: float) -> None:
    """How much is done, 0 to 1: a bar from 4.0 on, before it the text alone."""
    if hasattr(layout, "progress"):
        layout.progress(text=text, factor=done, type="BAR")
    else:
        layout.label(text=text, icon="TIME")


def builtin_shader(name: str) -> Any:
    """A built-in shader for points in space: their names lost their "3D_" in 4.0."""
    import gpu  # noqa: PLC0415  # only where something is drawn

    return gpu.shader.from_builtin(name if _NEWER else f"3D_{name}")


def text_size(font: int, points: float) -> None:
    """Set the size of drawn text: whole points and dots an inch until 4.0."""
    import blf  # noqa: PLC0415

    blf.size(font, *((points,) if _NEWER else (round(points), 72)))


def report_translation() -> Callable[[str], str]:
    """What translates reports: they have a preference of their own from 4.1 on."""
    translations = bpy.app.translations
    return getattr(translations, "pgettext_rpt", None) or translations.pgettext_tip
