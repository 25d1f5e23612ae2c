# SPDX-License-Identifier: GPL-3.0-or-later
"""Handles lie on the path and change what they stand for; a moved footprint is stood on."""

import itertools
import time

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support import rigs


@pytest.fixture
def rig():
    curve = rigs.poly("Path", [(0, 0, 0), (0, -3, 0), (0, -6, 0)])
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    bpy.context.scene.quaternet.curve = curve
    return obj


@pytest.fixture
def handles(module):
    return module("blender.walk.handles")


@pytest.fixture
def preview(module):
    found = module("blender.walk.preview")
    yield found
    found.hide()


def named(handles, kind, key=0):
    found = handles.handles_of(bpy.context)
    return next(h for h in found if (h.kind, h.key) == (kind, key))


def settings():
    return bpy.context.scene.quaternet


def test_the_start_is_dragged_along_the_path(rig, handles):
    handle = named(handles, "START")
    assert (handle.place - Vector((0, 0, 0))).length < 1e-5
    handles.drag(bpy.context, handle, Vector((0.4, -4.2, 0.0)))
    assert settings().start_distance == pytest.approx(4.2, abs=1e-4)
    assert named(handles, "START").place.y == pytest.approx(-4.2, abs=1e-4)
    assert "4.2 m" in named(handles, "START").text


def test_speed_at_a_point_is_told_in_metres_a_second_and_dragged_up_and_down(rig, handles):
    handle = named(handles, "SPEED", 1)
    assert handle.text == "1.4 m/s" and handle.foot == Vector((0, -3, 0))
    handles.drag(bpy.context, handle, handle.foot + 0.5 * (handle.place - handle.foot))
    point = bpy.data.objects["Path"].data.splines[0].points[1]
    assert point.radius == pytest.approx(0.5, abs=1e-4)
    assert named(handles, "SPEED", 1).text == "0.7 m/s"
    handles.drag(bpy.context, handle, handle.foot - Vector((0, 0, 0.3)))
    assert point.radius == 0.0 and named(handles, "SPEED", 1).text == "Stop"


def test_of_many_points_those_are_told_where_the_speed_changes(rig, handles):
    curve = rigs.poly("Drawn", [(0, -0.3 * i, 0) for i in range(20)])
    settings().curve = curve
    rigs.activate(rig)
    found = [h for h in handles.handles_of(bpy.context) if h.kind == "SPEED"]
    assert len(found) == 20 and [h.key for h in found if not h.quiet] == [0]
    curve.data.splines[0].points[7].radius = 0.5
    found = [h for h in handles.handles_of(bpy.context) if h.kind == "SPEED"]
    loud = {h.key: h.text for h in found if not h.quiet}
    assert loud == {0: "1.4 m/s", 7: "0.7 m/s", 8: "1.4 m/s"}


@pytest.mark.parametrize(
    ("side", "facing"),
    [((0, -1, 0), "AHEAD"), ((0, 1, 0), "BACKWARD"), ((1, 0, 0), "LEFT"), ((-1, 0, 0), "RIGHT")],
)
def test_facing_snaps_to_four_sides(rig, handles, side, facing):
    handle = named(handles, "FACING")
    handles.drag(bpy.context, handle, handle.foot + Vector(side))
    assert settings().facing == facing
    away = named(handles, "FACING").place - handle.foot
    assert away.normalized().dot(Vector(side)) > 0.99


def other(name, place):
    """An empty somewhere in the scene."""
    obj = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(obj)
    obj.location = place
    bpy.context.view_layer.update()
    return obj


def test_the_facing_is_dragged_towards_an_object_and_on_to_another(rig, handles):
    lamp, door = other("Lamp", (3, -3, 2)), other("Door", (-3, -3, 1))
    facing = named(handles, "FACING")
    assert not [h for h in handles.handles_of(bpy.context) if h.kind == "LOOK"]
    handles.drag(bpy.context, facing, Vector((0, 1, 0)))  # on the way to it
    handles.drag(bpy.context, facing, Vector((3, -3, 0)), over=lamp)
    assert settings().face == lamp and settings().facing == "AHEAD"
    handles.drag(bpy.context, facing, Vector((1, 0, 0)))  # on and away from it in one drag
    assert settings().face is None and settings().facing == "LEFT"
    settings().facing, settings().face = "AHEAD", lamp
    look = named(handles, "LOOK")
    assert look.text == "Look at Lamp"
    assert (look.place - look.foot).normalized().dot(Vector((3, -3, 0)).normalized()) > 0.999
    handles.drag(bpy.context, look, Vector((-3, -3, 0)), over=door)
    assert settings().face == door
    handles.drag(bpy.context, look, Vector((1, 1, 0)))
    assert settings().face is None


def test_the_tilt_of_points_is_dragged_round_them(rig, handles):
    assert not [h for h in handles.handles_of(bpy.context) if h.kind == "TILT"]
    settings().use_tilt = True
    handle = named(handles, "TILT", 1)
    assert handle.text == "0°" and (handle.place - Vector((0, -3.6, 0))).length < 1e-4
    handles.drag(bpy.context, handle, handle.foot + Vector((1, 0, 0)))  # to the left of -Y
    point = bpy.data.objects["Path"].data.splines[0].points[1]
    assert point.tilt == pytest.approx(np.pi / 2, abs=1e-4)
    assert named(handles, "TILT", 1).text == "90°"
    assert (named(handles, "TILT", 1).place - Vector((0.6, -3, 0))).length < 1e-4
    settings().facing = "BACKWARD"  # which the tilts come on top of
    assert (named(handles, "TILT", 1).place - Vector((-0.6, -3, 0))).length < 1e-4
    handles.drag(bpy.context, handle, handle.foot + Vector((0.02, 1, 0)))
    assert point.tilt == 0.0


def test_the_body_turns_on_its_way_as_the_tilts_say(rig):
    """The hips face 60 degrees to the left of the way at the curve's middle, and ahead before."""
    curve = bpy.data.objects["Path"]
    curve.data.splines[0].points[1].tilt = np.radians(60.0)
    hips = rig.pose.bones["mixamorig:Hips"]

    def faces(**options):
        assert bpy.ops.quaternet.generate_locomotion(**options) == {"FINISHED"}
        found = []
        for frame in range(*map(int, rig.animation_data.action.frame_range)):
            bpy.context.scene.frame_set(frame)
            world = rig.matrix_world @ hips.matrix
            left = [rig.pose.bones[f"mixamorig:{side}UpLeg"].head for side in ("Left", "Right")]
            across = (left[0] - left[1]).normalized()  # ahead is -Y, left is +X
            found.append((world.translation.y, np.degrees(np.arctan2(across.y, across.x))))
        return np.array(found)

    turned, plain = faces(use_tilt=True, speed=1.1), faces(speed=1.1)
    # Over a stride, in which the turns of the pelvis cancel out; the tilt's mean there is 53.5.
    near = [np.abs(rows[:, 0] + 3.0) < 0.65 for rows in (turned, plain)]
    assert turned[near[0], 1].mean() == pytest.approx(53.5, abs=8.0)
    assert plain[near[1], 1].mean() == pytest.approx(0.0, abs=5.0)
    first = np.abs(turned[:, 0]) < 0.3
    assert abs(turned[first, 1].mean()) < 15.0


def test_there_are_none_without_a_curve_or_while_it_is_edited(rig, handles):
    curve = bpy.data.objects["Path"]
    rigs.activate(curve)
    bpy.ops.object.mode_set(mode="EDIT")
    assert handles.handles_of(bpy.context) == []
    bpy.ops.object.mode_set(mode="OBJECT")
    assert len(handles.handles_of(bpy.context)) == 5
    bpy.data.objects.remove(curve)
    assert handles.handles_of(bpy.context) == []


def preview_of(preview):
    assert bpy.ops.quaternet.preview_walk() == {"FINISHED"}
    return {key: Vector(place) for key, place in preview.shown().prints}


def test_a_dragged_footprint_is_planted_there_and_reset_gives_it_back(rig, handles, preview):
    before, (foot, number) = preview_of(preview), (0, 2)
    handle, away = named(handles, "FOOT", (foot, number)), Vector((0.2, -0.1, 0.0))
    handles.drag(bpy.context, handle, handle.place + away)
    after = preview_of(preview)
    for key, place in before.items():
        wanted = place + (away if key == (foot, number) else Vector())
        assert (after[key] - wanted).length < 0.004, key
    # Once more from where it is now: moves add up.
    handle = named(handles, "FOOT", (foot, number))
    handles.drag(bpy.context, handle, handle.place - 0.5 * away)
    assert (preview_of(preview)[foot, number] - before[foot, number] - 0.5 * away).length < 0.004
    assert bpy.ops.quaternet.reset_footprints() == {"FINISHED"}
    assert all((preview_of(preview)[key] - place).length < 1e-4 for key, place in before.items())


def test_the_rig_stands_on_the_moved_footprint(rig, handles, preview, module):
    prints = preview_of(preview)
    (start,) = [p for key, p in prints.items() if key == (1, 2)]
    handle = named(handles, "FOOT", (1, 2))
    handles.drag(bpy.context, handle, handle.place + Vector((-0.2, 0.0, 0.0)))
    bpy.ops.quaternet.generate_locomotion(moved_footprints=settings().moved_footprints)
    toe = rig.pose.bones[rig.data.quaternet_mapping.RightToeBase]
    nearest = []
    for frame in range(*map(int, rig.animation_data.action.frame_range)):
        bpy.context.scene.frame_set(frame)
        ball = rig.matrix_world @ toe.head
        nearest.append((ball.xy - start.xy - Vector((-0.2, 0.0))).length)
    still = np.array(nearest) < 0.01
    assert still.sum() >= 8, min(nearest)  # it stands there for a third of a second
    take = rig.quaternet_takes.items[-1]
    assert take.as_dict()["moved_footprints"].startswith("R2")


def test_loops_and_walks_in_place_say_that_footprints_do_not_count(rig):
    bpy.ops.quaternet.generate_locomotion(use_in_place=True, moved_footprints="L2 0.1 0")
    moved = rig.animation_data.action
    bpy.ops.quaternet.generate_locomotion(use_in_place=True)
    curves = [np.array([p.co for p in c.keyframe_points]) for c in all_curves(moved)]
    plain = [
        np.array([p.co for p in c.keyframe_points]) for c in all_curves(rig.animation_data.action)
    ]
    assert all(np.array_equal(a, b) for a, b in zip(curves, plain, strict=True))


def all_curves(action):
    if hasattr(action, "layers") and len(action.layers):
        return list(action.layers[0].strips[0].channelbags[0].fcurves)
    return list(action.fcurves)


def test_live_follows_a_handle(rig, handles, module):
    live = module("blender.walk.live")
    assert bpy.ops.quaternet.live() == {"FINISHED"}
    try:
        handles.drag(bpy.context, named(handles, "START"), Vector((0.0, -2.0, 0.0)))
        bpy.context.view_layer.update()

        time.sleep(0.25)  # it may be resting
        while live.tick() == 0.0:
            pass
        assert len(live.session().seconds) == 1
    finally:
        live.stop()
    bpy.context.scene.frame_set(1)
    hips = rig.matrix_world @ rig.pose.bones["mixamorig:Hips"].head
    assert hips.y == pytest.approx(-2.0, abs=0.15)


def test_presets_leave_moved_footprints_alone(rig, module):
    settings().moved_footprints = "L2 0.1 0"
    bpy.ops.quaternet.use_shipped_preset(preset="JOG")
    assert settings().moved_footprints == "L2 0.1 0"
    assert "moved_footprints" not in module("blender.tab.option_presets").preset_paths()


def test_texts_go_where_there_is_room(module):
    labels = module("blender.walk.labels")
    free = labels.Box(0.0, 0.0, 400.0, 300.0)
    text = labels.Label(200.0, 100.0, 10.0, 60.0, 14.0)
    at_the_edge = text._replace(x=370.0)
    alone, beside, edge = labels.lay_out([text, text, at_the_edge], free)
    assert alone[0] == 210.0 and beside[0] == 130.0  # right of the handle, then left of it
    assert edge[0] == 300.0
    many = [
        labels.Box(*place, place[0] + 60.0, place[1] + 14.0)
        for place in labels.lay_out([text] * 10, free)
    ]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(many, 2))
