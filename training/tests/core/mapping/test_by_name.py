# SPDX-License-Identifier: GPL-3.0-or-later
"""Bones are recognised by names and hierarchy, whoever named them; others are refused."""

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import REQUIRED_JOINTS
from quaternet_addon.core.mapping.bone_names import side_of
from quaternet_addon.core.mapping.detection import detect, validate

# part: place of its left or middle bone's head, x to the left, y up, z forward
PLACES = {
    "root": (0, 0, 0), "hips": (0, 95, 0), "back": (0, 100, 0), "ribs": (0, 115, 0),
    "chest": (0, 128, 0), "neck": (0, 147, -2), "neck1": (0, 151, 0), "head": (0, 156, 1),
    "eye": (3, 162, 8), "clavicle": (3, 142, 0), "arm": (17, 143, 0), "armtwist": (30, 143, 0),
    "forearm": (44, 143, -1), "hand": (69, 143, 0), "finger": (78, 143, 0),
    "thumb": (72, 142, 3), "buttock": (5, 93, 0), "upleg": (9, 90, 0), "legtwist": (9, 70, 0),
    "leg": (9, 49, 1), "foot": (9, 8, 0), "toe": (9, 3, 13), "bigtoe": (8, 3, 18),
}  # fmt: skip


def rig(text, left="L", right="R", size=1.0):
    """Names, parents, heads, tails of lines "part: bone < parent"; * stands for the side."""
    rows = [line.replace(":", " ", 1).split() for line in text.strip().splitlines()]
    rows = [(row[0], " ".join(row[1:])) for row in rows]
    bones = []
    for part, names in rows:
        bone, _, parent = (text.strip() for text in names.partition("<"))
        for side, sign in ((left, 1.0), (right, -1.0)) if "*" in bone else (("", 1.0),):
            place = np.array(PLACES[part], float) * [sign, 1.0, 1.0] * size
            bones.append((bone.replace("*", side), parent.replace("*", side), place))
    names = [name for name, _, _ in bones]
    parents = [names.index(parent) if parent else -1 for _, parent, _ in bones]
    order = sorted(range(len(bones)), key=lambda bone: _depth(parents, bone))
    names = [names[bone] for bone in order]
    parents = [names.index(bones[bone][1]) if bones[bone][1] else -1 for bone in order]
    heads = np.array([bones[bone][2] for bone in order])
    forward = np.array([[0.0, 2.0, 0.0] if "oot" not in n else [0.0, -2.0, 9.0] for n in names])
    return names, parents, heads, heads + forward * size


def _depth(parents, bone):
    return 0 if parents[bone] < 0 else 1 + _depth(parents, parents[bone])


MIXAMO = """
hips: mixamorig:Hips
back: mixamorig:Spine < mixamorig:Hips
ribs: mixamorig:Spine1 < mixamorig:Spine
chest: mixamorig:Spine2 < mixamorig:Spine1
neck: mixamorig:Neck < mixamorig:Spine2
head: mixamorig:Head < mixamorig:Neck
clavicle: mixamorig:*Shoulder < mixamorig:Spine2
arm: mixamorig:*Arm < mixamorig:*Shoulder
forearm: mixamorig:*ForeArm < mixamorig:*Arm
hand: mixamorig:*Hand < mixamorig:*ForeArm
thumb: mixamorig:*HandThumb1 < mixamorig:*Hand
finger: mixamorig:*HandIndex1 < mixamorig:*Hand
upleg: mixamorig:*UpLeg < mixamorig:Hips
leg: mixamorig:*Leg < mixamorig:*UpLeg
foot: mixamorig:*Foot < mixamorig:*Leg
toe: mixamorig:*ToeBase < mixamorig:*Foot
"""
UNREAL = """
root: root
hips: pelvis < root
back: spine_01 < pelvis
ribs: spine_02 < spine_01
chest: spine_03 < spine_02
neck: neck_01 < spine_03
head: head < neck_01
clavicle: clavicle_* < spine_03
arm: upperarm_* < clavicle_*
armtwist: upperarm_twist_01_* < upperarm_*
forearm: lowerarm_* < upperarm_*
hand: hand_* < lowerarm_*
finger: index_01_* < hand_*
upleg: thigh_* < pelvis
legtwist: thigh_twist_01_* < thigh_*
leg: calf_* < thigh_*
foot: foot_* < calf_*
toe: ball_* < foot_*
root: ik_foot_root < root
foot: ik_foot_* < ik_foot_root
"""
VRM = """
hips: J_Bip_C_Hips
back: J_Bip_C_Spine < J_Bip_C_Hips
ribs: J_Bip_C_Chest < J_Bip_C_Spine
chest: J_Bip_C_UpperChest < J_Bip_C_Chest
neck: J_Bip_C_Neck < J_Bip_C_UpperChest
head: J_Bip_C_Head < J_Bip_C_Neck
eye: J_Adj_*_FaceEye < J_Bip_C_Head
clavicle: J_Bip_*_Shoulder < J_Bip_C_UpperChest
arm: J_Bip_*_UpperArm < J_Bip_*_Shoulder
forearm: J_Bip_*_LowerArm < J_Bip_*_UpperArm
hand: J_Bip_*_Hand < J_Bip_*_LowerArm
finger: J_Bip_*_Index1 < J_Bip_*_Hand
upleg: J_Bip_*_UpperLeg < J_Bip_C_Hips
leg: J_Bip_*_LowerLeg < J_Bip_*_UpperLeg
foot: J_Bip_*_Foot < J_Bip_*_LowerLeg
toe: J_Bip_*_ToeBase < J_Bip_*_Foot
"""
SMPL = """
hips: m_avg_Pelvis
back: m_avg_Spine1 < m_avg_Pelvis
ribs: m_avg_Spine2 < m_avg_Spine1
chest: m_avg_Spine3 < m_avg_Spine2
neck: m_avg_Neck < m_avg_Spine3
head: m_avg_Head < m_avg_Neck
clavicle: m_avg_*_Collar < m_avg_Spine3
arm: m_avg_*_Shoulder < m_avg_*_Collar
forearm: m_avg_*_Elbow < m_avg_*_Shoulder
hand: m_avg_*_Wrist < m_avg_*_Elbow
finger: m_avg_*_Hand < m_avg_*_Wrist
upleg: m_avg_*_Hip < m_avg_Pelvis
leg: m_avg_*_Knee < m_avg_*_Hip
foot: m_avg_*_Ankle < m_avg_*_Knee
toe: m_avg_*_Foot < m_avg_*_Ankle
"""
BIPED = """
root: Bip01
hips: Bip01 Pelvis < Bip01
back: Bip01 Spine < Bip01 Pelvis
ribs: Bip01 Spine1 < Bip01 Spine
chest: Bip01 Spine2 < Bip01 Spine1
neck: Bip01 Neck < Bip01 Spine2
head: Bip01 Head < Bip01 Neck
clavicle: Bip01 * Clavicle < Bip01 Neck
arm: Bip01 * UpperArm < Bip01 * Clavicle
forearm: Bip01 * Forearm < Bip01 * UpperArm
hand: Bip01 * Hand < Bip01 * Forearm
finger: Bip01 * Finger1 < Bip01 * Hand
upleg: Bip01 * Thigh < Bip01 Pelvis
leg: Bip01 * Calf < Bip01 * Thigh
foot: Bip01 * Foot < Bip01 * Calf
toe: Bip01 * Toe0 < Bip01 * Foot
"""
GENESIS = """
hips: hip
hips: pelvis < hip
back: abdomenLower < hip
ribs: abdomenUpper < abdomenLower
chest: chestLower < abdomenUpper
chest: chestUpper < chestLower
neck: neckLower < chestUpper
neck1: neckUpper < neckLower
head: head < neckUpper
eye: *Eye < head
clavicle: *Collar < chestUpper
arm: *ShldrBend < *Collar
armtwist: *ShldrTwist < *ShldrBend
forearm: *ForearmBend < *ShldrTwist
hand: *Hand < *ForearmBend
finger: *Index1 < *Hand
upleg: *ThighBend < pelvis
legtwist: *ThighTwist < *ThighBend
leg: *Shin < *ThighTwist
foot: *Foot < *Shin
toe: *Toe < *Foot
bigtoe: *BigToe < *Toe
"""
CHARACTER_CREATOR = """
hips: CC_Base_Hip
hips: CC_Base_Pelvis < CC_Base_Hip
back: CC_Base_Waist < CC_Base_Hip
ribs: CC_Base_Spine01 < CC_Base_Waist
chest: CC_Base_Spine02 < CC_Base_Spine01
neck: CC_Base_NeckTwist01 < CC_Base_Spine02
neck1: CC_Base_NeckTwist02 < CC_Base_NeckTwist01
head: CC_Base_Head < CC_Base_NeckTwist02
clavicle: CC_Base_*_Clavicle < CC_Base_Spine02
arm: CC_Base_*_Upperarm < CC_Base_*_Clavicle
armtwist: CC_Base_*_UpperarmTwist01 < CC_Base_*_Upperarm
forearm: CC_Base_*_Forearm < CC_Base_*_Upperarm
hand: CC_Base_*_Hand < CC_Base_*_Forearm
finger: CC_Base_*_Index1 < CC_Base_*_Hand
upleg: CC_Base_*_Thigh < CC_Base_Pelvis
leg: CC_Base_*_Calf < CC_Base_*_Thigh
foot: CC_Base_*_Foot < CC_Base_*_Calf
toe: CC_Base_*_ToeBaseShareBone < CC_Base_*_Foot
toe: CC_Base_*_ToeBase < CC_Base_*_Foot
bigtoe: CC_Base_*_BigToe1 < CC_Base_*_ToeBase
"""
ASF = """
hips: root
upleg: *femur < root
leg: *tibia < *femur
foot: *foot < *tibia
toe: *toes < *foot
back: lowerback < root
ribs: upperback < lowerback
chest: thorax < upperback
neck: lowerneck < thorax
neck1: upperneck < lowerneck
head: head < upperneck
clavicle: *clavicle < thorax
arm: *humerus < *clavicle
forearm: *radius < *humerus
hand: *wrist < *radius
"""
RIGIFY = """
hips: spine
back: spine.001 < spine
ribs: spine.002 < spine.001
chest: spine.003 < spine.002
neck: spine.004 < spine.003
neck1: spine.005 < spine.004
head: spine.006 < spine.005
buttock: pelvis.* < spine
upleg: thigh.* < spine
leg: shin.* < thigh.*
foot: foot.* < shin.*
toe: toe.* < foot.*
foot: heel.02.* < foot.*
clavicle: shoulder.* < spine.003
arm: upper_arm.* < shoulder.*
forearm: forearm.* < upper_arm.*
hand: hand.* < forearm.*
finger: f_index.01.* < hand.*
"""
RIGS = {
    "Mixamo": (MIXAMO, "Left", "Right", 23),
    "Mixamo, no prefix": (MIXAMO.replace("mixamorig:", ""), "Left", "Right", 23),
    "Mixamo, underscore": (MIXAMO.replace("mixamorig:", "mixamorig_"), "Left", "Right", 23),
    "Mixamo, numbered": (MIXAMO.replace("mixamorig:", "mixamorig1:"), "Left", "Right", 23),
    "Unreal": (UNREAL, "l", "r", 23),
    "VRM": (VRM, "L", "R", 23),
    "SMPL": (SMPL, "L", "R", 21),
    "Biped": (BIPED, "L", "R", 23),
    "Genesis": (GENESIS, "l", "r", 24),
    "Character Creator": (CHARACTER_CREATOR, "L", "R", 24),
    "ASF": (ASF, "l", "r", 22),
    "Rigify metarig": (RIGIFY, "L", "R", 24),
}


@pytest.fixture(params=RIGS)
def known(request):
    text, left, right, count = RIGS[request.param]
    return rig(text, left, right), count


def test_every_convention_is_mapped_without_a_hand(known):
    bones, count = known
    found = detect(*bones)
    assert len(found.mapping) == count
    assert found.usable and not found.problems and not found.doubtful
    assert found.confidence > 0.9


def test_each_joint_lies_where_the_part_of_the_body_is(known):
    (names, _, heads, _), _ = known
    mapping = detect(*known[0]).mapping
    place = {joint: heads[names.index(bone)] for joint, bone in mapping.items()}
    for part, joint in {
        "upleg": "UpLeg", "leg": "Leg", "foot": "Foot", "arm": "Arm", "forearm": "ForeArm",
        "hand": "Hand", "toe": "ToeBase", "clavicle": "Shoulder",
    }.items():  # fmt: skip
        for side, sign in (("Left", 1.0), ("Right", -1.0)):
            if side + joint in place:
                expected = np.array(PLACES[part], float) * [sign, 1.0, 1.0]
                np.testing.assert_array_equal(place[side + joint], expected)
    for part, joint in {
        "hips": "Hips",
        "back": "LowerBack",
        "chest": "Spine",
        "head": "Head",
    }.items():
        np.testing.assert_array_equal(place[joint], np.array(PLACES[part], float))


@pytest.mark.parametrize("size", [1e-3, 1e3])
def test_size_and_axes_of_the_armature_do_not_matter(size):
    names, parents, heads, tails = rig(MIXAMO, "Left", "Right", size)
    lying = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert detect(names, parents, heads @ lying.T, tails @ lying.T).usable


def test_a_bend_without_a_known_name_is_found_between_its_neighbours_and_doubted():
    bones = rig(RIGIFY.replace("shin.*", "bone7.*").replace("forearm.*", "bone9.*"))
    found = detect(*bones)
    assert found.mapping["LeftLeg"] == "bone7.L" and found.mapping["RightForeArm"] == "bone9.R"
    assert {"LeftLeg", "RightLeg", "LeftForeArm", "RightForeArm"} == set(found.doubtful)
    assert found.usable and found.confidence < 0.95


def test_what_is_missing_is_named():
    text = "\n".join(line for line in RIGIFY.splitlines() if "forearm" not in line)
    text = "\n".join(line for line in text.splitlines() if "hand" not in line)
    found = detect(*rig(text))
    assert not found.usable and found.confidence < 0.6
    assert "LeftForeArm, RightForeArm" in found.problems[0].message
    assert found.mapping["LeftFoot"] == "foot.L" and found.completable


def test_half_a_body_is_not_offered_for_completion():
    upper = ("shoulder", "arm", "hand")
    lines = [line for line in RIGIFY.splitlines() if not any(word in line for word in upper)]
    found = detect(*rig("\n".join(lines)))
    assert not found.usable and not found.completable


@pytest.mark.parametrize("names", [["Link.000"], ["spine", "head"], ["a", "b", "c"]])
def test_chains_are_no_people(names):
    heads = np.array([[0.0, float(i), 0.0] for i in range(len(names))])
    found = detect(names, range(-1, len(names) - 1), heads, heads + [0.0, 1.0, 0.0])
    assert not found.usable and found.mapping == {} and found.confidence < 0.1


def test_a_body_on_four_legs_is_refused_whatever_its_bones_are_called():
    names, parents, heads, tails = rig(RIGIFY)
    trunk = heads[:, 1] > 94.0
    for points in (heads, tails):  # the trunk falls forward onto the hands
        points[trunk] = points[trunk] @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]) + [0, 95, -95]
    found = detect(names, parents, heads, tails)
    assert not found.usable
    assert "standing human figure" in found.problems[0].message


class TestValidation:
    """A mapping made by hand."""

    @pytest.fixture
    def bones(self):
        return rig(MIXAMO.replace("mixamorig:", ""), "Left", "Right")

    @pytest.fixture
    def mapping(self, bones):
        return dict(detect(*bones).mapping)

    def test_the_detected_one_is_fine(self, bones, mapping):
        assert validate(mapping, *bones) == ()

    @pytest.mark.parametrize("joint", REQUIRED_JOINTS)
    def test_a_required_joint_is_missed(self, bones, mapping, joint):
        mapping[joint] = ""
        problem = validate(mapping, *bones)[0]
        assert problem.level == "ERROR" and joint in problem.joints and joint in problem.message

    def test_optional_joints_may_be_empty(self, bones, mapping):
        required = {joint: mapping[joint] for joint in REQUIRED_JOINTS}
        assert validate(required, *bones) == ()

    def test_a_bone_for_two_joints(self, bones, mapping):
        mapping["LeftToeBase"] = "LeftFoot"
        problem = validate(mapping, *bones)[0]
        assert "mapped twice: to LeftFoot, LeftToeBase" in problem.message

    def test_sides_exchanged_by_name(self, bones, mapping):
        mapping["LeftFoot"], mapping["RightFoot"] = mapping["RightFoot"], mapping["LeftFoot"]
        assert all("other side" in problem.message for problem in validate(mapping, *bones)[:2])

    def test_a_bone_that_does_not_exist(self, bones, mapping):
        mapping["Head"] = "Kopf"
        assert "'Kopf', which this armature does not have" in validate(mapping, *bones)[0].message

    def test_a_knee_that_does_not_hang_on_its_hip(self, bones, mapping):
        mapping["LeftUpLeg"], mapping["LeftLeg"] = mapping["LeftLeg"], mapping["LeftUpLeg"]
        assert "does not hang below" in validate(mapping, *bones)[0].message

    def test_left_and_right_exchanged_without_names(self, bones, mapping):
        names, parents, heads, tails = bones
        mirror = [-1.0, 1.0, 1.0]
        problems = validate(mapping, names, parents, heads * mirror, tails * mirror)
        assert [problem.level for problem in problems] == ["WARNING"]
        assert "point backwards" in problems[0].message

    def test_a_limb_of_no_length(self, bones, mapping):
        names, parents, heads, tails = bones
        heads[names.index("LeftLeg")] = heads[names.index("LeftFoot")]
        assert "same place" in validate(mapping, names, parents, heads, tails)[0].message


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("mixamorig:LeftUpLeg", "Left"), ("thigh.L", "Left"), ("thigh_r", "Right"),
        ("lThigh", "Left"), ("rShldr", "Right"), ("LHipJoint", "Left"), ("Bip01 R Hand", "Right"),
        ("lfemur", "Left"), ("Right_Arm", "Right"), ("hand_left", "Left"), ("leg", ""),
        ("root", ""), ("lowerback", ""), ("ribs", ""), ("rightfoot", "Right"),
    ],
)  # fmt: skip
def test_sides_are_read_as_people_write_them(name, side):
    assert side_of(name) == side
