# SPDX-License-Identifier: GPL-3.0-or-later
"""A new plan that disagrees with the old one takes over within some frames, not in one."""

from itertools import islice

import numpy as np
import pytest

from quaternet_addon.core.continuation.features import HORIZON
from quaternet_addon.core.continuation.network import OVERLAP, RENEWED, ContinuationNetwork
from quaternet_addon.core.maths.quaternion import (
    conjugate,
    multiply,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)

SPIN, STEP, FRAMES = 0.3, 0.05, 4 * RENEWED  # radians and metres a frame that a plan asks for


class Wavering(ContinuationNetwork):
    """Of its plans every other one goes on, and the ones between go back as fast."""

    def __init__(self, ways):
        self.ways = iter(ways)

    def _planned(self, seen, stretch, scale):
        way = next(self.ways)
        turns = np.zeros((HORIZON, 2, 3))
        turns[:, 1, 0] = way * SPIN
        steps = np.tile([0.0, 0.0, way * STEP, 0.0], (HORIZON, 1))
        return rotation_vector_to_quaternion(turns), steps, np.zeros((HORIZON, 2))


def made(ways, **options):
    """Radians and metres a frame that a body goes by, ``(F,)`` each."""
    pose = np.tile([1.0, 0.0, 0.0, 0.0], (5, 2, 1))
    frames = Wavering(ways).generate(pose, np.ones((5, 1)), np.zeros((5, 4)), **options)
    turned, _, steps, _ = zip(*islice(frames, FRAMES), strict=True)
    joint = np.concatenate([pose[-1:], np.stack(turned)])[:, 1]
    turns = quaternion_to_rotation_vector(multiply(joint[1:], conjugate(joint[:-1])))
    return turns[:, 0], np.stack(steps)[:, 2]


@pytest.mark.parametrize(("part", "size"), [(0, SPIN), (1, STEP)])
def test_no_velocity_jumps_where_a_plan_is_renewed(part, size):
    speeds = made([1, -1, 1, -1])[part]
    assert np.ptp(speeds) == pytest.approx(2.0 * size, rel=1e-3)  # each plan comes to count
    assert np.abs(np.diff(speeds)).max() < 0.3 * 2.0 * size  # of the difference in one frame
    assert speeds[RENEWED - 1] == pytest.approx(size)
    assert speeds[RENEWED + OVERLAP[part]] == pytest.approx(-size)


def test_plans_that_agree_are_played_as_they_are():
    turned, steps = made([1, 1, 1, 1])
    np.testing.assert_allclose(turned, SPIN, atol=1e-9)
    np.testing.assert_allclose(steps, STEP, atol=1e-12)


def test_a_first_plan_passes_out_of_what_was_planned_before():
    turns = np.zeros((3, 2, 3))
    turns[:, 1, 0] = -SPIN
    old = rotation_vector_to_quaternion(turns), np.tile([0.0, 0.0, -STEP, 0.0], (3, 1))
    turned, steps = made([1, 1, 1, 1], old=old)
    assert turned[0] < -0.6 * SPIN
    assert steps[0] < -0.6 * STEP
    np.testing.assert_allclose(turned[3:], SPIN, atol=1e-9)
    assert np.abs(np.diff(turned)).max() < 0.4 * 2.0 * SPIN
