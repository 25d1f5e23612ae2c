# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's page in Blender's preferences: defaults, the models that are there, reports."""

import bpy
from bpy.app.handlers import persistent
from bpy.props import EnumProperty, StringProperty
from rna_keymap_ui import draw_kmi

from ..interface.layout import GUIDE, wrapped
from ..interface.translating import reported
from ..keys.options import key_options
from .pie import shortcut
from .problem_report import facts, models
from .shipped_presets import SHIPPED, use_shipped

_PACKAGE = __package__.rpartition(".blender")[0]


_IMPORTED = {
    "continue_model": ("Continue", "Imported network for Continue Motion; empty: ours"),
    "dance_model": ("Dance", "Imported network for Dance; empty: ours"),
    "pose_model": ("Walk: Pose", "Imported long-term network for walks, with Pace; empty: ours"),
    "pace_model": ("Walk: Pace", "Imported pace network for walks, with Pose; empty: ours"),
}  # name of the property: field, what it says


def _set_up(preferences):
    """Options that nobody chose in this new file are as the preferences say."""
    for scene in bpy.data.scenes:
        settings = scene.quaternet
        chosen = settings.is_property_set("speed") or settings.is_property_set("keys")
        if chosen:
            continue
        if preferences.style != "PLAIN":
            use_shipped(settings, preferences.style)
        if preferences.keys != settings.keys and preferences.style != "GAME_LOOP":
            settings.keys = preferences.keys


class QUATERNET_AddonPreferences(bpy.types.AddonPreferences):
    """Defaults of new files, the models that are there, and how to report a problem"""

    bl_idname = _PACKAGE
    __annotations__ = {
        "style": EnumProperty(
            name="New Files Begin With",
            description="The preset that a new file has. Files that exist keep their options",
            items=[
                ("PLAIN", "Usual Walk", "A walk at 1.4 m/s"),
                *((key, name, told) for key, (name, told, _) in SHIPPED.items()),
            ],
            default="PLAIN",
        ),
        "keys": key_options()["keys"],
        "root": EnumProperty(
            name="Root of New Rigs",
            description="What carries the body along on rigs whose mapping is detected from now on",
            items=[
                ("AUTO", "Automatic", "The root of a control rig; else the hips"),
                ("HIPS", "Hips", "Location keys on the hips bone"),
                ("OBJECT", "Object", "The armature object goes along the ground and turns"),
            ],
            default="AUTO",
        ),
        **{
            name: StringProperty(name=field, description=told, subtype="FILE_PATH")
            for name, (field, told) in _IMPORTED.items()
        },
    }

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "style")
        layout.prop(self, "keys")
        layout.prop(self, "root")
        layout.label(text="Models and licences of what they learned from")
        for name, licences in models():
            wrapped(layout, f"{name}: {licences}", width=90)
        layout.label(text="Imported networks in place of ours")
        for name in _IMPORTED:
            layout.prop(self, name)
        _draw_shortcut(layout, context)
        row = layout.row()
        row.operator(GUIDE, icon="HELP")
        row.operator(QUATERNET_OT_copy_report.bl_idname, icon="COPYDOWN")


def _draw_shortcut(layout, context):
    """The key of the pie menu, as Blender's own page of keys has it."""
    found = shortcut(context)
    if found is None:
        return
    layout.label(text="Pie menu in the 3D View: click the field and press the keys you want")
    configuration, keymap, item = found
    draw_kmi([], configuration, keymap, item, layout, 0)


class QUATERNET_OT_copy_report(bpy.types.Operator):
    """Copy versions and facts about the rig, without any names, to paste into a report"""

    bl_idname = "quaternet.copy_report"
    bl_label = "Report a Problem"

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.clipboard = facts(context)
        self.report({"INFO"}, reported("Copied: paste it into your report"))
        return {"FINISHED"}


@persistent
def _new_file(*_):
    """A file that was never saved begins as the preferences say."""
    addon = bpy.context.preferences.addons.get(_PACKAGE)
    if not bpy.data.filepath and addon is not None and addon.preferences is not None:
        _set_up(addon.preferences)


CLASSES = (QUATERNET_OT_copy_report, QUATERNET_AddonPreferences)


def attach() -> None:
    """Look at every file that is opened."""
    bpy.app.handlers.load_post.append(_new_file)


def detach() -> None:
    """Inverse of `attach`."""
    if _new_file in bpy.app.handlers.load_post:
        bpy.app.handlers.load_post.remove(_new_file)
