# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyed jumps on the spot, cut where knees or feet are at their fastest.

In the frame before the cut the knees stretch by 44 degrees, or the feet come down by 7 cm: who
only goes on like that bends the knees backward, and goes through the floor.
"""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest

from quaternet_addon.core.batch.modes.continuation import continuation as of_a_batch
from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion

THIGH, SHIN, AIR, FPS = 0.43, 0.41, 14, 30.0  # metres, metres, frames, 1/s
LOW, OFF = 52, 57
LANDED = OFF + AIR
FLOOR = 0.002  # metres that soles may give


@lru_cache(maxsize=1)
def model():
    return load_model(DEFAULT_MODEL)


def heights():
    """Of the hips over their rest: a stand, 12 frames down, 5 up, 14 in the air, and a crouch."""
    down = -0.15 * (1.0 - np.cos(np.pi * np.arange(1, 13) / 12.0))
    up = -0.3 + 0.3 * (np.arange(1, 6) / 5.0) ** 1.3
    times = np.arange(1, AIR + 1) / FPS
    air = 0.5 * 9.81 * times * (AIR / FPS - times)
    return np.concatenate([np.zeros(LOW - 12), down, up, air])


def jump(frames):
    """The first frames of it: feet are flat on the floor, or go up with straight legs."""
    skeleton, rise = QUATERNET_SKELETON, heights()[:frames]
    reach = np.minimum(THIGH + SHIN + np.minimum(rise, 0.0), 0.9995 * (THIGH + SHIN))
    forward = np.arccos((THIGH**2 + reach**2 - SHIN**2) / (2.0 * THIGH * reach))
    bend = np.pi - np.arccos((THIGH**2 + SHIN**2 - reach**2) / (2.0 * THIGH * SHIN))
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(skeleton), 1))
    for side in ("Left", "Right"):
        for part, angle in (("UpLeg", -forward), ("Leg", bend), ("Foot", forward - bend)):
            turn = rotation_vector_to_quaternion(angle[:, None] * [1.0, 0.0, 0.0])
            rotations[:, skeleton.index(side + part)] = turn
    roots = np.stack([0.0 * rise, skeleton.root_height + rise, 0.0 * rise], -1)
    return Motion(skeleton, rotations, roots, FPS).slice(-61, None)


def bends(motion):
    """Of both knees, ``(T, 2)`` degrees; below 0 is backward."""
    places, joint = motion.positions(), motion.skeleton.index
    left = places[:, joint("LeftUpLeg")] - places[:, joint("RightUpLeg")]
    found = []
    for side in ("Left", "Right"):
        hip, knee, ankle = (places[:, joint(side + part)] for part in ("UpLeg", "Leg", "Foot"))
        across = (np.cross(knee - hip, ankle - knee) * left).sum(-1)
        size = np.linalg.norm(left, axis=-1)
        found.append(np.arctan2(across / size, ((knee - hip) * (ankle - knee)).sum(-1)))
    return np.degrees(np.stack(found, -1))


def soles(motion):
    """The lower of ball and ankle over their rest, ``(T, 2)`` metres."""
    places, rest = motion.positions()[..., 1], motion.skeleton.rest_positions[:, 1]
    joints = [motion.skeleton.index(name) for name in ("LeftToeBase", "RightToeBase")]
    ankles = [motion.skeleton.index(name) for name in ("LeftFoot", "RightFoot")]
    return np.minimum(*((places - rest)[:, part] for part in (joints, ankles)))


@pytest.mark.parametrize("foot_lock", [False, True])
def test_knees_that_stretch_at_take_off_stop_at_straight(foot_lock):
    context = jump(OFF)
    motion = Continuation(model(), context, duration=3.0, foot_lock=foot_lock, ground=None).run()
    assert bends(context)[-2].min() > 40.0  # it stretches fast
    assert bends(motion).min() > -1.0
    assert soles(motion)[3:10].min() > 0.1  # it jumps


def test_who_jumps_on_the_spot_lands_there():
    """The legs' stretching takes the centre of mass back, which is not the body's way."""
    context = jump(OFF)
    motion = Continuation(model(), context, duration=3.0, ground=None).run()
    way = motion.root_positions - context.root_positions[-1]
    assert np.abs(way[:, [0, 2]]).max() < 0.15
    feet = toe_positions(motion)[-1] - toe_positions(context)[-1]
    assert np.abs(feet[:, [0, 2]]).max() < 0.1


@pytest.mark.parametrize("frames", [LOW, OFF, OFF + AIR // 3, LANDED])
def test_feet_stay_over_the_floor_and_knees_bend_forward(frames):
    motion = Continuation(model(), jump(frames), duration=2.0, ground=None).run()
    assert soles(motion).min() > -FLOOR
    assert bends(motion).min() > -1.0


def test_who_lands_bends_the_knees_and_comes_up_again():
    motion = Continuation(model(), jump(LANDED), duration=2.0, ground=None).run()
    knees = bends(motion)
    assert 40.0 < knees[:6].max() < 110.0
    assert knees[30:].max() < 30.0
    assert motion.root_positions[-1, 1] > 0.97


@pytest.mark.parametrize("floor", [0.06, -0.04])
def test_batches_find_the_floor_that_the_source_stands_on(floor):
    """As the window does: files whose balls rest higher than those of our skeleton exist."""
    context = jump(40).moved([0.0, floor, 0.0])
    clip = SimpleNamespace(random_seed=0, fps=FPS, settings={"duration": 1.0})
    character = SimpleNamespace(name="File", skeleton=context.skeleton, context=context)
    made = of_a_batch(model(), clip, character, ())
    assert made.ground == pytest.approx(floor, abs=1e-3)
    assert np.abs(soles(made.run()) - floor).max() < 0.01
