# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences page: new files begin as it says, and a report tells no names."""

import bpy
import pytest
from support import rigs
from support.fake_layout import FakeLayout


@pytest.fixture
def preferences(package):
    """The add-on's preferences, afterwards as they were."""
    found = bpy.context.preferences.addons[package].preferences
    yield found
    for name in ("style", "keys", "root"):
        found.property_unset(name)


def new_file():
    bpy.ops.wm.read_homefile(use_empty=True)
    return bpy.context.scene.quaternet


def test_a_new_file_begins_as_the_preferences_say(preferences, package):
    preferences.style, preferences.keys = "JOG", "FEWEST"
    settings = new_file()
    assert settings.speed == pytest.approx(2.6) and settings.keys == "FEWEST"
    bpy.context.preferences.addons[package].preferences.style = "PLAIN"
    assert new_file().speed == pytest.approx(1.4)


def test_a_saved_file_keeps_what_it_has(preferences, tmp_path):
    bpy.context.scene.quaternet.seed = 3
    path = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    preferences.style = "JOG"
    bpy.ops.wm.open_mainfile(filepath=path)
    assert bpy.context.scene.quaternet.speed == pytest.approx(1.4)


def test_the_page_tells_each_model_with_its_licences(preferences, module):
    page = module("blender.tab.preferences").QUATERNET_AddonPreferences
    layout = FakeLayout()

    class Page:
        draw = page.draw
        style, keys, root = preferences.style, preferences.keys, preferences.root
        bl_rna = preferences.bl_rna

    drawn = Page()
    drawn.layout = layout
    drawn.draw(bpy.context)
    text = " ".join(layout.texts)
    for name in ("locomotion.npz", "dance.npz", "continuation.npz", "CC BY 3.0", "CC BY 4.0"):
        assert name in text, name


def test_a_detected_rig_has_the_preferred_root_unless_one_was_chosen(preferences):
    preferences.root = "OBJECT"
    rig = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    assert rig.quaternet_driving.root == "OBJECT"
    rig.quaternet_driving.root = "HIPS"
    bpy.ops.quaternet.detect_mapping()
    assert rig.quaternet_driving.root == "HIPS"


def test_a_report_has_versions_and_facts_and_no_names(module):
    rig = rigs.make("mixamo")
    rig.name, rig.data.name = "SecretHero", "SecretArmature"
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    rig.data.quaternet_mapping.preset = "SecretPreset"
    text = module("blender.tab.problem_report").facts(bpy.context)
    assert bpy.app.version_string in text and "QuaterNet 0." in text and '"Hips"' in text
    assert f"bones: {len(rig.pose.bones)}" in text
    assert "Secret" not in text and "mixamorig" not in text and bpy.app.tempdir not in text
