# SPDX-License-Identifier: GPL-3.0-or-later
"""Library overrides of a character take actions like any other rig; linked ones are refused."""

import bpy
import numpy as np
import pytest
from support import rigs, sticks


@pytest.fixture
def shot(tmp_path):
    """``shot(editable)``: a file with a library override of a whole character; its rig."""

    def build(editable=True):
        rig = rigs.make("mixamo")
        sticks.put_sticks(rig)
        collection = bpy.data.collections.new("Character")
        bpy.context.scene.collection.children.link(collection)
        for obj in list(bpy.context.scene.collection.objects):
            bpy.context.scene.collection.objects.unlink(obj)
            collection.objects.link(obj)
        path = str(tmp_path / "library.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.collections = ["Character"]
        scene, layer = bpy.context.scene, bpy.context.view_layer
        wanted.collections[0].override_hierarchy_create(scene, layer)
        rig = next(obj for obj in scene.objects if obj.type == "ARMATURE")
        rig.override_library.is_system_override = not editable
        rigs.activate(rig)
        return rig

    return build


def _hips(rig, frame):
    bpy.context.scene.frame_set(frame)
    return np.array(rig.matrix_world @ rig.pose.bones["mixamorig:Hips"].head)


def test_an_override_walks_and_dances_with_local_actions_that_its_file_keeps(shot, tmp_path):
    rig = shot()
    assert rig.override_library is not None and rig.data.library is not None
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    assert bpy.ops.quaternet.generate_dance(duration=1.0) == {"FINISHED"}
    curve = rigs.way()
    rigs.activate(rig)
    assert bpy.ops.quaternet.generate_locomotion(curve=curve.name) == {"FINISHED"}
    take = rig.quaternet_takes.items[-1]
    assert take.action.library is None and not take.missed
    last = int(rig.animation_data.action.frame_range[1])
    end = _hips(rig, last)
    assert end[1] == pytest.approx(-2.0, abs=0.3)
    made = {take.action.name for take in rig.quaternet_takes.items}
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    rig = next(obj for obj in bpy.context.scene.objects if obj.type == "ARMATURE")
    assert rig.override_library is not None
    assert np.allclose(_hips(rig, last), end, atol=1e-5)
    assert len(made) == 2
    assert made <= set(bpy.data.actions.keys())
    if bpy.app.version < (5, 0):  # newer ones drop the group: docs/limits.md
        assert [take.mode for take in rig.quaternet_takes.items] == ["DANCE", "WALK"]
        assert len(rig.quaternet_mapping.as_dict()) == 23


def test_an_override_continues_its_own_motion(shot):
    rig = shot()
    curve = rigs.way()
    rigs.activate(rig)
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    last = int(rig.animation_data.action.frame_range[1])
    bpy.context.scene.frame_set(last // 2)
    assert bpy.ops.quaternet.continue_motion(duration=1.0) == {"FINISHED"}
    assert rig.animation_data.action.library is None


def test_a_take_of_an_override_that_is_removed_leaves_no_action(shot):
    rig = shot()
    bpy.ops.quaternet.generate_dance(duration=1.0)
    bpy.ops.quaternet.remove_take(index=0)
    assert not rig.quaternet_takes.items and not bpy.data.actions


def test_a_mapping_chosen_for_an_override_counts_and_the_library_stays_as_it_is(shot):
    rig = shot()
    bpy.ops.quaternet.detect_mapping()
    assert not rig.data.quaternet_mapping.as_dict()
    rig.quaternet_mapping.LeftToeBase = ""
    bpy.ops.quaternet.generate_dance(duration=1.0)
    paths = rig.quaternet_takes.items[-1].action
    bones = {group.name for group in _groups(paths)}
    assert "mixamorig:RightToeBase" in bones and "mixamorig:LeftToeBase" not in bones


def _groups(action):
    if hasattr(action, "layers") and action.layers:
        return action.layers[0].strips[0].channelbags[0].groups
    return action.groups


def test_an_override_that_takes_no_keys_says_how_it_can(shot):
    shot(editable=False)
    with pytest.raises(RuntimeError, match="not editable"):
        bpy.ops.quaternet.detect_mapping()
