# SPDX-License-Identifier: GPL-3.0-or-later
"""A .blend from elsewhere: whatever its takes and mapping hold, every button works or refuses."""

import json

import bpy
import pytest
from faults import operations

SETTINGS = [
    "",
    "null",
    "{",
    "[" * 100_000,
    '{"speed": 1e999}',
    '{"speed": "x"}',
    '{"curve": "\\ud800"}',
    '{"seed": -5}',
    '{"seed": 99999999999}',
    '{"variations": 1000000}',
    '{"duration": 1e30}',
    '{"moved_footprints": "L9999999999999 nan inf"}',
    '{"style": 7}',
    '{"start_distance": 1e300}',
    "x" * 3_000_000,
]
POSES = [
    "[",
    "5",
    '{"location": ["x"]}',
    '{"location": [1e308, 1e308, 1e308]}',
    '{"data.name": [1]}',
    '{"scale": [null, 1, 1]}',
    '{"location": [1e400, 1, 1]}',
    json.dumps({"pose.bones[" * 20_000: [1]}),
    json.dumps({'pose.bones["' + "\\\\" * 20_000: [1]}),
]


def _lost(rig, take):
    bpy.data.actions.remove(take.action)


def _of_a_camera(rig, take):
    camera = bpy.data.cameras.new("Camera")
    camera.keyframe_insert("lens", frame=1)
    take.action = camera.animation_data.action


def _in_a_circle(rig, take):
    action, previous = take.action, take.previous
    other = rig.quaternet_takes.items.add()
    other.action, other.previous = previous, action


def _before_the_start(rig, take):
    take.frame_start, take.frame_end = 2**31 - 1, -(2**31)


def _bones_of_none(rig, take):
    for joint in ("Hips", "LeftUpLeg", "Head"):
        setattr(rig.data.quaternet_mapping, joint, "none\n" * 10)


def _one_bone_for_all(rig, take):
    mapping = rig.data.quaternet_mapping
    for joint in mapping.as_dict():
        setattr(mapping, joint, mapping.Hips)


def _root_of_none(rig, take):
    rig.quaternet_driving.root, rig.quaternet_driving.root_bone = "BONE", "none"


DAMAGE = {
    "action lost": _lost,
    "action of a camera": _of_a_camera,
    "takes in a circle": _in_a_circle,
    "played before itself": lambda rig, take: setattr(take, "previous", take.action),
    "ends before it starts": _before_the_start,
    "chosen: none": lambda rig, take: setattr(rig.quaternet_takes, "active", 999),
    "highest seed": lambda rig, take: setattr(take, "seed", 2**31 - 1),
    "slot of none": lambda rig, take: setattr(take, "slot", 2**31 - 1),
    "no slot": lambda rig, take: setattr(take, "slot", 0),
    "control characters": lambda rig, take: setattr(take, "note", "\x1b[31m\n" * 999),
    "bones of none": _bones_of_none,
    "one bone for all": _one_bone_for_all,
    "root of none": _root_of_none,
}
BUTTONS = [
    lambda: bpy.ops.quaternet.adopt_take_settings(index=0),
    lambda: bpy.ops.quaternet.regenerate_take(index=0, reseed=True),
    lambda: bpy.ops.quaternet.use_take(index=0),
    lambda: bpy.ops.quaternet.mark_take(index=0),
    bpy.ops.quaternet.push_take_to_nla,
    lambda: bpy.ops.quaternet.generate_locomotion(curve="Path"),
    lambda: bpy.ops.quaternet.keep_take(index=0),
    lambda: bpy.ops.quaternet.remove_take(index=0),
]
WORDS = ("xpected", "was deleted", "Choose", "choose")  # of a message that says what to do


@pytest.fixture
def taken(module, random_walk):
    """A rig with a take."""
    rig = operations.scene(module)
    bpy.ops.quaternet.generate_locomotion(curve="Path")
    return rig


def press(button):
    """Press it: it works, or a message says why not; RuntimeError is what bpy.ops makes of it."""
    try:
        assert button() <= {"FINISHED", "CANCELLED"}
    except RuntimeError as error:
        text = str(error)
        assert "Traceback" not in text and any(word in text for word in WORDS), text[-2000:]


@pytest.mark.parametrize("what", DAMAGE)
def test_every_button_works_or_says_what_is_wrong(taken, what):
    DAMAGE[what](taken, taken.quaternet_takes.items[0])
    for button in BUTTONS:
        press(button)
    assert bpy.data.actions["Mine"] is not None


@pytest.mark.parametrize("text", SETTINGS, ids=lambda text: ascii(text[:20]))
def test_settings_that_no_option_can_have(taken, text):
    taken.quaternet_takes.items[0].settings = text
    for button in BUTTONS[:2]:
        press(button)


@pytest.mark.parametrize("text", POSES, ids=lambda text: ascii(text[:20]))
def test_a_pose_to_go_back_to_that_no_rig_has(taken, text):
    taken.quaternet_takes.items[0].pose = text
    press(BUTTONS[-1])
    assert bpy.data.actions["Mine"] == taken.animation_data.action
