# SPDX-License-Identifier: GPL-3.0-or-later
"""The trajectory keeps lines, ends and nearly circles, and its frame is left as it was entered."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.body.trajectory import (
    SMOOTHING,
    Trajectory,
    to_local,
    to_world,
    trajectory_of,
)
from quaternet_addon.core.maths.quaternion import (
    angle,
    axis_angle_to_quaternion,
    normalize,
    yaw_to_quaternion,
)
from quaternet_addon.core.maths.smoothing import lowpass
from quaternet_addon.core.walk.features import (
    WINDOW,
    amplitude,
    control_count,
    control_features,
    join_state,
    split_state,
)

FPS = 30.0


def circle(radius=2.0, speed=1.2, frames=300):
    """A left-hand circle walked at a steady speed, facing along it."""
    heading = np.arange(frames) / FPS * speed / radius
    positions = radius * np.stack([1.0 - np.cos(heading), np.sin(heading)], -1)
    return Trajectory(positions, heading, FPS)


def straight(frames=100, speed=1.5, heading=0.7):
    ahead = np.array([np.sin(heading), np.cos(heading)])
    places = np.arange(frames)[:, None] / FPS * speed * ahead
    return Trajectory(places, np.full(frames, heading), FPS)


@pytest.mark.parametrize("frames", [80, 300])
def test_smoothing_keeps_lines_exactly(frames):
    line = np.arange(frames)[:, None] * [0.3, -0.1] + [5.0, 2.0]
    np.testing.assert_allclose(lowpass(line, SMOOTHING, FPS), line, atol=1e-11)


@pytest.mark.parametrize("frames", [1, 5, 37, 200])
def test_smoothing_keeps_the_ends_of_clips_of_the_usual_lengths(frames):
    noise = np.random.default_rng(0).normal(size=(frames, 2))
    smoothed = lowpass(noise, 0.02, FPS)  # a reach of two frames: even five are long
    np.testing.assert_allclose(smoothed[[0, -1]], noise[[0, -1]], atol=1e-12)
    assert smoothed.shape == noise.shape


def test_smoothing_takes_a_strides_sway_out_and_leaves_slow_turns_in():
    t = np.arange(600) / FPS
    inner = slice(60, -60)
    sway, turn = np.sin(2 * np.pi * t / 1.0), np.sin(2 * np.pi * t / 6.0)
    assert np.abs(lowpass(sway, SMOOTHING, FPS)[inner]).max() < 0.09  # 2 g - g^2, g = exp(-3.2)
    assert np.abs(lowpass(turn, SMOOTHING, FPS) - turn)[inner].max() < 0.01  # (1 - g)^2, g = .916


def test_twicing_cuts_a_circle_by_the_square_of_what_a_gaussian_cuts():
    trajectory = circle(radius=2.0, speed=1.2)
    rate = 1.2 / 2.0
    single = 1.0 - np.exp(
        -0.5 * (rate * SMOOTHING) ** 2
    )  # the share of the radius a Gaussian takes
    smoothed = lowpass(trajectory.positions, SMOOTHING, FPS)[75:-75]
    radius = np.linalg.norm(smoothed - [2.0, 0.0], axis=-1)
    # The kernel ends at three standard deviations: a tenth off.
    np.testing.assert_allclose(1.0 - radius / 2.0, single**2, rtol=0.1)
    assert 2.0 - radius.min() < 0.01 < 2.0 * single


def test_smoothing_commutes_with_time_reversal_and_works_per_column():
    noise = np.random.default_rng(0).normal(size=(90, 2, 3))
    smoothed = lowpass(noise, 0.2, FPS)
    np.testing.assert_allclose(lowpass(noise[::-1], 0.2, FPS)[::-1], smoothed, atol=1e-12)
    np.testing.assert_allclose(lowpass(noise[:, 1, 2], 0.2, FPS), smoothed[:, 1, 2], atol=1e-12)


def test_no_smoothing_time_changes_nothing():
    noise = np.random.default_rng(0).normal(size=20)
    np.testing.assert_array_equal(lowpass(noise, 0.0, FPS), noise)


def test_speeds_and_turn_rates_are_those_of_a_circle():
    trajectory = circle(radius=2.0, speed=1.2)
    # A chord over two frames is shorter than its arc by (0.04 rad)^2 / 6.
    np.testing.assert_allclose(trajectory.speeds(), 1.2, rtol=3e-4)
    np.testing.assert_allclose(trajectory.turn_rates(), 0.6, rtol=1e-9)
    one = Trajectory(np.zeros((1, 2)), np.zeros(1), FPS)
    assert one.speeds().tolist() == one.turn_rates().tolist() == [0.0]


def test_the_window_sees_a_straight_walk_straight_ahead_from_every_heading():
    for heading in (0.0, 0.7, -2.0):
        window = straight(speed=1.5, heading=heading).window([-0.4, 0.2, 1.0])
        expected = [[0, 1.5 * s, 0, 1] for s in (-0.4, 0.2, 1.0)]
        # Also at the ends, past which the trajectory goes on as it was.
        np.testing.assert_allclose(window, np.tile(expected, (100, 1, 1)), atol=1e-9)


def test_the_window_sees_left_turns_to_the_left():
    window = circle(radius=2.0, speed=1.2).window([1.0])[100, 0]
    turned = 0.6
    np.testing.assert_allclose(
        window,
        [2.0 * (1 - np.cos(turned)), 2.0 * np.sin(turned), np.sin(turned), np.cos(turned)],
        atol=1e-9,
    )


def test_the_window_of_a_single_frame_stands():
    one = Trajectory(np.array([[3.0, 4.0]]), np.array([0.5]), FPS)
    np.testing.assert_allclose(one.window([-0.4, 1.0]), [[[0, 0, 0, 1], [0, 0, 0, 1]]], atol=1e-15)


def test_the_trajectory_of_a_swaying_walk_is_the_line_it_sways_about():
    t = np.arange(240) / FPS
    sway = np.stack([0.05 * np.sin(2 * np.pi * t), 0.9 + 0 * t, 1.2 * t], -1)
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (240, 26, 1))
    rotations[:, 0] = yaw_to_quaternion(0.1 * np.sin(2 * np.pi * t))
    spine = QUATERNET_SKELETON.index("LowerBack")
    rotations[:, spine] = yaw_to_quaternion(-0.2 * np.sin(2 * np.pi * t))  # shoulders swing back
    trajectory = trajectory_of(Motion(QUATERNET_SKELETON, rotations, sway, FPS))
    inner = slice(40, -40)
    np.testing.assert_allclose(trajectory.positions[inner, 0], 0.0, atol=0.005)
    np.testing.assert_allclose(trajectory.positions[:, 1], 1.2 * t, atol=1e-9)
    np.testing.assert_allclose(trajectory.headings, 0.0, atol=1e-9)


def test_headings_of_a_trajectory_go_on_past_half_a_turn():
    t = np.arange(300) / FPS
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (300, 26, 1))
    rotations[:, 0] = yaw_to_quaternion(1.0 * t)
    motion = Motion(QUATERNET_SKELETON, rotations, np.zeros((300, 3)), FPS)
    np.testing.assert_allclose(trajectory_of(motion).headings, t, atol=1e-9)


def random_poses(frames=50):
    random = np.random.default_rng(0)
    return normalize(random.normal(size=(frames, 26, 4))), random.normal(size=(frames, 3))


def test_to_world_undoes_to_local():
    rotations, roots = random_poses()
    trajectory = circle(frames=50)
    local = to_local(rotations, roots, trajectory)
    assert (local[0][..., 0] >= 0.0).all()
    back, back_roots = to_world(*local, trajectory)
    assert np.max(angle(back, rotations)) < 1e-12
    np.testing.assert_allclose(back_roots, roots, atol=1e-12)


def test_a_body_carried_along_its_trajectory_stands_still_in_its_frame():
    trajectory = circle()
    lean = axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), 0.2)
    rotations = np.tile(lean, (300, 26, 1))
    hips = np.tile([0.03, 0.95, -0.02], (300, 1))
    world = to_world(rotations, hips, trajectory)
    np.testing.assert_allclose(np.ptp(world[1][:, 2]), 4.0, atol=0.1)  # it does go round
    local, local_hips = to_local(*world, trajectory)
    assert np.max(angle(local, lean)) < 1e-9
    np.testing.assert_allclose(local_hips, hips, atol=1e-12)


def test_control_features_are_the_same_in_every_place_and_direction():
    here, phase, gait = circle(), np.linspace(0.0, 50.0, 300), np.zeros(300)
    x, z = here.positions.T
    there = Trajectory(np.stack([z + 7.0, 3.0 - x], -1), here.headings + np.pi / 2, FPS)
    style = np.array([0.0, 1.0, 0.0])
    features = control_features(here, phase, gait, style)
    assert features.shape == (300, control_count(3))
    np.testing.assert_allclose(control_features(there, phase, gait, style), features, atol=1e-9)
    np.testing.assert_array_equal(features[:, -3:], np.tile(style, (300, 1)))


def test_a_stand_steps_not_at_all_and_a_walk_in_full():
    still = Trajectory(np.zeros((20, 2)), np.zeros(20), FPS)
    np.testing.assert_array_equal(amplitude(still), 0.0)
    np.testing.assert_array_equal(amplitude(straight()), 1.0)
    spin = Trajectory(np.zeros((20, 2)), np.linspace(0.0, 2.0, 20), FPS)
    assert (amplitude(spin) > 0.9).all()  # turning on the spot is done in steps as well
    phase = np.linspace(0.0, 9.0, 20)
    features = control_features(still, phase, np.zeros(20), np.ones(1))
    np.testing.assert_allclose(features[:, :5], 0.0, atol=1e-12)
    np.testing.assert_allclose(features[:, 5:-1].reshape(20, len(WINDOW), 4)[..., 3], 1.0)


def test_states_split_into_what_they_were_joined_from_in_torch_too():
    rotations, hips = random_poses(6)
    contacts = np.random.default_rng(1).random((6, 2))
    state = join_state(rotations, hips, contacts)
    assert state.shape == (6, 4 * 26 + 5)
    for part, expected in zip(split_state(state, 26), (rotations, hips, contacts), strict=True):
        np.testing.assert_array_equal(part, expected)
    torch = pytest.importorskip("torch")
    parts = split_state(torch.tensor(state), 26)
    for part, expected in zip(parts, (rotations, hips, contacts), strict=True):
        np.testing.assert_array_equal(part.numpy(), expected)
