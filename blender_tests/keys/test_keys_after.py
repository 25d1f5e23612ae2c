# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys options on motion that goes on from the rig's own: continuations, dances from its pose."""

import bpy
import numpy as np
import pytest
from support import rigs
from support.swinging import HIPS, NOW, curves, points, poses, swing

OPERATORS = {
    "continue": lambda **options: bpy.ops.quaternet.continue_motion(duration=3.0, **options),
    "dance": lambda **options: bpy.ops.quaternet.generate_dance(
        duration=3.0, from_pose=True, **options
    ),
}


@pytest.fixture(params=OPERATORS)
def go_on(request):
    return OPERATORS[request.param]


def moving_rig():
    bpy.context.scene.frame_set(1)
    obj = rigs.make("mixamo")
    swing(obj)
    bpy.context.scene.frame_set(NOW)
    return obj


@pytest.fixture
def rig():
    return moving_rig()


def end_of(rig):
    return int(rig.animation_data.action.frame_range[1])


def count_after(module, rig):
    found = curves(module, rig.animation_data.action).values()
    return sum(p.co.x > NOW for curve in found for p in curve.keyframe_points)


def turns_between(a, b):
    """Angles ``(T, B)`` in degrees between the rotations of two arrays of matrices."""
    relative = np.swapaxes(a[..., :3, :3], -1, -2) @ b[..., :3, :3]
    cosine = 0.5 * (np.trace(relative, axis1=-2, axis2=-1) - 1.0)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


@pytest.mark.parametrize("keys", ["FEWEST", "NTH"])
def test_fewer_keys_hold_the_motion_and_what_was_before(module, rig, go_on, keys):
    go_on(keys="ALL")
    end = end_of(rig)
    every, whole = count_after(module, rig), poses(rig, range(NOW - 10, end + 1))
    before = {
        name: [p for p in points(curve) if p[0][0] < NOW]
        for name, curve in curves(module, rig.animation_data.action).items()
    }
    bpy.data.objects.remove(rig)
    rig = moving_rig()
    go_on(keys=keys, key_step=2, key_angle=np.radians(1.0), key_distance=0.01)
    assert end_of(rig) == end
    assert count_after(module, rig) < (0.55 if keys == "NTH" else 0.6) * every
    mine = poses(rig, range(NOW - 10, end + 1))
    assert np.abs(mine[:11] - whole[:11]).max() < 1e-5  # up to the current frame nothing changes
    bones = rig.pose.bones.keys()
    mapped = [bones.index(name) for name in rig.data.quaternet_mapping.as_dict().values()]
    if keys == "FEWEST":
        hips = bones.index(HIPS)
        assert np.linalg.norm(mine[:, hips, :3, 3] - whole[:, hips, :3, 3], axis=-1).max() < 0.012
        # each joint keeps within a degree of its parent's turn: chains of six add up
        assert turns_between(mine, whole)[:, mapped].max() < 6.0
    for name, curve in curves(module, rig.animation_data.action).items():
        assert [p for p in points(curve) if p[0][0] < NOW] == before[name]
        frames = [p.co.x for p in curve.keyframe_points]
        assert np.all(np.diff(frames) > 0)


def test_bezier_keys_follow_and_the_seam_is_a_line(module, rig, go_on):
    go_on(keys="FEWEST")
    found = curves(module, rig.animation_data.action)
    curve = found[f'pose.bones["{HIPS}"].location', 0]
    after = [p for p in curve.keyframe_points if p.co.x > NOW]
    (last,) = [p for p in curve.keyframe_points if p.co.x == NOW]
    assert after[0].co.x == NOW + 1 and last.interpolation == "LINEAR"
    assert {p.interpolation for p in after} == {"BEZIER"}
    assert {p.handle_right_type for p in after} == {"ALIGNED"}


def test_markers_mark_what_is_new_and_older_ones_stay(module, rig, go_on):
    rig.animation_data.action = None
    bpy.context.scene.frame_set(1)
    curve = rigs.poly("Path", [(0, 0, 0), (0, -5, 0)])
    bpy.ops.quaternet.generate_locomotion(curve=curve.name, contact_markers=True)
    old = [(m.name, m.frame) for m in rig.animation_data.action.pose_markers]
    bpy.context.scene.frame_set(NOW)
    go_on(contact_markers=True)
    markers = [(m.name, m.frame) for m in rig.animation_data.action.pose_markers]
    kept = [marker for marker in old if marker[1] <= NOW]
    assert [m for m in markers if m[1] <= NOW] == kept and kept
    assert any(frame > NOW for _, frame in markers)


def test_groups_and_curves_have_the_colours_of_keys_set_by_hand(module, rig, go_on):
    own = rig.animation_data.action
    bag = module("blender.keys.action").Bound(rig, own).bag
    group = bag.groups[0] if len(bag.groups) else bag.groups.new(HIPS)  # up to 4.3 keys make none
    group.color_set, chosen = "THEME07", group.name
    go_on()
    bag = module("blender.keys.action").Bound(rig, rig.animation_data.action).bag
    assert bag.groups[chosen].color_set == "THEME07"
    assert bag.groups["mixamorig:LeftUpLeg"].color_set == "THEME04"
    assert bag.groups["mixamorig:RightUpLeg"].color_set == "THEME01"
    modes = {curve.data_path.rpartition(".")[2]: curve.color_mode for curve in bag.fcurves}
    assert modes["rotation_quaternion"] in {"AUTO_YRGB", "AUTO_RAINBOW"}
    legs = bag.fcurves.find('pose.bones["mixamorig:LeftUpLeg"].rotation_quaternion', index=1)
    assert legs.color_mode == "AUTO_YRGB"


def test_what_a_take_remembers_makes_it_again(rig, go_on):
    go_on(keys="NTH", key_step=4)
    take = rig.quaternet_takes.items[0]
    assert take.as_dict()["keys"] == "NTH" and take.as_dict()["key_step"] == 4
    before = [tuple(p.co) for c in _all(rig) for p in c.keyframe_points]
    bpy.ops.quaternet.regenerate_take(index=0)
    after = [tuple(p.co) for c in _all(rig) for p in c.keyframe_points]
    assert np.allclose(before, after, atol=1e-5)


def _all(rig):
    action = rig.animation_data.action
    return action.fcurves if hasattr(action, "fcurves") else _bag(action).fcurves


def _bag(action):
    return action.layers[0].strips[0].channelbags[0]
