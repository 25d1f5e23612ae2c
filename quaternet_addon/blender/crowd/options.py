# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for the options of a crowd, and what it is told of: who, where, around what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import PointerProperty, StringProperty

from ...core.walk.crowd_options import OPTIONS
from ..interface.properties import Words, properties

if TYPE_CHECKING:
    from typing import Any


_WORDS = {
    "count": Words("Walkers", "How many walkers to make. Each is a copy of one of the rigs"),
    "speed": Words("Speed (m/s)", "How fast people walk who do not differ from the usual"),
    "distance": Words("Distance (m)", "How far the hips of any two are to keep apart"),
    "variety": Words(
        "Variety", "How much people differ in pace and in when they set out. 0: not at all"
    ),
    "group": Words(
        "Group of",
        "So many set out, walk and stop together, and look at each other while they stand",
    ),
    "stops": Words("Stops", "The share of the groups that stop once on their way"),
    "width": Words("Width (m)", "How broad those walk who share a curve"),
    "seed": Words("Seed", "Another number makes another crowd"),
}
_PLACES = {
    "cast": (
        "Rigs",
        "Copies of the armatures in this collection walk. Empty: of those that are selected",
        bpy.types.Collection,
    ),
    "ways": (
        "Curves",
        "The curves in this collection are walked along. Empty: the ground's, or the curve",
        bpy.types.Collection,
    ),
    "ground": (
        "Ground",
        "A mesh that feet stand on. Without curves, walkers cross it from and to random places",
        bpy.types.Object,
    ),
    "obstacles": (
        "Obstacles",
        "The meshes in this collection are walked around",
        bpy.types.Collection,
    ),
}


def crowd_options(**common: Any) -> dict[str, Any]:
    """Properties of a crowd's options; common: further arguments of every one."""
    return properties(OPTIONS, _WORDS, **common)


def crowd_names(**common: Any) -> dict[str, Any]:
    """Properties of the operator for what the panel lets choose."""
    return {
        place: StringProperty(name=name, description=description, **common)
        for place, (name, description, _) in _PLACES.items()
    }


def _is_mesh(self, obj):
    return obj.type == "MESH"


class QUATERNET_PG_crowd(bpy.types.PropertyGroup):
    """What the panel holds of a crowd."""

    __annotations__ = {
        **{
            place: PointerProperty(
                name=name,
                description=description,
                type=kind,
                **({"poll": _is_mesh} if kind is bpy.types.Object else {}),
            )
            for place, (name, description, kind) in _PLACES.items()
        },
        **crowd_options(),
        "told": StringProperty(
            name="Last Crowd", description="What was not solved in the crowd that was made last"
        ),
    }

    def names(self) -> dict[str, str]:
        """The full name of each choice, "" for none."""
        chosen = {place: getattr(self, place) for place in _PLACES}
        return {place: block.name_full if block else "" for place, block in chosen.items()}
