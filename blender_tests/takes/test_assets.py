# SPDX-License-Identifier: GPL-3.0-or-later
"""A take as an asset: its action is marked, told and pictured; nothing else of the file changes."""

import bpy
import numpy as np
import pytest
from support import digest, rigs


@pytest.fixture
def rig(random_walk):
    rigs.s_curve()
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.generate_locomotion(curve="Path", seed=4)
    return obj


def test_a_marked_take_is_an_asset_with_picture_and_words(rig):
    take = rig.quaternet_takes.items[0]
    take.note = "the slow one"
    before = digest.of_action(take.action)
    assert bpy.ops.quaternet.mark_take() == {"FINISHED"}
    asset = take.action.asset_data
    assert asset is not None and asset.description == "the slow one"
    assert {tag.name for tag in asset.tags} == {"Walk Along Curve", "QuaterNet"}
    preview = take.action.preview
    pixels = np.empty(len(preview.image_pixels_float), np.float32)
    preview.image_pixels_float.foreach_get(pixels)
    covered = pixels.reshape(-1, 4)[:, 3] > 0.5
    assert 0.01 < covered.mean() < 0.6, "no figures in the picture"
    assert digest.of_action(take.action) == before and rig.animation_data.action == take.action


def test_it_stays_an_asset_in_the_saved_file(rig, tmp_path):
    bpy.ops.quaternet.mark_take()
    name, path = rig.quaternet_takes.items[0].action.name, str(tmp_path / "asset.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
    with bpy.data.libraries.load(path, assets_only=True) as (found, _):
        assert found.actions == [name]


def test_without_a_usable_mapping_nothing_is_marked(rig):
    rig.data.quaternet_mapping.Head = "gone"
    with pytest.raises(RuntimeError, match="gone"):
        bpy.ops.quaternet.mark_take()
    assert rig.quaternet_takes.items[0].action.asset_data is None
