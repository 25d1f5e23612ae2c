# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of keys, as the tab shows them."""

from ..interface.layout import tick


def draw_keys(column, settings):
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
