# SPDX-License-Identifier: GPL-3.0-or-later
"""Armatures with Y up inside for as long as an FBX file is written.

FBX files are Y up here, as engines expect them. Blender's exporter turns the node of each armature
by -90 degrees about X for it. An armature that is turned by 90 degrees, and its bones back, looks
the same and gets a node that is not turned.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import bpy
import numpy as np
from mathutils import Matrix

from ..keys.action import active_action, all_fcurves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TURN = Matrix.Rotation(0.5 * np.pi, 4, "X")
_TRANSFORM = "location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale"


@contextlib.contextmanager
def y_up(rigs: Iterable[bpy.types.Object]) -> Iterator[None]:
    """Turn those armature objects of which nothing but bone keys says how they are turned."""
    with contextlib.ExitStack() as undo:
        undo.callback(bpy.context.view_layer.update)
        for rig in filter(_turns_freely, rigs):
            _turn(rig, undo)
        bpy.context.view_layer.update()
        yield


def _turns_freely(rig):
    """Whether a rig's pose is made by keys in the bones' own axes alone."""
    drivers = [block.animation_data for block in (rig, rig.data) if block.animation_data]
    bones = rig.data.bones
    moved = active_action(rig)
    keyed = {curve.data_path for curve in all_fcurves(moved)} if moved else set()
    return not (
        any(len(data.drivers) for data in drivers)
        or len(rig.constraints)
        or any(len(bone.constraints) for bone in rig.pose.bones)
        or keyed & set(_TRANSFORM)
        or not all(bone.use_inherit_rotation and bone.use_local_location for bone in bones)
    )


def _turn(rig, undo):
    before, rig.data = rig.data, rig.data.copy()
    turned = rig.data
    undo.callback(bpy.data.armatures.remove, turned)
    undo.callback(setattr, rig, "data", before)
    turned.transform(_TURN.inverted())
    for name in _TRANSFORM:
        value = getattr(rig, name)
        undo.callback(setattr, rig, name, tuple(value))
    rig.matrix_basis = rig.matrix_basis @ _TURN
    for child in rig.children:
        if child.parent_type != "BONE":
            undo.callback(
                setattr, child, "matrix_parent_inverse", child.matrix_parent_inverse.copy()
            )
            child.matrix_parent_inverse = _TURN.inverted() @ child.matrix_parent_inverse
