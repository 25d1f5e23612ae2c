# SPDX-License-Identifier: GPL-3.0-or-later
"""Live follows curve and options in its own take only, and ends cleanly; timers are called here."""

import time

import bpy
import numpy as np
import pytest
from support import digest, rigs


@pytest.fixture
def rig():
    curve = rigs.poly("Path", [(0, 0, 0), (0, -3, 0), (0, -6, 0)])
    obj = rigs.make("mixamo")
    bpy.context.scene.quaternet.curve = curve
    return obj


def turn(live, seconds=20.0):
    """Let Live work until it has nothing to do, and what was a sketch is settled."""
    end = time.perf_counter() + seconds
    time.sleep(0.25)  # it may be resting
    while time.perf_counter() < end:
        if live.tick() != 0.0 and (live.session() is None or not live.session().owes):
            return
    raise AssertionError("Live does not come to rest")


def start():
    assert bpy.ops.quaternet.live() == {"FINISHED"}


def move_end(y):
    bpy.data.objects["Path"].data.splines[0].points[2].co.y = y
    bpy.context.view_layer.update()


def last_place(rig):
    frame = int(rig.animation_data.action.frame_range[1])
    bpy.context.scene.frame_set(frame)
    return rig.matrix_world @ rig.pose.bones["mixamorig:Hips"].head


def test_it_is_off_until_it_is_turned_on(live, rig):
    assert live.session() is None
    before = digest.of_file()
    move_end(-5.0)
    assert live.tick() is None
    assert rig.animation_data is None and before != ""


def test_moving_a_point_moves_the_walk_in_the_same_action(live, rig):
    start()
    action = rig.animation_data.action
    assert last_place(rig).y == pytest.approx(-6.0, abs=0.2)
    for y in (-8.0, -4.5):
        move_end(y)
        turn(live)
        assert rig.animation_data.action == action
        assert last_place(rig).y == pytest.approx(y, abs=0.2)
    assert len(bpy.data.actions) == 1 and len(rig.quaternet_takes.items) == 1
    take = rig.quaternet_takes.items[0]
    assert take.frame_end == int(action.frame_range[1])


def test_it_gives_what_the_button_gives(module, live, rig):
    start()
    move_end(-7.3)
    turn(live)
    mine = key_values(rig.animation_data.action, module)
    live.stop()
    bpy.ops.quaternet.generate_locomotion(curve="Path")
    whole = key_values(rig.animation_data.action, module)
    assert mine.keys() == whole.keys()
    for name, values in whole.items():  # what was taken over comes of inputs that agree to 1e-6
        np.testing.assert_allclose(mine[name], values, atol=2e-5)


def test_a_slider_changes_the_walk_and_the_takes_settings(live, rig):
    start()
    longer = rig.animation_data.action.frame_range[1]
    bpy.context.scene.quaternet.speed = 2.8
    turn(live)
    assert rig.animation_data.action.frame_range[1] < 0.8 * longer
    assert rig.quaternet_takes.items[0].as_dict()["speed"] == pytest.approx(2.8)


def test_without_a_change_there_is_nothing_to_do(live, rig):
    start()
    turn(live)
    assert live.session().seconds == []
    bpy.data.objects["Path"].data.splines[0].points[2].co.y = -6.0
    bpy.context.view_layer.update()
    turn(live)
    assert live.session().seconds == []


def test_other_actions_and_takes_are_left_alone(live, rig):
    rig.pose.bones["mixamorig:Head"].keyframe_insert("location", frame=3)
    source = rig.animation_data.action
    bpy.ops.quaternet.generate_locomotion(curve="Path")
    other = rig.animation_data.action
    before = [digest.of_action(action) for action in (source, other)]
    start()
    move_end(-9.0)
    turn(live)
    assert [digest.of_action(action) for action in (source, other)] == before
    assert rig.animation_data.action not in (source, other)


def test_keys_before_the_take_stay_where_it_started(live, rig):
    bpy.context.scene.frame_set(40)
    start()
    bpy.context.scene.frame_set(7)
    move_end(-5.0)
    turn(live)
    assert rig.animation_data.action.frame_range[0] == 40.0
    assert bpy.context.scene.frame_current == 7


def test_a_curve_that_is_too_short_is_said_and_the_next_one_walked(live, rig):
    start()
    keys = digest.of_action(rig.animation_data.action)
    for point in bpy.data.objects["Path"].data.splines[0].points:
        point.co.y = -0.01 * point.co.y
    bpy.context.view_layer.update()
    turn(live)
    assert "at least one step" in live.session().message
    assert digest.of_action(rig.animation_data.action) == keys
    move_end(-4.0)
    turn(live)
    assert live.session().message == "" and live.session().seconds


@pytest.mark.parametrize("what", ["rig", "rig deleted", "action", "scene", "other take"])
def test_it_ends_when_what_it_keeps_is_gone(live, rig, what):
    start()
    move_end(-5.0)
    if what == "rig":
        bpy.data.objects.remove(rig)
    elif what == "rig deleted":  # as Delete does it where something still refers to the rig
        bpy.context.scene.collection.objects.unlink(rig)
    elif what == "action":
        bpy.data.actions.remove(rig.animation_data.action)
    elif what == "scene":
        scene = bpy.data.scenes.new("Another")
        for window in bpy.context.window_manager.windows:
            window.scene = scene
        bpy.data.scenes.remove(bpy.data.scenes["Scene"])
        assert live.tick() is not None  # no window shows it: nothing is done
        return
    else:
        rig.animation_data.action = bpy.data.actions.new("Mine")
    assert live.tick() is None and live.session() is None


def test_it_says_why_it_ended(live, rig):
    start()
    rig.animation_data.action = bpy.data.actions.new("Mine")
    live.tick()
    assert "plays another action" in live.last_words()
    start()
    assert live.last_words() == ""


@pytest.mark.parametrize("what", ["rig", "action", "scene"])
def test_it_follows_what_gets_another_name(live, rig, what):
    start()
    blocks = {"rig": rig, "action": rig.animation_data.action, "scene": bpy.context.scene}
    blocks[what].name = "Renamed"
    move_end(-4.0)
    turn(live)
    assert len(live.session().seconds) == 1
    assert last_place(rig).y == pytest.approx(-4.0, abs=0.2)


def test_it_waits_while_a_picture_is_rendered(live, rig, monkeypatch):
    start()
    before = digest.of_action(rig.animation_data.action)
    monkeypatch.setattr(live, "rendering", lambda: True)
    move_end(-4.0)
    turn(live)
    assert digest.of_action(rig.animation_data.action) == before
    assert "render" in live.session().message
    monkeypatch.setattr(live, "rendering", lambda: False)
    turn(live)
    assert digest.of_action(rig.animation_data.action) != before
    assert live.session().message == ""


def test_it_waits_while_the_animation_plays_and_goes_on_after_it(live, rig, monkeypatch):
    start()
    before = digest.of_action(rig.animation_data.action)
    monkeypatch.setattr(live, "playing", lambda windows: True)
    move_end(-4.0)
    turn(live)
    assert digest.of_action(rig.animation_data.action) == before
    assert "plays" in live.session().message
    monkeypatch.setattr(live, "playing", lambda windows: False)
    turn(live)
    assert last_place(rig).y == pytest.approx(-4.0, abs=0.2)


def test_a_deleted_curve_is_said(live, rig):
    start()
    bpy.data.objects.remove(bpy.data.objects["Path"])
    bpy.context.view_layer.update()
    turn(live)
    assert "a curve to walk along" in live.session().message


def test_deletion_in_the_middle_of_the_work_does_no_harm(live, rig):
    start()
    move_end(-30.0)
    live.tick()  # begins
    bpy.data.objects.remove(rig)
    assert live.tick() is None


def test_another_file_and_the_switch_end_it_without_a_trace(module, live, rig):
    handlers = bpy.app.handlers
    lists = (handlers.depsgraph_update_post, handlers.undo_post, handlers.load_pre)
    before = [len(found) for found in lists]
    start()
    assert bpy.ops.quaternet.live() == {"FINISHED"}
    assert live.session() is None and [len(found) for found in lists] == before
    start()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert live.session() is None and [len(found) for found in lists] == before


def test_the_add_on_can_be_disabled_while_it_is_live(package, live, rig):
    start()
    bpy.ops.preferences.addon_disable(module=package)
    names = [f.__module__ for f in bpy.app.handlers.depsgraph_update_post]
    assert not any("quaternet" in name for name in names)
    bpy.ops.preferences.addon_enable(module=package)


def test_a_curve_in_edit_mode_is_walked_as_it_is_being_edited(live, rig):
    start()
    curve = bpy.data.objects["Path"]
    bpy.context.view_layer.objects.active = curve
    bpy.ops.object.mode_set(mode="EDIT")
    curve.data.splines[0].points[2].co.y = -8.0
    curve.data.update_tag()
    bpy.context.view_layer.update()
    turn(live)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert last_place(rig).y == pytest.approx(-8.0, abs=0.2)


def test_fewest_keys_and_loops_are_rewritten_too(module, live, rig):
    bpy.context.scene.quaternet.keys = "FEWEST"
    start()
    bpy.context.scene.quaternet.loop = True
    turn(live)
    curves = module("blender.keys.action").all_fcurves(rig.animation_data.action)
    assert all([m.type for m in curve.modifiers] == ["CYCLES"] for curve in curves)
    bpy.context.scene.quaternet.loop = False
    turn(live)
    curves = module("blender.keys.action").all_fcurves(rig.animation_data.action)
    assert not any(len(curve.modifiers) for curve in curves)
    frames = [p.co.x for p in curves[0].keyframe_points]
    assert np.all(np.diff(frames) > 0)


def test_how_the_rig_is_driven_counts_and_a_moving_object_does_not_chase_itself(live, rig):
    start()
    rig.quaternet_driving.root = "OBJECT"
    bpy.context.view_layer.update()
    turn(live)
    assert len(live.session().seconds) == 1
    for frame in (30, 60, 1):
        bpy.context.scene.frame_set(frame)
        turn(live)
    assert len(live.session().seconds) == 1
    move_end(-4.0)
    turn(live)
    assert len(live.session().seconds) == 2


def test_the_panel_shows_the_rig_while_its_curve_is_edited(module, live, rig):
    selection = module("blender.rig.selection")
    curve = bpy.data.objects["Path"]
    start()
    rig.select_set(False)
    bpy.context.view_layer.objects.active = curve
    assert selection.selected_rig(bpy.context) == rig
    live.stop()
    assert selection.selected_rig(bpy.context) == rig  # the tab keeps the last one
    bpy.context.view_layer.objects.active = None
    assert selection.selected_rig(bpy.context) is None


def key_values(action, module):
    curves = module("blender.keys.action").all_fcurves(action)
    found = {}
    for curve in curves:
        pairs = np.empty(2 * len(curve.keyframe_points), np.float32)
        curve.keyframe_points.foreach_get("co", pairs)
        found[curve.data_path, curve.array_index] = pairs.reshape(-1, 2)
    return found


@pytest.mark.parametrize("keys", ["ALL", "FEWEST"])
def test_of_a_long_walk_only_the_tail_is_made_anew_and_the_keys_are_the_same(
    module, live, rig, keys
):
    bpy.context.scene.quaternet.keys = keys
    bpy.data.objects.remove(bpy.data.objects["Path"])
    points = [(0.5 * (i % 2), -2.0 * i, 0) for i in range(14)]
    bpy.context.scene.quaternet.curve = rigs.poly("Path", points)
    start()
    for x in (0.9, 1.2, 0.8):
        bpy.data.objects["Path"].data.splines[0].points[13].co.x = x
        bpy.context.view_layer.update()
        turn(live)
    session = live.session()
    assert len(session.seconds) == 3 and min(session.unchanged) > 200
    mine = key_values(rig.animation_data.action, module)
    live.stop()
    bpy.ops.quaternet.generate_locomotion(curve="Path", keys=keys)
    whole = key_values(rig.animation_data.action, module)
    assert mine.keys() == whole.keys()
    for name, values in whole.items():
        if keys == "ALL":
            np.testing.assert_array_equal(mine[name][:, 0], values[:, 0])
            np.testing.assert_allclose(mine[name][:, 1], values[:, 1], atol=2e-5)
        else:  # which frame a key is on may hang on the last digit
            at = np.linspace(1, values[-1, 0], 200)
            mine_at, values_at = (np.interp(at, *pairs.T) for pairs in (mine[name], values))
            np.testing.assert_allclose(mine_at, values_at, atol=0.02)


def test_a_rig_that_was_moved_is_keyed_anew_throughout(module, live, rig):
    bpy.data.objects.remove(bpy.data.objects["Path"])
    points = [(0.5 * (i % 2), -2.0 * i, 0) for i in range(14)]
    bpy.context.scene.quaternet.curve = rigs.poly("Path", points)
    start()
    rig.location.x = 1.0
    bpy.data.objects["Path"].data.splines[0].points[13].co.x = 0.9
    bpy.context.view_layer.update()
    turn(live)
    mine = key_values(rig.animation_data.action, module)
    live.stop()
    bpy.ops.quaternet.generate_locomotion(curve="Path")
    whole = key_values(rig.animation_data.action, module)
    for name, values in whole.items():
        np.testing.assert_allclose(mine[name], values, atol=2e-5)


@pytest.mark.generates_rigify
def test_a_generated_rigs_tail_is_that_of_the_whole_walk(module, live, monkeypatch):
    """Its root travels, and smoothed: still only what differs is worked out again."""
    rig, driver = rigs.make_rigify("basic"), module("blender.rig.driver").Driver
    worked_out, channels = [], driver.channels

    def noted(self, motion, *arguments, **options):
        worked_out.append(len(motion))
        return channels(self, motion, *arguments, **options)

    monkeypatch.setattr(driver, "channels", noted)
    points = [(0.5 * (i % 2), -2.0 * i, 0) for i in range(14)]
    bpy.context.scene.quaternet.curve = rigs.poly("Path", points)
    rigs.activate(rig)
    start()
    # Less than to the next step of the speed, in which all frames would be others.
    bpy.data.objects["Path"].data.splines[0].points[13].co.x = 0.6
    bpy.context.view_layer.update()
    turn(live)
    assert live.session().unchanged[0] > 200
    assert worked_out[1] < worked_out[0] - 150
    mine = key_values(rig.animation_data.action, module)
    live.stop()
    bpy.ops.quaternet.generate_locomotion(curve="Path")
    whole = key_values(rig.animation_data.action, module)
    assert ('pose.bones["root"].location', 0) in whole
    assert mine.keys() == whole.keys()
    for name, values in whole.items():
        np.testing.assert_allclose(mine[name], values, atol=2e-5)
