# SPDX-License-Identifier: GPL-3.0-or-later
"""Data of the walk: paths keep no sway, strides change length, floors lie level, runs go on."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.body.trajectory import Trajectory
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion, multiply, rotate
from training.data.floor import floor_normal, level_floor
from training.walk.data import Sequence
from training.walk.root_path import fitted, root_path
from training.walk.run_cycles import repeated
from training.walk.stride_warp import at_speed, scale_strides

FPS, PERIOD, SPEED = 30.0, 1.1, 1.2
X = np.array([1.0, 0.0, 0.0])


def turned(degrees):
    return axis_angle_to_quaternion(X, np.radians(degrees))


def walking(seconds=6.0, sway=0.02):
    """Legs that swing like pendulums, each planted while it swings back."""
    times = np.arange(int(seconds * FPS)) / FPS
    phase = 2.0 * np.pi * times / PERIOD
    rotations = np.zeros((len(times), len(SKELETON), 4))
    rotations[..., 0] = 1.0
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        swing = -22.0 * sign * np.sin(phase)
        rotations[:, SKELETON.index(side + "UpLeg")] = turned(swing - 8.0)
        rotations[:, SKELETON.index(side + "Leg")] = turned(np.full(len(times), 16.0))
    roots = np.stack([sway * np.sin(phase), 0.99 + 0.0 * times, SPEED * times], -1)
    contacts = np.stack([np.cos(phase) < 0.0, np.cos(phase) > 0.0], -1)
    return Motion(SKELETON, rotations, roots, FPS, contacts)


def reach(motion):
    """How far ahead of the hips the left ankle comes, and behind them, metres."""
    away = motion.positions()[:, SKELETON.index("LeftFoot")] - motion.root_positions
    return np.ptp(away[30:-30, 2])


def test_a_fit_keeps_what_is_quadratic_to_the_ends_and_drops_a_stride():
    times = np.arange(150) / FPS
    values = np.stack([1.0 + 2.0 * times + 0.5 * times**2, np.sin(2.0 * np.pi * times)], -1)
    out = fitted(values, 0.6, FPS)
    np.testing.assert_allclose(out[:, 0], values[:, 0], atol=1e-6)
    assert np.abs(out[60:90, 1]).max() < 0.02


def test_the_path_of_a_walk_keeps_no_sway_to_itself():
    path = root_path(walking())
    assert np.abs(path.positions[30:-30, 0]).max() < 0.002
    np.testing.assert_allclose(path.speeds()[30:-30], SPEED, rtol=0.01)


@pytest.mark.parametrize("scale", [0.6, 0.8, 1.1])
def test_strides_and_travel_are_scaled_alike(scale):
    before = walking()
    after = scale_strides(before, scale)
    travel = after.root_positions[-1, 2] / before.root_positions[-1, 2]
    assert travel == pytest.approx(scale, abs=0.01)
    assert reach(after) / reach(before) == pytest.approx(scale, abs=0.03)


def test_a_slower_walk_has_shorter_steps_in_nearly_the_same_rhythm():
    after = at_speed(walking(), 0.6)
    speed = after.root_positions[-1, 2] / after.duration
    assert speed == pytest.approx(0.6 * SPEED, rel=0.02)
    assert after.duration == pytest.approx(walking().duration / 0.6**0.3, rel=0.02)


def test_shorter_steps_raise_the_hips_and_keep_the_feet_where_their_rotation_was():
    before, after = walking(), scale_strides(walking(), 0.6)
    assert after.root_positions[60:-60, 1].mean() > before.root_positions[60:-60, 1].mean()
    foot = SKELETON.index("LeftFoot")
    turns = [
        SKELETON.forward_kinematics(m.rotations, m.root_positions)[1][:, foot]
        for m in (before, after)
    ]
    np.testing.assert_allclose(np.abs((turns[0] * turns[1]).sum(-1)), 1.0, atol=1e-6)


def test_a_tilted_floor_is_laid_level():
    flat = walking(8.0)
    bend = np.linspace(0.0, 3.0, len(flat))  # a floor shows its tilt to a walk that turns
    roots = np.array(flat.root_positions)
    roots[:, 0] += bend**2
    balls = toe_positions(flat)
    lowest = np.minimum(balls[:, 0, 1], balls[:, 1, 1])
    roots[:, 1] += 0.03 - lowest
    flat = replace(flat, root_positions=roots)
    tilt = multiply(turned(2.0), axis_angle_to_quaternion(np.array([0.0, 0.0, 1.0]), 0.02))
    rotations = np.array(flat.rotations)
    rotations[:, 0] = multiply(tilt, rotations[:, 0])
    tilted = replace(flat, rotations=rotations, root_positions=rotate(tilt, roots))
    away = np.degrees(np.arccos(floor_normal(tilted) @ rotate(tilt, [0.0, 1.0, 0.0])))
    assert away < 0.4
    assert np.degrees(np.arccos(floor_normal(level_floor(tilted))[1])) < 0.4  # of 2.3


def running(frames):
    times = np.arange(frames) / FPS
    phase = 2.0 * np.pi * times / 0.7
    rotations = np.zeros((frames, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    rotations[:, SKELETON.index("LeftUpLeg")] = turned(30.0 * np.sin(phase))
    way = Trajectory(np.stack([0.0 * times, 3.4 * times], -1), 0.0 * times, FPS)
    return Sequence(
        "run", rotations, np.zeros((frames, 3)), np.zeros((frames, 2), bool), phase,
        np.ones(frames), way, 0, False, False,
    )  # fmt: skip


def test_a_short_run_goes_on_at_its_speed_in_its_rhythm():
    long = repeated(running(36), 56)
    assert len(long) >= 56
    np.testing.assert_allclose(long.trajectory.speeds(), 3.4, rtol=1e-6)
    swing = long.rotations[:, SKELETON.index("LeftUpLeg"), 1]
    np.testing.assert_allclose(swing[21:42], swing[:21], atol=0.02)
    assert np.diff(long.phase).min() > 0.0
    assert repeated(running(60), 56) is not None
    assert len(repeated(running(60), 56)) == 60
