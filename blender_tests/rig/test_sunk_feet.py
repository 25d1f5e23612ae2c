# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet without toe bones stay over the floor, and the check says where one does not."""

import bpy
import numpy as np
import pytest
from support import drive, rigs, sticks


@pytest.fixture
def booted():
    """A Mixamo-like rig in large boots."""
    rig = rigs.make("mixamo")
    sticks.put_sticks(rig)
    for side, x in (("Left", 0.09), ("Right", -0.09)):
        _put_boot(rig, f"mixamorig:{side}Foot", x)
    rigs.activate(rig)
    return rig


def _put_boot(rig, bone, x):
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    boot = bpy.context.object
    for vertex in boot.data.vertices:
        right, back, up = (number > 0.0 for number in vertex.co)
        vertex.co = (x + (0.04 if right else -0.04), 0.06 if back else -0.26, 0.05 if up else 0.0)
    boot.vertex_groups.new(name=bone).add(range(8), 1.0, "REPLACE")
    boot.modifiers.new("Armature", "ARMATURE").object = rig


@pytest.fixture
def mapping(module, booted):
    """Joints of the rig without its toes, measured anew."""
    module("blender.rig.reading")._retargets.clear()
    bpy.ops.quaternet.detect_mapping()
    found = booted.data.quaternet_mapping.as_dict()
    yield {joint: bone for joint, bone in found.items() if "Toe" not in joint}
    module("blender.rig.reading")._retargets.clear()


def walked(module, rig, mapping):
    """A walk on the rig, and what the check says of it."""
    driven = drive.driver(module, rig, mapping)
    motion = drive.walk(module, driven, points=[[0, 0, 0], [0, 0, 3]])
    drive.play(module, driven, motion)
    check = module("blender.rig.motion_check")
    return motion, check.misses(driven, motion, 1, np.zeros(len(motion)))


def _lowest(motion):
    """Z of the lowest point of any mesh in any frame, metres."""
    meshes = [o for o in bpy.context.scene.objects if o.type == "MESH"]
    return min(_low(mesh, frame) for frame in range(1, len(motion) + 1) for mesh in meshes)


def _low(mesh, frame):
    bpy.context.scene.frame_set(frame)
    shown = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    data = shown.to_mesh()
    flat = np.empty(3 * len(data.vertices), np.float32)
    data.vertices.foreach_get("co", flat)
    places = np.append(flat.reshape(-1, 3), np.ones((len(flat) // 3, 1)), axis=1)
    shown.to_mesh_clear()
    return (places @ np.array(shown.matrix_world).T)[:, 2].min()


def test_feet_without_toes_stay_over_the_floor_in_every_frame(module, booted, mapping):
    """They roll over their tips: round a person's ball these go down where the heel comes up."""
    motion, texts = walked(module, booted, mapping)
    assert texts == []
    assert _lowest(motion) > -0.012


def test_feet_without_toes_that_roll_over_balls(module, booted, mapping, monkeypatch):
    """As all did before: their tips go through the floor, in a few frames of each step."""
    monkeypatch.setattr(module("core.rig.retarget"), "front_of", lambda _, ball, sole: ball[2])
    monkeypatch.setattr(module("core.walk.finish"), "in_one_piece", list)
    lock = module("core.feet.foot_lock")
    monkeypatch.setattr(lock, "feet_over_floor", lambda legs, *_, **__: legs)
    (text,) = walked(module, booted, mapping)[1]
    assert "Foot' goes 0.0" in text and "m under the floor in frame" in text
