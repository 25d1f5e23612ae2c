# SPDX-License-Identifier: GPL-3.0-or-later
"""While something is dragged Live sketches; what it leaves is what the button makes."""

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
    assert bpy.ops.quaternet.live() == {"FINISHED"}
    return obj


def drag(live):
    """Let Live follow one move of the mouse in a drag that goes on."""
    time.sleep(0.25)  # it may be resting
    while live.tick() == 0.0:
        pass


def rest(live):
    """Let Live work until nothing is owed."""
    drag(live)
    while live.session().owes:
        live.tick()


def move_end(y):
    bpy.data.objects["Path"].data.splines[0].points[2].co.y = y
    bpy.context.view_layer.update()


def last_place(rig):
    bpy.context.scene.frame_set(int(rig.animation_data.action.frame_range[1]))
    return rig.matrix_world @ rig.pose.bones["mixamorig:Hips"].head


def keys(rig, module):
    """Frames and values of every curve."""
    found = {}
    for curve in module("blender.keys.action").all_fcurves(rig.animation_data.action):
        pairs = np.empty(2 * len(curve.keyframe_points), np.float32)
        curve.keyframe_points.foreach_get("co", pairs)
        found[curve.data_path, curve.array_index] = pairs.reshape(-1, 2)
    return found


def keys_of_the_button(live, rig, module):
    live.stop()
    bpy.context.scene.frame_set(1)
    bpy.ops.quaternet.generate_locomotion(curve="Path")
    return keys(rig, module)


def require_same(mine, whole):
    assert mine.keys() == whole.keys()
    for name, values in whole.items():
        np.testing.assert_allclose(mine[name], values, atol=2e-5)


def test_a_drag_is_sketched_and_settled_when_it_rests(module, live, rig):
    session = live.session()
    for y in (-6.03, -6.06, -6.1):
        move_end(y)
        drag(live)
    assert len(session.seconds) == 3 and session.sketches == 3 and not session.settled
    sketch = keys(rig, module)
    assert last_place(rig).y == pytest.approx(-6.1, abs=0.2)
    rest(live)
    assert len(session.settled) == 1 and len(session.seconds) == 3
    settled = keys(rig, module)
    whole = keys_of_the_button(live, rig, module)
    require_same(settled, whole)
    away = max(np.abs(sketch[name] - values)[:, 1].max() for name, values in whole.items())
    assert 1e-4 < away < 0.3, "a sketch is near, and no more than that"


def test_a_move_while_it_settles_is_followed_at_once(live, rig):
    move_end(-6.05)
    drag(live)
    time.sleep(0.35)
    assert live.tick() == 0.0 and not live.session().settled  # it begins to
    move_end(-6.1)
    drag(live)
    assert len(live.session().seconds) == 2 and not live.session().settled
    assert last_place(rig).y == pytest.approx(-6.1, abs=0.1)
    rest(live)
    assert len(live.session().settled) == 1


@pytest.mark.parametrize("what", ["turned off", "saved"])
def test_no_sketch_is_kept(module, live, rig, what, tmp_path):
    move_end(-6.07)
    drag(live)
    assert live.session().sketches == 1 and live.session().owes
    if what == "saved":
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "it.blend"), copy=True)
        assert not live.session().owes
    else:
        bpy.ops.quaternet.live()
        assert live.session() is None
    require_same(keys(rig, module), keys_of_the_button(live, rig, module))


def test_a_rig_that_was_changed_counts_as_soon_as_the_drag_rests(module, live, rig):
    rig.pose.bones["mixamorig:Head"].rotation_mode = "XYZ"
    move_end(-6.07)
    rest(live)
    paths = {path for path, _ in keys(rig, module)}
    assert 'pose.bones["mixamorig:Head"].rotation_euler' in paths


def test_a_sketch_has_all_the_keys_of_the_walk(module, live, rig):
    move_end(-6.06)
    drag(live)
    sketch, waited = keys(rig, module), live.session().owes
    rest(live)
    whole = keys(rig, module)
    assert waited and sketch.keys() == whole.keys()
    for name, values in whole.items():
        np.testing.assert_array_equal(sketch[name][:, 0], values[:, 0])


def test_sketches_of_one_drag_are_linear_whatever_the_keys_were_before(module, live, rig):
    curves = module("blender.keys.action").all_fcurves
    move_end(-6.02)
    rest(live)
    for curve in curves(rig.animation_data.action):
        for key in curve.keyframe_points:
            key.interpolation = "BEZIER"
    for y in (-6.04, -6.06, -6.08):
        move_end(y)
        drag(live)
    assert live.session().sketches == 4 and live.session().owes
    kinds = {
        key.interpolation
        for curve in curves(rig.animation_data.action)
        if len(curve.keyframe_points) > 1
        for key in curve.keyframe_points
    }
    assert kinds == {"LINEAR"}
    rest(live)
    require_handles_beside_their_keys(curves(rig.animation_data.action))


def require_handles_beside_their_keys(curves):
    """As Blender places them: sketches leave out what nobody sees, the settled walk does not."""
    for curve in curves:
        keys = curve.keyframe_points
        before = [(tuple(key.handle_left), tuple(key.handle_right)) for key in keys]
        curve.update()
        after = [(tuple(key.handle_left), tuple(key.handle_right)) for key in keys]
        np.testing.assert_allclose(before, after, atol=1e-6)


def slip(rig):
    """Metres that the slower foot goes in a frame, nine in ten frames less."""
    feet, places = ("mixamorig:LeftToeBase", "mixamorig:RightToeBase"), []
    for frame in range(1, rig.quaternet_takes.items[0].frame_end):
        bpy.context.scene.frame_set(frame)
        places.append([rig.matrix_world @ rig.pose.bones[name].head for name in feet])
    steps = np.linalg.norm(np.diff(np.array(places), axis=0), axis=-1)
    return np.percentile(steps.min(axis=1), 90)


def test_feet_of_a_sketch_are_planted_as_those_of_the_walk(live, rig):
    move_end(-6.08)
    drag(live)
    assert live.session().owes
    sketch = slip(rig)
    rest(live)
    assert sketch < slip(rig) + 0.003, "metres, between two frames that were worked out"


def test_a_sketch_that_fails_leaves_the_keys_of_before_the_drag(live, rig, module, monkeypatch):
    take = rig.quaternet_takes.items[0]
    before = digest.of_action(rig.animation_data.action), take.as_dict(), take.frame_end
    move_end(-6.04)
    drag(live)
    assert digest.of_action(rig.animation_data.action) != before[0]

    def fail(*arguments):
        raise RuntimeError("as if the disk were full")

    monkeypatch.setattr(module("blender.generate.generation"), "colour_groups", fail)
    move_end(-6.09)
    with pytest.raises(RuntimeError, match="disk"):
        drag(live)
    take = rig.quaternet_takes.items[0]
    assert (digest.of_action(rig.animation_data.action), take.as_dict(), take.frame_end) == before
    assert live.session() is None and "failed" in live.last_words()


@pytest.mark.generates_rigify
def test_a_generated_rig_is_sketched_without_a_look_at_how_it_hangs_together(
    module, live, monkeypatch
):
    rig, linkage = rigs.make_rigify("basic"), module("blender.rig.linkage")
    bpy.context.scene.quaternet.curve = rigs.poly("Path", [(0, 0, 0), (0, -3, 0), (0, -6, 0)])
    rigs.activate(rig)
    assert bpy.ops.quaternet.live() == {"FINISHED"}
    looks, look = [], linkage.fingerprint
    monkeypatch.setattr(linkage, "fingerprint", lambda *a: looks.append(1) or look(*a))
    move_end(-6.06)
    drag(live)
    sketch = keys(rig, module)
    assert live.session().sketches == 1 and not looks
    rest(live)
    assert looks
    for name, values in keys(rig, module).items():
        np.testing.assert_array_equal(sketch[name][:, 0], values[:, 0])
        assert np.abs(sketch[name] - values)[:, 1].mean() < 0.05
