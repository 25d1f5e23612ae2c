# SPDX-License-Identifier: GPL-3.0-or-later
"""Who comes down fast on straight legs is slowed down by them."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.continuation.touchdown import softened
from quaternet_addon.core.feet.stretch import feet_kept_up, lowest_feet
from training.continuation.keyed_jump import FPS, LANDED, bends, jump, soles

MOST = 22.0  # degrees a frame at 30 fps: no landing in training takes bends a knee faster


def falling(speed, frames=12):
    """A body that stands for a frame and falls through the floor from then on, m/s."""
    stands = jump(30).slice(-1, None)
    roots = np.repeat(stands.root_positions, frames, axis=0)
    roots[:, 1] -= speed / FPS * np.minimum(np.arange(1, frames + 1), 5)
    rotations = np.repeat(stands.rotations, frames, axis=0)
    return stands, replace(stands, rotations=rotations, root_positions=roots, contacts=None)


def turns(before, motion):
    """The most that a knee bends in a frame, degrees."""
    return np.diff(np.concatenate([bends(before)[-1:], bends(motion)]), axis=0).max()


def test_knees_give_no_faster_than_people_let_them():
    before, motion = falling(2.0)
    lowest = lowest_feet(before, 0.0)
    assert turns(before, feet_kept_up(motion, lowest)) > 40.0
    slower = softened(before, motion, lowest)
    assert turns(before, feet_kept_up(slower, lowest)) < MOST + 0.5
    raised = (slower.root_positions - motion.root_positions)[:, 1]
    assert raised[0] > 0.03
    assert raised[-1] < 0.001  # and then the body is where it was going


def test_who_sinks_slowly_or_is_in_the_air_is_left_alone():
    before, motion = falling(0.3)
    assert softened(before, motion, lowest_feet(before, 0.0)) is motion
    before, motion = (part.moved([0.0, 0.8, 0.0]) for part in falling(2.0))
    assert softened(before, motion, lowest_feet(before, 0.0)) is motion


@pytest.mark.parametrize("foot_lock", [False, True])
def test_a_jump_cut_at_its_touchdown_lands_softly_and_on_the_floor(foot_lock):
    context = jump(LANDED)
    run = Continuation(load_model(DEFAULT_MODEL), context, foot_lock=foot_lock, ground=None)
    motion = run.run()
    assert turns(context, motion) < MOST + 1.0
    assert soles(motion).min() > -0.002
