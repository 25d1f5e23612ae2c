# SPDX-License-Identifier: GPL-3.0-or-later
"""Toes come down after the heel as fast as people's do, and nothing else of a foot is touched."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.feet.soles import pitch
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion
from quaternet_addon.core.maths.smoothing import ease
from quaternet_addon.core.walk.landing import gently

FRAMES, FPS, LANDS = 120, 30.0, 60
ONES = np.ones(FRAMES)
LEFT = np.eye(3)[0]
UP = np.radians(20.0)  # by which toes are up as a heel comes down


def stepping(frames, fps=FPS, toe_off=0):
    """A left foot whose toes fall from 20 degrees within so many frames around its touchdown."""
    count = int(FRAMES * fps / FPS)
    time, lands = np.arange(count), LANDS * fps / FPS
    down = -UP * np.clip((lands + 0.5 * frames - time) / frames, 0.0, 1.0)
    down *= ease((time - lands + 0.6 * fps) / (0.5 * fps))
    if toe_off:
        down += 3.0 * UP * np.clip((time - toe_off) / 4.0, 0.0, 1.0)
    rotations = np.zeros((count, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    rotations[:, SKELETON.index("LeftFoot")] = axis_angle_to_quaternion(LEFT, down)
    contacts = np.zeros((count, 2), bool)
    contacts[int(lands) : int(lands + fps), 0] = True
    return Motion(SKELETON, rotations, np.tile([0.0, 1.0, 0.0], (count, 1)), fps, contacts)


def down(motion):
    """How far the left foot points down, degrees ``(T,)``."""
    return np.degrees(pitch(motion.world[1][:, SKELETON.index("LeftFoot")]))


def calmed(motion, speeds, share=1.0):
    count = len(motion)
    (made,) = gently([motion], [np.full(count, share)], [np.broadcast_to(speeds, count)])
    return made


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
@pytest.mark.parametrize("speed", [0.6, 0.8])
def test_a_foot_that_is_slapped_down_comes_down_as_peoples_do(speed, fps):
    before = stepping(2 * fps / FPS, fps)
    around = slice(int(1.7 * fps), int(2.3 * fps))
    rates = [np.diff(down(m)[around]).max() * fps for m in (before, calmed(before, speed))]
    assert rates[0] > 1.15 * 255.0 * speed
    assert rates[1] < 1.02 * 255.0 * speed


def test_a_foot_that_comes_down_gently_is_left_as_it_was():
    before = stepping(4)
    np.testing.assert_allclose(down(calmed(before, 1.1)), down(before), atol=1e-6)


def test_heels_that_leave_the_ground_and_who_does_not_walk_are_left_alone():
    before = stepping(4, toe_off=100)
    np.testing.assert_allclose(down(calmed(before, 1.1))[90:], down(before)[90:], atol=1e-6)
    slap = stepping(2)
    np.testing.assert_allclose(down(calmed(slap, 1.1, share=0.0)), down(slap), atol=1e-6)


def test_who_gets_faster_puts_the_foot_down_flatter_and_who_does_not_as_steep_as_before():
    before = stepping(2)
    faster = 0.7 + 0.4 * np.clip(np.arange(FRAMES) - LANDS, -45, None) / FPS  # by 0.4 m/s^2
    steady, starting = down(calmed(before, 0.7)), down(calmed(before, faster))
    heel = LANDS - 2
    assert steady[heel] == pytest.approx(down(before)[heel], abs=2.5)
    assert starting[heel] > steady[heel] + 1.0


def test_only_feet_are_turned_and_nothing_jumps():
    before = stepping(2)
    after = calmed(before, 1.1)
    others = [j for j in range(len(SKELETON)) if j != SKELETON.index("LeftFoot")]
    np.testing.assert_allclose(after.rotations[:, others], before.rotations[:, others], atol=1e-12)
    assert np.abs(np.diff(down(after), 2)).max() < np.abs(np.diff(down(before), 2)).max()
    assert gently([], [], []) == []
