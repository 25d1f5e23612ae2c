# SPDX-License-Identifier: GPL-3.0-or-later
"""Who stood goes on standing: one keyed pose, poses that are held, and walks that have ended."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.continuation.stand import held, on_its_way, stood_for
from quaternet_addon.core.continuation.stand import stopped as stop
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model

FPS = 30.0


@lru_cache(maxsize=1)
def model():
    return load_model(DEFAULT_MODEL)


def stand(frames, degrees=30.0):
    """An upright body whose arms hang so far below level: a Motion."""
    vectors = np.zeros((frames, len(QUATERNET_SKELETON), 3))
    for name, side in (("LeftArm", -1.0), ("RightArm", 1.0)):
        vectors[:, QUATERNET_SKELETON.index(name), 2] = side * np.radians(degrees)
    roots = np.tile([0.3, QUATERNET_SKELETON.root_height, -0.2], (frames, 1))
    return Motion(QUATERNET_SKELETON, rotation_vector_to_quaternion(vectors), roots, FPS)


@lru_cache(maxsize=1)
def stopped():
    """A walk of 4 m that ends and stands for half a second."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]))
    return Walk(load_walk_model(), path, speed=1.4, fps=FPS).run()


def away(context, motion):
    """How far hips and balls of the feet are at most from where they were, horizontally, metres."""
    hips = motion.root_positions - context.root_positions[-1]
    balls = toe_positions(motion) - toe_positions(context)[-1]
    return [np.linalg.norm(part[..., [0, 2]], axis=-1).max() for part in (hips, balls)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("frames", "degrees"), [(1, 30.0), (1, 0.0), (1, 75.0), (61, 30.0)])
def test_a_still_pose_goes_on_standing(frames, degrees, seed):
    context = stand(frames, degrees)
    hips, balls = away(context, Continuation(model(), context, duration=5.0, seed=seed).run())
    assert hips < 0.1
    assert balls < 0.02


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_that_has_ended_is_over(seed):
    context = stopped()
    motion = Continuation(model(), context, duration=5.0, seed=seed).run()
    hips, balls = away(context, motion)
    assert hips < 0.1
    assert balls < 0.02
    assert np.ptp(toe_positions(motion)[..., 1], axis=0).max() < 0.01


def test_a_stand_lasts_for_a_minute():
    context = stand(1)
    assert away(context, Continuation(model(), context, duration=60.0).run())[0] < 0.1


def test_the_pose_is_kept_but_not_frozen():
    context = stand(1)
    motion = Continuation(model(), context, duration=5.0).run()
    degrees = np.degrees(angle(motion.rotations, context.rotations[-1:]))
    assert degrees.max() < 20.0
    assert np.ptp(degrees, axis=0).max() > 0.1


def _given(context):
    count = len(context)
    steps = np.zeros((count, 4))
    return context.rotations, context.root_positions[:, 1:2], steps


def test_who_moves_an_arm_is_not_held():
    context = stand(61)
    swing = context.rotations.copy()
    turns = np.zeros((61, 3))
    turns[:, 2] = np.sin(np.arange(61) / 4.0)
    swing[:, QUATERNET_SKELETON.index("LeftArm")] = rotation_vector_to_quaternion(turns)
    moved = replace(context, rotations=swing)
    assert held(context.positions(), FPS, *_given(context)) is not None
    assert held(moved.positions(), FPS, *_given(moved)) is None
    assert stood_for(moved.positions(), toe_positions(moved), FPS) == 61


@pytest.mark.parametrize("seed", range(4))
def test_who_gestures_where_he_stands_stays_on_his_feet(seed):
    """Both arms go up over two seconds, unevenly; feet have not moved in all that is known."""
    context = stand(61)
    rotations, rise = context.rotations.copy(), np.linspace(-1.2, 0.9, 61) ** 3
    for name, side in (("LeftArm", 1.0), ("RightArm", -1.0)):
        turns = np.zeros((61, 3))
        turns[:, 2], turns[:, 1] = side * rise, 0.3 * rise**2
        rotations[:, QUATERNET_SKELETON.index(name)] = rotation_vector_to_quaternion(turns)
    context = replace(context, rotations=rotations)
    motion = Continuation(model(), context, duration=3.0, seed=seed).run()
    hips, balls = away(context, motion)
    assert hips < 0.02  # without it 4 to 7 cm
    assert balls < 0.005
    assert np.ptp(motion.root_positions[:, 1]) < 0.015
    turned = np.degrees(angle(motion.rotations, context.rotations[-1:]))
    assert turned[:, QUATERNET_SKELETON.index("LeftArm")].max() > 15.0


def test_a_pause_of_a_third_of_a_second_is_no_stand():
    context = stand(61)
    roots = context.root_positions.copy()
    roots[:51, 2] -= 0.03 * np.arange(51)[::-1]
    moved = replace(context, root_positions=roots)
    assert held(moved.positions(), FPS, *_given(moved)) is None
    assert stood_for(moved.positions(), toe_positions(moved), FPS) == 11


def test_a_walk_goes_on():
    context = stopped().slice(0, 75)
    motion = Continuation(model(), context, duration=2.0).run()
    assert away(context, motion)[0] > 1.0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("before", [0, 3])
def test_who_is_cut_in_the_middle_of_a_stop_stands(before, seed):
    whole = stopped()
    hips = np.linalg.norm(np.diff(whole.root_positions[:, [0, 2]], axis=0), axis=-1) * FPS
    stands = int(np.flatnonzero(hips > 0.2)[-1]) + 1
    context = whole.slice(0, stands - before)
    motion = Continuation(model(), context, duration=4.0, seed=seed).run()
    assert away(context, motion)[0] < 0.4
    late = motion.slice(60, None)
    assert away(late.slice(0, 1), late)[0] < 0.05
    assert away(late.slice(0, 1), late)[1] < 0.02


def way(speeds):
    """Places ``(T, 3)`` of hips that go ahead at such speeds, m/s."""
    places = np.zeros((len(speeds) + 1, 3))
    places[1:, 2] = np.cumsum(speeds) / FPS
    return places


def test_who_walks_and_slows_down_is_on_his_way():
    assert on_its_way(way(np.append(np.full(40, 1.2), np.linspace(1.2, 0.0, 18))), FPS)
    assert on_its_way(way(np.full(18, 1.2)), FPS)  # of little is known
    assert not on_its_way(way(np.full(60, 0.2)), FPS)  # stays in place


def test_who_halts_now_and_then_or_goes_back_is_not():
    paused = np.full(58, 1.2)
    paused[20:30] = 0.1
    assert not on_its_way(way(paused), FPS)
    assert not on_its_way(way(np.append(np.full(50, 1.2), np.full(20, -1.2))), FPS)


def after(height=1.0, contacts=(True, True), speed=0.0):
    """Thirty frames of a body that moves so fast ahead, as `stopped` is given them."""
    made = stand(31)
    roots = made.root_positions * [1.0, height, 1.0] + np.outer(
        np.arange(31.0), [0, 0, speed / FPS]
    )
    made = replace(made, root_positions=roots, contacts=np.tile(np.array(contacts), (31, 1)))
    frames = made.rotations[1:], roots[1:, 1:2], np.ones((30, 4))
    return made, frames, made.skeleton.names


def test_a_stop_is_a_stand_of_legs_and_place():
    cycle = stop(*after())
    assert len(cycle) == 1
    assert not cycle.steps.any()
    shares = dict(zip(QUATERNET_SKELETON.names, cycle.share[:, 0], strict=True))
    assert shares["LeftUpLeg"] == shares["Hips"] == 1.0
    assert shares["LeftArm"] == 0.0


def test_who_crouches_has_to_be_stiller_and_who_is_on_one_foot_does_not_stop():
    assert stop(*after(speed=0.2)) is not None
    assert stop(*after(speed=0.2, height=0.8)) is None
    assert stop(*after(speed=0.1, height=0.8)) is not None
    assert stop(*after(contacts=(True, False))) is None
    assert stop(*after(speed=0.4)) is None
