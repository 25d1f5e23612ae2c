# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection over the rigs of every convention: names as they are, changed, and gone."""

import numpy as np
import pytest

from blender_tests.support import convention_rigs as conventions
from blender_tests.support import creatures
from blender_tests.tables import mapping
from quaternet_addon.core.mapping.detection import detect
from quaternet_addon.core.mapping.presets import load_presets

CONTROLS = ("rigify_controls", "auto_rig_pro")  # several chains lie on each other


@pytest.fixture(scope="module")
def scores():
    """Convention -> kind of change -> score, measured once."""
    return {name: mapping.measure(name) for name in conventions.CONVENTIONS}


def _share(scores, kind, what, names=conventions.CONVENTIONS):
    joints = sum(scores[name][kind].joints for name in names)
    return sum(getattr(scores[name][kind], what) for name in names) / joints


@pytest.mark.parametrize("kind", ["own", "poses", "affixes", "sides"])
def test_at_least_95_percent_of_the_joints_are_right_over_all_rigs(scores, kind):
    assert _share(scores, kind, "right") >= 0.95
    for name in conventions.CONVENTIONS:
        assert _share(scores, kind, "right", [name]) >= 0.95, name


def test_with_a_prefix_and_suffix_of_its_own_on_every_bone_95_percent_are_right(scores):
    assert _share(scores, "each its own", "right") >= 0.95
    assert _share(scores, "each its own", "right", CONTROLS) >= 0.95


def test_without_usable_names_the_shape_gives_95_percent(scores):
    """On control rigs another chain at the same place counts: shape cannot tell which is keyed."""
    assert _share(scores, "nameless", "placed") >= 0.95
    plain = [name for name in conventions.CONVENTIONS if name not in CONTROLS]
    assert _share(scores, "nameless", "right", plain) >= 0.95


def _each_its_own(rig, prefixes, suffixes, seed):
    random = np.random.default_rng(seed)
    return conventions.renamed(
        rig, lambda bone: f"{random.choice(prefixes)}{bone}{random.choice(suffixes)}"
    )


@pytest.mark.parametrize("name", [*CONTROLS, "mmd"])
@pytest.mark.parametrize(
    ("prefixes", "suffixes"),
    [
        ("CTRL_ game: Bob- npc| lay1_ zz_ A_".split(), "_end _grp _c _tip -x _s".split()),
        (["", *"CTRL_ game: Bob- npc|".split()], ["", *"_end .002 _02 _fk".split()]),
        ([f"p{i}_" for i in range(9999)], [f"_s{i}" for i in range(9999)]),
    ],
    ids=["others", "some bare", "no two alike"],
)
def test_controls_are_told_from_what_lies_on_them_with_affixes_that_no_table_has(
    name, prefixes, suffixes
):
    total = mapping.Score()
    for seed in range(5):
        rig = _each_its_own(conventions.build(name, arms=9 * seed), prefixes, suffixes, seed)
        found = detect(*rig.bones)
        assert found.preset == name
        total += mapping.score(rig, found.mapping)
    assert total.right >= 0.95 * total.joints and total.wrong_side == 0


@pytest.mark.parametrize("name", [*CONTROLS, "mmd"])
def test_control_names_with_affixes_that_lie_on_four_legs_are_refused(name):
    rig = conventions.build(name)
    heads, tails = rig.heads.copy(), rig.tails.copy()
    bones = dict(zip(rig.names, heads, strict=True))
    hips = 0.5 * (bones[rig.truth["LeftUpLeg"]] + bones[rig.truth["RightUpLeg"]])
    up = bones[rig.truth["Head"]] - hips
    across = bones[rig.truth["LeftUpLeg"]] - bones[rig.truth["RightUpLeg"]]
    up, across = up / np.linalg.norm(up), across / np.linalg.norm(across)
    ahead = np.cross(across, up)
    lying = np.eye(3) - np.outer(up, up) - np.outer(ahead, ahead)
    lying += np.outer(ahead, up) - np.outer(up, ahead)
    trunk = (heads - hips) @ up > 0.01
    for points in (heads, tails):
        points[trunk] = (points[trunk] - hips) @ lying.T + hips
    names = _each_its_own(rig, ["a_", "b_", "rig_"], ["_jnt", "_bone"], 3).names
    found = detect(names, rig.parents, heads, tails)
    assert not found.usable and not found.completable


def test_no_joint_is_ever_mapped_to_the_wrong_side(scores):
    for name, kinds in scores.items():
        for kind, score in kinds.items():
            assert score.wrong_side == 0, (name, kind)


@pytest.mark.parametrize("preset", sorted(load_presets()[0]))
def test_the_rig_of_a_convention_is_recognised_by_its_preset_without_doubts(preset):
    found = detect(*conventions.build(preset, roll=5).bones)
    assert found.preset == preset and found.method == "preset" and found.usable
    assert found.confidence > 0.95 and not found.doubtful


@pytest.mark.parametrize("name", ["mixamo", "daz_genesis_8", "makehuman_default", "biped"])
@pytest.mark.parametrize("part", ["toes", "clavicles", "necks", "hands", "spine"])
def test_missing_joints_are_left_open_and_the_rest_is_right(name, part):
    rig = conventions.anonymous(creatures.without(conventions.build(name), part))
    found = detect(*rig.bones)
    assert found.usable
    assert mapping.score(rig, found.mapping).placed == len(rig.truth)


@pytest.mark.parametrize("creature", creatures.CREATURES)
@pytest.mark.parametrize("names", ["own", "human", "none"])
def test_creatures_are_no_people_whatever_their_bones_are_called(creature, names):
    if (creature, names) == ("chair", "human"):
        pytest.skip("a chair on two legs with arm rests, all named as a person's, stands as one")
    found = detect(*creatures.build(creature, names))
    assert not found.usable and not found.completable
    assert found.confidence < 0.6


def test_a_nameless_rig_that_faces_backwards_keeps_its_left():
    """Toes, not axes, say which way it faces."""
    half_turn = (0.0, 0.0, 1.0, 0.0)
    rig = conventions.anonymous(conventions.build("unreal_4", turn=half_turn))
    found = detect(*rig.bones)
    assert found.mapping["LeftFoot"] == rig.truth["LeftFoot"]


def test_where_nothing_shows_which_way_it_faces_the_axes_decide_and_the_joints_are_doubted():
    rig = creatures.without(conventions.build("xsens", knees=0, elbows=0), "toes")
    heads = rig.heads * [1.0, 1.0, 0.0]  # flat: no knee, no elbow bends
    found = detect(*conventions.anonymous(rig).bones[:2], heads, heads + [0.0, 0.1, 0.0])
    numbers = {bone: index for index, bone in enumerate(conventions.anonymous(rig).names)}
    assert rig.names[numbers[found.mapping["LeftFoot"]]] == "LeftFoot"
    assert {"LeftUpLeg", "RightArm"} <= set(found.doubtful)


@pytest.mark.parametrize("axes", [(0, 2, 1), (2, 0, 1), (1, 2, 0)])
def test_axes_of_the_armature_do_not_matter(axes):
    rig = conventions.anonymous(conventions.build("mixamo"))
    swap = np.eye(3)[list(axes)]
    swap[0] *= np.linalg.det(swap)  # a rotation, no mirror image
    found = detect(rig.names, rig.parents, rig.heads @ swap.T, rig.tails @ swap.T)
    assert {j: found.mapping.get(j) for j in rig.truth} == rig.truth


def test_what_the_file_itself_says_goes_first():
    rig = conventions.build("mixamo")
    given = {**rig.truth, "Neck": "", "LeftHandIndex1": "mixamorig:LeftHandMiddle1"}
    found = detect(*rig.bones, given=given)
    assert found.method == "given" and "Neck" not in found.mapping
    assert found.mapping["LeftHandIndex1"] == "mixamorig:LeftHandMiddle1"
    assert detect(*rig.bones, given={"Hips": "mixamorig:Hips"}).method == "preset"


def test_a_preset_whose_names_stand_on_four_legs_is_not_believed():
    names, parents, heads, tails = conventions.build("unreal_4").bones
    lying = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    trunk = heads[:, 1] > 94.0  # centimetres
    for points in (heads, tails):
        points[trunk] = (points[trunk] - [0, 95, 0]) @ lying.T + [0, 95, 0]
    found = detect(names, parents, heads, tails)
    assert not found.usable and not found.completable


def test_a_chair_with_a_persons_names_is_doubted_whatever_its_bones_are_called():
    found = detect(*creatures.build("chair", "human"))
    assert found.confidence < 0.8


@pytest.mark.parametrize("turn", ["lies", "stands"])
def test_a_person_whose_rest_lies_is_told_to_stand_and_is_no_animal(turn):
    """ACCAD's Male1: trunk and arms lie at rest. Forearms and backs tell of no forelegs."""
    rig = conventions.build("mixamo")
    names = [name.replace("Spine1", "UpperBack") for name in rig.names]
    heads, tails = np.array(rig.heads), np.array(rig.tails)
    legs = np.array([any(w in n for w in ("Leg", "Foot", "Toe", "Hips")) for n in names])
    hips = heads[rig.names.index(next(n for n in rig.names if "Hips" in n))]
    if turn == "lies":
        for places in (heads, tails):
            away = places[~legs] - hips
            places[~legs] = hips + away[:, [0, 2, 1]]
    found = detect(names, rig.bones[1], heads, tails)
    assert found.usable == (turn == "stands") and not found.animal
