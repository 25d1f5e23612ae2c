# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks up and down stairs and ramps, by the yardstick of uneven ground."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("scipy")
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion, multiply
from quaternet_addon.core.walk.walk import Walk, load_model
from training.walk.gait import grounds, uneven
from training.walk.gait.body import Body

SPEED = 0.8


@pytest.fixture(scope="module")
def model():
    return load_model()


def no_snaps(rows):
    """Recorded walks on level ground: 16.6 and 17.4; lifted by what sinks in: 26 to 34 both."""
    assert rows["knee, degrees a frame"] < 13.0
    assert rows["knee, change of that"] < 10.0


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
    no_snaps(rows)


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
    assert rows["inside, soles cm"] < 1.0
    assert rows["knee, most"] <= 100.0
    assert rows["sole over the edge, most %"] <= 10.0  # on its crest
    no_snaps(rows)
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
    no_snaps(rows)


@pytest.mark.parametrize("speed", [0.5, 1.2])
@pytest.mark.parametrize(("rise", "depth"), [(0.15, 0.3), (0.2, 0.25)])
def test_other_stairs_at_other_speeds(model, speed, rise, depth):
    ground = uneven.stairs(rise=rise, depth=depth)
    rows = uneven.measured(uneven.walked(model, ground, speed, 1), ground)
    assert rows["knee, most"] <= 100.0
    assert rows["inside, soles cm"] <= 1.0
    no_snaps(rows)


@pytest.mark.parametrize("degrees", [10.0, 20.0])
def test_other_ramps(model, degrees):
    ground = uneven.ramp(degrees)
    rows = uneven.measured(uneven.walked(model, ground, 1.2, 1), ground)
    assert rows["knee, most"] <= 100.0
    assert rows["inside, soles cm"] < 1.0
    no_snaps(rows)


def run_over(model, ground, speed, seed=0):
    walk = Walk(model, ground.path, speed=speed, seed=seed, ground=ground.surface)
    return grounds.figures(uneven.stand_on(walk.run(), ground.surface), ground)


@pytest.mark.parametrize("speed", [2.5, 3.0])
@pytest.mark.parametrize("degrees", [3.0, -3.0, 5.0, -5.0, 10.0, -10.0])
def test_runs_fly_as_high_over_a_slope_as_on_the_flat(model, degrees, speed):
    """From 5 degrees on both feet were 24 to 28 cm off the ground at once, on the flat 9."""
    level = run_over(model, grounds.slope_along(0.0), speed)
    rows = run_over(model, grounds.slope_along(degrees), speed)
    assert abs(rows["flight cm"] - level["flight cm"]) < 3.0
    assert rows["sole cm"] < 1.0
    assert rows["knee"] < level["knee"] + 5.0
    assert rows["a frame"] < level["a frame"] + 6.0
    assert rows["change"] < 25.0  # at 3 degrees, where swings were not planned, 32; on the flat 16


def test_a_run_over_a_curb_does_not_bound(model):
    """Both feet were 35 cm off the ground at once, of which the curb is 15."""
    level = run_over(model, grounds.slope_along(0.0), 3.0)
    rows = run_over(model, grounds.curb(), 3.0)
    assert rows["flight cm"] < level["flight cm"] + 15.0


@pytest.mark.parametrize("speed", [0.8, 1.2, 3.0])
def test_a_curb_is_stepped_on_and_off_at_any_speed(model, speed):
    """A quick foot passes its edge between two frames: knees jumped by 53 degrees."""
    curb = uneven.stairs(steps=1, rise=0.15)
    motion = uneven.walked(model, curb, speed, 1)
    rows = uneven.measured(motion, curb)
    assert rows["inside, soles cm"] <= 1.0
    level = uneven.measured(uneven.walked(model, uneven.ramp(0.0), speed, 1), uneven.ramp(0.0))
    for key in ("knee, degrees a frame", "knee, change of that"):
        assert rows[key] < level[key] + 3.0


def test_the_yardstick_sees_a_snap(model):
    ground = uneven.ramp(0.0)
    body = Body(uneven.walked(model, ground, SPEED, 0))
    before = uneven.snaps(body, np.ones(len(body), bool))
    rotations = body.motion.rotations.copy()
    knee = body.skeleton.index("LeftLeg")
    turn = axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), np.radians(30.0))
    rotations[150, knee] = multiply(rotations[150, knee], turn)
    after = uneven.snaps(Body(replace(body.motion, rotations=rotations)), np.ones(len(body), bool))
    assert after["knee, degrees a frame"] > before["knee, degrees a frame"] + 10.0
    assert after["ankles, jerk m/s3"] > 1.2 * before["ankles, jerk m/s3"]
