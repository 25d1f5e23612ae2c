# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that continues a motion."""

import bpy

from ..generate.operator import GeneratingOperator
from ..generate.options import TOLD, common_options
from ..interface.late import Late
from ..keys.options import key_options
from .options import continuation_options


class QUATERNET_OT_continue_motion(GeneratingOperator, bpy.types.Operator):
    """Go on after the current frame. A new action holds the keys up to it; the old one is kept"""

    bl_idname = "quaternet.continue_motion"
    bl_label = "Continue Motion"
    Generation = Late("ContinuationGeneration")
    doing, noun = "Continuing", "Continuation"

    __annotations__ = {
        **continuation_options(**TOLD),
        **key_options(**TOLD),
        **common_options(**TOLD),
    }


CLASSES = (QUATERNET_OT_continue_motion,)
