# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that dances."""

import bpy

from ..generate.operator import GeneratingOperator
from ..generate.options import TOLD, common_options
from ..interface.late import Late
from ..keys.options import key_options
from .options import dance_options
from .panel import used_by_dance


class QUATERNET_OT_generate_dance(GeneratingOperator, bpy.types.Operator):
    """Dance where the character stands, from the current frame on. The action so far is kept"""

    bl_idname = "quaternet.generate_dance"
    bl_label = "Dance"
    Generation = Late("DanceGeneration")
    doing, noun = "Dancing", "Dance"

    __annotations__ = {
        **dance_options(**TOLD),
        **key_options(**TOLD),
        **common_options(**TOLD),
    }

    def own_options(self) -> list[str]:
        """Of a dance that begins as this one does."""
        return used_by_dance(self)


CLASSES = (QUATERNET_OT_generate_dance,)
