# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands are like people's: feet side by side under the body, knees and trunk straight."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.feet.soles import pitch
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion, yaw_to_quaternion
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.stand import at_ease
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

FRAMES, FPS = 90, 30.0
LEFT = np.array([1.0, 0.0, 0.0])
SIDES = ("Left", "Right")


def stood(thighs=(0.0, 0.0), knees=(0.0, 0.0), ahead=0.0, heading=0.0):
    """A stand with its soles level; radians by which thighs, knees and trunk pitch."""
    rotations = np.zeros((FRAMES, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    rotations[:, 0] = yaw_to_quaternion(np.float64(heading))
    rotations[:, SKELETON.index("LowerBack")] = _about(LEFT, ahead)
    for side, thigh, knee in zip(SIDES, thighs, knees, strict=True):
        for part, radians in (("UpLeg", thigh), ("Leg", knee), ("Foot", -thigh - knee)):
            rotations[:, SKELETON.index(side + part)] = _about(LEFT, radians)
    height = np.tile([0.0, SKELETON.root_height, 0.0], (FRAMES, 1))
    return Motion(SKELETON, rotations, height, FPS, np.ones((FRAMES, 2), bool))


def _about(axis, radians):
    return axis_angle_to_quaternion(axis, np.float64(radians))


def eased(motion, share=1.0, heading=0.0):
    """`at_ease` on the floor."""
    shares, floor = np.broadcast_to(share, FRAMES).astype(float), np.zeros((FRAMES, 2))
    (made,) = at_ease([motion], [shares], [np.full(FRAMES, heading)], [floor], [1.0])
    return made


def ankles(motion, heading=0.0):
    """From the right ankle to the left one: metres ahead and aside ``(T, 2)``."""
    away = np.diff(
        [motion.positions()[:, SKELETON.index(s + "Foot")] for s in ("Right", "Left")], axis=0
    )
    x, z = away[0][:, [0, 2]].T
    sin, cos = np.sin(heading), np.cos(heading)
    return np.stack([sin * x + cos * z, cos * x - sin * z], -1)


def knee(motion, side):
    hip, middle, ankle = (
        motion.positions()[:, SKELETON.index(side + part)] for part in ("UpLeg", "Leg", "Foot")
    )
    u, v = middle - hip, ankle - middle
    cosine = (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


@pytest.mark.parametrize("heading", [0.0, 1.2])
def test_feet_one_ahead_of_the_other_come_side_by_side(heading):
    apart = stood(thighs=(-0.2, 0.2), heading=heading)
    assert abs(ankles(apart, heading)[:, 0]).min() > 0.2
    ahead, aside = ankles(eased(apart, heading=heading), heading).T
    assert np.abs(ahead).max() < 0.05
    assert ((aside > 0.15) & (aside < 0.32)).all()


def test_the_steps_between_stands_and_walking_ends_are_left_alone():
    share = (np.arange(FRAMES) >= 60).astype(float)
    walking = stood(thighs=(-0.2, 0.2))
    contacts = np.ones((FRAMES, 2), bool)
    contacts[20:40, 0] = contacts[40:60, 1] = False
    before = Motion(SKELETON, walking.rotations, walking.root_positions, FPS, contacts)
    after = eased(before, share)
    np.testing.assert_allclose(after.positions()[:19], before.positions()[:19], atol=1e-5)
    assert np.abs(ankles(after)[65:, 0]).max() < 0.05
    steps = np.linalg.norm(np.diff(after.positions(), axis=0), axis=-1)[:59]
    assert steps.max() * FPS < 2.0  # no jump on the way
    nothing = eased(before, 0.0)
    assert nothing is before


def test_pelvis_and_trunk_come_into_peoples_range_and_the_head_keeps_its_own():
    bent = stood(ahead=0.15)
    neck = SKELETON.index("Neck")
    places, world = SKELETON.forward_kinematics(bent.rotations, bent.root_positions)
    after = eased(bent)
    places, turned = SKELETON.forward_kinematics(after.rotations, after.root_positions)
    line = (places[:, neck] - places[:, 0])[45]
    assert np.degrees(np.arctan2(line[2], line[1])) == pytest.approx(3.0, abs=0.6)
    np.testing.assert_allclose(turned[:, neck], world[:, neck], atol=1e-6)


def test_bent_legs_rise_to_peoples_knees():
    bent = stood(thighs=(-0.3, -0.3), knees=(0.6, 0.6))
    after = eased(bent)
    rise = (after.root_positions - bent.root_positions)[:, 1]
    # The hips are meant for feet on the floor: whoever plants them there finds these knees.
    hip = after.root_positions[:, 1] - 0.075
    reach = hip - SKELETON.rest_positions[SKELETON.index("LeftFoot"), 1]
    assert np.degrees(2.0 * np.arccos(np.clip(reach / 0.84, 0.0, 1.0))).max() < 16.0
    assert np.ptp(rise) < 1e-6


def test_heels_that_rise_in_a_stand_come_down():
    motion = stood()
    rotations = motion.rotations.copy()
    rotations[:, SKELETON.index("LeftFoot")] = _about(LEFT, 0.2)
    tiptoe = Motion(SKELETON, rotations, motion.root_positions, FPS, motion.contacts)
    after = eased(tiptoe)
    world = SKELETON.forward_kinematics(after.rotations, after.root_positions)[1]
    assert np.abs(pitch(world[:, SKELETON.index("LeftFoot")])).max() < 0.01


def test_stands_know_nothing_of_their_company():
    """Bodies that differ, one of which stands nowhere: to the last bit as each alone."""
    tall, shares = SKELETON.scaled(1.3), np.ones(FRAMES)
    motions = [
        stood(thighs=(-0.2, 0.2)),
        replace(stood(ahead=0.15), skeleton=tall),
        stood(),
        stood(thighs=(-0.3, -0.3), knees=(0.6, 0.6), heading=1.2),
    ]
    asked = [
        (shares * (index != 2), np.full(FRAMES, 0.3 * index), np.zeros((FRAMES, 2)), scale)
        for index, scale in enumerate((1.0, 1.3, 1.0, 1.0))
    ]
    together = at_ease(motions, *zip(*asked, strict=True))
    for motion, own, made in zip(motions, asked, together, strict=True):
        (alone,) = at_ease([motion], *([values] for values in own))
        np.testing.assert_array_equal(made.rotations, alone.rotations)
        np.testing.assert_array_equal(made.root_positions, alone.root_positions)


@pytest.mark.parametrize(("length", "speed", "seed"), [(0.7, 1.4, 2), (1.2, 0.8, 3), (0.3, 0.8, 0)])
def test_the_shortest_walks_do_not_hitch(length, speed, seed):
    """A last step that came too slowly to lift was dragged, and the leg before it snapped."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))
    motion = Walk(load_model(DEFAULT_MODEL), path, speed=speed, seed=seed).run()
    places = motion.positions()
    jerks = np.linalg.norm(np.diff(places, 3, axis=0), axis=-1) * motion.fps**3
    assert jerks.max() < 1600.0  # of 2758 to 2948 m/s^3; recorded starts: 1531
    assert (~motion.contacts).any(axis=0).all()  # both feet step
