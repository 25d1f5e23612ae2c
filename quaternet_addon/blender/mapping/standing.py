# SPDX-License-Identifier: GPL-3.0-or-later
"""How a rig stands in the frame that its mapping says it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rig.reading import measured

if TYPE_CHECKING:
    import bpy

    from ...core.rig.stance import Stance
    from ..mapping.properties import QUATERNET_PG_mapping
    from ..rig.armature import Rig


def stance_of(obj: bpy.types.Object, rig: Rig, stored: QUATERNET_PG_mapping) -> Stance:
    """The stance in the reference frame of a stored mapping; ValueError where it is no body."""
    return measured(obj, rig, stored.as_dict(), stored.reference_frame).stance
