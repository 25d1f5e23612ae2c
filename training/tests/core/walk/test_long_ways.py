# SPDX-License-Identifier: GPL-3.0-or-later
"""What shows on long ways only: runners touch the ground, and heads stay up."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import TOES, toe_positions
from quaternet_addon.core.maths.quaternion import rotate
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model


@pytest.mark.parametrize("seed", range(4))
def test_both_feet_of_a_run_touch_the_ground(seed):
    """In loops of one runner neither did: of each contact the network is unsure by a frame."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 30.0]]))
    wish = Itinerary(loop=True, strides=2)
    motion = Walk(load_model(DEFAULT_MODEL), path, speed=3.0, seed=seed, itinerary=wish).run()
    assert motion.contacts.any(axis=0).all()
    balls = toe_positions(motion)[..., 1].min(axis=0)
    rest = [motion.skeleton.rest_positions[motion.skeleton.index(toe), 1] for toe in TOES]
    assert np.abs(balls - rest).max() < 0.005


def test_heads_do_not_sink_on_long_ways():
    """They came down by up to 38 degrees; nine in ten recorded walks have at most 20."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 30.0]]))
    for seed in (1, 4, 5):
        motion = Walk(load_model(DEFAULT_MODEL), path, speed=0.8, seed=seed).run()
        head = motion.world[1][60:-60, motion.skeleton.index("Head")]
        down = np.degrees(np.arcsin(-rotate(head, np.array([0.0, 0.0, 1.0]))[:, 1]))
        assert down[-200:].mean() < 21.0
