# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab says which frames the motion will take, and makes the scene long enough for them."""

import time

import bpy
import numpy as np
import pytest
from support import rigs
from support.fake_layout import FakeLayout, draw_panel


@pytest.fixture
def drawn(module):
    """Texts and operators of the panel Motion, drawn now."""

    def drawn():
        layout = FakeLayout()
        draw_panel(module("blender.tab.panel").QUATERNET_PT_motion, layout)
        return " ".join(layout.texts), [name for name, _ in layout.operators]

    return drawn


def test_the_frames_that_are_told_are_those_that_come(module, drawn):
    scene = bpy.context.scene
    rigs.s_curve(length=4.0, width=0.3)
    rigs.make("mixamo")
    scene.frame_current = 31
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    first, last = module("blender.tab.scene_end").coming_frames(bpy.context)
    assert f"Frames {first} to about {last}" in drawn()[0] and first == 31
    assert bpy.ops.quaternet.generate_locomotion() == {"FINISHED"}
    begin, end = bpy.context.object.animation_data.action.frame_range
    assert begin == first and abs(end - last) < 0.2 * (end - begin)


def hairpins():
    rigs.poly(
        "Path", [(0, 0, 0), (0, -4, 0), (0.15, -4, 0), (0.15, 0, 0), (0.3, 0, 0), (0.3, -4, 0)]
    )


def slow_and_stop():
    curve = rigs.poly("Path", [(0, 0, 0), (0, -3, 0), (0, -6, 0), (0, -9, 0)])
    for point, radius in zip(curve.data.splines[0].points, (1.0, 0.5, 0.0, 1.0), strict=True):
        point.radius = radius


def circle():
    bpy.ops.curve.primitive_nurbs_circle_add(radius=2.0)
    bpy.context.object.name = "Path"


@pytest.mark.parametrize("size", [1.0, 3.0])
@pytest.mark.parametrize("path", [hairpins, slow_and_stop, circle])
def test_turns_where_the_path_turns_back_stops_and_slow_stretches_count(module, path, size):
    scene = bpy.context.scene
    path()
    bpy.data.objects["Path"].scale = (size, size, size)
    rig = rigs.make("mixamo") if size == 1.0 else rigs.mixamo(size=size)
    rigs.activate(rig)
    scene.quaternet.curve = bpy.data.objects["Path"]
    scene.quaternet.speed = 1.4 * size**0.5
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    first, last = module("blender.tab.scene_end").coming_frames(bpy.context)
    assert bpy.ops.quaternet.generate_locomotion(
        "EXEC_DEFAULT", curve="Path", speed=1.4 * size**0.5
    )
    begin, end = rig.animation_data.action.frame_range
    assert abs(end - last) < 0.05 * (end - begin), (begin, end, first, last)


def test_the_line_under_the_pace_is_drawn_in_a_millisecond_or_two(module):
    """It stands in a panel that is drawn with every move of the mouse."""
    points = [(np.sin(0.05 * i), -0.4 * i, 0.0) for i in range(500)]
    rigs.poly("Path", points)
    rigs.make("mixamo")
    panel, settings = module("blender.walk.panel"), bpy.context.scene.quaternet
    panel.walk_seconds(bpy.context, settings)
    took = []
    for _ in range(9):
        began = time.perf_counter()
        assert panel.walk_seconds(bpy.context, settings) > 100.0
        took.append(time.perf_counter() - began)
    assert min(took) < 0.02, took


def test_a_scene_that_is_too_short_is_extended_to_the_last_key(drawn):
    scene = bpy.context.scene
    rigs.s_curve(length=4.0, width=0.3)
    rig = rigs.make("mixamo")
    scene.frame_end = 20
    assert bpy.ops.quaternet.generate_locomotion() == {"FINISHED"}
    last = int(rig.animation_data.action.frame_range[1])
    assert "quaternet.extend_scene" in drawn()[1]
    assert bpy.ops.quaternet.extend_scene() == {"FINISHED"}
    assert last <= scene.frame_end < 1.3 * last
    assert "quaternet.extend_scene" not in drawn()[1]
    assert not bpy.ops.quaternet.extend_scene.poll()
