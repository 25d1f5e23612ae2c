# SPDX-License-Identifier: GPL-3.0-or-later
"""A rig that crowds are made of."""

import bpy
import pytest
from support import rigs


@pytest.fixture
def hero():
    """A rig before a way of 8 m that is chosen in the panel."""
    bpy.context.scene.quaternet.curve = rigs.poly("Line", [(0, 0, 0), (0, -8, 0)])
    hero = rigs.make("mixamo")
    hero.name = "Hero"
    rigs.activate(hero)
    return hero
