# SPDX-License-Identifier: GPL-3.0-or-later
"""The small picture of a motion shows figures, upright, with left and right limbs told apart."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.body.thumbnail import thumbnail


@pytest.fixture
def standing():
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (30, len(QUATERNET_SKELETON), 1))
    roots = np.tile([0.0, QUATERNET_SKELETON.root_height, 0.0], (30, 1))
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0)


def columns(picture):
    return np.flatnonzero(picture[..., 3].any(axis=0))


def test_it_is_a_picture_with_a_clear_margin(standing):
    picture = thumbnail(standing, 128)
    assert picture.shape == (128, 128, 4) and picture.dtype == np.float32
    assert picture.min() >= 0.0 and picture.max() <= 1.0
    assert 0.02 < (picture[..., 3] > 0.5).mean() < 0.5
    assert not picture[[0, -1], :, 3].any() and not picture[:, [0, -1], 3].any()


def test_there_are_as_many_figures_as_asked(standing):
    for figures in (1, 3):
        picture = thumbnail(standing, 256, figures)
        waist = picture[:, :, 3].any(axis=0)
        height = np.flatnonzero(picture[..., 3].any(axis=1))
        feet = picture[height[0] : height[0] + 8, :, 3].any(axis=0)
        assert waist.any() and np.count_nonzero(np.diff(feet.astype(int)) == 1) == 2 * figures


def test_left_is_blue_and_right_orange(standing):
    picture = thumbnail(standing, 256, 1)
    solid = picture[..., 3] > 0.9
    blue = solid & (picture[..., 2] > 0.9) & (picture[..., 0] < 0.4)
    orange = solid & (picture[..., 0] > 0.9) & (picture[..., 2] < 0.4)
    assert blue.sum() > 100 and orange.sum() > 100


def test_a_motion_that_travels_is_seen_from_its_side(standing):
    ahead = np.linspace(0.0, 3.0, 30)[:, None] * [0.0, 0.0, 1.0]
    walking = Motion(QUATERNET_SKELETON, standing.rotations, standing.root_positions + ahead, 30.0)
    # From its side a figure that holds its arms out is narrow.
    assert np.ptp(columns(thumbnail(walking, 256, 1))) < np.ptp(
        columns(thumbnail(standing, 256, 1))
    )
