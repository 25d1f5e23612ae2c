# SPDX-License-Identifier: GPL-3.0-or-later
"""Reduced keys hold the tolerance at every frame, keep planted feet, and are few and fast."""

import time
from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import segments, toe_positions
from quaternet_addon.core.keys.reduction import (
    contact_edges,
    every,
    hips_tolerance,
    joint_tolerance,
    keys_at,
    reduce_keys,
    reduce_many,
)
from quaternet_addon.core.maths.quaternion import (
    angle,
    make_continuous,
    normalize,
    rotation_vector_to_quaternion,
)
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model


def curves(frames=300, channels=3, seed=0):
    """Smooth random curves, a few units high."""
    random, t = np.random.default_rng(seed), np.arange(frames) / 30.0
    waves = [
        random.normal() * np.sin(random.uniform(1.0, 8.0) * t + random.uniform(0.0, 6.0))
        for _ in range(5 * channels)
    ]
    return np.reshape(waves, (channels, 5, frames)).sum(1).T


def rotations(frames=300, seed=0, size=0.4):
    return make_continuous(rotation_vector_to_quaternion(size * curves(frames, 3, seed)))


@pytest.fixture(scope="module")
def walk():
    if not DEFAULT_MODEL.is_file():
        pytest.skip(f"there is no shipped model at {DEFAULT_MODEL}")
    t = np.linspace(0.0, 1.0, 90)
    path = Path(np.stack([1.5 * np.sin(6.0 * t), 0.0 * t, 9.0 * t], -1))
    return Walk(load_model(), path, speed=1.4).run()


@pytest.mark.parametrize("tolerance", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_every_frame_is_within_the_tolerance(seed, tolerance):
    values = curves(seed=seed)
    keys = reduce_keys(values, tolerance)
    error = np.linalg.norm(keys.evaluate(np.arange(300)) - values, axis=-1)
    assert error.max() <= tolerance + 1e-6
    assert keys.frames[0] == 0 and keys.frames[-1] == 299 and (np.diff(keys.frames) > 0).all()
    np.testing.assert_array_equal(keys.values, values[keys.frames])


@pytest.mark.parametrize("degrees", [0.2, 1.0])
def test_rotations_are_within_the_tolerance_as_an_angle(degrees):
    q = rotations()
    fitted = reduce_keys(q, np.radians(degrees), "QUATERNION").evaluate(np.arange(300))
    assert np.degrees(angle(normalize(fitted), q).max()) <= degrees * 1.01


def test_axis_angles_and_eulers_are_within_it_as_rotations():
    vectors = 0.4 * curves() + [0.0, 3.0, 0.0]  # away from where the axis is undefined
    turns = np.linalg.norm(vectors, axis=-1, keepdims=True)
    values = np.concatenate([turns, vectors / turns], -1)
    fitted = reduce_keys(values, np.radians(1.0), "AXIS_ANGLE").evaluate(np.arange(300))
    back = fitted[:, :1] * fitted[:, 1:] / np.linalg.norm(fitted[:, 1:], axis=-1, keepdims=True)
    wrong = angle(rotation_vector_to_quaternion(back), rotation_vector_to_quaternion(vectors))
    assert np.degrees(wrong.max()) <= 1.01
    eulers = 0.5 * curves(seed=2)
    fitted = reduce_keys(eulers, np.radians(1.0), "EULER").evaluate(np.arange(300))
    assert np.degrees(np.abs(fitted - eulers).sum(-1).max()) <= 1.0001


def test_between_the_frames_the_curve_is_that_of_all_keys():
    values = curves()
    whole, keys = keys_at(values, np.arange(300)), reduce_keys(values, 0.05)
    between = np.arange(1, 298) + 0.5
    away = np.linalg.norm(keys.evaluate(between) - whole.evaluate(between), axis=-1)
    assert away.max() < 1.5 * 0.05


def test_a_cubic_needs_its_ends_only_and_a_constant_too():
    t = np.arange(100.0)
    cubic = np.stack([0.001 * t**3 - 0.1 * t * t + t, 5.0 - t], -1)
    assert len(reduce_keys(cubic, 1.0).frames) <= 4  # slopes at its ends are one-sided
    assert list(reduce_keys(np.full((100, 4), 0.5), 0.0).frames) == [0, 99]


def test_a_corner_gets_its_own_key_and_a_looser_tolerance_fewer_keys():
    values = np.abs(np.arange(-50.0, 50.0))[:, None]
    assert np.abs(reduce_keys(values, 0.05).frames - 50).min() <= 1
    counts = [len(reduce_keys(curves(), tolerance).frames) for tolerance in (0.01, 0.1, 1.0)]
    assert counts[0] > 1.5 * counts[1] > 2.0 * counts[2]


def test_no_single_key_can_be_left_out_with_the_next_still_reached():
    """From each key the longest span that holds was taken."""
    values = curves(channels=1)
    keys = reduce_keys(values, 0.1)
    for i in range(1, len(keys.frames) - 1):
        fewer = keys_at(values, np.delete(keys.frames, i))
        assert np.abs(fewer.evaluate(np.arange(300)) - values).max() > 0.1


def test_kept_frames_have_keys():
    keep = [7, 8, 100, 299, 5000, -3]
    frames = reduce_keys(curves(), 1.0, keep=keep).frames
    assert {7, 8, 100} <= set(frames.tolist()) and frames[-1] == 299


def test_the_tolerance_may_differ_from_frame_to_frame():
    values, limits = curves(), np.where(np.arange(300) < 150, 0.01, 1.0)
    keys = reduce_keys(values, limits)
    error = np.linalg.norm(keys.evaluate(np.arange(300)) - values, axis=-1)
    assert (error <= limits + 1e-6).all() and error[150:].max() > 0.05
    assert (keys.frames < 150).sum() > 2 * (keys.frames >= 150).sum()


def test_many_bones_at_once_are_as_each_alone():
    bones = np.stack([rotations(200, seed) for seed in range(5)])
    limits = np.linspace(0.001, 0.05, 5)
    for keys, values, limit in zip(
        reduce_many(bones, limits, "QUATERNION"), bones, limits, strict=True
    ):
        alone = reduce_keys(values, limit, "QUATERNION")
        np.testing.assert_array_equal(keys.frames, alone.frames)
        np.testing.assert_array_equal(keys.slopes, alone.slopes)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_motions_work(frames):
    values = curves(frames)
    keys = reduce_keys(values, 0.1)
    np.testing.assert_allclose(keys.evaluate(np.arange(frames)), values, atol=0.1)
    assert keys.handles()[0].shape == (2, len(keys.frames))


def test_handles_are_those_of_the_bezier_curve_that_the_keys_mean():
    keys = reduce_keys(curves(), 0.2)
    times, heights = keys.handles()
    for i, u in ((0, 0.3), (1, 0.5), (len(keys.frames) - 2, 0.9)):
        x = keys.frames[i], times[1, i], times[0, i + 1], keys.frames[i + 1]
        y = keys.values[i], heights[1, i], heights[0, i + 1], keys.values[i + 1]
        w = (1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u**3
        frame = sum(a * b for a, b in zip(w, x, strict=True))
        assert frame == pytest.approx(keys.frames[i] + u * (keys.frames[i + 1] - keys.frames[i]))
        expected = sum(a * b for a, b in zip(w, y, strict=True))
        np.testing.assert_allclose(keys.evaluate([frame])[0], expected, atol=1e-9)


def test_every_nth_frame_ends_with_the_last():
    assert every(10, 4).tolist() == [0, 4, 8, 9]
    assert every(9, 4).tolist() == [0, 4, 8] and every(3, 1).tolist() == [0, 1, 2]
    for step in (0, -2, 1.5):
        with pytest.raises(ValueError, match="1st, 2nd, 3rd"):
            every(10, step)


def test_planted_feet_of_a_walk_stay_where_they_are(walk):
    skeleton, contacts = walk.skeleton, walk.contacts
    frames, limit = np.arange(len(walk)), 0.005
    limits = [joint_tolerance(n, contacts, 1.0, limit, skeleton.leg_length) for n in skeleton.names]
    keys = reduce_many(walk.rotations.transpose(1, 0, 2), np.stack(limits), "QUATERNION")
    turned = np.stack([normalize(k.evaluate(frames)) for k in keys], 1)
    hips = reduce_keys(walk.root_positions, hips_tolerance(contacts, 0.01, limit))
    reduced = replace(walk, rotations=turned, root_positions=hips.evaluate(frames))
    away = np.linalg.norm(toe_positions(reduced) - toe_positions(walk), axis=-1)
    assert away[contacts].max() < limit  # 5 mm
    for foot in range(2):
        for start, stop in segments(contacts[:, foot]):
            toe = toe_positions(reduced)[start:stop, foot]
            assert np.ptp(toe[:, [0, 2]], axis=0).max() < 0.01
    assert np.linalg.norm(reduced.positions() - walk.positions(), axis=-1).max() < 0.05
    share = sum(len(k.frames) for k in keys) / len(keys) / len(walk)
    assert share < 0.25


def test_ten_seconds_of_25_bones_take_less_than_0_3_seconds():
    bones = np.stack([rotations(300, seed) for seed in range(25)])
    taken = []
    for _ in range(3):
        start = time.process_time()
        reduce_many(bones, np.full(25, np.radians(0.5)), "QUATERNION")
        taken.append(time.process_time() - start)
    assert min(taken) < 0.3


def test_contact_edges_say_when_which_foot_comes_and_goes():
    contacts = np.ones((10, 2), bool)
    contacts[4:7, 0] = False
    contacts[8:, 1] = False
    assert contact_edges(contacts) == [(4, 0, False), (7, 0, True), (8, 1, False)]


@pytest.mark.parametrize(
    ("values", "tolerance", "kind", "match"),
    [(np.zeros((0, 3)), 1.0, "VECTOR", "numbers"), (np.full((9, 3), np.nan), 1.0, "VECTOR", "NaN"),
     (np.zeros((9, 3)), -1.0, "VECTOR", "0 or more, got -1"),
     (np.zeros((9, 3)), np.nan, "VECTOR", "0 or more"), (np.zeros((9, 3)), 1.0, "XYZ", "one of")],
)  # fmt: skip
def test_what_is_no_motion_is_refused(values, tolerance, kind, match):
    with pytest.raises(ValueError, match=match):
        reduce_keys(values, tolerance, kind)
