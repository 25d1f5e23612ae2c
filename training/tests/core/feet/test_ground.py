# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet on another ground: whole soles on treads, what is level stays as it was."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.feet.ground import stand_on
from quaternet_addon.core.feet.sole_points import sole_points

UP = np.array([0.0, 1.0, 0.0])


def standing(z=0.0, frames=30):
    rotations = np.zeros((frames, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    roots = np.tile([0.0, SKELETON.root_height, z], (frames, 1))
    return Motion(SKELETON, rotations, roots, 30.0, np.ones((frames, 2), bool))


def surface(height):
    return lambda points: (height(points[:, 1]), np.tile(UP, (len(points), 1)))


def test_soles_lie_flat_where_they_are_sole_points():
    heel, ball, tip = np.moveaxis(sole_points(standing())[0, 0], 0, 0)
    assert np.abs([heel[1], ball[1], tip[1]]).max() < 0.01
    assert heel[2] < ball[2] < tip[2]


@pytest.mark.parametrize("over", [0.02, 0.06])
def test_toes_over_an_edge_are_drawn_back_on_the_tread(over):
    motion = standing()
    edge = sole_points(motion)[0, 0, 2, 2] - over
    placed = stand_on(motion, surface(lambda z: np.where(z > edge, -0.17, 0.0)))
    tips = sole_points(placed)[..., 2, 2]
    assert tips.max() < edge + 0.012
    assert tips.min() > edge - 0.03
    assert np.abs(toe_positions(placed)[..., 1] - toe_positions(motion)[..., 1]).max() < 0.005


def test_toes_in_a_riser_are_drawn_out_of_it():
    motion = standing()
    riser = sole_points(motion)[0, 0, 2, 2] - 0.03
    placed = stand_on(motion, surface(lambda z: np.where(z > riser, 0.17, 0.0)))
    assert sole_points(placed)[..., 2, 2].max() < riser


def test_on_level_ground_nothing_moves():
    motion = standing()
    placed = stand_on(motion, surface(np.zeros_like))
    assert np.abs(toe_positions(placed) - toe_positions(motion)).max() < 0.005
    assert np.abs(placed.root_positions - motion.root_positions).max() < 0.005


def test_higher_ground_lifts_the_whole_body():
    placed = stand_on(standing(), surface(lambda z: np.full_like(z, 0.4)))
    assert placed.root_positions[15, 1] - SKELETON.root_height == pytest.approx(0.4, abs=0.012)


def test_a_sole_in_a_hollow_rests_on_its_ends():
    """Of 1.5 cm under a foot; on the ground under its ball alone, heel and tip would be inside."""
    motion = standing()
    heel, _, tip = sole_points(motion)[0, 0, :, 2]
    middle = 0.5 * (heel + tip)

    def hollow(z):
        return 0.06 * ((z - middle) / (0.5 * (tip - heel))) ** 2

    soles = sole_points(stand_on(motion, surface(hollow)))[10:20]
    under = hollow(soles[..., 2]) - soles[..., 1]
    assert under.max() < 0.012
    assert np.abs(under.max(axis=(1, 2))).max() < 0.012  # and something carries it
