# SPDX-License-Identifier: GPL-3.0-or-later
"""How straight planted legs may be: people's own, shown walks', and those of stands."""

from dataclasses import replace

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.feet.foot_lock import (
    RECORDED,
    SHOWN,
    STANDING,
    Slack,
    lock_feet,
    lock_together,
)


def stand(frames=60, fps=30.0):
    """The rest pose, legs straight, still."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, 26, 1))
    roots = np.tile([0.0, SKELETON.root_height, 0.0], (frames, 1))
    return Motion(SKELETON, rotations, roots, fps, np.ones((frames, 2), bool))


def test_recordings_keep_nearly_their_own_hips_where_a_softer_lock_lets_them_down():
    motion = stand()
    motion = replace(motion, root_positions=motion.root_positions + [0.0, 0.012, 0.0])
    before = motion.root_positions[30, 1]
    recorded, shown, soft = (
        before - lock_feet(motion, motion.contacts, slack=slack).root_positions[30, 1]
        for slack in (RECORDED, SHOWN, Slack(0.994, 0.012))
    )
    assert 0.012 < recorded < shown < 0.016 and soft > recorded + 0.004


def test_legs_that_stand_are_as_straight_as_peoples():
    motion = stand()
    motion = replace(motion, root_positions=motion.root_positions + [0.0, 0.012, 0.0])
    low, high = (
        lock_together([motion], [0.0], [0.0], still=[np.full(len(motion), share)])[0]
        for share in (0.0, 1.0)
    )
    recorded = lock_feet(motion, motion.contacts, slack=STANDING)
    assert (high.root_positions[:, 1] > low.root_positions[:, 1]).all()
    np.testing.assert_array_equal(high.root_positions, recorded.root_positions)
