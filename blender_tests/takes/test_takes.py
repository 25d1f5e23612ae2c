# SPDX-License-Identifier: GPL-3.0-or-later
"""Variations and takes: all are kept, any can be tried, what is removed leaves no orphan."""

import json

import bpy
import pytest
from support import digest, rigs


def walk(**options):
    return bpy.ops.quaternet.generate_locomotion(curve="Path", **options)


@pytest.fixture
def rig(random_walk):
    """A rig with an action of its own and a curve beside it; walks are random poses."""
    rigs.s_curve()
    obj = rigs.make("mixamo")
    obj.pose.bones["mixamorig:Head"].keyframe_insert("location", frame=3)
    obj.animation_data.action.name = "Own"
    return obj


def names():
    return sorted(action.name for action in bpy.data.actions)


def listed(rig):
    return [take.action.name for take in rig.quaternet_takes.items]


def test_each_variation_is_an_action_of_its_own_seed_and_the_first_plays(rig):
    walk(seed=5, variations=3)
    assert listed(rig) == [f"Walk 1.4 Path s{seed}" for seed in (5, 6, 7)]
    assert rig.animation_data.action.name == "Walk 1.4 Path s5"
    assert rig.quaternet_takes.active == 0
    keys = [digest.of_action(take.action) for take in rig.quaternet_takes.items]
    assert keys[0] != keys[1] != keys[2] != keys[0]
    walk(seed=6)
    assert digest.of_action(rig.animation_data.action) == keys[1]


def test_every_take_plays_when_it_is_used(rig, module):
    walk(variations=2)
    poses = []
    for index in (0, 1, 0):
        assert bpy.ops.quaternet.use_take(index=index) == {"FINISHED"}
        assert rig.animation_data.action == rig.quaternet_takes.items[index].action
        bpy.context.scene.frame_set(12)
        poses.append(rig.pose.bones["mixamorig:LeftArm"].matrix.copy())
    assert poses[0] == poses[2] != poses[1]


def test_takes_need_no_fake_user_and_are_saved_with_the_rig(rig, tmp_path):
    walk(variations=3)
    assert not any(take.action.use_fake_user for take in rig.quaternet_takes.items)
    path = str(tmp_path / "takes.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    rig = bpy.data.objects["Mixamo"]
    assert listed(rig) == [f"Walk 1.4 Path s{seed}" for seed in range(3)]
    assert names() == ["Own", *listed(rig)]


def test_running_again_and_again_leaves_nothing_behind_but_takes(rig):
    for seed in range(4):
        walk(seed=seed)
    assert sorted(names()) == sorted(["Own", *listed(rig)])
    assert not bpy.data.actions["Own"].use_fake_user  # its takes hold it
    for _ in range(4):
        assert bpy.ops.quaternet.remove_take() == {"FINISHED"}
    assert names() == ["Own"] and rig.animation_data.action.name == "Own"


def test_keeping_one_removes_the_rest_in_one_go(rig):
    walk(variations=4)
    assert bpy.ops.quaternet.keep_take(index=2) == {"FINISHED"}
    assert listed(rig) == ["Walk 1.4 Path s2"]
    assert rig.animation_data.action.name == "Walk 1.4 Path s2"
    assert names() == ["Own", "Walk 1.4 Path s2"]
    assert rig.quaternet_takes.items[0].previous.name == "Own"


def test_a_star_keeps_a_take_and_a_note_is_remembered(rig, tmp_path):
    walk(variations=4)
    items = rig.quaternet_takes.items
    items[1].favourite, items[1].note = True, "best knees"
    assert bpy.ops.quaternet.keep_take(index=2) == {"FINISHED"}
    assert listed(rig) == ["Walk 1.4 Path s1", "Walk 1.4 Path s2"]
    path = str(tmp_path / "notes.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    take = bpy.data.objects["Mixamo"].quaternet_takes.items[0]
    assert take.favourite and take.note == "best knees"


def test_removing_a_take_that_does_not_play_leaves_the_playing_one_alone(rig):
    walk(variations=3)
    bpy.ops.quaternet.remove_take(index=1)
    assert listed(rig) == ["Walk 1.4 Path s0", "Walk 1.4 Path s2"]
    assert rig.animation_data.action.name == "Walk 1.4 Path s0"
    bpy.ops.quaternet.remove_take(index=0)
    assert rig.animation_data.action.name == "Own"


def test_the_animators_own_action_is_as_it_was_and_survives_whatever_becomes_of_its_takes(
    rig, tmp_path
):
    """No fake user, but for what nothing else would save."""
    path = str(tmp_path / "own.blend")

    def saved():
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
        return bpy.data.objects["Mixamo"]

    walk(variations=2)
    rig = saved()
    assert "Own" in names() and not bpy.data.actions["Own"].use_fake_user
    bpy.ops.quaternet.remove_take(index=0)
    assert rig.animation_data.action.name == "Own" and not bpy.data.actions["Own"].use_fake_user
    bpy.ops.quaternet.use_take(index=0)
    assert not bpy.data.actions["Own"].use_fake_user
    rig.animation_data.action = None  # the animator takes it off, then removes the take
    bpy.ops.quaternet.remove_take(index=0)
    rig = saved()
    assert names() == ["Own"]


def test_a_take_is_told_by_its_name_and_only_one_that_is_there(rig, capfd):
    walk(variations=2)
    before = digest.of_file()
    for index in (-5, -2, 2, 99):
        with pytest.raises(RuntimeError, match=f"one of 2 takes, got number {index}"):
            bpy.ops.quaternet.remove_take(index=index)
    assert digest.of_file() == before
    assert bpy.ops.quaternet.remove_take(index=1) == {"FINISHED"}
    assert "Take 'Walk 1.4 Path s1' removed" in capfd.readouterr().out


def test_removing_in_the_order_of_making_forgets_actions_that_later_takes_came_after(rig):
    for seed in range(3):
        walk(seed=seed)
    for left in ([1, 2], [2], []):
        bpy.ops.quaternet.remove_take(index=0)
        assert names() == sorted(["Own", *listed(rig)]) and len(listed(rig)) == len(left)
    assert rig.animation_data.action.name == "Own"


def test_an_action_that_is_used_elsewhere_survives_its_take(rig):
    walk(variations=3)
    other = bpy.data.objects.new("Other", None)
    other.animation_data_create().action = rig.quaternet_takes.items[1].action
    rig.quaternet_takes.items[2].action.use_fake_user = True  # the animator's own wish
    bpy.ops.quaternet.keep_take(index=0)
    assert names() == ["Own", *(f"Walk 1.4 Path s{seed}" for seed in range(3))]


def test_settings_are_kept_as_json_and_give_the_same_keys_again(rig):
    bpy.context.scene.frame_set(11)
    walk(seed=3, speed=2.0, use_in_place=True)
    (take,) = rig.quaternet_takes.items
    settings = json.loads(take.settings)
    assert settings["curve"] == "Path" and settings["seed"] == 3
    assert settings["speed"] == pytest.approx(2.0) and settings["use_in_place"] is True
    assert (take.mode, take.seed, take.frame_start, take.frame_end) == ("WALK", 3, 11, 34)
    keys = digest.of_action(take.action)
    bpy.context.scene.frame_set(60)
    assert bpy.ops.quaternet.regenerate_take() == {"FINISHED"}
    assert len(rig.quaternet_takes.items) == 2 and bpy.context.scene.frame_current == 60
    assert digest.of_action(rig.animation_data.action) == keys


def test_a_new_seed_is_one_that_no_take_has(rig):
    walk(seed=3, variations=2)
    bpy.ops.quaternet.regenerate_take(index=0, reseed=True)
    assert [take.seed for take in rig.quaternet_takes.items] == [3, 4, 5]
    assert rig.animation_data.action == rig.quaternet_takes.items[2].action


def test_the_panel_takes_over_the_settings_of_a_take(rig):
    walk(seed=3, speed=2.0, use_in_place=True)
    walk()
    assert bpy.ops.quaternet.adopt_take_settings(index=0) == {"FINISHED"}
    panel = bpy.context.scene.quaternet
    assert panel.mode == "WALK" and panel.curve.name == "Path" and panel.seed == 3
    assert panel.speed == pytest.approx(2.0) and panel.use_in_place


def test_a_take_on_an_nla_strip_plays_at_its_frames(rig):
    bpy.context.scene.frame_set(11)
    walk()
    bpy.context.scene.frame_set(20)
    before = rig.pose.bones["mixamorig:LeftArm"].matrix.copy()
    assert bpy.ops.quaternet.push_take_to_nla() == {"FINISHED"}
    assert rig.animation_data.action is None
    (strip,) = rig.animation_data.nla_tracks[-1].strips
    assert (strip.frame_start, strip.frame_end) == (11.0, 34.0)
    bpy.context.scene.frame_set(1)
    bpy.context.scene.frame_set(20)
    assert rig.pose.bones["mixamorig:LeftArm"].matrix == before


def test_a_take_without_its_action_says_so_and_can_be_removed(rig):
    walk(variations=2)
    bpy.data.actions.remove(rig.quaternet_takes.items[1].action)
    for call in (bpy.ops.quaternet.use_take, bpy.ops.quaternet.keep_take):
        before = digest.of_file()
        with pytest.raises(RuntimeError, match="was deleted"):
            call(index=1)
        assert digest.of_file() == before
    assert bpy.ops.quaternet.remove_take(index=1) == {"FINISHED"}
    assert listed(rig) == ["Walk 1.4 Path s0"]


def test_without_takes_the_operators_say_what_to_do(rig):
    with pytest.raises(RuntimeError, match="no takes yet"):
        bpy.ops.quaternet.use_take()
    walk()
    with pytest.raises(RuntimeError, match="got number 7"):
        bpy.ops.quaternet.remove_take(index=7)


def test_settings_of_a_newer_version_are_no_obstacle(rig):
    walk()
    take = rig.quaternet_takes.items[0]
    take.settings = json.dumps({**json.loads(take.settings), "invented later": 1})
    assert bpy.ops.quaternet.regenerate_take() == {"FINISHED"}
    take.settings = "damaged"
    with pytest.raises(RuntimeError, match="settings of this take"):
        bpy.ops.quaternet.regenerate_take(index=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed": "fast"},
        {"speed": None},
        {"speed": -1},
        {"laps": [1]},
        {"curve": 7},
        {"style": "NOBODY"},
        {"loop": "yes"},
        {"seed": 2**31},
        {"key_step": 1.5},
    ],
)
def test_settings_of_a_foreign_file_that_no_option_can_have_are_refused(rig, wrong):
    walk()
    take = rig.quaternet_takes.items[0]
    take.settings = json.dumps({**json.loads(take.settings), **wrong})
    before = digest.of_file()
    with pytest.raises(RuntimeError, match="settings of this take"):
        bpy.ops.quaternet.regenerate_take(index=0)
    with pytest.raises(RuntimeError, match="settings of this take"):
        bpy.ops.quaternet.adopt_take_settings(index=0)
    assert digest.of_file() == before


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 5000, "null", "[]", '"x"', '{"curve": "\\ud800"}', "{" * 9]
)
def test_settings_that_are_no_settings_are_refused_in_words(rig, text):
    walk()
    rig.quaternet_takes.items[0].settings = text
    before = digest.of_file()
    with pytest.raises(RuntimeError, match="settings of this take"):
        bpy.ops.quaternet.regenerate_take(index=0)
    assert digest.of_file() == before


@pytest.mark.parametrize("place", [7, {}, {"origin": 1}, {"origin": [0, 0, None], "heading": "x"}])
def test_a_place_of_a_dance_that_is_none_is_found_anew(rig, place, spinning):
    bpy.ops.quaternet.generate_dance(duration=0.2)
    take = rig.quaternet_takes.items[-1]
    take.settings = json.dumps({**json.loads(take.settings), "place": place})
    assert bpy.ops.quaternet.regenerate_take() == {"FINISHED"}
