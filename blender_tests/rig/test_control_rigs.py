# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated control rigs are driven by their controls, and what deforms follows."""

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support import drive, rigs

pytestmark = pytest.mark.generates_rigify
DEGREES = 1.0  # what deforms may be away from what is asked
# Blender's iterative IK stops where the end is in place; the knee of a nearly straight limb is
# then known to some degrees only.
SOLVER = 5.0


@pytest.fixture(params=["basic", "human"])
def rigify(request):
    """A rig that Rigify generated."""
    return rigs.make_rigify(request.param)


def constant_keys(module, obj):
    """Data path -> value of the custom properties that are keyed."""
    curves = module("blender.keys.action").all_fcurves(obj.animation_data.action)
    switches = [curve for curve in curves if curve.data_path.endswith('"]')]
    assert all(point.interpolation == "CONSTANT" for c in switches for point in c.keyframe_points)
    return {curve.data_path: curve.keyframe_points[0].co[1] for curve in switches}


def test_deforming_bones_follow_a_walk_within_a_degree(module, rigify):
    driven = drive.driver(module, rigify, rigs.RIGIFY_CONTROLS)
    motion = drive.walk(module, driven)
    drive.play(module, driven, motion)
    assert driven.error < 0.1, driven.warnings
    keyed = drive.sampled(module, driven, motion)
    assert max(drive.away(module, motion, keyed, driven.mapping).values()) < 0.1
    assert np.abs(keyed.root_positions - motion.root_positions).max() < 1e-3
    deformed = drive.sampled(module, driven, motion, mapping=rigs.RIGIFY_DEFORM)
    away = drive.away(module, motion, deformed, rigs.RIGIFY_DEFORM)
    # Rigify shares the twist of these between two segments, so only their direction counts.
    twisted = {"LowerBack", "LeftArm", "RightArm", "LeftUpLeg", "RightUpLeg"}
    whole = {joint: most for joint, most in away.items() if joint not in twisted}
    assert max(whole.values()) < DEGREES, whole
    assert max(drive.off_direction(module, motion, deformed, rigs.RIGIFY_DEFORM).values()) < DEGREES
    switches = constant_keys(module, rigify)
    for limb in ("thigh", "upper_arm"):
        for side in "LR":
            assert switches[f'pose.bones["{limb}_parent.{side}"]["IK_FK"]'] == 1.0


def test_limbs_are_posed_by_their_ik_targets_and_read_back(module):
    obj = rigs.make_rigify("basic")
    obj.pose.bones["foot_heel_ik.L"].rotation_euler.x = 0.5  # a leftover that lifts the heel
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS, ik=True)
    assert len(driven.limbs) == 4
    motion = drive.walk(module, driven, ((0, 0, 0), (0, 0, 1.5)))
    channels = drive.play(module, driven, motion)
    paths = " ".join(channel.path for channel in channels)
    assert '"foot_ik.L"].location' in paths and '"hand_ik.R"].rotation' in paths
    assert '"thigh_ik_target.R"].location' in paths and '"thigh_fk.L"]' not in paths
    assert set(constant_keys(module, obj).values()) == {0.0, 1.0}
    deformed = drive.sampled(module, driven, motion, mapping=rigs.RIGIFY_DEFORM)
    ends = [s + j for s in ("Left", "Right") for j in ("Foot", "ToeBase", "Hand")]
    away = drive.away(module, motion, deformed, ends)
    assert max(away.values()) < DEGREES, away
    off = drive.off_direction(module, motion, deformed, rigs.RIGIFY_DEFORM)
    assert max(off.values()) < SOLVER, off
    read = drive.sampled(module, driven, motion)  # as continue reads it: not the FK controls
    off = drive.off_direction(module, motion, read, driven.mapping)
    assert max(off.values()) < SOLVER, off
    assert np.abs(read.root_positions - motion.root_positions).max() < 1e-3


def test_mapped_bones_with_ik_constraints_are_keyed_by_target_and_pole(module):
    obj = rigs.make("accad")
    bpy.ops.object.mode_set(mode="EDIT")
    bones = obj.data.edit_bones
    for side in ("Left", "Right"):
        foot, knee = bones[side + "Foot"].head.copy(), bones[side + "Leg"].head.copy()
        target, pole = bones.new(side + "Target"), bones.new(side + "Pole")
        target.head, target.tail = foot, foot + bones[side + "Foot"].vector
        pole.head, pole.tail = knee + Vector((0, -0.5, 0)), knee + Vector((0, -0.6, 0))
    bpy.ops.object.mode_set(mode="OBJECT")
    for side in ("Left", "Right"):
        ik = obj.pose.bones[side + "Leg"].constraints.new("IK")
        ik.target, ik.subtarget, ik.chain_count = obj, side + "Target", 2
        ik.pole_target, ik.pole_subtarget, ik.pole_angle = obj, side + "Pole", -1.5707963
    mapping = {"Hips": "Hips", "Spine": "Spine1", "Head": "Head"} | {
        s + j: s + j
        for s in ("Left", "Right")
        for j in ("UpLeg", "Leg", "Foot", "ToeBase", "Arm", "ForeArm", "Hand")
    }
    with pytest.raises(ValueError, match="Constraints or drivers"):
        drive.driver(module, obj, mapping)
    driven = drive.driver(module, obj, mapping, ik=True)
    assert len(driven.limbs) == 2
    motion = drive.walk(module, driven, ((0, 0, 0), (0, 0, 1.5)))
    drive.play(module, driven, motion)
    done = driven.sample(range(1, len(motion) + 1), motion.fps)
    off = drive.off_direction(module, motion, done, mapping)
    assert max(off.values()) < SOLVER, off
    contacts = module("core.body.contacts")
    skate = contacts.measure_skate(done, motion.contacts)
    assert skate.kimodo_ratio_5cm_20cms <= 0.03


def test_a_generated_rig_is_detected_and_walks_by_one_button(module):
    rigs.s_curve(length=3.0, width=0.3)
    obj = rigs.make_rigify("basic")
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    mapping = obj.data.quaternet_mapping.as_dict()
    assert mapping["LeftUpLeg"] == "thigh_fk.L" and mapping["Hips"] == "torso"
    assert bpy.ops.quaternet.generate_locomotion(curve="Path") == {"FINISHED"}
    assert constant_keys(module, obj)['pose.bones["thigh_parent.R"]["IK_FK"]'] == 1.0
    frames = [int(frame) for frame in obj.animation_data.action.frame_range]
    heads = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        heads.append(evaluated.pose.bones["DEF-spine.006"].head.copy())
    assert (heads[1] - heads[0]).y < -2.5 and min(head.z for head in heads) > 1.3
