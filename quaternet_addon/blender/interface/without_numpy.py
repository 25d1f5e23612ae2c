# SPDX-License-Identifier: GPL-3.0-or-later
"""What an animator sees where NumPy is missing (Debian's and Ubuntu's own Blender package).

The operators keep their names, so that scripts fail with the remedy instead of an unknown name.
"""

import bpy

from .translating import reported, shown

REMEDY = (
    "QuaterNet needs NumPy, which this Blender does not have. Debian, Ubuntu: run "
    '"sudo apt install python3-numpy", then restart Blender. Blender from blender.org has it.'
)


class _NeedsNumpy:
    @classmethod
    def poll(cls, context):
        cls.poll_message_set(shown(REMEDY))
        return False

    def execute(self, context):
        self.report({"ERROR"}, reported(REMEDY))
        return {"CANCELLED"}


class QUATERNET_OT_detect_mapping(_NeedsNumpy, bpy.types.Operator):
    """Not available: NumPy is missing"""

    bl_idname = "quaternet.detect_mapping"
    bl_label = "Detect Mapping"


class QUATERNET_OT_continue_motion(_NeedsNumpy, bpy.types.Operator):
    """Not available: NumPy is missing"""

    bl_idname = "quaternet.continue_motion"
    bl_label = "Continue Motion"

    duration: bpy.props.FloatProperty(default=1.0)
    blend: bpy.props.FloatProperty(default=0.2)
    seed: bpy.props.IntProperty()
    variations: bpy.props.IntProperty(default=1)
    foot_lock: bpy.props.BoolProperty(default=True)


class QUATERNET_OT_generate_locomotion(_NeedsNumpy, bpy.types.Operator):
    """Not available: NumPy is missing"""

    bl_idname = "quaternet.generate_locomotion"
    bl_label = "Walk Along Curve"

    curve: bpy.props.StringProperty()
    speed: bpy.props.FloatProperty(default=1.4)
    seed: bpy.props.IntProperty()
    variations: bpy.props.IntProperty(default=1)
    foot_lock: bpy.props.BoolProperty(default=True)
    use_in_place: bpy.props.BoolProperty()


class QUATERNET_OT_generate_dance(_NeedsNumpy, bpy.types.Operator):
    """Not available: NumPy is missing"""

    bl_idname = "quaternet.generate_dance"
    bl_label = "Dance"

    duration: bpy.props.FloatProperty(default=20.0)
    temperature: bpy.props.FloatProperty(default=1.0)
    radius: bpy.props.FloatProperty(default=3.0)
    from_pose: bpy.props.BoolProperty()
    exact_windows: bpy.props.BoolProperty()
    seed: bpy.props.IntProperty()
    variations: bpy.props.IntProperty(default=1)
    foot_lock: bpy.props.BoolProperty(default=True)


class QUATERNET_PT_without_numpy(bpy.types.Panel):
    """What is missing and how to get it"""

    bl_label = "QuaterNet"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "QuaterNet"

    def draw(self, context):
        column = self.layout.column(align=True)
        column.label(text="NumPy is missing in this Blender.", icon="ERROR")
        column.label(text="Debian, Ubuntu:")
        column.label(text="sudo apt install python3-numpy")
        column.label(text="Then restart Blender.")


CLASSES = (
    QUATERNET_OT_detect_mapping,
    QUATERNET_OT_continue_motion,
    QUATERNET_OT_generate_locomotion,
    QUATERNET_OT_generate_dance,
    QUATERNET_PT_without_numpy,
)
