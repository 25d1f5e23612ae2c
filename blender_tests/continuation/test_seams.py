# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue Motion: what goes to rest at the cut moves nothing that is seen, also between frames."""

import bpy
import numpy as np
import pytest
from support import rigs, roots
from support.swinging import HIPS, NOW, key, poses, swing

SHOULDER = "mixamorig:LeftShoulder"


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "AXIS_ANGLE"])
@pytest.mark.parametrize("keys", ["ALL", "FEWEST"])
def test_a_root_that_has_travelled_goes_to_rest_unseen_between_two_frames(steady, mode, keys):
    """Motion blur looks there: on the way to the next frame the body was a metre beside itself."""
    obj = rigs.make("mixamo")
    root = roots.put_on_root(obj)
    root.rotation_mode = obj.pose.bones[HIPS].rotation_mode = mode
    swing(obj)
    key(root, "location", [(0.0, -3.0, 0.0), (0.0, -3.5, 0.0)], frames=(1, 100))
    turns = {
        "QUATERNION": ("rotation_quaternion", [(0.6, 0.0, 0.0, 0.8), (0.4, 0.0, 0.0, 0.9165)]),
        "XYZ": ("rotation_euler", [(0.0, 0.0, 3.5), (0.0, 0.0, 4.0)]),
        "AXIS_ANGLE": ("rotation_axis_angle", [(3.5, 0.0, 0.0, 1.0), (4.0, 0.0, 0.0, 1.0)]),
    }
    key(root, turns[mode][0], turns[mode][1], frames=(1, 100))
    bpy.context.scene.frame_set(NOW)
    before = poses(obj, [NOW - 1, NOW])
    bpy.context.scene.frame_set(NOW)
    assert bpy.ops.quaternet.continue_motion(keys=keys) == {"FINISHED"}
    body = [number for number, bone in enumerate(obj.pose.bones) if bone.name != "root"]
    after = poses(obj, np.arange(NOW - 1.0, NOW + 1.01, 0.125))
    assert np.abs(after[[0, 8]] - before).max() < 1e-5
    steps = np.linalg.norm(np.diff(after[:, body][..., :3, 3], axis=0), axis=-1).max(1)
    assert steps.max() < 1.5 * steps[:8].max()


@pytest.mark.parametrize(("path", "off"), [("location", (0.0, 0.06, 0.0)), ("scale", (1.3,) * 3)])
def test_a_shoulder_that_was_moved_or_scaled_comes_back_softly(steady, path, off):
    obj = rigs.make("mixamo")
    swing(obj)
    steps = []
    for value in ({"location": (0.0, 0.0, 0.0), "scale": (1.0,) * 3}[path], off):
        key(obj.pose.bones[SHOULDER], path, [value, value], frames=(1, 100))
        source = obj.animation_data.action
        bpy.context.scene.frame_set(NOW)
        assert bpy.ops.quaternet.continue_motion(duration=2.0) == {"FINISHED"}
        places = poses(obj, np.arange(NOW - 1.0, NOW + 30.0, 0.5))[..., :3, 3]
        steps.append(np.linalg.norm(np.diff(places, axis=0), axis=-1).max(0))
        end = np.array(getattr(obj.pose.bones[SHOULDER], path))
        bpy.ops.quaternet.remove_take()
        assert obj.animation_data.action == source
    assert np.abs(end - {"location": 0.0, "scale": 1.0}[path]).max() < 1e-5
    assert (steps[1] - steps[0]).max() < 0.012  # metres in half a frame: it is gone in 12 frames
