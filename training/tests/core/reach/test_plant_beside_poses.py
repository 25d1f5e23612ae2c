# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet beside given poses in which they do not stand: they get there, and nothing is thrown."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.reach.plant import _between, plant

REST, COUNT = 0.02, 31


def ball(trailing):
    """A low ball that moves at 0.7 m/s on the side of the gap where it does not stand: (T, 3)."""
    seconds = np.arange(COUNT) / 30.0
    ahead = 0.25 * (1.0 - np.exp(-seconds / 0.15))
    place = np.stack([np.zeros(COUNT), np.full(COUNT, REST), ahead], axis=-1)
    return place[::-1] if trailing else place


@pytest.mark.parametrize("trailing", [False, True])
@pytest.mark.parametrize("stands", [9, 16, 24])
@pytest.mark.parametrize("gone", [0.0, 0.5])
def test_a_ball_that_does_not_stand_in_a_pose_is_not_thrown_beside_it(trailing, stands, gone):
    """On the frame beside a given one it is moved by 10 mm more than on that one, at most."""
    moving = ball(trailing) + [gone, 0.0, 0.0]
    contact = np.zeros(COUNT, bool)
    contact[1 : 1 + stands] = True
    contact = contact[::-1] if trailing else contact
    offsets, known, contacts = _between(moving, contact, None, REST, 30.0)
    beside = -2 if trailing else 1
    assert not known[beside] or np.linalg.norm(offsets[beside]) < 0.0101
    assert not contacts[[0, -1]].any() and not offsets[[0, -1]].any()
    assert known[1:-1].any()  # and stands soon after


def test_a_ball_that_stands_in_a_pose_stands_there_from_the_first_frame_on():
    moving = ball(trailing=True)[::-1]
    contact = np.arange(COUNT) < 8
    _, known, contacts = _between(moving, contact, None, REST, 30.0)
    assert known[:3].all() and contacts[:3].all()


@pytest.mark.parametrize("raised", [0.035, 0.045, 0.055])
@pytest.mark.parametrize("trailing", [False, True])
def test_a_raised_ball_is_not_pulled_down_beside_a_pose(raised, trailing):
    """A body that hangs so far over the floor and moves to it: 10 mm more in a frame, at most."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (COUNT, len(QUATERNET_SKELETON), 1))
    roots = np.zeros((COUNT, 3))
    roots[:, 1] = QUATERNET_SKELETON.root_height + np.linspace(raised, 0.0, COUNT)
    contacts = np.arange(COUNT) < (2, 12)[trailing]
    contacts = np.stack([contacts, contacts], axis=-1)
    motion = Motion(QUATERNET_SKELETON, rotations, roots, 30.0)
    if trailing:
        motion = replace(motion, root_positions=roots[::-1])
        contacts = contacts[::-1]
    planted = plant(replace(motion, contacts=contacts), [0, COUNT - 1])
    moved = np.diff(toe_positions(planted) - toe_positions(motion), axis=0)
    beside = moved[-1] if trailing else moved[0]
    assert np.linalg.norm(beside, axis=-1).max() < 0.01
    assert not planted.contacts[-1 if trailing else 0].any()
