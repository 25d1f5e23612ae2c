# SPDX-License-Identifier: GPL-3.0-or-later
"""Hips go along with feet of which the network says that they stand, and not at the ends."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import TOES
from quaternet_addon.core.reach import treading
from quaternet_addon.core.reach.features import GROUPS
from quaternet_addon.core.reach.filling import fill
from quaternet_addon.core.reach.gap import Gap
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.network import output_size
from quaternet_addon.core.reach.splines import KNOTS
from quaternet_addon.core.reach.treading import Treading

KEYED = np.ones(len(GROUPS))


@pytest.fixture(scope="module")
def model():
    return load_model()


def gliding(model, stands, away=0.06, seconds=1.0):
    """A body that glides so far ahead in one piece, and knots that say whether its feet stand."""
    skeleton = model.skeleton
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(skeleton), 1))
    root, still = np.array([0.0, skeleton.root_height, 0.0]), np.zeros((len(skeleton), 3))
    there = root + [0.0, 0.0, away]
    gap = Gap(rotations, root, still, np.zeros(3), rotations, there, np.array(seconds))
    knots = np.zeros((2 * KNOTS, output_size(len(model.moving))))
    knots[:, -2:] = stands
    return gap, knots


def places(model, gap, knots, times):
    """Of the balls and of the hips, ``(T, 3)`` each, moved and not: two pairs."""
    rotations, roots, _ = fill(gap, knots, times, KEYED, model.moving, model.groups)
    for root in (roots, roots + Treading(gap, knots, KEYED, model)(times)):
        found, _ = model.skeleton.forward_kinematics(rotations, root)
        yield found[:, model.skeleton.index(TOES[0])], root


def test_standing_feet_slide_less_and_the_ends_stay(model, monkeypatch):
    """Less stiff than shipped, for it to be seen in one gap."""
    monkeypatch.setattr(treading, "_STIFF", 0.3)
    gap, knots = gliding(model, 8.0)
    knots[KNOTS:, -2:] = -30.0  # up to the middle
    times = np.linspace(0.0, 1.0, 61)
    (slid, before), (slides, after) = places(model, gap, knots, times)
    assert np.ptp(slides[:25, 2]) < 0.9 * np.ptp(slid[:25, 2])
    np.testing.assert_allclose(after[[0, -1]], before[[0, -1]], atol=1e-9)
    np.testing.assert_allclose(after[:, 1], before[:, 1])
    assert np.abs(np.diff(after - before, 2, axis=0)).max() < 0.002


@pytest.mark.parametrize(("stands", "up"), [(-30.0, 0.0), (8.0, 0.3)])
def test_feet_in_the_air_move_nothing(model, stands, up):
    gap, knots = gliding(model, stands)
    gap.roots[1] += up
    gap.key_roots[1] += up
    (_, before), (_, after) = places(model, gap, knots, np.linspace(0.0, 1.0, 31))
    assert np.abs(after - before).max() < 1e-9


def test_gaps_of_a_batch_are_as_each_alone(model):
    gaps = [gliding(model, 8.0, seconds=0.6), gliding(model, 2.0, away=0.2, seconds=0.6)]
    names = Gap.__dataclass_fields__
    both = Gap(**{name: np.stack([getattr(gap, name) for gap, _ in gaps]) for name in names})
    knots, times = np.stack([k for _, k in gaps]), np.tile(np.linspace(0.0, 0.6, 19), (2, 1))
    together = Treading(both, knots, np.stack([KEYED, KEYED]), model)(times)
    for index, (gap, alone) in enumerate(gaps):
        expected = Treading(gap, alone, KEYED, model)(times[0])
        np.testing.assert_allclose(together[index], expected, atol=1e-9)
