# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that were keyed on a rig, read back from it."""

import bpy
import numpy as np

DEGREES = 0.1  # the bar of the round trip; float32 keys alone cost about 0.01

MILLIMETRE = 1e-3


def evaluated(module, obj):
    """Rig, mapping, and what the evaluated pose bones do over the walk's frames."""
    armature = module("blender.rig.armature")
    scene = bpy.context.scene
    rig = armature.read_rig(
        obj, bpy.context.evaluated_depsgraph_get(), armature.metres_per_unit(scene)
    )
    frames = range(scene.frame_current, scene.frame_current + 24)
    rotations, heads = armature.sample_pose(obj, rig, frames)
    return rig, obj.data.quaternet_mapping.as_dict(), rotations, heads


def check(module, obj, motion, but=()):
    """A motion comes back from a rig; but: joints that are left as the rig has them."""
    rig, mapping, rotations, heads = evaluated(module, obj)
    retarget = module("core.rig.retarget").Retarget(rig.rest_pose, mapping, rig.axes)
    hips = heads[:, rig.names.index(mapping["Hips"])]
    again, _ = retarget.rig_to_canonical(rotations, hips)
    angles = np.degrees(module("core.maths.quaternion").angle(again, motion.rotations))
    driven = [name not in but for name in motion.skeleton.names]
    assert angles[:, driven].max() <= DEGREES
    positions, _ = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)
    for joint, bone in mapping.items():
        if joint in but:
            continue
        asked = positions[:, motion.skeleton.index(joint)]
        done = heads[:, rig.names.index(bone)]
        assert np.abs(asked - done).max() < MILLIMETRE * max(1.0, 1.0 / rig.unit), joint
