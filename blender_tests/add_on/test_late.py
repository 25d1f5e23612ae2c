# SPDX-License-Identifier: GPL-3.0-or-later
"""What only generating needs is imported then: not by enabling, and not by drawing the tab."""

import sys

import addon_utils
import bpy
from support import rigs
from support.fake_layout import FakeLayout, draw_panel


def late_names(module, package):
    """``(class, attribute)`` of all that is imported late by what is loaded."""
    late = module("blender.interface.late").Late
    return {
        (thing, attribute)
        for name, loaded in list(sys.modules.items())
        if name.startswith(package + ".")
        for thing in vars(loaded).values()
        if isinstance(thing, type)
        for attribute, value in vars(thing).items()
        if isinstance(value, late)
    }


def test_enabling_and_drawing_import_no_generation(package, module):
    addon_utils.disable(package, default_set=True)
    assert addon_utils.enable(package, default_set=True) is not None
    rigs.activate(rigs.make("mixamo"))
    modes, panel = module("blender.modes").MODES, module("blender.tab.panel")
    for mode in modes:
        bpy.context.scene.quaternet.mode = mode
        draw_panel(panel.QUATERNET_PT_motion, FakeLayout())
    loaded = {name.removeprefix(package + ".") for name in sys.modules}
    generations = {row.operator.__module__.rpartition(".")[0] for row in modes.values()}
    late = {f"{name.removeprefix(package + '.')}.generation" for name in generations}
    late |= {"blender.crowd.making", "blender.takes.assets", "blender.rig.driver", "core.walk.walk"}
    assert len(late) >= 8 and not late & loaded


def test_whatever_is_imported_late_is_there(package, module):
    found = late_names(module, package)
    assert len(found) >= 10
    assert all(getattr(thing, attribute) is not None for thing, attribute in found)
