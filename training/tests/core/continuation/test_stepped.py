# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that are stepped: bodies on twos and threes go on as they move, held poses fling nobody."""

from functools import lru_cache

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.continuation.stepped import held_for, unstepped
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model
from training.continuation.keyed_jump import AIR, LOW, OFF, jump

ARM = QUATERNET_SKELETON.index("LeftArm")


@lru_cache(maxsize=1)
def model():
    return load_model(DEFAULT_MODEL)


@lru_cache(maxsize=1)
def walk():
    """Two seconds of a walk, and what really follows."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 9.0]]))
    motion = Walk(load_walk_model(), path, speed=1.3, fps=30.0).run().continuous()
    return motion.slice(45, 106), motion.slice(106, None)


def on(frames, motion, held=None):
    """Every so many frames of a motion, held; the last one for ``held`` frames, or for all."""
    late = (held or frames) - 1
    last = len(motion) - 1 - late
    kept = last + (np.arange(len(motion)) - last) // frames * frames
    return motion.at_frames(np.clip(kept, 0, None))


def waving(frames, angles):
    """A stand whose left arm is turned so far in each frame, radians."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    turns = np.asarray(angles, float)[:, None] * [0.0, 0.0, 1.0]
    rotations[:, ARM] = rotation_vector_to_quaternion(turns)
    return Motion(QUATERNET_SKELETON, rotations, np.tile([0.0, 1.0, 0.0], (frames, 1)), 30.0)


def turned(motion):
    return angle(motion.rotations[:, ARM], np.array([1.0, 0.0, 0.0, 0.0]))


def test_motion_that_is_not_stepped_stays_itself():
    context, _ = walk()
    assert unstepped(context) is context
    assert held_for(context) == 0.0
    begins = waving(40, np.maximum(np.arange(40) - 30, 0) * 0.05)  # held, then it goes on
    assert unstepped(begins) is begins
    first = begins.slice(0, 32)  # it has begun in the last frame
    assert unstepped(first) is first
    single = context.slice(0, 1)
    assert unstepped(single) is single


@pytest.mark.parametrize(("frames", "held"), [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (5, 2)])
def test_poses_on_twos_and_threes_become_the_motion_that_they_are_of(frames, held):
    smooth = waving(40, np.arange(40) * 0.05)
    stepped = on(frames, smooth, held)
    found = turned(unstepped(stepped))
    assert found[-1] == pytest.approx(turned(stepped)[-1])
    np.testing.assert_allclose(np.diff(found)[10:], 0.05, atol=1e-6)


def test_who_was_held_long_has_come_to_rest():
    stepped = waving(40, np.where(np.arange(40) < 30, np.arange(40) // 2 * 0.1, 1.5))
    found = turned(unstepped(stepped))
    np.testing.assert_allclose(np.diff(found)[10:28], 0.05, atol=1e-6)
    np.testing.assert_allclose(np.diff(found)[-7:], 0.0, atol=1e-9)


def test_joints_that_are_not_stepped_stay_as_they_are():
    context, _ = walk()
    stepped = on(2, context)
    mixed = context.rotations.copy()
    mixed[:, ARM] = stepped.rotations[:, ARM]
    motion = Motion(context.skeleton, mixed, context.root_positions, 30.0)
    found = unstepped(motion)
    others = np.arange(len(context.skeleton)) != ARM
    np.testing.assert_allclose(found.rotations[:, others], mixed[:, others], atol=1e-12)
    np.testing.assert_array_equal(found.root_positions, context.root_positions)
    assert angle(found.rotations[:, ARM], mixed[:, ARM])[10:].max() > 0.001


@pytest.mark.parametrize(("frames", "held"), [(2, 1), (2, 2), (3, 1), (3, 3)])
def test_a_walk_on_twos_or_threes_goes_on_as_the_walk(frames, held):
    context, future = walk()
    whole = np.concatenate([context.root_positions, future.root_positions])
    stepped = on(frames, context, held)
    motion = Continuation(model(), stepped, duration=1.0).run()
    plain = Continuation(model(), context, duration=1.0).run()
    begins = len(context) + 1 - held
    truth = whole[begins : begins + 30]
    away, least = (
        np.linalg.norm(found - wanted, axis=-1)[:15].max()
        for found, wanted in (
            (motion.root_positions, truth),
            (plain.root_positions, future.root_positions[:30]),
        )
    )
    assert away < least + 0.03
    step = np.linalg.norm(motion.root_positions[0] - stepped.root_positions[-1])
    assert step < 1.3 * np.linalg.norm(plain.root_positions[0] - context.root_positions[-1])


@pytest.mark.parametrize("held", [1, 2, 4, 8, 20])
def test_a_stepped_jump_flings_nobody_up(held):
    """A stand, a crouch, and the top: the body went up by half a metre within one frame."""
    whole = jump(OFF + AIR // 2)
    last = len(whole) - 1
    crouch = last - (OFF + AIR // 2 - LOW)
    frames = np.repeat([0, crouch, last], [40, 10, held])
    context = whole.at_frames(frames)
    made = Continuation(model(), context, duration=2.0, ground=None)
    motion = made.run()
    top = context.root_positions[-1, 1]
    assert motion.root_positions[:, 1].max() < top + 0.2
    assert motion.root_positions[30:, 1].max() < QUATERNET_SKELETON.root_height + 0.05  # landed
    speed = np.abs(np.diff(motion.root_positions[:, 1], prepend=top)).max() * 30.0
    assert speed < 4.0
    assert any("stepped" in text for text in made.warnings)


def test_twos_are_not_warned_of():
    context, _ = walk()
    assert Continuation(model(), on(2, context)).warnings == ()
    assert Continuation(model(), on(3, context)).warnings == ()
    (said,) = Continuation(model(), on(10, context)).warnings
    assert "held for 0.33 s" in said
