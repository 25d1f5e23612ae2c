# SPDX-License-Identifier: GPL-3.0-or-later
"""The rigs that detection and driving are measured on are bodies in the poses they claim."""

import numpy as np
import pytest

from blender_tests.support import convention_rigs as conventions
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from quaternet_addon.core.maths.quaternion import rotate
from quaternet_addon.core.rig.rest_pose import RestPose
from quaternet_addon.core.rig.retarget import Retarget


@pytest.fixture(params=conventions.CONVENTIONS)
def rig(request):
    return conventions.build(request.param, roll=1)


def test_every_convention_of_the_issue_is_there():
    asked = "rigify_controls rigify_deform rigify_metarig_basic rigify_metarig_human mixamo"
    asked += " unreal_4 unreal_5 vrm vrm_vroid auto_rig_pro daz_genesis_8 daz_genesis_9"
    asked += " character_creator mmd makehuman_default makehuman_game_engine makehuman_cmu_mb"
    asked += " cmu motionbuilder biped rokoko xsens smpl smpl_x mocaponline"
    assert set(asked.split()) <= set(conventions.CONVENTIONS)


def test_its_truth_is_a_complete_mapping_of_a_body(rig):
    assert set(REQUIRED_JOINTS) <= set(rig.truth) <= set(QUATERNET_SKELETON.names)
    assert len(set(rig.names)) == len(rig.names)
    assert all(parent < bone for bone, parent in enumerate(rig.parents))
    rest = RestPose(rig.names, rig.parents, rig.heads, rig.tails, rig.rotations)
    legs = Retarget(rest, rig.truth).skeleton.leg_length
    size = conventions.read(rig.name)[1].get("size", 1.0)
    assert 0.8 < legs / size < 0.83


def test_bones_lie_along_the_y_axis_of_their_frames(rig):
    along = (rig.tails - rig.heads) / np.linalg.norm(rig.tails - rig.heads, axis=-1, keepdims=True)
    np.testing.assert_allclose(rotate(rig.rotations, np.array([0.0, 1.0, 0.0])), along, atol=1e-9)


def test_left_is_at_positive_x_and_bends_go_where_people_bend():
    rig = conventions.build("mixamo", arms=40, legs=10, elbows=30, knees=20, size=2.0)
    place = {joint: rig.heads[rig.names.index(bone)] for joint, bone in rig.truth.items()}
    for joint, bone in place.items():
        side = joint.startswith("Left") - joint.startswith("Right")
        assert np.sign(np.round(bone[0], 6)) == side
    arm, elbow, hand = (place["Left" + part] for part in ("Arm", "ForeArm", "Hand"))
    assert np.degrees(np.arctan2(*(arm - elbow)[[1, 0]])) == pytest.approx(180 - 40, abs=0.1)
    assert hand[2] > elbow[2]  # forward
    hip, knee, ankle = (place["Left" + part] for part in ("UpLeg", "Leg", "Foot"))
    assert ankle[2] < knee[2] and knee[0] > hip[0]
    assert np.linalg.norm(hip - knee) == pytest.approx(2.0 * np.linalg.norm([0, 0.41, 0.01]))


def test_anonymous_rigs_keep_everything_but_names():
    rig = conventions.build("unreal_5")
    nameless = conventions.anonymous(rig)
    assert nameless.names[:2] == ("Bone", "Bone.001") and nameless.parents == rig.parents
    for joint, bone in nameless.truth.items():
        assert rig.names[nameless.names.index(bone)] == rig.truth[joint]
