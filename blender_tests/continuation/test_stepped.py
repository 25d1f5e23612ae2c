# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue Motion out of keys on twos: the walk goes on, neither flung ahead nor stopped first."""

import bpy
import numpy as np
import pytest
from support import digest, drive, rigs
from support.swinging import HIPS

FPS = 24


def walking(module):
    """A rig that walks for three seconds, a key on each frame."""
    obj = rigs.make("mixamo")
    bpy.context.scene.render.fps = FPS
    bpy.ops.quaternet.detect_mapping()
    driven = drive.driver(module, obj, obj.data.quaternet_mapping.as_dict())
    drive.play(module, driven, drive.walk(module, driven, fps=float(FPS)))
    return obj


def hold(obj, frames):
    """Keep the keys of every so many frames, with constant interpolation."""
    for curve in digest.curves_of(obj.animation_data.action):
        for point in reversed(list(curve.keyframe_points)):
            if (int(point.co[0]) - 1) % frames:
                curve.keyframe_points.remove(point)
            else:
                point.interpolation = "CONSTANT"


def way(obj, frames):
    """The hips' places in the world, ``(T, 3)``."""
    out = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        out.append(np.array(found.matrix_world @ found.pose.bones[HIPS].head))
    return np.array(out)


def continued(obj, now):
    """Steps of the hips in the last shown frames, and after, units a second."""
    bpy.context.scene.frame_set(now)
    assert bpy.ops.quaternet.continue_motion(duration=1.0) == {"FINISHED"}
    return np.linalg.norm(np.diff(way(obj, range(now - 6, now + 24)), axis=0), axis=-1) * FPS


@pytest.mark.parametrize("now", [61, 62])
def test_a_walk_on_twos_goes_on_at_its_own_pace(module, now):
    smooth = continued(walking(module), now)
    obj = walking(module)
    hold(obj, 2)
    stepped = continued(obj, now)
    assert stepped[:6].min() < 0.01 * smooth[:6].mean()  # the old frames stay stepped
    assert stepped[:6].max() > 1.5 * smooth[:6].mean()
    np.testing.assert_allclose(stepped[6:], smooth[6:], rtol=0.25)


def test_long_held_poses_are_said(module, capfd):
    obj = walking(module)
    hold(obj, 12)
    continued(obj, 61)
    told = [line for line in capfd.readouterr().out.splitlines() if line.startswith("Warning")]
    assert any("keys here are stepped" in line and "held for 0.5 s" in line for line in told)
