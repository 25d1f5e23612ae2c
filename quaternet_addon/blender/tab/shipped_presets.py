# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets that come with the add-on: usual walks and runs, each a few options of the walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty

from ..interface.translating import reported, shown
from ..modes import KEY_OPTIONS, MODES

if TYPE_CHECKING:
    from typing import Any


# Options of one curve in one scene, like objects: no preset sets or keeps them.
OF_A_SCENE = {"moved_footprints"}
# id -> (name, what it is, options of the walk that differ from their defaults)
SHIPPED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "STROLL": ("Stroll", "A slow walk at 0.9 m/s", {"speed": 0.9}),
    "BRISK": ("Brisk Walk", "A fast walk at 1.8 m/s", {"speed": 1.8}),
    "JOG": ("Jog", "A slow run at 2.6 m/s", {"speed": 2.6}),
    "SPRINT": ("Sprint", "As fast as the model runs, 4.5 m/s", {"speed": 4.5}),
    "SNEAK": ("Sneak", "A very slow walk at 0.5 m/s", {"speed": 0.5}),
    "GAME_LOOP": (
        "Loop for Games",
        "Two strides on the spot that repeat without a seam, with a key on every frame",
        {"loop": True, "strides": 2, "use_in_place": True, "keys": "ALL"},
    ),
}


class QUATERNET_OT_use_shipped_preset(bpy.types.Operator):
    """Set the options of the walk as this preset has them. Curve, seed and takes stay"""

    bl_idname = "quaternet.use_shipped_preset"
    bl_label = "Use Preset"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}
    __annotations__ = {
        "preset": EnumProperty(
            name="Preset",
            description="Which preset",
            items=[(key, name, told) for key, (name, told, _) in SHIPPED.items()],
            options={"SKIP_SAVE"},
        )
    }

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        return shown(SHIPPED[properties.preset][1])

    def execute(self, context: bpy.types.Context) -> set[str]:
        use_shipped(context.scene.quaternet, self.preset)
        name = SHIPPED[self.preset][0]
        self.report({"INFO"}, reported(f"{shown(name)}: options set"))
        return {"FINISHED"}


def use_shipped(settings: bpy.types.PropertyGroup, preset: str) -> None:
    """Set the panel's options as a preset has them. preset: of `SHIPPED`."""
    settings.mode = "WALK"
    for option in (*MODES["WALK"].options(), *KEY_OPTIONS):
        if option not in OF_A_SCENE:
            settings.property_unset(option)
    for option, value in SHIPPED[preset][2].items():
        setattr(settings, option, value)


def draw_shipped(layout: bpy.types.UILayout) -> None:
    """A button for each, as Blender draws its own presets."""
    column = layout.column(align=True)
    for key, (name, *_) in SHIPPED.items():
        button = column.operator("quaternet.use_shipped_preset", text=shown(name), emboss=False)
        button.preset = key


CLASSES = (QUATERNET_OT_use_shipped_preset,)
