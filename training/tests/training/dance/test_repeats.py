# SPDX-License-Identifier: GPL-3.0-or-later
"""Dances do not look the same for longer than recorded ones."""

import numpy as np
import pytest

from quaternet_addon.core.body.states import heading
from quaternet_addon.core.dance.dance import Dance, load_model
from quaternet_addon.core.maths.quaternion import rotate, yaw_to_quaternion
from training.dance.quality import REPEAT
from training.data.liveliness import body_positions, longest_repeat_11_cm


@pytest.mark.parametrize("seed", [3, 7])
def test_a_turn_with_the_arms_out_and_a_basic_step_come_to_an_end(seed):
    """They went on for 14.0 and 11.9 of these 30 s."""
    motion = Dance(load_model(), duration=30.0, seed=seed, foot_lock=False).run()
    faces = np.unwrap(heading(motion.rotations[:, 0]))
    faced = rotate(yaw_to_quaternion(-faces)[:, None], body_positions(motion))
    assert longest_repeat_11_cm(faced, motion.fps) <= REPEAT
