# SPDX-License-Identifier: GPL-3.0-or-later
"""Every table of modes has the same modes, and each row fits what it names."""

from dataclasses import fields

import bpy
import pytest


@pytest.fixture
def rows(module):
    return module("blender.modes").MODES


def test_what_a_file_stores_and_what_the_tab_offers_are_the_same_modes(module, rows):
    assert tuple(row[0] for row in module("blender.generate.take").MODES) == tuple(rows)
    assert {"CONTINUE", "WALK", "DANCE"} <= set(rows)


def test_a_row_names_things_of_its_own_mode(rows):
    for mode, row in rows.items():
        assert row.generation.mode == mode and row.operator in row.classes
        known = {field.name for field in fields(row.generation.Options)}
        assert set(row.options()) | set(row.objects()) <= known


def test_the_settings_keep_every_option_and_the_operator_takes_it(rows):
    settings = bpy.context.scene.quaternet
    for mode, row in rows.items():
        verb = row.operator.bl_idname.partition(".")[2]
        operator = getattr(bpy.ops.quaternet, verb).get_rna_type().properties
        places = settings.of_mode(mode)
        assert set(places) | set(settings.names_of_mode(mode)) == {
            field.name for field in fields(row.generation.Options)
        }
        for name, place in places.items():
            assert name in place.bl_rna.properties and name in operator, name


def test_without_numpy_every_mode_has_its_operator(module, rows):
    there = {cls.__name__: cls for cls in module("blender.interface.without_numpy").CLASSES}
    for row in rows.values():
        assert there[row.operator.__name__].bl_label == row.operator.bl_label
