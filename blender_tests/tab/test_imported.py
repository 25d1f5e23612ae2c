# SPDX-License-Identifier: GPL-3.0-or-later
"""Imported networks that the preferences name move a rig: clip, dance and walk."""

import os

import bpy
import numpy as np
import pytest
from support import golden, rigs
from support.swinging import NOW, poses, swing


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    if not os.path.isdir(golden.FOLDER):
        pytest.skip("no ../shared/golden here")
    return golden.write_models(str(tmp_path_factory.mktemp("imported")))


@pytest.fixture
def preferences(package):
    """The add-on's preferences, afterwards as they were."""
    found = bpy.context.preferences.addons[package].preferences
    yield found
    for name in ("continue_model", "dance_model", "pose_model", "pace_model"):
        found.property_unset(name)


def places(rig, frames):
    """Of all bones, ``(T, B, 3)``."""
    return np.array(poses(rig, frames))[:, :, :3, 3]


@pytest.fixture
def rig():
    obj = rigs.make("mixamo")
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    return obj


@pytest.mark.parametrize("kind", ["short-term", "dance"])
def test_continue_uses_the_chosen_network(preferences, models, rig, kind):
    swing(rig)
    bpy.context.scene.frame_set(NOW)
    before = places(rig, [NOW])[0]
    preferences.continue_model = models[kind]
    assert bpy.ops.quaternet.continue_motion(duration=1.0) == {"FINISHED"}
    made = places(rig, range(NOW, NOW + 24))
    assert np.abs(made[0] - before).max() < 1e-3  # the keys up to here are the user's
    assert np.abs(made[-1] - before).max() > 0.05  # and it moves
    hips = rig.pose.bones.keys().index("mixamorig:Hips")
    assert np.linalg.norm(made[:, hips] - before[hips], axis=-1).max() < 0.1


def test_dance_uses_the_chosen_network(preferences, models, rig):
    before = places(rig, [1])[0]
    preferences.dance_model = models["dance"]
    assert bpy.ops.quaternet.generate_dance(duration=1.0) == {"FINISHED"}
    made = places(rig, range(1, 25))
    assert np.isfinite(made).all() and np.abs(made[-1] - before).max() > 0.05


def test_a_dance_says_which_options_its_network_does_not_know(preferences, models, rig, capfd):
    preferences.dance_model = models["dance"]
    bpy.ops.quaternet.generate_dance(duration=1.0)
    assert "ithout effect" not in capfd.readouterr().out
    bpy.ops.quaternet.generate_dance(duration=1.0, standing_end=True, style="SALSA")
    said = capfd.readouterr().out
    assert "Without effect with an imported network: style, standing_end" in said


def test_a_walk_uses_the_chosen_pair_and_keeps_to_the_curve(preferences, models, rig):
    preferences.pose_model, preferences.pace_model = models["long-term"], models["pace"]
    bpy.ops.quaternet.new_path()
    assert bpy.ops.quaternet.generate_locomotion(speed=1.4) == {"FINISHED"}
    action = rig.animation_data.action
    first, last = (int(frame) for frame in action.frame_range)
    hips = rig.pose.bones.keys().index("mixamorig:Hips")
    way = places(rig, range(first, last + 1))[:, hips, :2]
    assert np.linalg.norm(way[-1] - way[0]) > 1.0


def test_a_file_that_is_no_such_model_is_refused_in_words(preferences, models, rig):
    preferences.continue_model = models["pace"]
    with pytest.raises(RuntimeError, match="Choose another file in the add-on's preferences"):
        bpy.ops.quaternet.continue_motion(duration=1.0)
