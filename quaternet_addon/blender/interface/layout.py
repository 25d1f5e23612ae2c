# SPDX-License-Identifier: GPL-3.0-or-later
"""Where our panels stand, and how long messages are laid out in them."""

from typing import Any

import bpy
from bpy.app.translations import pgettext_iface as iface_

from .translating import shown

GUIDE = "quaternet.open_guide"  # the operator


class Tab:
    """The place of every panel of ours, with a link to the guide in its header."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "QuaterNet"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """At the header's right end."""
        layout = self.layout  # type: ignore[attr-defined]  # of the panel
        layout.operator(GUIDE, text="", icon="HELP", emboss=False)


def letters() -> int:
    """How many letters fit into a line of the region that is drawn, about."""
    region = bpy.context.region
    if region is None:
        return 38
    points = region.width / bpy.context.preferences.system.ui_scale
    return max(16, int((points - 48.0) / 6.2))  # margins and tabs; the mean letter


_SUB_PANELS = "panel_prop" in bpy.types.UILayout.bl_rna.functions  # 4.1 and newer
_NARROW = 33  # letters: in such a sidebar, as 3.4's begins, a bone's name has a line of its own


def is_narrow() -> bool:
    """Whether names and values do not fit beside each other at all."""
    return letters() < _NARROW


def field(layout: bpy.types.UILayout, owner: bpy.types.bpy_struct, name: str, **how: Any) -> None:
    """A property with its name beside it, or above it where the sidebar would cut either."""
    prop = owner.bl_rna.properties[name]
    label, room = iface_(prop.name), letters()
    value = getattr(owner, name) if prop.type == "ENUM" else ""
    chosen = iface_(prop.enum_items[value].name) if value else ""
    # Blender gives names two fifths of the line, and a menu keeps room for its arrow.
    if len(label) <= 0.36 * room and len(chosen) <= 0.6 * room - 5:
        layout.prop(owner, name, **how)
        return
    column = layout.column(align=True)
    column.use_property_split = False
    column.label(text=label, translate=False)
    column.prop(owner, name, text="", **how)


def name_and_value(
    layout: bpy.types.UILayout,
) -> tuple[bpy.types.UILayout, bpy.types.UILayout]:
    """Where a name and where its value go: beside each other, in a narrow sidebar above."""
    narrow = is_narrow()
    place = layout.column(align=True) if narrow else layout.split(factor=0.4, align=True)
    name, value = place.row(), place.row()
    name.alignment = "LEFT" if narrow else "RIGHT"
    name.use_property_split = value.use_property_split = False
    return name, value


def tick(layout: bpy.types.UILayout, owner: bpy.types.bpy_struct, name: str) -> None:
    """A checkbox over the whole width: beside a label's column its name would be cut."""
    row = layout.row()
    row.use_property_split = False
    row.prop(owner, name)


def wrapped(
    layout: bpy.types.UILayout, text: str, icon: str = "NONE", width: int | None = None
) -> None:
    """A long message on several lines: labels do not wrap."""
    text, width = shown(text), width or letters() - (4 if icon != "NONE" else 0)
    column = layout.column(align=True)
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            column.label(text=line, icon=icon, translate=False)
            line, icon = "", "NONE" if icon == "NONE" else "BLANK1"
        line = f"{line} {word}".strip()
    column.label(text=line, icon=icon, translate=False)


def fold(
    layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup, name: str, text: str
) -> bpy.types.UILayout | None:
    """A column under a heading that opens and closes it; None while it is closed.

    From 4.1 on Blender's own sub-panel.
    """
    if _SUB_PANELS:
        header, body = layout.panel_prop(settings, name)
        header.label(text=text)
        return body
    row = layout.row()
    row.use_property_split = False
    row.alignment = "LEFT"
    opened = getattr(settings, name)
    icon = "DISCLOSURE_TRI_DOWN" if opened else "DISCLOSURE_TRI_RIGHT"
    row.prop(settings, name, text=text, icon=icon, emboss=False)
    return layout.column() if opened else None


def told(layout: bpy.types.UILayout, text: str) -> None:
    """A line about what will be made, under the option that it follows from."""
    if text:
        row = layout.row()
        row.alignment = "RIGHT"
        row.label(text=text, translate=False)
