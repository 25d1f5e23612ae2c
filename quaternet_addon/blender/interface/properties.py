# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's properties, made from tables of options and the words for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ...core.options import Option


_KINDS = {bool: BoolProperty, int: IntProperty, float: FloatProperty, str: StringProperty}
_SUBTYPES = {"rad": "ANGLE"}  # Blender shows those in the user's own unit


# What is changed on a library override is saved with it. Blender 5 cannot: on opening a file it
# says "RNA_property_pointer_set: expected ID type" and drops the group.
OVERRIDE = {"LIBRARY_OVERRIDABLE"} if bpy.app.version < (5, 0) else set()
LISTED = {"LIBRARY_OVERRIDABLE", "USE_INSERTION"}  # without it nothing can be added at all


def overridable(group: type) -> type:
    """Decorator: library overrides keep the properties of a group as well."""
    for prop in group.__annotations__.values():
        prop.keywords.setdefault("override", OVERRIDE)
    return group


@dataclass(frozen=True)
class Words:
    """What a user reads of an option.

    name, description: label and tooltip. items: ``(identifier, label, tooltip)`` of each choice.
    precision: digits after the point. step: hundredths that an arrow of the field adds.
    """

    name: str
    description: str
    items: tuple = ()
    precision: int | None = None
    step: float | None = None


def properties(
    table: Iterable[Option], words: Mapping[str, Words], clamped: bool = True, **common: Any
) -> dict[str, Any]:
    """``{name: Blender property}`` of a table of `core.options.Option`s, in its order.

    words: property name -> `Words`. clamped: Blender keeps values within the limits, without a
    word; else they are limits of sliders only, and whoever reads the options refuses the others.
    common: further arguments of every property.
    """
    return {
        option.property_name: (EnumProperty if option.choices else _KINDS[type(option.default)])(
            **_arguments(option, words[option.property_name], clamped), **common
        )
        for option in table
        if option.in_blender
    }


def _arguments(option, words, clamped):
    """The arguments of one property."""
    low, high = option.usual
    limits = {"min": option.lowest, "max": option.most}
    if not clamped:
        low = option.lowest if low is None else low
        high = option.most if high is None else high
        limits = {}
    found = {
        "name": words.name,
        "description": words.description,
        "default": option.default,
        "items": words.items or None,
        **limits,
        "soft_min": low,
        "soft_max": high,
        "subtype": _SUBTYPES.get(option.unit),
        "precision": words.precision,
        "step": words.step,
    }
    return {name: value for name, value in found.items() if value is not None}
