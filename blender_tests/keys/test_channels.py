# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels that are known at some frames only are on the line between them."""

import numpy as np
import pytest


@pytest.fixture
def channels(module):
    return module("blender.keys.channels")


FRAMES = np.array([0, 2, 4, 5])


def test_values_between_frames_are_on_the_line(channels):
    known = np.array([[0.0, 1.0], [1.0, 1.0], [-1.0, 2.0], [3.0, 0.0]])
    every = channels.filled(channels.Channel("location", known, "Hips"), FRAMES).values
    np.testing.assert_allclose(every[FRAMES], known)
    np.testing.assert_allclose(every[[1, 3]], [[0.5, 1.0], [0.0, 1.5]])


def test_quaternions_between_frames_are_of_unit_length(channels):
    known = np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]])
    path = 'pose.bones["Hips"].rotation_quaternion'
    every = channels.filled(channels.Channel(path, known, "Hips"), FRAMES).values
    np.testing.assert_allclose(np.linalg.norm(every, axis=1), 1.0)
    np.testing.assert_allclose(every[1], [0.5**0.5, 0.5**0.5, 0.0, 0.0])


def test_steps_stay_steps_and_a_single_row_a_single_row(channels):
    known = np.array([[0.0], [1.0], [0.0], [1.0]])
    steps = channels.Channel("hide", known, "", "CONSTANT")
    every = channels.filled(steps, FRAMES).values
    np.testing.assert_array_equal(every[:, 0], [0.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    once = channels.Channel("hide", known[:1], "", "CONSTANT")
    assert channels.filled(once, FRAMES) is once
