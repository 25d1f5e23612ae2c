# SPDX-License-Identifier: GPL-3.0-or-later
"""Who waves goes on waving: the arm neither sinks nor tires."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.maths.quaternion import multiply, rotation_vector_to_quaternion

FPS = 30.0


def wave(period, joint, frames=61):
    """Two seconds of an upright body that stands and waves its right hand beside its head."""
    vectors = np.zeros((frames, len(SKELETON), 3))
    for name, degrees in (("LeftArm", -70.0), ("RightArm", 10.0), ("RightForeArm", -60.0)):
        vectors[:, SKELETON.index(name), 2] = np.radians(degrees)
    rotations = rotation_vector_to_quaternion(vectors)
    turns = np.zeros((frames, 3))
    turns[:, 2] = np.radians(25.0) * np.sin(2.0 * np.pi * np.arange(frames) / (period * FPS))
    index = SKELETON.index(joint)
    rotations[:, index] = multiply(rotation_vector_to_quaternion(turns), rotations[:, index])
    roots = np.tile([0.0, SKELETON.root_height, 0.0], (frames, 1))
    return Motion(SKELETON, rotations, roots, FPS)


def hand(motion):
    """Where the right hand is, seen from the hips, ``(T, 3)`` metres."""
    points = motion.positions()
    return points[:, SKELETON.index("RightHand")] - points[:, 0]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("joint", ["RightForeArm", "RightArm"])
@pytest.mark.parametrize("period", [0.6, 0.8, 1.1])
def test_a_wave_goes_on(period, joint, seed):
    context = wave(period, joint)
    made = hand(Continuation(load_model(DEFAULT_MODEL), context, duration=4.0, seed=seed).run())
    given, count = hand(context)[-round(period * FPS) :], round(period * FPS)
    for start in range(0, len(made) - count + 1, count):
        part = made[start : start + count]
        assert abs(part[:, 1].mean() - given[:, 1].mean()) < 0.1, start
        assert np.ptp(part, axis=0).max() > 0.75 * np.ptp(given, axis=0).max(), start
