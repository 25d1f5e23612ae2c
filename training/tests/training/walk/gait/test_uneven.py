# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks up and down stairs and ramps, by the yardstick of uneven ground."""

import numpy as np
import pytest

pytest.importorskip("scipy")
from quaternet_addon.core.walk.walk import Walk, load_model
from training.walk.gait import uneven
from training.walk.gait.body import Body

SPEED = 0.8


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.mark.parametrize("seed", range(2))
def test_stairs_are_walked_one_tread_a_step_with_whole_soles(model, seed):
    """Of 17 by 29 cm; unplanned, six steps are longer than a tread and soles are 15 cm inside."""
    stairs = uneven.stairs()
    rows = uneven.measured(uneven.walked(model, stairs, SPEED, seed), stairs)
    assert rows["steps longer than a tread"] == 0
    assert rows["treads stood on twice"] == 0
    assert rows["sole over the edge, most %"] <= 10.0
    assert rows["sole in a riser, most %"] == 0.0
    assert rows["stands off the ground cm"] < 0.5
    assert rows["knee, most"] <= 100.0
    assert rows["inside, soles cm"] < 1.0
    assert rows["inside, ankles cm"] == 0.0
    assert rows["hips up and down m/s2"] < 2.0  # unplanned: 2.6


def test_the_yardstick_sees_a_walk_that_knows_of_no_stairs(model):
    stairs = uneven.stairs()
    rows = uneven.measured(Walk(model, stairs.path, speed=SPEED).run(), stairs)
    assert rows["inside, soles cm"] > 10.0
    assert rows["stands off the ground cm"] > 50.0


def test_a_ramp_of_25_degrees_is_stood_on_and_leant_into(model):
    ramp = uneven.ramp()
    motion = uneven.walked(model, ramp, SPEED, 0)
    rows = uneven.measured(motion, ramp)
    assert rows["stands off the ground cm"] < 0.5
    assert rows["inside, ankles cm"] == 0.0
    lean = Body(motion).lean("Hips", "Neck", np.tile([0.0, 1.0], (len(motion), 1)))
    z = motion.root_positions[:, 2]
    level = np.median(lean[(z > 1.0) & (z < 2.0)])
    assert 5.0 < np.median(lean[(z > 4.0) & (z < 6.5)]) - level < 16.0


def test_another_body_walks_stairs_of_its_size(model):
    """A child on treads for children: the plan is made in its proportions."""
    small = uneven.stairs(rise=0.11, depth=0.19)
    skeleton = model.skeleton.scaled(0.65)
    motion = uneven.walked(model, small, 0.55, 0, skeleton=skeleton)
    rows = uneven.measured(motion, small)
    assert rows["steps longer than a tread"] == 0
    assert rows["knee, most"] <= 100.0
    assert rows["inside, soles cm"] < 1.0
