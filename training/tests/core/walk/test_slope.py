# SPDX-License-Identifier: GPL-3.0-or-later
"""Trunks lean into a climb."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.slope import leaning

FRAMES = 120


def lean_on(degrees, facing=0.0):
    rise = 20.0 * np.tan(np.radians(degrees))
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, rise, 20.0]]))
    rotations = np.zeros((FRAMES, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    upright = Motion(SKELETON, rotations, np.zeros((FRAMES, 3)), 30.0)
    along = np.linspace(5.0, 10.0, FRAMES)
    places = leaning(upright, path, along, facing=facing).positions()
    line = places[:, SKELETON.index("Neck")] - places[:, 0]
    before = SKELETON.rest_positions[SKELETON.index("Neck")] - SKELETON.rest_positions[0]
    return np.degrees(np.arctan2(line[:, 2], line[:, 1]) - np.arctan2(before[2], before[1])).mean()


@pytest.mark.parametrize("degrees", [8.0, 15.0])
def test_a_climb_is_leant_into_and_a_way_down_is_not(degrees):
    assert 0.25 * degrees < lean_on(degrees) < 0.6 * degrees
    assert -0.2 * degrees < lean_on(-degrees) < 0.0


def test_a_steep_ramp_has_a_limit_and_level_ground_none_of_it():
    assert lean_on(25.0) < 14.0
    assert lean_on(0.0) == pytest.approx(0.0, abs=1e-9)


def test_who_climbs_backward_leans_backward():
    assert lean_on(10.0, facing=np.pi) < -2.0
