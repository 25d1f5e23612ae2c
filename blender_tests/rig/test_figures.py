# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rig's figure is: its size, its soles, and a rest that is another figure than it shows."""

import bpy
import numpy as np
import pytest
from support import drive, rigs, sticks


def resized(scale):
    rig = rigs.make("mixamo")
    rig.scale = [scale] * 3
    bpy.context.view_layer.update()
    rigs.activate(rig)
    return rig


@pytest.mark.parametrize("scale", [0.05, 1.0, 20.0])
def test_a_doll_and_a_giant_walk_and_dance_with_the_defaults(scale):
    rig = resized(scale)
    curve = rigs.way(4.0 * scale)
    rigs.activate(rig)
    assert bpy.ops.quaternet.generate_locomotion(curve=curve.name) == {"FINISHED"}
    first, last = rig.animation_data.action.frame_range
    assert 2.0 < (last - first) / 24.0 < 8.0  # seconds, as for a person on 4 m
    assert not rig.quaternet_takes.items[-1].missed
    bpy.context.scene.frame_set(1)
    assert bpy.ops.quaternet.generate_dance(duration=3.0) == {"FINISHED"}
    assert not rig.quaternet_takes.items[-1].missed


def test_a_speed_that_was_chosen_stays(module):
    rig = resized(20.0)
    curve = rigs.way(80.0)
    rigs.activate(rig)
    bpy.ops.quaternet.generate_locomotion(curve=curve.name, speed=20.0)
    assert rig.quaternet_takes.items[-1].as_dict()["speed"] == pytest.approx(20.0)


def test_a_speed_that_was_chosen_stays_though_it_is_a_persons_default():
    """By a script; else it goes with the size."""
    rig = resized(3.0)
    curve = rigs.way(12.0)
    rigs.activate(rig)
    settings = bpy.context.scene.quaternet
    settings.property_unset("speed")

    def speed(**options):
        assert bpy.ops.quaternet.generate_locomotion(curve=curve.name, **options) == {"FINISHED"}
        return rig.quaternet_takes.items[-1].as_dict()["speed"]

    assert speed() == pytest.approx(1.4 * 3.0**0.5, rel=0.05)
    assert speed(speed=1.4) == pytest.approx(1.4)
    assert speed(speed=2.0) == pytest.approx(2.0)
    assert speed() == pytest.approx(1.4 * 3.0**0.5, rel=0.05)


def test_a_speed_that_was_typed_in_the_panel_stays(module):
    rig = resized(3.0)
    settings, inputs = bpy.context.scene.quaternet, module("blender.walk.inputs")
    settings.curve = rigs.way(12.0)
    rigs.activate(rig)
    generation = module("blender.walk.generation").WalkGeneration

    def speed():
        options, chosen = inputs.options_of_panel(settings), inputs.chosen_in_panel(settings)
        return generation(bpy.context, rig, options, chosen=chosen).options.speed

    settings.property_unset("speed")
    assert speed() == pytest.approx(1.4 * 3.0**0.5, rel=0.05)
    settings.speed = 1.4
    assert speed() == pytest.approx(1.4)
    settings.property_unset("speed")


@pytest.mark.parametrize(
    ("scale", "told"), [(0.01, "0.01 times"), (3.0, "3 times"), (100.0, "100 times")]
)
def test_a_size_that_looks_like_a_wrong_unit_is_told(module, scale, told):
    skeleton = module("core.body.skeleton").QUATERNET_SKELETON.scaled(scale)
    options = module("blender.crowd.making").CrowdOptions()
    defaults = module("blender.generate.sizes").scaled_defaults
    _, (said,) = defaults(options, (), ("speed",), skeleton)
    assert said.startswith(f"{told} as large as a person")
    assert ("check the scale" in said) == (not 0.05 < scale < 20.0)


def test_a_rest_that_is_another_figure_than_shown_is_noticed_and_a_frame_offered(module):
    rig = rigs.make("mixamo")
    rigs.activate(rig)
    rig.pose.bones["mixamorig:Hips"].scale = [0.01] * 3
    with pytest.raises(RuntimeError, match="Stands in This Frame"):
        bpy.ops.quaternet.detect_mapping()
    rig.pose.bones["mixamorig:Hips"].scale = [1.0] * 3
    bpy.ops.quaternet.detect_mapping()


def test_soles_come_from_the_mesh_of_the_feet(module):
    """Bones of the feet end at the ankles: only the mesh says how high they are."""
    rig = rigs.make("mixamo")
    rigs.activate(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    for side in ("Left", "Right"):
        for name in ("ToeBase",):
            rig.data.edit_bones.remove(rig.data.edit_bones[f"mixamorig:{side}{name}"])
        foot = rig.data.edit_bones[f"mixamorig:{side}Foot"]
        foot.tail = foot.head + foot.head.__class__((0.0, 0.3, 0.9))  # anywhere
    bpy.ops.object.mode_set(mode="OBJECT")
    sticks.put_sticks(rig)
    bpy.ops.quaternet.detect_mapping()
    driven = drive.driver(module, rig, rig.data.quaternet_mapping.as_dict())
    index = driven.skeleton.index("LeftFoot")
    ankle = driven.skeleton.rest_positions[index, 1]
    assert ankle == pytest.approx(0.085, abs=0.01)  # the sole lies on the ground
    assert abs(driven.clearance) < 0.01
    assert np.isfinite(driven.skeleton.rest_positions).all()


def test_skin_on_the_root_travels_with_it(module):
    """Nobody chose what travels: a root bone with skin does, and the hips where it has none."""
    rig = rigs.make("mixamo")
    rigs.activate(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    root = rig.data.edit_bones.new("root")
    root.head, root.tail = (0.0, 0.0, 0.0), (0.0, 0.3, 0.0)
    rig.data.edit_bones["mixamorig:Hips"].parent = root
    bpy.ops.object.mode_set(mode="OBJECT")
    sticks.put_sticks(rig)
    bpy.ops.quaternet.detect_mapping()
    mapping = rig.data.quaternet_mapping.as_dict()
    assert drive.driver(module, rig, mapping).root is None
    mesh = next(o for o in bpy.context.scene.objects if o.type == "MESH")
    group = mesh.vertex_groups.new(name="root")
    group.add([v.index for v in mesh.data.vertices if v.co.z < 0.04], 0.5, "REPLACE")
    module("blender.rig.skin").forget()
    driven = drive.driver(module, rig, mapping)
    assert driven.root is not None and driven.options.root_bone == "root"
    assert drive.driver(module, rig, mapping, root="HIPS").root is None


def test_a_giant_who_takes_a_giants_time_walks_by_default_and_does_not_run():
    """At equal Froude numbers speed goes with the root of the size."""
    rig = resized(3.0)
    curve = rigs.way(12.0)
    rigs.activate(rig)
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    speed = rig.quaternet_takes.items[-1].as_dict()["speed"]
    assert speed == pytest.approx(1.4 * np.sqrt(3.0), rel=0.05)
