# SPDX-License-Identifier: GPL-3.0-or-later
"""Sideways and backward: quick short steps, no faster than people go, and it is told."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.trajectory import Trajectory
from quaternet_addon.core.maths.quaternion import yaw
from quaternet_addon.core.walk.aside import closed, fastest, leading, least_rates, unhurried
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

FPS = 30.0


@pytest.fixture(scope="module")
def model():
    return load_model(DEFAULT_MODEL)


def going(speed, facing):
    """Along +Z, with the body turned by ``facing`` radians to the left."""
    positions = np.stack([np.zeros(30), np.arange(30) * speed / FPS], -1)
    return Trajectory(positions, np.full(30, float(facing)), FPS)


def walk(model, speed, **wish):
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 8.0]]))
    return Walk(model, path, speed=speed, itinerary=Itinerary(**wish))


def reached(made):
    return float(np.percentile(made.plan.trajectory.speeds(), 90))


def test_ways_ahead_ask_for_no_rate_of_steps():
    for facing in (0.0, 0.1, -0.2):
        assert least_rates(going(2.0, facing)).max() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("facing", [0.5 * np.pi, -0.5 * np.pi, 0.25 * np.pi, -0.6])
def test_sidesteps_part_the_feet_no_farther_the_faster_they_are(facing):
    """Nor do those that go half ahead: in longer steps the feet would cross."""
    for speed in (0.5, 0.9):
        seconds = 2.0 * np.pi / least_rates(going(speed, facing))[15]
        assert abs(np.sin(facing)) * speed * seconds == pytest.approx(0.64, abs=1e-6)


def test_a_facing_that_turns_fast_is_slowed_down_and_told(model):
    made = walk(model, 1.2, facings=((2.0, 0.0), (5.0, 2.0 * np.pi)))
    assert "turning on its way it is slowed down to 0.76 m/s" in made.warnings[0]
    headings, fps = made.plan.trajectory.headings, made.plan.trajectory.fps
    assert np.abs(np.diff(headings)).max() * fps < 1.8
    assert not walk(model, 0.7, facings=((2.0, 0.0), (5.0, 2.0 * np.pi))).warnings


def test_backward_steps_are_no_longer_than_recorded_ones():
    rate = least_rates(going(1.1, np.pi))[15]
    assert 0.5 < 1.1 * np.pi / rate < 0.62


def test_the_side_that_goes_first_is_told_by_its_foot():
    assert (leading(going(0.6, -0.5 * np.pi)) == 0).all()  # turned to the right: left side first
    assert (leading(going(0.6, 0.5 * np.pi)) == 1).all()
    assert (leading(going(0.6, 0.3)) == -1).all()
    assert (leading(going(0.6, np.pi)) == -1).all()


def test_swings_get_time_and_what_lasts_long_stays():
    contacts = np.ones((60, 2), bool)
    contacts[20:22, 0] = contacts[10:30, 1] = False
    made = unhurried(contacts, FPS)
    assert 7 <= (~made[:, 0]).sum() <= 9
    assert not made[20:22, 0].any()
    np.testing.assert_array_equal(made[:, 1], contacts[:, 1])
    assert made[0].all()


def coming_to_stand(drags, stood):
    """Contacts, balls and stillness of a left foot that closes to the right one, which leads.

    drags: metres to the right that the left one drags by. stood: where the right one was before.
    """
    contacts, balls = np.ones((90, 2), bool), np.zeros((90, 2, 3))
    contacts[:10, 0] = contacts[20:30, 1] = False
    balls[:, 0, 0] = np.interp(np.arange(90), [30, 60], [0.0, -drags])
    balls[:, 1, 0] = np.where(np.arange(90) < 25, stood, -0.4)
    return contacts, balls, (np.arange(90) > 60).astype(float)


@pytest.mark.parametrize(
    ("drags", "stood", "steps"), [(0.2, -0.25, True), (0.04, -0.1, True), (0.04, -0.25, False)]
)
def test_a_foot_that_drags_to_its_stand_steps_there_once_the_other_has_landed(drags, stood, steps):
    """Nor may it come down where the leading one still stands: legs went through each other."""
    contacts, balls, still = coming_to_stand(drags, stood)
    made = closed(contacts, balls, still, FPS)
    assert (~made[30:, 0]).sum() == (12 if steps else 0)
    assert made[30].all() and made[45:].all()
    np.testing.assert_array_equal(made[:30], contacts[:30])
    np.testing.assert_array_equal(made[:, 1], contacts[:, 1])


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_closing_feet_do_not_cross(model, seed):
    """Seeds whose last step to the right came down by 5 cm on the wrong side."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 2.0], [2.0, 0.0, 2.0]]))
    wish = Itinerary(facing="RIGHT", stops=((2.0, 0.5),))
    motion = Walk(model, path, speed=0.6, seed=seed, itinerary=wish).run()
    places, world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)
    left, right = (places[:, motion.skeleton.index(s + "Foot")] for s in ("Left", "Right"))
    facing = yaw(world[:, 0])
    own = (left - right)[:, 0] * np.cos(facing) - (left - right)[:, 2] * np.sin(facing)
    assert own.min() > 0.08


def test_a_body_that_faces_further_aside_goes_slower():
    limits = fastest(np.radians([0.0, 20.0, 45.0, 90.0, -90.0]))
    assert limits[0] > 4.0
    assert (np.diff(limits[:4]) < 0.0).all()
    assert limits[3] == limits[4] == 1.0
    assert fastest(np.pi) == fastest(-np.pi) == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("facing", "word", "most"), [("RIGHT", "sideways", 1.0), ("BACKWARD", "backward", 1.2)]
)
def test_what_is_too_fast_is_slowed_down_and_told(model, facing, word, most):
    made = walk(model, 2.0, facing=facing)
    (warning,) = made.warnings
    assert word in warning
    assert f"{most:.2g} m/s" in warning
    assert reached(made) == pytest.approx(most, rel=0.1)
    assert not walk(model, 0.8, facing=facing).warnings


def test_only_where_the_body_turns_from_its_way_it_slows_down(model):
    made = walk(model, 2.0, facings=((0.0, 0.0), (5.0, 0.0), (6.0, 0.5 * np.pi)))
    assert "slowed down" in made.warnings[0]
    speeds, places = made.plan.trajectory.speeds(), made.plan.places
    assert speeds[(places > 2.0) & (places < 4.0)].max() > 1.7
    assert speeds[(places > 6.2) & (places < 7.2)].max() < 1.2


def test_an_asked_duration_is_kept_and_told_what_would_do(model):
    made = walk(model, 1.0, facing="LEFT", duration=7.0)
    assert made.itinerary.duration == 7.0
    assert "give it" in made.warnings[0]


def test_sidesteps_start_with_the_side_that_leads_and_never_part_the_feet_far(model):
    """Recorded ones part ankles by 88 to 97 cm; whoever starts with the wrong foot lunges."""
    for seed in range(3):
        motion = walk_of(model, seed)
        joint = motion.skeleton.index
        places = motion.positions()[..., [0, 2]]
        ankles = places[:, joint("LeftFoot")] - places[:, joint("RightFoot")]
        assert np.linalg.norm(ankles, axis=-1).max() < 0.85
        lifted = [int(np.argmin(motion.contacts[:, foot])) for foot in range(2)]
        assert lifted[0] < lifted[1]


def walk_of(model, seed):
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]))
    wish = Itinerary(facing="LEFT")
    return Walk(model, path, speed=0.6, seed=seed, itinerary=wish).run()


def test_somebody_who_goes_sideways_fast_stands_on_a_foot(model):
    """The ball that stood slid at 0.6 m/s and was let go: both feet swung, and the body hovered."""
    motion = walk(model, 0.97, facing="RIGHT").run()
    balls = toe_positions(motion)
    steps = np.linalg.norm(np.diff(balls[..., [0, 2]], axis=0), axis=-1) * motion.fps
    assert np.mean(steps.min(axis=1) > 0.35) < 0.05
    assert motion.contacts.any(axis=1).mean() > 0.95
    assert balls[..., 1].min(axis=1).max() < balls[..., 1].min() + 0.035  # it was .05
