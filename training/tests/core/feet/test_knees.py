# SPDX-License-Identifier: GPL-3.0-or-later
"""Knees neither bend backward nor cross while the feet are apart; all else stays."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.foot_lock import planted
from quaternet_addon.core.feet.footing import footing_of
from quaternet_addon.core.feet.knees import knee_bends, knees_apart
from quaternet_addon.core.feet.legs import read_legs
from quaternet_addon.core.maths.quaternion import (
    multiply,
    rotation_vector_to_quaternion,
    yaw_to_quaternion,
)
from quaternet_addon.core.maths.smoothing import ease

FPS, FRAMES = 30.0, 45
SIDES = (("Left", -1.0), ("Right", 1.0))


def crouch(inward, heading=0.0):
    """Knees bent by 90 degrees, turned ``inward: (T,)`` radians about hips and ankles."""
    skeleton = QUATERNET_SKELETON
    rotations = np.zeros((len(inward), len(skeleton), 4))
    rotations[..., 0] = 1.0
    for side, sign in SIDES:
        thigh, shin = (skeleton.index(side + part) for part in ("UpLeg", "Leg"))
        bend = rotation_vector_to_quaternion(np.array([-np.pi / 4, 0.0, 0.0]))
        rotations[:, thigh] = multiply(yaw_to_quaternion(sign * np.asarray(inward)), bend)
        rotations[:, shin] = rotation_vector_to_quaternion(np.array([np.pi / 2, 0.0, 0.0]))
    rotations[:, 0] = yaw_to_quaternion(np.full(len(inward), heading))
    return Motion(skeleton, rotations, np.tile([0.0, 0.7, 0.0], (len(inward), 1)), FPS)


def apart(motion, part, heading=0.0):
    """How far the left one is to the left of the right one, ``(T,)`` metres."""
    places, body = motion.positions(), motion.skeleton
    across = places[:, body.index("Left" + part)] - places[:, body.index("Right" + part)]
    return across @ np.array([np.cos(heading), 0.0, -np.sin(heading)])


@pytest.mark.parametrize("heading", [0.0, 2.0])
def test_crossed_knees_part_within_a_fifth_of_a_second(heading):
    motion = crouch(np.full(FRAMES, 0.5), heading)
    assert (
        apart(motion, "Leg", heading).max() < -0.02 and apart(motion, "Foot", heading).min() > 0.1
    )
    made = knees_apart(motion)
    assert apart(made, "Leg", heading)[7:].min() > 0.05
    np.testing.assert_allclose(made.rotations[0], motion.rotations[0], atol=1e-12)


def test_hips_and_ankles_stay_and_feet_keep_their_turn():
    motion = crouch(np.full(FRAMES, 0.5))
    made = knees_apart(motion)
    moved = np.abs(made.positions() - motion.positions()).max(axis=(0, 2))
    knees = {motion.skeleton.index(side + "Leg") for side, _ in SIDES}
    assert {joint for joint in range(len(motion.skeleton)) if moved[joint] > 1e-6} == knees


def test_knees_that_come_together_do_not_jump():
    motion = crouch(0.5 * ease((np.arange(FRAMES) - 10) / 20))
    made = knees_apart(motion)
    assert apart(made, "Leg").min() > 0.05
    bends = np.linalg.norm(np.diff(made.positions(), 2, axis=0), axis=-1)
    assert bends.max() < 0.01


@pytest.mark.parametrize("inward", [0.0, -0.3, 0.1])
def test_other_motions_are_left_alone(inward):
    motion = crouch(np.full(FRAMES, inward))
    assert knees_apart(motion) is motion


def test_straight_legs_that_stand_crossed_are_left_alone():
    """A dancer's crossed feet: the knees follow the feet."""
    motion = crouch(np.zeros(FRAMES))
    rotations = np.array(motion.rotations)
    for side, sign in SIDES:
        thigh, shin = (motion.skeleton.index(side + part) for part in ("UpLeg", "Leg"))
        lean = rotation_vector_to_quaternion(np.array([0.0, 0.0, sign * 0.25]))
        rotations[:, thigh], rotations[:, shin] = lean, [1.0, 0.0, 0.0, 0.0]
    straight = Motion(motion.skeleton, rotations, motion.root_positions, FPS)
    assert apart(straight, "Foot").max() < -0.1
    assert knees_apart(straight) is straight


def straightening(stands=15, frames=30):
    """A leg that hangs bent over the floor it stands on, and straightens once it is off it."""
    skeleton = QUATERNET_SKELETON
    rotations = np.zeros((frames, len(skeleton), 4))
    rotations[..., 0] = 1.0
    bend = 0.8 - 0.75 * ease((np.arange(frames) - stands) / 3.0)
    for joint, share in (("LeftUpLeg", -0.5), ("LeftLeg", 1.0), ("LeftFoot", -0.5)):
        turns = rotation_vector_to_quaternion(bend[:, None] * [share, 0.0, 0.0])
        rotations[:, skeleton.index(joint)] = turns
    roots = np.tile([0.0, skeleton.root_height, 0.0], (frames, 1))
    contacts = np.stack([np.arange(frames) < stands, np.ones(frames, bool)], -1)
    return Motion(skeleton, rotations, roots, FPS, contacts)


def test_a_knee_that_was_straightened_to_stand_does_not_bend_backward_after_it():
    motion = straightening()
    bodies, legs = read_legs([motion])
    footing = footing_of([motion], legs.lengths.ball_rest, [0.0], [0.0])
    ankle = motion.skeleton.rest_positions[motion.skeleton.index("LeftFoot"), 1]
    down = np.where(footing.contact[:, None], [1.0, 0.0, 1.0], 1.0) * bodies.ankle
    target = down + np.where(footing.contact[:, None], [0.0, ankle, 0.0], 0.0)
    still = np.zeros(len(motion))
    made = bodies.written(planted(legs, footing, target, np.tile(still, 2)), still)[0]
    bends = knee_bends(made)[:, 0]
    assert bends[:15].max() < 0.3  # what standing asks of it
    assert bends.min() > -1e-6
