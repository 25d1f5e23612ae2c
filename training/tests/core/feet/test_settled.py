# SPDX-License-Identifier: GPL-3.0-or-later
"""Runners touch the ground: who floats is set down, and who starts does not sink into it."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import TOES, toe_positions
from quaternet_addon.core.feet.settled import settled
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

LINE = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 16.0]])


def over_rest(motion):
    """Of balls ``(T, 2)``, metres over their height at rest."""
    rest = [motion.skeleton.rest_positions[motion.skeleton.index(toe), 1] for toe in TOES]
    return toe_positions(motion)[..., 1] - rest


@pytest.mark.parametrize("speed", [2.3, 3.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_feet_of_runners_come_down_to_the_ground(speed, seed):
    motion = Walk(load_model(), Path(LINE), speed=speed, seed=seed).run()
    contact = np.asarray(motion.contacts) > 0.5
    middle = slice(len(motion) // 3, 2 * len(motion) // 3)
    heights = over_rest(motion)[middle][contact[middle]]
    assert np.median(heights) < 0.005  # .013 to .033 when each foot came down by itself
    assert heights.min() > -0.002


def test_what_stands_is_left_alone_and_nothing_is_raised():
    walk = Walk(load_model(), Path(LINE / 4.0), speed=1.2, foot_lock=False).run()
    floor = np.zeros((len(walk), 2))
    (same,) = settled([walk], [floor])
    assert np.abs(same.root_positions - walk.root_positions).max() < 0.01
    (sunk,) = settled([walk.moved([0.0, -0.2, 0.0])], [floor])
    assert np.array_equal(sunk.root_positions, walk.moved([0.0, -0.2, 0.0]).root_positions)


def test_what_is_in_the_air_is_set_down_by_a_few_centimetres_at_most():
    walk = Walk(load_model(), Path(LINE / 4.0), speed=1.2).run()
    raised = walk.moved([0.0, 0.03, 0.0])
    floor = np.zeros((len(walk), 2))
    (down,) = settled([raised], [floor])
    np.testing.assert_allclose(down.root_positions, walk.root_positions, atol=2e-3)
    (jump,) = settled([walk.moved([0.0, 1.0, 0.0])], [floor])
    assert (jump.root_positions[:, 1] - walk.root_positions[:, 1]).min() > 0.9
    never = replace(raised, contacts=np.zeros_like(raised.contacts))
    (flying,) = settled([never], [floor])
    assert np.array_equal(flying.root_positions, never.root_positions)


@pytest.mark.parametrize("seed", range(6))
def test_runs_start_from_the_toes_with_hips_no_lower_than_peoples(seed):
    walk = Walk(load_model(), Path(LINE / 2.0), speed=3.5, seed=seed)
    hips, until = walk.run().root_positions[:, 1], int((walk.plan.start + 1.5) * walk.fps)
    assert hips[:until].min() > 0.80  # recorded: .83, .85 and .93 m; seed 2 came down to .77
