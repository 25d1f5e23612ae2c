# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the motion that is being generated now has come, and whether the user had enough of it.

Kept in memory only: state of what runs would be saved with the file.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..interface.translating import shown

if TYPE_CHECKING:
    import bpy


# Events with which one looks around.
NAVIGATION = {"MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "TRACKPADPAN", "TRACKPADZOOM"}


@dataclass
class _Running:
    fraction: float | None = None
    cancelling: bool = False


_running = _Running()


def fraction() -> float | None:
    """How much is done, 0 to 1; None: nothing is being generated."""
    return _running.fraction


def ask_to_cancel() -> None:
    """The panel's button was pressed."""
    _running.cancelling = True


def ends_it(event: bpy.types.Event) -> bool:
    """Does an event mean that the user wants no more of it? Or has the button said so?"""
    return _running.cancelling or (event.type == "ESC" and event.value == "PRESS")


def passes(context: bpy.types.Context, event: bpy.types.Event) -> bool:
    """May Blender have an event meanwhile? To look around, and to press the Cancel button."""
    return event.type in NAVIGATION or _in_sidebar(context, event)


def begin(context: bpy.types.Context, doing: str) -> None:
    """Show that something is being generated; doing: "Walking"."""
    context.window_manager.progress_begin(0, 100)
    show(context, doing, 0.0)


def show(context: bpy.types.Context, doing: str, done: float) -> None:
    """Show how much is done, in the panel and the status bar."""
    _running.fraction, _running.cancelling = done, False
    _tell(context, shown(f"{doing}: {done:.0%}    Esc: Cancel"))
    context.window_manager.progress_update(round(100 * done))


def end(context: bpy.types.Context) -> None:
    """Nothing is being generated any more."""
    _running.fraction, _running.cancelling = None, False
    context.window_manager.progress_end()
    _tell(context, None)


def _tell(context, text):
    """A text for the status bar, None: its own; and what shows the progress is drawn again."""
    with suppress(AttributeError):  # no workspace without a window
        context.workspace.status_text_set(text)
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _in_sidebar(context, event):
    """Is the mouse over a sidebar with the Cancel button? The rest of Blender waits."""
    return event.type in {"LEFTMOUSE", "MOUSEMOVE"} and any(
        region.type == "UI"
        and 0 <= event.mouse_x - region.x < region.width
        and 0 <= event.mouse_y - region.y < region.height
        for area in context.window.screen.areas
        if area.type == "VIEW_3D"
        for region in area.regions
    )
