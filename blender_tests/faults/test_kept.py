# SPDX-License-Identifier: GPL-3.0-or-later
"""Yours is kept and never changed: what was there before a take is there after it."""

import bpy
import pytest
from faults import operations
from support import digest

MODES = {
    "walk": lambda: bpy.ops.quaternet.generate_locomotion(curve="Path"),
    "walk, object travels": lambda: bpy.ops.quaternet.generate_locomotion(curve="Path"),
    "variations": lambda: bpy.ops.quaternet.generate_locomotion(curve="Path", variations=3),
    "continue": lambda: bpy.ops.quaternet.continue_motion(duration=0.2),
    "dance": lambda: bpy.ops.quaternet.generate_dance(duration=0.2),
    "live": bpy.ops.quaternet.live,
}
CHANGES = ("take", "takes", "animation", "actions", "key", "pose", "object", "own")


@pytest.fixture
def rig(module, random_walk, steady, spinning):
    """A rig with a pose, an action and an NLA strip of the user's own, root bone scaled by hand."""
    obj = operations.scene(module)
    other = obj.animation_data.action.copy()
    other.name = "On a strip"
    track = obj.animation_data.nla_tracks.new()
    track.strips.new("Mine too", 40, other)
    top = obj.pose.bones[0]
    top.scale, top.location = (2.0, 2.0, 2.0), (0.3, 0.0, 0.1)
    obj.location = 1.0, 2.0, 0.0
    bpy.context.scene.frame_set(5)
    return obj


def poses(obj, frames):
    """Matrices of all bones in the world, at some frames."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        world = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world
        found += [[*map(list, world @ bone.matrix)] for bone in obj.pose.bones]
    bpy.context.scene.frame_set(5)
    return found


@pytest.mark.parametrize("mode", MODES)
def test_a_take_that_is_removed_leaves_the_file_as_it_was(rig, mode, module):
    if mode == "walk, object travels":
        rig.quaternet_driving.root = "OBJECT"
    before, played = digest.of_file(), poses(rig, (1, 5, 9, 45))
    assert MODES[mode]() == {"FINISHED"}
    module("blender.walk.live").stop()
    assert digest.of_file() != before
    while len(rig.quaternet_takes.items):
        assert bpy.ops.quaternet.remove_take(index=0) == {"FINISHED"}
    assert digest.of_file() == before
    assert poses(rig, (1, 5, 9, 45)) == played


@pytest.mark.parametrize("mode", MODES)
def test_nothing_but_the_new_take_differs_while_it_plays(rig, mode, module):
    """Own action, its slot, NLA, mapping, options and frame; pose: as its keys say."""
    own = [line for line in digest.of_file() if not line.startswith(CHANGES)]
    mine = digest.of_action(bpy.data.actions["Mine"])
    assert MODES[mode]() == {"FINISHED"}
    module("blender.walk.live").stop()
    assert [line for line in digest.of_file() if not line.startswith(CHANGES)] == own
    assert digest.of_action(bpy.data.actions["Mine"]) == mine
    assert bpy.data.actions["Mine"].use_fake_user or bpy.data.actions["Mine"].users > 1


def test_the_take_plays_the_same_whatever_pose_was_left(module, random_walk):
    """What would be left of the user's pose on bones that carry the body has keys in the take."""
    scales = []
    for size in (1.0, 2.0):
        obj = operations.scene(module)
        for bone in obj.pose.bones:
            bone.scale = size, size, size
        bpy.context.scene.frame_set(5)
        bpy.ops.quaternet.generate_locomotion(curve="Path")
        bpy.context.scene.frame_set(9)
        mapped = obj.data.quaternet_mapping.as_dict().values()
        scales.append([list(obj.pose.bones[name].scale) for name in mapped])
    assert scales[0] == scales[1]
