# SPDX-License-Identifier: GPL-3.0-or-later
"""Which curve the user means to walk along."""

import bpy

from ..rig.selection import not_deleted


def curve_of(settings: bpy.types.PropertyGroup) -> bpy.types.Object | None:
    """The curve that the panel names, else the one selected, else the only one to see, or None.

    settings: those of the panel, see `tab.settings`.
    """
    context = bpy.context
    chosen = not_deleted(settings.curve)
    if chosen is not None or settings.id_data != context.scene:
        return chosen
    objects = [obj for obj in context.view_layer.objects if obj is not None]  # removed just now
    curves = [obj for obj in objects if obj.type == "CURVE"]
    curves = [obj for obj in curves if obj.visible_get(view_layer=context.view_layer)]
    selected = [obj for obj in curves if obj.select_get(view_layer=context.view_layer)]
    found = selected or curves
    return found[0] if len(found) == 1 else None
