# SPDX-License-Identifier: GPL-3.0-or-later
"""What the .blend file remembers: the mapping on each armature, the panel's options on the scene.

No state of a running job is kept here: it would be saved into the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    PointerProperty,
)

from ..crowd.options import QUATERNET_PG_crowd
from ..generate import take
from ..generate.options import common_options
from ..interface.properties import OVERRIDE
from ..keys.options import key_options
from ..mapping.properties import QUATERNET_PG_mapping
from ..modes import COMMON_OPTIONS, KEY_OPTIONS, MODES
from ..rig.selection import not_deleted

if TYPE_CHECKING:
    from typing import Any


# Parts of the panel that open and close.
_FOLDS = {
    "show_way": "Along the Curve",
    "show_ends": "Start, End, Loop",
    "show_keys": "Keys and Markers",
    "show_advanced": "Advanced",
}


def _own_options():
    """Of the modes whose options the settings hold themselves: walks."""
    rows = [row for row in MODES.values() if row.group is None]
    return {
        name: found for row in rows for name, found in {**row.objects(), **row.options()}.items()
    }


class QUATERNET_PG_settings(bpy.types.PropertyGroup):
    """The panel's options: those of all modes, those of walks, and a group for each other mode."""

    __annotations__ = {
        "mode": EnumProperty(
            name="Mode", description="What to generate", items=take.MODES, default="WALK"
        ),
        **_own_options(),
        **key_options(),
        **{name: BoolProperty(name=text, default=False) for name, text in _FOLDS.items()},
        "show_handles": BoolProperty(
            name="Handles on the Path",
            description="Drag the start, the speed at the curve's points, the facing and the "
            "footprints of a preview in the 3D View",
            default=True,
        ),
        **common_options(),
        **{row.place: PointerProperty(type=row.group) for row in MODES.values() if row.group},
        "crowd": PointerProperty(type=QUATERNET_PG_crowd),
    }

    def of_mode(self, mode: str) -> dict[str, Any]:
        """``{option: where it is stored}`` of a mode's own options, then of those of all modes."""
        row = MODES[mode]
        own = dict.fromkeys(row.options(), row.own(self))
        return own | dict.fromkeys((*KEY_OPTIONS, *COMMON_OPTIONS), self)

    def names_of_mode(self, mode: str) -> dict[str, str]:
        """``{option: full name of the object that is chosen for it}`` of a mode, "" for none."""
        row = MODES[mode]
        chosen = {name: not_deleted(getattr(row.own(self), name)) for name in row.objects()}
        return {name: obj.name_full if obj is not None else "" for name, obj in chosen.items()}


_GROUPS = tuple(row.group for row in MODES.values() if row.group)
CLASSES = (QUATERNET_PG_mapping, *_GROUPS, QUATERNET_PG_crowd, QUATERNET_PG_settings)


def attach() -> None:
    """Add the properties to Blender's types; `CLASSES` are registered."""
    bpy.types.Armature.quaternet_mapping = PointerProperty(type=QUATERNET_PG_mapping)
    bpy.types.Object.quaternet_mapping = PointerProperty(
        name="Mapping",
        description="Of a library override, whose armature stays linked",
        type=QUATERNET_PG_mapping,
        override=OVERRIDE,
    )
    bpy.types.Scene.quaternet = PointerProperty(type=QUATERNET_PG_settings)


def detach() -> None:
    """Inverse of `attach`."""
    del bpy.types.Scene.quaternet
    del bpy.types.Object.quaternet_mapping
    del bpy.types.Armature.quaternet_mapping
