# SPDX-License-Identifier: GPL-3.0-or-later
"""How far bodies lean into bends: as their speed asks for, over feet that stay."""

import numpy as np
import pytest

from quaternet_addon.core.body.mass import mass_centre
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.body.trajectory import Trajectory
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion
from quaternet_addon.core.walk.inward import among_bends, bending, less_inward, pressed
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

FRAMES, FPS = 90, 30.0
FEET = [SKELETON.index(name) for name in ("LeftFoot", "RightFoot")]


def on_a_circle(radius, speed):
    """To the left, its centre at the origin."""
    angle = np.arange(FRAMES) / FPS * speed / radius
    places = radius * np.stack([np.cos(angle), np.sin(angle)], -1)
    return Trajectory(places, -angle, FPS)


def leaning(degrees):
    """A body that stands on both feet and leans to its left, as a whole; degrees."""
    rotations = np.zeros((FRAMES, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    rotations[:, 0] = axis_angle_to_quaternion(np.array([0.0, 0.0, 1.0]), -np.radians(degrees))
    roots = np.tile([0.0, 1.0, 0.0], (FRAMES, 1))
    return Motion(SKELETON, rotations, roots, FPS, np.ones((FRAMES, 2), bool))


def over_the_feet(motion):
    """How far the centre of mass is to the left of the feet, and how high over them, metres."""
    places = motion.positions()
    away = mass_centre(SKELETON, places) - places[:, FEET].mean(axis=1)
    return away[:, 0], away[:, 1]


@pytest.mark.parametrize(("radius", "speed"), [(1.0, 0.9), (3.0, 1.4)])
def test_a_bend_presses_inward_by_the_square_of_the_speed(radius, speed):
    trajectory = on_a_circle(radius, speed)
    aside = pressed(trajectory)[5:-5]
    assert np.linalg.norm(aside, axis=-1) == pytest.approx(speed**2 / radius, rel=0.02)
    inward = -trajectory.positions[5:-5] / radius
    assert (aside * inward).sum(-1) == pytest.approx(speed**2 / radius, rel=0.02)


def test_straight_ways_and_starts_press_nobody_aside():
    along = np.cumsum(np.linspace(0.0, 0.05, FRAMES))
    straight = Trajectory(np.stack([along, 2.0 * along], -1), np.zeros(FRAMES), FPS)
    assert np.abs(pressed(straight)).max() < 1e-6
    assert not bending(pressed(straight)).any()


def test_hips_come_back_over_feet_that_stay():
    before = leaning(7.0)
    aside = np.tile([1.0, 0.0], (FRAMES, 1))  # to the left
    after = less_inward(before, aside, np.ones(FRAMES))
    (far, _), (near, height) = over_the_feet(before), over_the_feet(after)
    asked = height / 9.81
    assert far.min() > 1.1 * asked.max()
    assert near / asked == pytest.approx(0.82, abs=0.06)  # trunks come up, too
    moved = after.positions()[:, FEET] - before.positions()[:, FEET]
    assert np.abs(moved[..., [0, 2]]).max() < 0.01


def test_who_leans_no_further_or_walks_straight_on_stays_as_it_is():
    aside = np.tile([1.0, 0.0], (FRAMES, 1))
    for motion, share in ((leaning(2.5), np.ones(FRAMES)), (leaning(7.0), np.zeros(FRAMES))):
        after = less_inward(motion, aside, share)
        np.testing.assert_allclose(after.root_positions, motion.root_positions, atol=1e-9)
        np.testing.assert_allclose(after.rotations, motion.rotations, atol=1e-9)


def test_trunks_come_up_to_half_of_what_the_bend_asks_for():
    before, aside = leaning(7.0), np.tile([1.0, 0.0], (FRAMES, 1))
    after = less_inward(before, aside, np.ones(FRAMES))
    places = after.positions()
    x, y, _ = (places[:, SKELETON.index("Neck")] - places[:, 0]).T
    asked = np.degrees(np.arctan(1.0 / 9.81))
    assert np.degrees(np.arctan2(x, y)) == pytest.approx(0.5 * asked, abs=0.5)
    head = SKELETON.index("Head")
    np.testing.assert_allclose(after.world[1][:, head], before.world[1][:, head], atol=1e-12)


def test_leans_and_arms_do_not_jump_where_a_bend_becomes_one_to_the_other_side():
    """Forearms turned by 30 degrees in a frame of an S: the share of a bend was 0 for a moment."""
    left = np.clip((45 - np.arange(FRAMES)) / 4.0, -1.0, 1.0)
    aside = np.stack([left, 0.0 * left], -1)
    assert np.abs(np.diff(bending(aside))).max() > 0.5
    share = among_bends(bending(aside), FPS)
    assert share.min() == pytest.approx(1.0)
    after = less_inward(leaning(7.0), aside, bending(aside))
    moved = np.linalg.norm(np.diff(after.root_positions, axis=0), axis=-1)
    assert moved.max() < 0.011  # the lean goes over .2 s to each side; it was 0.03
    joints = [SKELETON.index(name) for name in ("LowerBack", "LeftUpLeg")]
    turn = np.abs((after.rotations[1:, joints] * after.rotations[:-1, joints]).sum(-1))
    assert np.degrees(2.0 * np.arccos(np.minimum(turn, 1.0))).max() < 1.5


def test_nobody_jogs_round_a_small_circle_who_is_to_walk():
    """At 1.4 m/s asked it went 1.17 m/s, elbows bent by 86 degrees, and leant as for 1.3 m/s.

    Recorded walkers go at most 0.83 m/s there, pressed aside by 0.93 m/s^2 at most.
    """
    angle = np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False)
    path = Path(np.stack([np.cos(angle) - 1.0, 0.0 * angle, np.sin(angle)], -1), closed=True)
    walk = Walk(load_model(DEFAULT_MODEL), path, speed=1.4, seed=2, laps=2)
    motion = walk.run()
    assert np.median(walk.plan.trajectory.speeds()) < 1.0
    assert any("slow" in text for text in walk.warnings)
    places = motion.positions()
    for side in ("Left", "Right"):
        arm, elbow, hand = (
            places[:, SKELETON.index(side + name)] for name in ("Arm", "ForeArm", "Hand")
        )
        u, v = elbow - arm, hand - elbow
        cosine = (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)
        assert np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))).mean() < 40.0
