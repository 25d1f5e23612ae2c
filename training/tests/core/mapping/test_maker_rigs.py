# SPDX-License-Identifier: GPL-3.0-or-later
"""Rigs that no preset knows, odd rests and bodies: right, asked about or refused."""

from functools import partial

import pytest

from blender_tests.support import convention_rigs, maker_rigs, odd_bodies
from blender_tests.tables import confidence
from quaternet_addon.core.mapping import bone_names
from quaternet_addon.core.mapping.checks import validate
from quaternet_addon.core.mapping.detection import detect

SURE = 0.8 - 1e-6  # below, the panel asks
ASKED = {"mGear"}  # chains of limbs that only numbers tell apart, twist bones among them


def _wrong(rig, found):
    return {j: found.mapping.get(j) for j, b in rig.truth.items() if found.mapping.get(j) != b}


@pytest.mark.parametrize("maker", maker_rigs.MAKERS)
@pytest.mark.parametrize("options", [{}, confidence.TURNED], ids=["own", "A, turned"])
def test_rigs_of_makers_are_right_and_not_asked_about(maker, options):
    rig = maker_rigs.build(maker, **options)
    found = detect(*rig.bones)
    assert found.usable and confidence.is_right(rig, found)
    assert (found.confidence >= SURE) != (maker in ASKED)


@pytest.mark.parametrize("maker", maker_rigs.MAKERS)
def test_rigs_of_makers_without_names_are_right_asked_about_or_refused(maker):
    rig = convention_rigs.anonymous(maker_rigs.build(maker))
    found = detect(*rig.bones)
    assert not found.usable or found.confidence < SURE or confidence.is_right(rig, found)
    assert found.usable or found.reason


@pytest.mark.parametrize("body", odd_bodies.BODIES)
@pytest.mark.parametrize("name", confidence.EMBODIED)
def test_odd_bodies_are_right_by_name_and_never_wrong_in_silence(name, body):
    rig = odd_bodies.BODIES[body](partial(confidence.built, name))
    found = detect(*rig.bones)
    assert found.usable and confidence.is_right(rig, found)
    assert found.confidence >= SURE or body == "kneeling"  # its feet point backwards
    nameless = convention_rigs.anonymous(rig)
    found = detect(*nameless.bones)
    assert not found.usable or found.confidence < SURE or confidence.is_right(nameless, found)


def test_a_chest_is_the_highest_bone_of_the_back_although_a_preset_stops_below():
    rig = maker_rigs.build("Perception Neuron")
    found = detect(*rig.bones)
    assert found.preset and found.mapping["Spine"] == "Robot_Spine3"


@pytest.mark.parametrize("maker", ["GTA V", "The Sims 4", "Skyrim"])
def test_hips_carry_the_spine_where_the_pelvis_hangs_beside_it(maker):
    rig = maker_rigs.build(maker)
    assert detect(*rig.bones).mapping["Hips"] == rig.truth["Hips"]


def test_a_chest_that_does_not_hang_below_the_hips_is_refused():
    """By hand, too: a lower back between them that is on the chest's side hides it no more."""
    rig = maker_rigs.build("GTA V")
    problems = validate(rig.truth | {"Hips": "SKEL_Pelvis"}, *rig.bones)
    assert any(p.level == "ERROR" and p.joints == ("Spine", "Hips") for p in problems)
    assert not any(p.level == "ERROR" for p in validate(rig.truth, *rig.bones))


def test_a_coat_s_arm_is_no_arm_because_half_of_the_names_say_coat():
    rig = maker_rigs.build("A coat and a bag over everything")
    coat = convention_rigs.renamed(rig, lambda bone: bone.replace("Coat", "Kimono"))
    assert detect(*coat.bones).mapping["LeftArm"] == "UpperArm_L"


def test_an_l_before_arm_is_low_where_a_u_is_up():
    rig = maker_rigs.build("Hands of a letter")
    assert not _wrong(rig, detect(*rig.bones))
    assert bone_names.read("LArm_RT").side == "Left"  # by itself nobody can tell


def test_a_rig_without_a_neck_in_its_preset_gets_the_bone_below_the_head():
    rig = maker_rigs.build("GTA V")
    assert detect(*rig.bones).mapping["Neck"] == "SKEL_Neck_1"


@pytest.mark.parametrize("body", ["a board beside", "a bone far away"])
def test_a_figure_without_names_is_found_beside_what_is_not_of_it(body):
    rig = convention_rigs.anonymous(odd_bodies.BODIES[body](partial(maker_rigs.build, "Source 2")))
    assert confidence.is_right(rig, detect(*rig.bones))


def test_a_hat_without_a_name_is_no_head_and_asked_about():
    rig = convention_rigs.anonymous(
        odd_bodies.BODIES["a pointed hat"](partial(maker_rigs.build, "Source 2"))
    )
    found = detect(*rig.bones)
    assert confidence.is_right(rig, found) and found.confidence < SURE
    assert "Head" in found.doubtful


def test_a_spine_that_carries_the_legs_is_not_the_hips_where_a_pelvis_is_above_it():
    """Biped, each bone with words of its own around its name, so that no preset fits."""
    ends = iter("_l0 _bone .001 _x _JNT -bind _skin _01".split() * 20)
    rig = convention_rigs.renamed(
        convention_rigs.build("biped"), lambda bone: f"{bone}{next(ends)}"
    )
    found = detect(*rig.bones)
    assert found.method == "names" and not _wrong(rig, found)
