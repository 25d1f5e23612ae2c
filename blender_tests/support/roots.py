# SPDX-License-Identifier: GPL-3.0-or-later
"""Bones above the hips, as many rigs have them."""

import bpy
from support.rigs import activate


def put_on_root(obj, hips="mixamorig:Hips"):
    """A bone at the origin above the hips, as the rigs of games have it: the pose bone."""
    activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    root = obj.data.edit_bones.new("root")
    root.head, root.tail = (0.0, 0.0, 0.0), (0.0, 0.3, 0.0)
    obj.data.edit_bones[hips].parent = root
    bpy.ops.object.mode_set(mode="OBJECT")
    return obj.pose.bones["root"]


def connect_hips(obj, hips="mixamorig:Hips"):
    """A bone up to the hips, which are connected to it."""
    activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    bones = obj.data.edit_bones
    root = bones.new("RL_BoneRoot")
    root.head, root.tail = (0.0, 0.0, 0.0), bones[hips].head
    bones[hips].parent, bones[hips].use_connect = root, True
    bpy.ops.object.mode_set(mode="OBJECT")
