# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that goes over into the poses keyed ahead."""

import bpy

from ..generate.operator import GeneratingOperator
from ..generate.options import TOLD, common_options
from ..interface.late import Late
from ..keys.options import key_options
from .options import reach_options


class QUATERNET_OT_reach_pose(GeneratingOperator, bpy.types.Operator):
    """Go over from the current frame into the poses keyed after it. Their keys stay as they are"""

    bl_idname = "quaternet.reach_pose"
    bl_label = "Reach Pose"
    Generation = Late("ReachGeneration")
    doing, noun = "Reaching", "Way to the pose"

    __annotations__ = {
        **reach_options(**TOLD),
        **key_options(**TOLD),
        **common_options(**TOLD),
    }


CLASSES = (QUATERNET_OT_reach_pose,)
