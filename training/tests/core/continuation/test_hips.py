# SPDX-License-Identifier: GPL-3.0-or-later
"""Hips of a continuation stay over feet that stand, and rise where these are sunk."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation.hips import over_feet, stands

FRAMES, FPS = 90, 30.0


def gliding(speed=0.0, sunk=0.0, contacts=True):
    """A stiff upright body that glides ahead at so many m/s, so many metres in the floor."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (FRAMES, len(QUATERNET_SKELETON), 1))
    roots = np.zeros((FRAMES, 3))
    roots[:, 1] = QUATERNET_SKELETON.root_height - sunk
    roots[:, 2] = speed / FPS * np.arange(FRAMES)
    planted = np.broadcast_to(np.asarray(contacts), (FRAMES, 2)).copy()
    return Motion(QUATERNET_SKELETON, rotations, roots, FPS, planted)


def test_a_body_whose_feet_stand_stays():
    made = over_feet(gliding(speed=0.1), 0.0)
    assert np.array_equal(made.root_positions[0], gliding(speed=0.1).root_positions[0])
    assert np.ptp(made.root_positions[:, 2]) < 0.04  # 0.3 m without
    assert np.linalg.norm(np.diff(made.root_positions[16:], axis=0), axis=-1).max() < 1e-6


def test_one_foot_that_stands_is_enough():
    left = over_feet(gliding(speed=0.1, contacts=[True, False]), 0.0)
    assert np.ptp(left.root_positions[:, 2]) < 0.04


@pytest.mark.parametrize("motion", [gliding(speed=1.2), gliding(speed=0.1, contacts=False)])
def test_who_goes_or_stands_on_nothing_is_left_alone(motion):
    np.testing.assert_allclose(over_feet(motion, 0.0).root_positions, motion.root_positions)


@pytest.mark.parametrize("floor", [0.0, 0.5])
def test_a_sunk_body_rises_on_to_its_feet_without_a_jump(floor):
    motion = gliding(speed=1.2, sunk=0.04 - floor)
    made = over_feet(motion, floor)
    rise = made.root_positions[:, 1] - motion.root_positions[:, 1]
    assert rise[0] == 0.0
    np.testing.assert_allclose(rise[8:], 0.04, atol=1e-9)
    assert np.abs(np.diff(rise, 2)).max() < 0.006


def test_who_lands_crouches():
    """Hips that are low as feet come down stay low; once it stands, a sunk body is raised."""
    contacts = np.repeat((np.arange(FRAMES) >= 45)[:, None], 2, axis=1)
    motion = gliding(speed=0.5, sunk=0.04, contacts=contacts)
    rise = (over_feet(motion, 0.0).root_positions - motion.root_positions)[:, 1]
    assert rise[:46].max() < 0.001
    assert rise[60:].min() > 0.039


def test_feet_over_the_floor_are_not_pulled_down():
    motion = gliding(sunk=-0.03)
    np.testing.assert_allclose(over_feet(motion, 0.0).root_positions, motion.root_positions)


def test_stands():
    assert stands(gliding()).min() == 1.0
    assert stands(gliding(speed=1.2)).max() == 0.0
    assert stands(gliding().slice(0, 1)).tolist() == [1.0]
