# SPDX-License-Identifier: GPL-3.0-or-later
"""An armature of the open file with its mapping, as a batch needs it."""

from __future__ import annotations

import bpy

from ...core.batch.characters import told_in_jobs
from ..mapping import detection as mappings
from ..rig.armature import Rig, rig_in
from ..rig.stored_mapping import own_mapping


def mapped_rig(obj: bpy.types.Object) -> tuple[Rig, dict[str, str]]:
    """An armature object's `Rig` and its mapping, detected and stored on it if it has none.

    ValueError for a mapping that cannot be used.
    """
    rig = rig_in(bpy.context, obj)
    try:
        mapping, found = mappings.usable_mapping(obj, rig)
    except ValueError as error:
        raise ValueError(told_in_jobs(str(error))) from error
    if found is not None:
        own_mapping(obj).store(found.mapping, found.confidence, found.doubtful, found.preset)
    return rig, mapping
