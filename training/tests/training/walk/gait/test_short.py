# SPDX-License-Identifier: GPL-3.0-or-later
"""Yardsticks of short walks and of what goes aside: they see the faults they are for."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion, multiply
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model
from training.walk.gait import aside, short
from training.walk.gait.body import Body
from training.walk.gait.takes import Take


def walked(length, speed, **wish):
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))
    return Walk(load_model(DEFAULT_MODEL), path, speed=speed, itinerary=Itinerary(**wish)).run()


def turned(motion, name, axis, degrees, frames=slice(None)):
    """A motion one of whose joints is turned further in some frames."""
    rotations, joint = np.array(motion.rotations), motion.skeleton.index(name)
    turn = axis_angle_to_quaternion(np.eye(3)[axis], np.radians(degrees))
    rotations[frames, joint] = multiply(rotations[frames, joint], turn)
    return replace(motion, rotations=rotations)


@pytest.fixture(scope="module")
def way():
    return walked(0.9, 0.8)


def test_a_calm_walk_of_three_steps_is_within_the_bars(way):
    found = short.way_figures(Body(way))
    assert found["steps"] == 3.0
    assert all(found[name] <= most for name, most in short.BARS.items())


def test_a_leg_that_snaps_for_a_frame_is_seen(way):
    middle = len(way) // 2
    found = short.way_figures(Body(turned(way, "LeftLeg", 0, 25.0, slice(middle, middle + 1))))
    for name in ("knee, degrees a frame", "joints, jerk m/s3"):
        assert found[name] > short.BARS[name]


def test_hips_that_halt_on_the_way_are_seen(way):
    roots, middle = np.array(way.root_positions), len(way) // 2
    stands = np.concatenate([np.arange(middle), np.full(20, middle), np.arange(middle, len(way))])
    held = replace(
        way,
        rotations=way.rotations[stands],
        root_positions=roots[stands],
        contacts=way.contacts[stands],
    )
    found = short.way_figures(Body(held))
    assert found["hips slow down by, share"] > short.BARS["hips slow down by, share"]


@pytest.mark.parametrize(
    ("name", "axis", "degrees", "row"),
    [
        ("LeftForeArm", 1, -60.0, "elbow, mean"),
        ("LowerBack", 0, 12.0, "trunk ahead, mean"),
        ("LeftArm", 2, -25.0, "hand from thighs cm"),
    ],
)
def test_arms_and_trunks_that_nobody_carries_so_are_seen(name, axis, degrees, row):
    motion = walked(2.5, 0.5, facing="LEFT")
    low, high = aside.SIDE_BARS[row]
    for made, meets in ((motion, True), (turned(motion, name, axis, degrees), False)):
        value = aside.figures(Take("", "", made))[row]
        assert ((low is None or value >= low) and (high is None or value <= high)) == meets
