# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue Motion on actions and in scenes that are unlike others."""

import bpy
import numpy as np
import pytest
from support import digest
from support.swinging import ARM, NOW, poses


@pytest.mark.skipif(not hasattr(bpy.types.ActionGroup, "mute"), reason="has no muted groups")
def test_what_goes_on_in_muted_groups_plays(module, rig):
    source = rig.animation_data.action
    groups = {c.group.name: c.group for c in digest.curves_of(source) if c.group}
    assert groups
    for group in groups.values():
        group.mute = True
    bpy.context.scene.frame_set(NOW)
    bpy.ops.quaternet.continue_motion()
    made = digest.curves_of(rig.animation_data.action)
    assert not any(c.group.mute or c.mute for c in made if c.range()[1] > NOW + 5)
    assert all(group.mute for group in groups.values())


def test_a_key_that_is_no_number_is_named(rig):
    curve = next(c for c in digest.curves_of(rig.animation_data.action) if ARM in c.data_path)
    for point in curve.keyframe_points:
        point.co[1] = float("nan")
    with pytest.raises(RuntimeError, match="got NaN for the bone 'mixamorig"):
        bpy.ops.quaternet.continue_motion()


@pytest.mark.parametrize(("fps", "base"), [(1, 1000.0), (32000, 1.0)])
def test_a_frame_rate_that_no_motion_has_is_refused(rig, fps, base):
    render = bpy.context.scene.render
    render.fps, render.fps_base = fps, base
    with pytest.raises(RuntimeError, match="Expected 1 to 1000 frames a second"):
        bpy.ops.quaternet.continue_motion()


@pytest.mark.parametrize("go_on", ["continue_motion", "reach_pose"])
def test_handles_that_an_older_blender_drew_stay_where_they_are(rig, go_on):
    """Automatic ones that this Blender would place elsewhere, as in files of its forerunners."""
    for curve in digest.curves_of(rig.animation_data.action):
        for point in curve.keyframe_points:
            point.handle_right_type = "AUTO_CLAMPED"
        where = np.array([point.handle_right for point in curve.keyframe_points])
        curve.keyframe_points.foreach_set("handle_right", (where + [3.0, 0.05]).ravel())
    frames = np.arange(1.0, 45.0, 0.5)
    before = poses(rig, frames)
    bpy.context.scene.frame_set(NOW)
    assert getattr(bpy.ops.quaternet, go_on)() == {"FINISHED"}
    assert np.abs(poses(rig, frames) - before).max() < 1e-5
