# SPDX-License-Identifier: GPL-3.0-or-later
"""Where our panels stand, and how long messages are laid out in them."""


class Tab:
    """The place of every panel of ours."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "QuaterNet"


def wrapped(layout, text, icon="NONE", width=38):
    """A long message on several lines: labels do not wrap."""
    column = layout.column(align=True)
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            column.label(text=line, icon=icon)
            line, icon = "", "BLANK1"
        line = f"{line} {word}".strip()
    column.label(text=line, icon=icon)
