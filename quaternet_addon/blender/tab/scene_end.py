# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frames a motion will take, and a button that makes the scene long enough for them."""

import bpy

from ..interface.layout import told
from ..interface.translating import reported, shown
from ..modes import MODES
from ..rig import selection
from ..rig.armature import frame_rate, key_frame, scene_frame


def coming_frames(context: bpy.types.Context) -> tuple[int, int] | None:
    """First and last frame of what the big button will make, about; None: not known before."""
    scene = context.scene
    mode = MODES[scene.quaternet.mode]
    seconds = mode.seconds(context, scene.quaternet)
    if seconds is None:
        return None
    first = key_frame(scene) + mode.delay
    return first, first + round(seconds * frame_rate(scene))


def wanted_end(context: bpy.types.Context) -> int:
    """The scene's last frame of the chosen take where it plays, else of what comes."""
    obj = selection.selected_rig(context)
    coming = coming_frames(context)
    ends = [coming[1]] if coming else []
    takes = obj.quaternet_takes if obj is not None else None
    if takes is not None and 0 <= takes.active < len(takes.items):
        ends.append(takes.items[takes.active].frame_end)
    return scene_frame(context.scene, max(ends, default=0))


def draw_frames(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """From which frame to which frame; a button where the scene ends before."""
    coming = coming_frames(context)
    if coming is not None:
        told(layout, shown(f"Frames {coming[0]} to about {coming[1]}"))
    if wanted_end(context) > context.scene.frame_end:
        layout.operator(QUATERNET_OT_extend_scene.bl_idname, icon="PREVIEW_RANGE")


class QUATERNET_OT_extend_scene(bpy.types.Operator):
    """Let the scene end where the motion ends"""

    bl_idname = "quaternet.extend_scene"
    bl_label = "Extend Scene"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        long_enough = wanted_end(context) <= context.scene.frame_end
        if long_enough:
            cls.poll_message_set(shown("The scene is long enough"))
        return not long_enough

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.frame_end = wanted_end(context)
        self.report({"INFO"}, reported(f"The scene ends at frame {context.scene.frame_end}"))
        return {"FINISHED"}


CLASSES = (QUATERNET_OT_extend_scene,)
