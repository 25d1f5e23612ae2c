# SPDX-License-Identifier: GPL-3.0-or-later
"""Footprints lie where and when feet stand, soles point ahead, figures are the poses' own."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.walk.storyboard import footprints, ground_track, poses


@pytest.fixture
def motion():
    """Stands for a second, facing +Z; then is elsewhere, turned left, and has the right foot up."""
    skeleton = QUATERNET_SKELETON
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (60, len(skeleton), 1))
    rotations[30:, 0] = [np.sqrt(0.5), 0.0, np.sqrt(0.5), 0.0]
    roots = np.tile([0.0, skeleton.root_height, 0.0], (60, 1))
    roots[30:] += [2.0, 0.5, 1.0]
    contacts = np.ones((60, 2), bool)
    contacts[28:32], contacts[30:, 1] = False, False
    return Motion(skeleton, rotations, roots, 30.0, contacts)


def test_there_is_a_print_for_each_contact_in_order(motion):
    found = footprints(motion)
    assert [(p.foot, p.start, p.stop) for p in found] == [(0, 0, 28), (1, 0, 28), (0, 32, 60)]


def test_prints_lie_on_the_ground_under_the_balls(motion):
    toes = toe_positions(motion)
    for footprint in footprints(motion):
        toe = toes[footprint.start, footprint.foot]
        np.testing.assert_allclose(footprint.place[[0, 2]], toe[[0, 2]], atol=1e-9)
        expected = 0.0 if footprint.start == 0 else 0.5  # the second stand is on a step
        np.testing.assert_allclose(footprint.outline[:, 1], expected, atol=1e-9)


def test_soles_are_as_long_as_feet_point_ahead_and_are_mirror_images(motion):
    left, right, turned = footprints(motion)
    assert 0.2 < np.ptp(left.outline[:, 2]) < 0.36 and 0.05 < np.ptp(left.outline[:, 0]) < 0.14
    ahead = left.outline[:, 2] - left.place[2]
    assert -ahead.min() > 1.5 * ahead.max()  # the heel is farther from the ball than the tip
    np.testing.assert_allclose(
        np.sort(left.outline[:, 0]), np.sort(-right.outline[:, 0]), atol=1e-3
    )
    assert np.ptp(turned.outline[:, 0]) == pytest.approx(np.ptp(left.outline[:, 2]), abs=0.03)


def test_figures_are_lines_between_joints_at_even_times(motion):
    frames, lines = poses(motion, seconds=0.5)
    assert frames.tolist() == [0, 15, 30, 45]
    positions = motion.positions()[frames]
    for figure, joints in zip(lines, positions, strict=True):
        for end in figure.reshape(-1, 3):
            assert np.linalg.norm(joints - end, axis=-1).min() < 1e-9
    assert np.linalg.norm(lines[:, :, 1] - lines[:, :, 0], axis=-1).min() > 0.005
    assert len(poses(motion, seconds=0.01, most=10)[0]) <= 10


def test_the_track_is_under_the_hips_on_the_ground(motion):
    track = ground_track(motion)
    np.testing.assert_allclose(track[:, [0, 2]], motion.root_positions[:, [0, 2]])
    np.testing.assert_allclose(track[[0, -1], 1], [0.0, 0.5], atol=1e-9)
