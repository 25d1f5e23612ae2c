# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab says which frames the motion will take, and makes the scene long enough for them."""

import bpy
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
