# SPDX-License-Identifier: GPL-3.0-or-later
"""Every convention's rig takes poses and gives them back, and its own feet stay planted."""

import pytest

from blender_tests.tables import rigs
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, load_model

VARIED = {  # rests that are not a convention's own
    "mixamo": {"arms": 45.0, "size": 0.01, "roll": 1},
    "unreal_5": {"knees": 15.0, "elbows": 20.0, "roll": 2},
    "vrm": {"size": 100.0, "roll": 3},
    "smpl": {"arms": 30.0, "legs": 12.0, "roll": 4},
}


@pytest.fixture(scope="module")
def model():
    if not DEFAULT_MODEL.is_file():
        pytest.skip(f"there is no shipped model at {DEFAULT_MODEL}")
    return load_model()


@pytest.mark.parametrize("name", rigs.convention_rigs.CONVENTIONS)
def test_a_conventions_rig_meets_the_bars_of_the_table(model, name):
    row = rigs.measure(name, model)
    assert rigs.misses(row) == [], row
    assert row["joints"] >= 20


@pytest.mark.parametrize("name", VARIED)
def test_other_rests_rolls_and_sizes_meet_them_too(model, name):
    row = rigs.measure(name, model, **VARIED[name])
    assert rigs.misses(row) == [], row
