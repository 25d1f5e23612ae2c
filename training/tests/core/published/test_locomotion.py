# SPDX-License-Identifier: GPL-3.0-or-later
"""QuaterNet's walk along a path: conventions, controls, and where the hips go."""

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import yaw_to_quaternion
from quaternet_addon.core.published.locomotion import OURS, RELEASE, PublishedWalk, turned

J = len(QUATERNET_SKELETON)
SKELETON = {
    "names": list(QUATERNET_SKELETON.names),
    "parents": list(QUATERNET_SKELETON.parents),
    "offsets": QUATERNET_SKELETON.offsets.tolist(),
    "root_height": QUATERNET_SKELETON.root_height,
}


def _gru(hidden, inputs, suffix=""):
    return {
        f"rnn.weight_ih_l0{suffix}": np.zeros((3 * hidden, inputs), np.float32),
        f"rnn.weight_hh_l0{suffix}": np.zeros((3 * hidden, hidden), np.float32),
        f"rnn.bias_ih_l0{suffix}": np.zeros(3 * hidden, np.float32),
        f"rnn.bias_hh_l0{suffix}": np.zeros(3 * hidden, np.float32),
    }


def pair(convention="metres", speed=1.2, rate=6.0, aside=0.0, offset=0.0):
    """Networks of constant outputs, told in metres and seconds, the facing to the left."""
    own = {"metres": OURS, "release": RELEASE}[convention]
    size = 4 * J + 2
    bias = np.tile([1.0, 0.0, 0.0, 0.0], J)
    bias = np.concatenate([bias, [offset / own.metres, 0.9 / own.metres]])
    pose = {
        "h0": np.zeros((1, 1, 4)), **_gru(4, size + 3),
        "fc.weight": np.zeros((size, 4)), "fc.bias": bias,
        "fc1.weight": np.zeros((3, 6)), "fc1.bias": np.zeros(3),
        "fc2.weight": np.zeros((3, 3)), "fc2.bias": np.zeros(3),
    }  # fmt: skip
    turn = own.facing * aside
    out = [speed / own.speed, rate * own.seconds, np.cos(turn), np.sin(turn)]
    pace = {
        "h0": np.zeros((2, 1, 3)), **_gru(3, 2), **_gru(3, 2, "_reverse"),
        "fc.weight": np.zeros((4, 6)), "fc.bias": np.array(out),
    }  # fmt: skip
    about = {"fps": 30.0, "convention": convention}
    networks = []
    for kind, arrays in (("long-term", pose), ("pace", pace)):
        header = {**about, "kind": kind, "architecture": {"joints": J, "velocity": False}}
        header |= {"skeleton": SKELETON} if kind == "long-term" else {}
        networks.append((header, {n: np.asarray(a, np.float32) for n, a in arrays.items()}))
    return networks


def circle(radius=3.0, degrees=180.0):
    """To the left, from the origin along +Z: ``(N, 2)``."""
    angles = np.radians(np.linspace(0.0, degrees, 200))
    return radius * np.stack([1.0 - np.cos(angles), np.sin(angles)], -1)


def spied(walk):
    """The controls that a walk's pose network is given from now on, in its own units."""
    seen, encode = [], walk._pose.encode
    walk._pose.encode = lambda controls: seen.append(controls) or encode(controls)
    return seen


@pytest.mark.parametrize("convention", ["metres", "release"])
def test_hips_are_on_the_path_at_the_networks_speed_until_it_ends(convention):
    walk = PublishedWalk(*pair(convention))
    path = circle()
    rotations, hips = walk.along(walk.pace(path))
    steps = np.linalg.norm(np.diff(hips[:, [0, 2]], axis=0), axis=-1)
    np.testing.assert_allclose(steps * 30.0, 1.2, rtol=0.01)
    away = np.abs(np.linalg.norm(hips[:, [0, 2]] - [3.0, 0.0], axis=-1) - 3.0)
    assert away.max() < 0.01  # of a chord of the path's points
    length = 3.0 * np.pi
    assert length - 0.3 < steps.sum() < length and rotations.shape == (len(hips), J, 4)
    np.testing.assert_allclose(hips[:, 1], 0.9, atol=1e-6)


@pytest.mark.parametrize("convention", ["metres", "release"])
def test_controls_say_phase_direction_and_facing(convention):
    walk = PublishedWalk(*pair(convention, aside=0.5))
    paced, seen = walk.pace(circle()), spied(walk)
    walk.along(paced)
    seen = np.array(seen[1:])  # the first are the prefix's
    speed = 1.2 / walk.convention.speed
    np.testing.assert_allclose(np.hypot(*seen[:, :2].T), speed, rtol=1e-5)
    phase = np.unwrap(np.arctan2(seen[:, 1], seen[:, 0]))
    np.testing.assert_allclose(np.diff(phase) * 30.0, 6.0, rtol=1e-4)
    heading = np.unwrap(np.arctan2(seen[:, 2], seen[:, 3]))
    facing = np.unwrap(np.arctan2(seen[:, 4], seen[:, 5]))
    np.testing.assert_allclose(facing - heading, 0.5, atol=1e-5)
    assert heading[0] == pytest.approx(0.0, abs=0.1)  # along +Z, then to the left
    assert heading[-1] == pytest.approx(np.pi, abs=0.15)


def test_the_release_counts_a_turn_to_the_left_as_negative_and_ours_by_the_metre():
    ways = []
    for convention in ("metres", "release"):
        walk = PublishedWalk(*pair(convention))
        seen, run = [], walk._pace.run
        walk._pace.run = lambda features, seen=seen, run=run: seen.append(features) or run(features)
        walk.pace(circle())
        ways.append(np.median(seen[0][:, 0]))
    assert ways[0] == pytest.approx(1.0 / 3.0, rel=0.05)  # 1/m of a circle of 3 m
    assert ways[1] == pytest.approx(-RELEASE.metres / 5.0 / 3.0, rel=0.05)  # a fifth of a unit


def test_mean_speed_is_told_in_the_networks_own_units():
    walk = PublishedWalk(*pair("release"))
    seen, run = [], walk._pace.run
    walk._pace.run = lambda features: seen.append(features) or run(features)
    walk.pace(circle(), speed=1.5)
    np.testing.assert_allclose(seen[0][:, 1], 1.5 / 30.0 / RELEASE.metres)


def test_the_phase_of_the_release_is_half_a_turn_from_ours():
    ours = np.array([[0.6, 0.8, 0.0, 1.0, 0.0, 1.0]])
    own = RELEASE.controls(ours)[0]
    np.testing.assert_allclose(own[:2] * RELEASE.speed, [-0.6, -0.8])
    np.testing.assert_allclose(own[2:], [0.0, 1.0 / RELEASE.speed, 0.0, 1.0])
    np.testing.assert_array_equal(OURS.controls(ours), ours)


def test_an_offset_moves_the_hips_ahead_on_the_path():
    hips = []
    for offset in (0.0, 0.1):
        walk = PublishedWalk(*pair(offset=offset))
        hips.append(walk.along(walk.pace(np.array([[0.0, 0.0], [0.0, 4.0]])))[1])
    np.testing.assert_allclose(hips[1][:, 2] - hips[0][: len(hips[1]), 2], 0.1, atol=1e-5)


def test_a_prefix_is_turned_with_its_controls():
    frames = np.zeros((2, 4 * J + 2))
    frames[:, 0 : 4 * J : 4] = 1.0
    controls = np.array([[1.0, 0.0, 0.0, 2.0, 0.0, 1.0]] * 2)
    frames, controls = turned((frames, controls), np.pi / 2.0)
    np.testing.assert_allclose(frames[0, :4], yaw_to_quaternion(np.array(np.pi / 2.0)))
    np.testing.assert_allclose(controls[0], [1.0, 0.0, 2.0, 0.0, 1.0, 0.0], atol=1e-12)


def test_the_phase_goes_on_from_the_prefix():
    walk = PublishedWalk(*pair("release"))
    frames = np.zeros((5, 4 * J + 2))
    frames[:, 0 : 4 * J : 4] = 1.0
    controls = np.tile([0.0, 1.0, 0.0, 1.0, 0.0, 1.0], (5, 1))
    seen, paced = spied(walk), walk.pace(circle())
    walk.along(paced, (frames, controls))
    np.testing.assert_allclose(seen[1][:2] * RELEASE.speed, [0.0, -1.2], atol=1e-6)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((4, 2)), "a path of at least 0.6 m, got one of 0 m"),
        (np.array([[0.0, 0.0], [0.1, 0.0]]), "a path of at least 0.6 m"),
        (np.zeros((4, 3)), "of shape \\(N, 2\\)"),
        (np.array([[0.0, 0.0], [np.nan, 0.0]]), "finite path points"),
    ],
)
def test_what_is_no_path_is_refused(points, message):
    with pytest.raises(ValueError, match=message):
        PublishedWalk(*pair()).pace(points)


def test_two_networks_of_different_conventions_are_refused():
    with pytest.raises(ValueError, match="two networks of one convention"):
        PublishedWalk(pair("metres")[0], pair("release")[1])
    with pytest.raises(ValueError, match="expected a long-term model, got one of kind 'pace'"):
        PublishedWalk(*reversed(pair()))
