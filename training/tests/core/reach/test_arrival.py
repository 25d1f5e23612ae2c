# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody is thrown into a key; who means to arrive with a speed does."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.reach.arrival import arriving
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.reach.splines import FALL, KNOTS, SPACING
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model

MOVING = 4
HIPS = slice(3 * MOVING, 3 * MOVING + 3)


def knots_with(hips):
    """Knots of which those back from the key have the hips at ``(KNOTS, 3)`` metres."""
    knots = np.random.default_rng(0).normal(size=(2 * KNOTS, 3 * MOVING + 5))
    knots[KNOTS:, HIPS] = hips
    return knots


def test_who_arrives_at_a_walk_is_left_alone():
    """Behind the plain way by a walk's speed: what is added then hardly depends on the time."""
    left = np.maximum(SPACING * (np.arange(KNOTS) - 1.0), FALL)
    knots = knots_with(np.stack([0.0 * left, 0.0 * left, -1.3 * left], -1))
    np.testing.assert_array_equal(arriving(knots, MOVING), knots)


def test_who_would_be_thrown_comes_sooner():
    knots = knots_with(np.tile([0.3, 0.0, 0.4], (KNOTS, 1)))
    made = arriving(knots, MOVING)
    assert np.linalg.norm(made[KNOTS + 1, HIPS]) < 0.15  # 0.5 at the key before
    np.testing.assert_array_equal(made[KNOTS + 7 :], knots[KNOTS + 7 :])  # 0.8 s before it
    made[KNOTS:, HIPS] = knots[KNOTS:, HIPS]
    np.testing.assert_array_equal(made, knots)  # nothing but that


@pytest.mark.parametrize(("ahead", "frames"), [(0.8, 60), (0.8, 90), (1.5, 90)])
def test_a_stride_that_comes_late_is_no_jerk(ahead, frames):
    """A walker who is to be in mid-stride much later than he would be there."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 8.0]]))
    walk = Walk(load_walk_model(DEFAULT_MODEL), path, speed=1.2).run()
    context, pose = walk.slice(50, 80), walk.slice(95, 96)
    here, away = context.root_positions[-1], np.array([0.0, 0.0, ahead])
    roots = here * [1.0, 0.0, 1.0] + away + pose.root_positions * [0.0, 1.0, 0.0]
    key = Key(replace(pose, root_positions=roots), frames / 30.0)
    made = Reach(load_model(), context, [key]).run().root_positions
    whole = np.concatenate([context.root_positions[-3:], made])
    assert np.linalg.norm(np.diff(whole, axis=0), axis=-1).max() * 30.0 < 1.6  # 6.1 m/s before
    assert np.linalg.norm(np.diff(whole, 2, axis=0), axis=-1).max() * 900.0 < 20.0  # 101 m/s²
