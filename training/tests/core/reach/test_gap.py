# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain way across a gap: which way round a body turns."""

import numpy as np
import pytest

from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion, yaw
from quaternet_addon.core.reach.gap import Gap, plain_way


def turned(angles):
    """Rotations of one joint about the vertical: ``(N, 1, 4)``."""
    return rotation_vector_to_quaternion(np.stack([[[0.0, angle, 0.0]] for angle in angles]))


def headings(to, spin, seconds=1.0):
    """Along the way from heading 0 to one, radians, at first spinning with ``spin``, rad/s."""
    now, key = turned([0.0, to])
    none = np.zeros(3)
    spins = np.array([[0.0, spin, 0.0]])
    gap = Gap(now, none, spins, none, key, none, np.array(seconds))
    rotations, _ = plain_way(gap, np.linspace(0.0, seconds, 61))
    return np.unwrap(yaw(rotations[:, 0]))


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_body_that_spins_goes_on_round_its_way(side):
    """160 degrees to one side are 200 to the other, to which it spins."""
    way = headings(side * np.radians(160.0), -side * 6.0)
    assert way[-1] == pytest.approx(-side * np.radians(200.0))
    assert (side * np.diff(way) < 1e-9).all()


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("spin", [0.0, 0.5, -0.5])
def test_who_hardly_spins_turns_the_shorter_way(side, spin):
    assert headings(side * np.radians(160.0), spin)[-1] == pytest.approx(side * np.radians(160.0))


def test_a_small_turn_is_made_the_shorter_way_however_a_body_spins():
    assert headings(np.radians(60.0), -20.0)[-1] == pytest.approx(np.radians(60.0))
