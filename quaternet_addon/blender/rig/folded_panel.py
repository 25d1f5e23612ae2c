# SPDX-License-Identifier: GPL-3.0-or-later
"""What the closed panels below "Character" share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..interface.layout import Tab
from . import selection

if TYPE_CHECKING:
    import bpy


class FoldedPanel(Tab):
    """A panel on the rig that is shown, closed until it is opened."""

    bl_parent_id = "QUATERNET_PT_rig"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return selection.selected_rig(context) is not None


def in_columns(layout: bpy.types.UILayout) -> None:
    """Names to the left, values to the right, and no dots for keys."""
    layout.use_property_split = True
    layout.use_property_decorate = False
