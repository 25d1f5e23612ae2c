# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets say what they are, name real rigs, and whatever else comes is refused in words."""

import json

import pytest

from blender_tests.support import convention_rigs as conventions
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from quaternet_addon.core.mapping.presets import (
    FOLDER,
    load_preset,
    load_presets,
    match_preset,
    parse_preset,
    preset_text,
)

SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))
GOOD = {"format": "quaternet-rig-preset", "version": 1, "label": "Mine", "bones": {"Hips": "hip"}}


@pytest.mark.parametrize("preset_id", SHIPPED)
def test_a_shipped_preset_is_complete_and_says_what_it_was_checked_against(preset_id):
    preset = load_preset(FOLDER / f"{preset_id}.json")
    assert set(REQUIRED_JOINTS) <= set(preset.bones) <= set(QUATERNET_SKELETON.names)
    assert preset.label and preset.source["checked"] and preset.source["against"]
    assert "unchecked" in preset.source and preset.telltale
    assert list(preset.bones) == [j for j in QUATERNET_SKELETON.names if j in preset.bones]


@pytest.mark.parametrize("preset_id", SHIPPED)
@pytest.mark.parametrize("around", ["{}", "Rig:{}", "a_{}_jnt"])
def test_a_shipped_preset_maps_the_rig_of_its_convention(preset_id, around):
    rig = conventions.renamed(conventions.build(preset_id), around.format)
    match = match_preset(load_preset(FOLDER / f"{preset_id}.json"), rig.names, exact=around == "{}")
    assert match.complete
    assert {joint: match.mapping.get(joint) for joint in rig.truth} == rig.truth


def test_controls_name_bones_of_the_rig_that_they_belong_to():
    for preset_id in ("rigify_controls", "auto_rig_pro", "mmd"):
        controls = load_preset(FOLDER / f"{preset_id}.json").controls
        names = set(conventions.build(preset_id).names)
        assert controls["root"] in names
        switched = {switch["bone"] for switch in controls["switches"]}
        assert len(switched & names) >= 4
        assert {bone for ends in controls.get("ik", {}).values() for bone in ends.values()} <= names
        assert {bone for line in controls.get("deform", {}).values() for bone in line} <= names


def test_what_is_written_is_read_back():
    mapping = {"Hips": "腰", "LeftArm": 'arm "quoted" .L', "Neck": ""}
    preset = parse_preset(preset_text("Mein Rig", mapping).encode(), "mine")
    assert preset.label == "Mein Rig" and preset.id == "mine"
    assert preset.bones == {"Hips": ("腰",), "LeftArm": ('arm "quoted" .L',)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "rig preset"),
        ({"version": 2}, "newer version"),
        ({"version": None}, "expected version 1"),
        ({"label": ""}, '"label"'),
        ({"label": "x" * 200}, "at most 100"),
        ({"label": "two\nlines"}, '"label"'),
        ({"label": 7}, '"label"'),
        ({"bones": None}, '"bones"'),
        ({"bones": {}}, "at least one joint"),
        ({"bones": {"Tentacle": "a"}}, "Tentacle"),
        ({"bones": {"Hips": 7}}, '"Hips"'),
        ({"bones": {"Hips": [""]}}, '"Hips"'),
        ({"bones": {"Hips": "x" * 64}}, "63 bytes"),
        ({"bones": {"Hips": ["a"] * 17}}, "up to 16"),
        ({"controls": []}, '"controls"'),
        ({"controls": {"evil": 1}}, "evil"),
        ({"controls": {"switches": [{"bone": "a"}]}}, '"switches"'),
        ({"controls": {"ik": {"LeftFoot": {"target": 3}}}}, "LeftFoot"),
        ({"telltale": "x" * 99}, '"telltale"'),
        ({"source": "me"}, '"source"'),
    ],
)
def test_a_broken_preset_is_refused_in_words(change, message):
    with pytest.raises(ValueError, match=message):
        parse_preset(json.dumps({**GOOD, **change}).encode(), "x")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b'"' + b"x" * 300_000 + b'"'],
    ids=["empty", "cut", "list", "null", "binary", "deep", "large"],
)
def test_what_is_no_preset_at_all_is_refused_in_words(data, tmp_path):
    path = tmp_path / "hostile.json"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"hostile\.json: expected"):
        load_preset(path)


def test_a_broken_file_does_not_hide_the_others(tmp_path):
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    (tmp_path / "bad.json").write_text("{")
    presets, problems = load_presets(tmp_path)
    assert list(presets) == ["good"] and len(problems) == 1 and "bad.json" in problems[0]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="cannot read"):
        load_preset(tmp_path / "none.json")
