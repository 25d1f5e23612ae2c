# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves that are as steep as a wall are told of; ramps are not."""

import bpy
import pytest
from support import rigs


@pytest.mark.parametrize(("height", "says"), [(3.0, True), (0.5, False), (-3.0, True)])
def test_a_curve_as_steep_as_a_wall_is_told_of(module, random_walk, height, says):
    rig = rigs.make("mixamo")
    rigs.poly("Way", [(0, 0, 0), (0, -1.5, height)])
    rigs.activate(rig)
    generation = module("blender.walk.generation")
    options = generation.WalkOptions(curve="Way")
    warnings = generation.WalkGeneration(bpy.context, rig, options).warnings
    assert any("nobody walks so steeply" in warning for warning in warnings) == says
