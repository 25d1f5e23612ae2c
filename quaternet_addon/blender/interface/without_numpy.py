# SPDX-License-Identifier: GPL-3.0-or-later
"""What an animator sees where NumPy is missing (Debian's and Ubuntu's own Blender package).

The operators keep their names, so that scripts fail with the remedy instead of an unknown name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from ...core.continuation import options as continuation_options
from ...core.dance import options as dance_options
from ...core.keys import options as key_options
from ...core.options import COMMON
from ...core.reach import options as reach_options
from ...core.walk import options as walk_options
from .translating import reported, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

REMEDY = (
    "QuaterNet needs NumPy, which this Blender does not have. Debian, Ubuntu: run "
    '"sudo apt install python3-numpy", then restart Blender. Blender from blender.org has it.'
)
_KINDS = {bool: BoolProperty, int: IntProperty, float: FloatProperty, str: StringProperty}


class _NeedsNumpy:
    """Not available: NumPy is missing"""

    if TYPE_CHECKING:  # of bpy.types.Operator, which every subclass is as well
        poll_message_set: ClassVar[Callable[[str], None]]
        report: Callable[[set[str], str], None]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set(shown(REMEDY))
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        self.report({"ERROR"}, reported(REMEDY))
        return {"CANCELLED"}


def _operator(verb, label, options=(), names=()):
    """An operator that only says what is missing.

    options: `core.options.Option`s that it takes. names: further options, names of objects.
    """
    taken = {
        option.property_name: _KINDS[type(option.default)](default=option.default)
        for option in options
        if option.in_blender
    }
    taken |= {name: StringProperty() for name in names}
    body = {
        "__doc__": _NeedsNumpy.__doc__,
        "__annotations__": taken,
        "bl_idname": f"quaternet.{verb}",
        "bl_label": label,
    }
    return type(f"QUATERNET_OT_{verb}", (_NeedsNumpy, bpy.types.Operator), body)


_SHARED = (*key_options.OPTIONS, *COMMON)
_OPERATORS = (
    _operator("detect_mapping", "Detect Mapping"),
    _operator("continue_motion", "Continue Motion", (*continuation_options.OPTIONS, *_SHARED)),
    _operator("reach_pose", "Reach Pose", (*reach_options.OPTIONS, *_SHARED)),
    _operator(
        "generate_locomotion",
        "Walk Along Curve",
        (*walk_options.OPTIONS, *_SHARED),
        names=("curve", "face"),
    ),
    _operator("generate_dance", "Dance", (*dance_options.OPTIONS, *_SHARED)),
)


class QUATERNET_PT_without_numpy(bpy.types.Panel):
    """What is missing and how to get it"""

    bl_label = "QuaterNet"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "QuaterNet"

    def draw(self, context: bpy.types.Context) -> None:
        column = self.layout.column(align=True)
        column.label(text="NumPy is missing in this Blender.", icon="ERROR")
        column.label(text="Debian, Ubuntu:")
        column.label(text="sudo apt install python3-numpy")
        column.label(text="Then restart Blender.")


CLASSES = (*_OPERATORS, QUATERNET_PT_without_numpy)
