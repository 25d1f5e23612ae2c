# SPDX-License-Identifier: GPL-3.0-or-later
"""The preview shows the walk that the button would key, sets no key, and leaves no handler."""

import sys
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from support import digest, rigs


@pytest.fixture
def rig():
    bpy.context.scene.quaternet.curve = rigs.poly("Path", [(0, 0, 0), (0, -6, 0)])
    rig = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    return rig


@pytest.fixture
def preview(module):
    found = module("blender.walk.preview")
    yield found
    found.hide()


def test_it_shows_path_footprints_and_figures_and_changes_nothing(preview, rig):
    before = digest.of_file()
    assert bpy.ops.quaternet.preview_walk() == {"FINISHED"}
    assert digest.of_file() == before and rig.animation_data is None
    shown = preview.shown()
    assert shown.path[0] == pytest.approx([0, 0, 0], abs=0.1)
    assert shown.path[-1] == pytest.approx([0, -6, 0], abs=0.2)
    assert len(shown.ghosts) and len(shown.ghosts) % 2 == 0
    for soles in shown.soles:
        assert len(soles) % 3 == 0 and np.abs(soles[:, 2]).max() < 0.05
        assert soles[:, 1].min() < -5.5 and soles[:, 1].max() > -0.5
    assert shown.soles[0][:, 0].mean() > 0.0 > shown.soles[1][:, 0].mean()  # facing -Y
    assert "No keys are set" in shown.title


def test_labels_are_the_frames_at_which_feet_come_down(module, preview, rig):
    bpy.context.scene.frame_set(11)
    bpy.ops.quaternet.preview_walk()
    sides, frames = zip(*(text.split() for _, text in preview.shown().labels), strict=True)
    frames = [int(frame) for frame in frames]
    assert set(sides) == {"L", "R"}
    assert frames[0] == 11 and frames == sorted(frames)
    bpy.ops.quaternet.generate_locomotion(contact_markers=True)
    markers = rig.animation_data.action.pose_markers
    downs = {marker.frame for marker in markers if marker.name.endswith("down")}
    assert downs <= set(frames)


def test_it_goes_when_keys_are_set_by_hand_or_with_another_file(preview, rig):
    bpy.ops.quaternet.preview_walk()
    assert bpy.ops.quaternet.hide_preview() == {"FINISHED"} and preview.shown() is None
    assert not bpy.ops.quaternet.hide_preview.poll()
    bpy.ops.quaternet.preview_walk()
    bpy.ops.quaternet.generate_locomotion()
    assert preview.shown() is None
    bpy.ops.quaternet.preview_walk()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert preview.shown() is None


DELETED = "rig deleted", "curve deleted"  # as Delete does it: what is referred to stays in the file


@pytest.mark.parametrize(
    "what", ["speed", "curve", "curve moved", "rig moved", "rig", "no curve", *DELETED]
)
def test_it_says_when_it_is_out_of_date(preview, rig, what):
    bpy.ops.quaternet.preview_walk()
    bpy.context.view_layer.update()
    assert not preview.out_of_date()
    settings, curve = bpy.context.scene.quaternet, bpy.data.objects["Path"]
    if what == "speed":
        settings.speed += 0.5
    elif what == "curve":
        curve.data.splines[0].points[1].co.x = 1.0
    elif what == "curve moved":
        curve.location.x = 1.0
    elif what == "rig moved":
        rig.location.x = 1.0
    elif what in DELETED:
        bpy.context.scene.collection.objects.unlink(rig if what.startswith("rig") else curve)
    else:
        bpy.data.objects.remove(rig if what == "rig" else curve)
    bpy.context.view_layer.update()
    assert preview.out_of_date()


def test_posing_the_rig_keeps_it_up_to_date(preview, rig):
    bpy.ops.quaternet.preview_walk()
    rig.pose.bones["mixamorig:LeftArm"].rotation_quaternion = (0.9, 0.1, 0.0, 0.0)
    bpy.context.view_layer.update()
    bpy.context.scene.frame_set(20)
    assert not preview.out_of_date()


def test_disabling_the_add_on_takes_it_out_of_view(package, preview, rig):
    bpy.ops.quaternet.preview_walk()
    bpy.ops.preferences.addon_disable(module=package)
    assert preview.shown() is None and not preview._handlers
    bpy.ops.preferences.addon_enable(module=package)


def test_what_cannot_be_walked_is_said(rig):
    bpy.context.scene.quaternet.speed = 50.0
    with pytest.raises(RuntimeError, match="Expected a speed"):
        bpy.ops.quaternet.preview_walk()


def test_places_are_in_blenders_units(preview, rig):
    bpy.context.scene.unit_settings.scale_length = 0.5
    for point in bpy.data.objects["Path"].data.splines[0].points:
        point.co.y *= 2.0
    rig.scale = (2.0, 2.0, 2.0)
    bpy.context.view_layer.update()
    bpy.ops.quaternet.preview_walk()
    assert preview.shown().path[-1] == pytest.approx([0, -12, 0], abs=0.4)


def test_bones_are_drawn_over_the_mesh_and_each_foot_in_its_colour(module, monkeypatch):
    """What is drawn, in order, with the depth test and the colour that it is drawn with."""
    preview, drawn, depth = module("blender.walk.preview"), [], []
    state = SimpleNamespace(blend_set=lambda _: None, depth_test_set=depth.append)
    monkeypatch.setitem(sys.modules, "gpu", SimpleNamespace(state=state))
    old = False
    monkeypatch.setattr(preview, "_visible", SimpleNamespace)
    monkeypatch.setattr(preview, "out_of_date", lambda: old)

    def lines(now, name, kind, colour, width, foot=None):
        drawn.append((name, foot, depth[-1], tuple(colour)))

    monkeypatch.setattr(preview, "_lines", lines)
    monkeypatch.setattr(preview, "_triangles", lambda *arguments: None)
    preview._draw_world()
    tests = {name: test for name, _, test, _ in drawn}
    assert tests["ghosts"] == "ALWAYS" and tests["path"] == "LESS_EQUAL"
    colours = [colour for name, foot, _, colour in drawn if name == "edges"]
    assert len(colours) == 2 and colours[0] != colours[1]
    fresh, old = [colour[3] for *_, colour in drawn], True
    drawn.clear()
    preview._draw_world()
    faded = [colour[3] for *_, colour in drawn]
    assert len(faded) == len(fresh)
    assert all(late < 0.6 * early for late, early in zip(faded, fresh, strict=True))
