# SPDX-License-Identifier: GPL-3.0-or-later
"""Yours is kept and never changed: what was there before a take is there after it."""

import re

import bpy
import pytest
from faults import operations
from support import digest, rigs

# What of the user's own an operation is there to change, as lines of a digest begin.
ASKED_FOR = {
    "push to NLA": ("track ", "animation "),
    "remove active": ("animation ",),
    "extend scene": ("scene ",),
    **dict.fromkeys(("new path", "draw path", "path of object", "crowd"), ("scene ",)),  # objects
}
MAPPING = {"detect", "clear", "mirror", "standing frame", "apply preset", "confirm"}
OWN = ("key ", "actions ", "pose ", "own ", "animation ", "track ", "scene ", "mapping ", "hidden ")
MINE = ("Mine", "On a strip")  # names of the user's actions
KEYED = ("pose ", "own ", "animation ")  # what a take moves while it plays
MODES = {
    "walk": lambda: bpy.ops.quaternet.generate_locomotion(curve="Path"),
    "walk, object travels": lambda: bpy.ops.quaternet.generate_locomotion(curve="Path"),
    "fewest keys": lambda: bpy.ops.quaternet.generate_locomotion(curve="Path", keys="FEWEST"),
    "variations": lambda: bpy.ops.quaternet.generate_locomotion(curve="Path", variations=3),
    "continue": lambda: bpy.ops.quaternet.continue_motion(duration=0.2),
    "dance": lambda: bpy.ops.quaternet.generate_dance(duration=0.2),
    "live": bpy.ops.quaternet.live,
    "reach": bpy.ops.quaternet.reach_pose,
}
CHANGES = ("take", "takes", "animation", "actions", "key", "pose", "object", "own")


@pytest.fixture
def rig(module, random_walk, steady, spinning):
    """A rig with a pose, an action and an NLA strip of the user's own, root bone scaled by hand."""
    obj = operations.scene(module)
    other = obj.animation_data.action.copy()
    other.name = "On a strip"
    slots = getattr(obj.animation_data.action, "slots", ())  # from 4.4 on
    if slots:  # the one that Blender would choose by itself is another one
        slots[0].name_display = "By hand"
        slots.new(id_type="OBJECT", name=obj.name)
    track = obj.animation_data.nla_tracks.new()
    track.strips.new("Mine too", 40, other)
    top = obj.pose.bones[0]
    top.scale, top.location = (1.1, 1.1, 1.1), (0.3, 0.0, 0.1)
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
    if mode == "reach":
        operations.OPERATIONS["reach"].prepare(module)
    before, played = digest.of_file(), poses(rig, (1, 5, 9, 45))
    assert MODES[mode]() == {"FINISHED"}
    module("blender.walk.live").stop()
    assert digest.of_file() != before
    while len(rig.quaternet_takes.items):
        assert bpy.ops.quaternet.remove_take(index=0) == {"FINISHED"}
    assert digest.of_file() == before
    assert poses(rig, (1, 5, 9, 45)) == played


@pytest.fixture
def rooted(module, random_walk, steady, spinning):
    """``rooted(scale)``: a rig whose root, above the hips, was placed and scaled by hand."""

    def rooted(scale):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.context.scene.quaternet.curve = rigs.s_curve()
        obj, _ = rigs.make_convention("unreal_5")
        bpy.ops.quaternet.detect_mapping()
        mapped = obj.data.quaternet_mapping.as_dict()
        root, hips = obj.pose.bones[0], obj.pose.bones[mapped["Hips"]]
        assert root.name not in mapped.values() and hips.parent == root
        for frame, place in ((1, 0.1), (9, 0.4)):
            hips.location = place, 0.2, 0.3
            hips.keyframe_insert("location", frame=frame)
        obj.animation_data.action.name = "Mine"
        root.scale, root.location = (scale, scale, scale), (0.3, 0.0, 0.1)
        bpy.context.scene.frame_set(5)
        return obj

    return rooted


@pytest.mark.parametrize("scale", [1.1, 2.0])
@pytest.mark.parametrize("travels", ["AUTO", "HIPS", "BONE", "OBJECT"])
@pytest.mark.parametrize("mode", ["walk", "continue", "dance", "live"])
def test_a_root_placed_and_scaled_by_hand_is_so_again(rooted, mode, travels, scale, module):
    obj = rooted(scale)
    obj.quaternet_driving.root = travels
    before, played = digest.of_file(), poses(obj, (1, 5, 9))
    assert MODES[mode]() == {"FINISHED"}
    module("blender.walk.live").stop()
    assert poses(obj, (5, 9)) != played[1:]
    assert bpy.ops.quaternet.remove_take(index=0) == {"FINISHED"}
    assert digest.of_file() == before
    assert poses(obj, (1, 5, 9)) == played


@pytest.mark.parametrize("travels", ["AUTO", "BONE", "OBJECT"])
def test_the_take_plays_the_same_whatever_the_root_was_scaled_to(rooted, travels):
    played = []
    for scale in (1.0, 1.1, 2.0):
        obj = rooted(scale)
        obj.quaternet_driving.root = travels
        assert MODES["walk"]() == {"FINISHED"}
        played.append(poses(obj, (5, 9, 14)))
    assert played[0] == played[1] == played[2]


def _mine():
    return bpy.data.actions["Mine"]


CHANGED = {  # what the sentence names, changed by hand
    "pose": lambda rig: setattr(rig.pose.bones[3], "location", (0.1, 0.0, 0.0)),
    "key": lambda rig: setattr(digest.curves_of(_mine())[0].keyframe_points[0], "co", (1.0, 7.0)),
    "action": lambda rig: setattr(rig.animation_data, "action", bpy.data.actions["On a strip"]),
    "slot": lambda rig: setattr(rig.animation_data, "action_slot", _mine().slots[1]),
    "NLA, muted": lambda rig: setattr(rig.animation_data.nla_tracks[0], "mute", True),
    "NLA, moved": lambda rig: setattr(
        rig.animation_data.nla_tracks[0].strips[0], "frame_end", 70.0
    ),
    "fake user": lambda rig: setattr(_mine(), "use_fake_user", True),
    "property": lambda rig: rig.pose.bones[7].__setitem__("own", 99),
    "frame": lambda rig: bpy.context.scene.frame_set(6),
    "object": lambda rig: setattr(rig, "location", (0.0, 0.0, 0.0)),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_change_of_what_is_yours_would_be_noticed(rig, what):
    if what == "slot" and not hasattr(rig.animation_data, "action_slot"):
        pytest.skip("Blender has slots from 4.4 on")
    before = digest.of_file()
    CHANGED[what](rig)
    assert digest.of_file() != before


@pytest.mark.parametrize("mode", MODES)
def test_nothing_but_the_new_take_differs_while_it_plays(rig, mode, module):
    """Own action, its slot, NLA, mapping, options and frame; pose: as its keys say."""
    if mode == "reach":
        operations.OPERATIONS["reach"].prepare(module)
    own = [line for line in digest.of_file() if not line.startswith(CHANGES)]
    mine = digest.of_action(bpy.data.actions["Mine"])
    assert MODES[mode]() == {"FINISHED"}
    module("blender.walk.live").stop()
    assert [line for line in digest.of_file() if not line.startswith(CHANGES)] == own
    assert digest.of_action(bpy.data.actions["Mine"]) == mine
    mine = bpy.data.actions["Mine"]
    assert mine.users and not mine.use_fake_user  # the take holds it


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
        mapping = obj.data.quaternet_mapping.as_dict()
        carrying = module("blender.rig.driver").without_fingers(mapping).values()
        scales.append([list(obj.pose.bones[name].scale) for name in carrying])
    assert scales[0] == scales[1]


def _own(before, changing):
    """Lines of what is the user's own, without what an operation is there to change.

    Takes and their actions are ours. Who uses an action is no change of it.
    """
    kept = [line for line in before if line.startswith(OWN) and not line.startswith(changing)]
    counts = r"users=\d+ fake=\w+"  # a fake user comes while a take plays
    return {re.sub(counts, "", line) for line in kept if not _of_take(line)}


def _of_take(line):
    return line.startswith(("key ", "actions ")) and not line.split(" ", 1)[1].startswith(MINE)


@pytest.mark.parametrize("name", operations.OPERATIONS)
def test_no_operation_changes_what_is_yours(name, rig, module):
    """Action, slot, NLA, fake users, frame, and where nothing new plays the whole pose."""
    operation = operations.OPERATIONS[name]
    operation.prepare(module)
    played = rig.animation_data.action
    before = digest.of_file()
    operation.call(module)
    changing = ASKED_FOR.get(name, ())
    changing += ("mapping ",) if name in MAPPING or "unmapped" in name else ()
    if rig.animation_data.action != played or name == "live update":
        changing += KEYED
        assert unmoved(rig) == {bone.name: number for number, bone in enumerate(rig.pose.bones)}
    assert _own(before, changing) - _own(digest.of_file(), changing) == set()
    # Assets have a fake user by Blender's own rule.
    fake = [a.name for a in bpy.data.actions if a.use_fake_user and a.asset_data is None]
    assert set(fake) <= {"Mine"}  # so that it is saved while a take plays
    assert bpy.data.actions["Mine"].use_fake_user or bpy.data.actions["Mine"].users


def unmoved(rig):
    """The properties of the user's own on all bones, mapped or not."""
    return {bone.name: bone["own"] for bone in rig.pose.bones}
