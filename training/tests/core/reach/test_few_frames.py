# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame rates at which a way to a pose has hardly a frame."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.reach.steps import steps_between


@pytest.fixture(scope="module")
def model():
    return load_model()


def stand(frames, ahead=0.0):
    """An upright body so many metres ahead: a Motion."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    place = [0.0, QUATERNET_SKELETON.root_height, ahead]
    return Motion(QUATERNET_SKELETON, rotations, np.tile(place, (frames, 1)), 30.0)


@pytest.mark.parametrize("fps", [1.0, 2.0, 3.0, 5.0, 8.0, 12.0])
@pytest.mark.parametrize("frames", [1, 2, 3, 4])
def test_the_pose_is_met_at_any_rate(model, fps, frames):
    if not 0.1 <= frames / fps <= 4.0:
        pytest.skip("no gap of so many seconds is filled")
    pose = stand(1, 0.3)
    motion = Reach(model, replace(stand(15), fps=fps), [Key(pose, frames / fps)], fps=fps).run()
    assert len(motion) == frames and np.isfinite(motion.rotations).all()
    np.testing.assert_allclose(motion.root_positions[-1], pose.root_positions[0], atol=1e-6)


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("fps", [1.0, 5.0, 30.0])
@pytest.mark.parametrize("standing", ["both", "left"])
def test_steps_lie_within_the_rows_that_there_are(frames, fps, standing):
    ball = np.linspace([0.0, 0.0, 0.0], [0.0, 0.0, 0.3], frames + 1)
    contacts = np.ones((frames + 1, 2), bool)
    contacts[1:-1, 1] = standing == "both"
    steps = steps_between([ball, ball + [0.2, 0.0, 0.0]], contacts, np.array([1.0, 0.0]), fps)
    assert steps[0]
    assert all(0 <= step.begin < step.end <= frames for foot in steps for step in foot)


@pytest.mark.parametrize("ahead", [0.6, 1.5])
@pytest.mark.parametrize("fps", [1.0, 2.0, 3.0, 5.0, 8.0])
def test_many_steps_fit_into_few_frames(model, fps, ahead):
    """From a stand to a stand: a foot may have no frame on the floor between two steps."""
    key = Key(stand(1, ahead), 2.0, rests=True)
    motion = Reach(model, replace(stand(15), fps=fps), [key], fps=fps).run()
    assert np.isfinite(motion.rotations).all()
    np.testing.assert_allclose(motion.root_positions[-1], key.pose.root_positions[0], atol=1e-6)
