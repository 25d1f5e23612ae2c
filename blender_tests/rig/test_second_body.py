# SPDX-License-Identifier: GPL-3.0-or-later
"""Two bodies in one armature: the one that stays behind is told of."""

import bpy
from support import rigs


def _joined():
    """A rig into which another was joined; the way of the first."""
    rig, other = rigs.make("mixamo"), rigs.make("mixamo")
    other.location = (2.0, 0.0, 0.0)
    rigs.poly("Way", [(0, 0, 0), (0, -3, 0)])
    bpy.context.view_layer.update()
    rigs.activate(rig)
    other.select_set(True)
    bpy.ops.object.join()
    return rig


def test_a_body_that_was_joined_and_stays_behind_is_named():
    rig = _joined()
    bpy.ops.quaternet.generate_locomotion(curve="Way")
    missed = rig.quaternet_takes.items[-1].missed
    assert "a second body in the armature stays where it is" in missed
    assert "mixamorig:Hips.001" in missed


def test_a_body_that_follows_by_constraints_is_not():
    rig = _joined()
    for bone in rig.pose.bones:
        if bone.name.endswith(".001"):
            copied = bone.constraints.new("COPY_TRANSFORMS")
            copied.target, copied.subtarget = rig, bone.name[: -len(".001")]
    bpy.ops.quaternet.generate_locomotion(curve="Way")
    assert not rig.quaternet_takes.items[-1].missed
