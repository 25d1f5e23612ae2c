# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves that move with the walker are refused, and those like walls are told of."""

import bpy
import pytest
from support import rigs

HIPS = "mixamorig:Hips"


@pytest.fixture
def rig():
    rig = rigs.make("mixamo")
    rigs.poly("Way", [(0, 0, 0), (0, -3, 0)])
    rigs.activate(rig)
    return rig


def walk():
    return bpy.ops.quaternet.generate_locomotion(curve="Way")


def parented(curve, rig):
    curve.parent, curve.parent_type, curve.parent_bone = rig, "BONE", HIPS


def parented_above(curve, rig):
    curve.parent = bpy.data.objects.new("Between", None)
    bpy.context.scene.collection.objects.link(curve.parent)
    parented(curve.parent, rig)


def constrained(curve, rig):
    constraint = curve.constraints.new("CHILD_OF")
    constraint.target, constraint.subtarget = rig, HIPS


def hooked(curve, rig):
    modifier = curve.modifiers.new("Hook", "HOOK")
    modifier.object, modifier.subtarget = rig, HIPS


@pytest.mark.parametrize("hang", [parented, parented_above, constrained, hooked])
def test_a_curve_that_hangs_on_the_walker_s_bones_is_refused(rig, random_walk, hang):
    hang(bpy.data.objects["Way"], rig)
    with pytest.raises(RuntimeError, match="hangs on the armature 'Mixamo'"):
        walk()
    assert rig.animation_data is None or rig.animation_data.action is None


def test_a_curve_below_the_armature_object_is_walked_unless_that_travels(rig, random_walk):
    bpy.data.objects["Way"].parent = rig
    assert walk() == {"FINISHED"}
    rig.quaternet_driving.root = "OBJECT"
    with pytest.raises(RuntimeError, match="would move with every step"):
        walk()


def test_what_does_not_act_hangs_nothing_on_the_walker(rig, random_walk):
    curve = bpy.data.objects["Way"]
    constrained(curve, rig)
    curve.constraints[0].mute = True
    hooked(curve, rig)
    curve.modifiers[0].show_viewport = False
    assert walk() == {"FINISHED"}


@pytest.mark.parametrize(("height", "says"), [(3.0, True), (0.5, False), (-3.0, True)])
def test_a_curve_as_steep_as_a_wall_is_told_of(module, rig, random_walk, height, says):
    bpy.data.objects["Way"].data.splines[0].points[1].co = (0.0, -1.5, height, 1.0)
    generation = module("blender.walk.generation")
    options = generation.WalkOptions(curve="Way")
    warnings = generation.WalkGeneration(bpy.context, rig, options).warnings
    assert any("nobody walks so steeply" in warning for warning in warnings) == says
