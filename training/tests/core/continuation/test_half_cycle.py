# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk known for less than a cycle: the other foot does what this one did, mirrored."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.continuation import model as continuation_model
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.cycle import Cycle, find_cycle
from quaternet_addon.core.continuation.half_cycle import find_half_cycle, likelier
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.maths.turns import mirror_image
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

FPS, PERIOD = 30.0, 36
ORDER = np.array([0, 2, 1])  # a middle, a left and a right one
SIDES = ORDER, ORDER


def gait(count, period=PERIOD, turn=0.0):
    """Points, rotations, heights and steps of three joints; the right one lags by half a cycle."""
    phase = 2.0 * np.pi * np.arange(count) / period
    swing = [np.zeros(count), np.sin(phase), -np.sin(phase)]
    vectors = np.stack([np.stack([0.4 * s, 0 * s, 0 * s], -1) for s in swing], 1)
    vectors[:, 0, 1] = 0.1 * np.sin(phase)  # the middle turns to one side and to the other
    sides = np.array([0.0, 0.1, -0.1])
    points = np.stack(
        [[s + 0 * phase, -0.5 + 0 * phase, 0.3 * w] for s, w in zip(sides, swing, strict=True)]
    )
    points = np.moveaxis(points, -1, 0)
    heights = 0.9 + 0.02 * np.cos(2.0 * phase)[:, None]
    steps = np.zeros((count, 4))
    steps[:, 1], steps[:, 2], steps[:, 3] = 0.01 * np.cos(phase), 0.04, turn
    return points, rotation_vector_to_quaternion(vectors), heights, steps


def found(count, **gaits):
    points, *frames = gait(count, **gaits)
    return find_half_cycle(points, FPS, *frames, SIDES)


def test_the_other_step_is_the_mirror_image():
    cycle, (_, rotations, heights, _) = found(31), gait(31 + PERIOD)[:4]
    assert len(cycle) == PERIOD
    assert cycle.strength == 1.0
    assert cycle.delay == 0
    truth = rotations[31:]
    assert np.degrees(angle(cycle.rotations, truth)).max() < 1.0
    assert np.abs(cycle.heights - heights[31:]).max() < 0.002
    half = PERIOD // 2
    np.testing.assert_allclose(
        mirror_image(cycle.rotations[:half], ORDER), cycle.rotations[half:], atol=1e-9
    )


def test_it_goes_straight_on_or_keeps_its_turn():
    straight, round_ = found(31), found(31, turn=0.02)
    np.testing.assert_allclose(straight.steps[:, 2:], [[0.04, 0.0]] * PERIOD, atol=1e-9)
    assert abs(straight.steps[:, 1].sum()) < 0.1  # of 1.4 m ahead: it was seen for 31 frames of 36
    np.testing.assert_allclose(round_.steps[:, 3], 0.02, atol=1e-9)


@pytest.mark.parametrize("count", [20, 61])
def test_too_little_and_a_whole_cycle_are_left_to_others(count):
    assert found(count) is None


def test_who_stays_in_place_has_no_steps():
    points, rotations, heights, steps = gait(31)
    assert find_half_cycle(points, FPS, rotations, heights, 0.0 * steps, SIDES) is None


def test_a_limp_is_not_mirrored():
    points, *frames = gait(31)
    points[:, 2, 2] *= 0.1
    points[:, 2, 1] += np.linspace(0.0, 0.4, 31)
    cycle = find_half_cycle(points, FPS, *frames, SIDES)
    assert cycle is None or cycle.strength < 0.5


def test_a_cycle_that_was_seen_twice_counts_more():
    half = found(31)
    points, *frames = gait(61)
    whole = find_cycle(points, FPS, *frames)
    assert likelier(whole, half) is whole
    assert likelier(None, half) is half
    assert likelier(whole, None) is whole
    unsure = Cycle(whole.rotations, whole.heights, whole.steps, strength=0.6, delay=15)
    assert likelier(unsure, half) is half


@pytest.fixture(scope="module", params=range(2), ids="seed {}".format)
def walk(request):
    """A walk at 1.4 m/s, and the frame in which it begins."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 12.0]]))
    made = Walk(load_model(DEFAULT_MODEL), path, speed=1.4, seed=request.param)
    return made.run(), int((made.plan.start - made.plan.begin) * 30.0)


def continued(walk, first, last):
    """Speeds of hips and of the slower ball in 3 s after such frames of a walk, m/s."""
    motion, begin = walk
    context = motion.slice(max(0, begin + first), begin + last)
    made = Continuation(continuation_model.load_model(), context, duration=3.0).run()
    points = made.root_positions[:, None], toe_positions(made)
    hips, balls = (np.linalg.norm(np.diff(p[..., [0, 2]], axis=0), axis=-1) for p in points)
    return 30.0 * hips.min(1), 30.0 * balls.min(1)


@pytest.mark.parametrize("frames", [55, 60, 75, 90])
def test_who_has_just_set_out_walks_on(walk, frames):
    """The stand before was taken for a part of the gait: legs stood still, and hips went on.

    The slower foot slid by up to 1.6 m/s over a quarter of a second.
    """
    hips, balls = continued(walk, frames - 60, frames)
    assert np.convolve(balls, np.full(8, 1.0 / 8.0), "valid").max() < 0.3
    assert hips.min() > 0.9


@pytest.mark.parametrize("frames", [15, 20])
def test_a_few_frames_of_a_walk_are_no_cycle(walk, frames):
    """They came over and over: the slower foot slid by half a metre a second."""
    hips, balls = continued(walk, 100, 100 + frames)
    assert balls.mean() < 0.25
    assert hips.min() > 0.9


def test_first_steps_are_not_taken_back(walk):
    """They were, for having gone less than half a metre: bodies stood in their third second."""
    hips, _ = continued(walk, -30, 30)
    assert hips.min() > 0.5


def test_who_has_not_come_round_repeats_what_was_made(walk):
    """Half a second of a walk died down within five."""
    motion, begin = walk
    context = motion.slice(begin + 100, begin + 116)
    more = Continuation(continuation_model.load_model(), context, duration=5.0)
    made = more.run()
    balls = toe_positions(made) - made.root_positions[:, None]
    assert np.ptp(balls[-40:, :, 2], axis=0).min() > 0.5 * np.ptp(balls[:40, :, 2], axis=0).min()
