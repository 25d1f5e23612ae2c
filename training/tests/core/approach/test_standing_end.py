# SPDX-License-Identifier: GPL-3.0-or-later
"""Dances that end in a stand: balanced, on planted feet, out of whatever the body just did."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from quaternet_addon.core.approach.standing_end import LEAST, StandingEnd, placed
from quaternet_addon.core.batch.modes.dance import dance
from quaternet_addon.core.body.contacts import measure_skate, toe_positions
from quaternet_addon.core.body.mass import mass_centre
from quaternet_addon.core.dance.arms import depth
from quaternet_addon.core.dance.dance import DEFAULT_MODEL, Dance, load_model
from quaternet_addon.core.reach import model as reach_model
from quaternet_addon.core.walk import model as walk_model
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk


@pytest.fixture(scope="module")
def model():
    return load_model(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def ending():
    return StandingEnd(reach_model.load_model(), walk_model.load_model())


def danced(model, ending=None, **asked):
    made = Dance(model, **{"duration": 4.0, **asked})
    made.ending = ending
    return made.run()


def speeds(motion):
    """Of the fastest joint into each frame, m/s."""
    return np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1).max(-1) * motion.fps


def off_balance(motion):
    """How far the centre of mass is from over the middle of the feet in the end, metres."""
    points, skeleton = motion.positions()[-1:], motion.skeleton
    feet = [
        skeleton.index(side + part) for side in ("Left", "Right") for part in ("Foot", "ToeBase")
    ]
    away = mass_centre(skeleton, points)[0] - points[0, feet].mean(axis=0)
    return float(np.linalg.norm(away[[0, 2]]))


@pytest.mark.parametrize("seed", range(8))
def test_a_dance_ends_in_a_balanced_stand_on_planted_feet(model, ending, seed):
    plain, ended = danced(model, seed=seed), danced(model, ending, seed=seed)
    assert len(ended) == len(plain)
    before = len(ended) - 1 - 45
    np.testing.assert_array_equal(ended.rotations[:before], plain.rotations[:before])
    assert ended.contacts[-5:].all()
    assert ended.root_positions[-1, 1] > 0.95 * ended.skeleton.root_height
    assert off_balance(ended) < 0.06
    assert speeds(ended)[-2:].max() < 0.35
    tail = ended.slice(before, None)
    assert measure_skate(tail, tail.contacts, 0.0).maximum_contact_speed < 0.01
    assert depth(tail).max() < 0.02
    assert speeds(tail).max() < 1.5 * speeds(plain).max()


def test_on_other_bodies_floors_and_rates(model, ending):
    skeleton = model.skeleton
    small = replace(
        skeleton, offsets=0.6 * skeleton.offsets, root_height=0.6 * skeleton.root_height
    )
    how = {"skeleton": small, "fps": 24.0, "origin": (2.0, 1.0, -3.0), "heading": 2.0, "seed": 3}
    ended = danced(model, ending, **how)
    assert len(ended) == 4 * 24 + 1
    assert 0.57 < (ended.root_positions[-1, 1] - 1.0) / skeleton.root_height < 0.62
    rest = small.rest_positions[small.index("LeftToeBase"), 1]
    np.testing.assert_allclose(toe_positions(ended)[-1, :, 1] - 1.0, rest, atol=0.015)
    assert off_balance(ended) < 0.05


@pytest.mark.parametrize("duration", [0.1, 0.5, 1.2])
def test_short_dances_end_as_far_as_there_is_time(model, ending, duration):
    ended = danced(model, ending, duration=duration, seed=1)
    assert len(ended) == round(duration * 30.0) + 1
    assert np.isfinite(ended.rotations).all()
    if duration > 1.0:
        assert ended.contacts[-1].all()


@pytest.mark.parametrize("seed", range(6))
def test_the_shortest_dance_that_may_end_so_does_not_jerk_and_stands(model, ending, seed):
    plain = danced(model, seed=seed, duration=LEAST)
    ended = danced(model, ending, seed=seed, duration=LEAST)
    assert ended.contacts[-1].all()
    assert speeds(ended)[-1] < 0.15
    assert speeds(ended).max() < 1.5 * speeds(plain).max()


@pytest.mark.parametrize("duration", [0.25, 0.5, 1.0])
def test_a_job_s_dance_that_is_too_short_to_end_so_is_refused(model, duration):
    body = SimpleNamespace(skeleton=model.skeleton)
    settings = {"duration": duration, "standing_end": True}
    clip = SimpleNamespace(random_seed=1, fps=30.0, settings=settings)
    with pytest.raises(ValueError, match=r"a dance of 1\.5 s or more to end it standing"):
        dance(model, clip, body, ())
    clip.settings = {"duration": duration}
    assert dance(model, clip, body, ()).ending is None


def test_jobs_ask_for_it(model):
    body = SimpleNamespace(skeleton=model.skeleton)
    for settings, asked in (({}, False), ({"standing_end": True}, True)):
        clip = SimpleNamespace(random_seed=1, fps=30.0, settings={"duration": 2.0, **settings})
        assert isinstance(dance(model, clip, body, ()).ending, StandingEnd) is asked


def test_the_foot_that_carries_the_body_stays(model):
    path = Path(np.array([[0.0, 0.0, -2.0], [0.0, 0.0, 0.0]]))
    walk = Walk(walk_model.load_model(), path).run()
    stand, lifted = walk.slice(-1, None), walk.slice(20, 60)
    one = np.flatnonzero(lifted.contacts.sum(1) == 1)[-1]
    known = lifted.slice(max(0, one - 8), one + 1)
    foot = int(np.argmax(lifted.contacts[one]))
    under = placed(stand, known, 0.0)
    away = toe_positions(under)[0, foot] - toe_positions(known)[-1, foot]
    assert np.linalg.norm(away[[0, 2]]) < 0.01
    assert np.linalg.norm((under.root_positions - known.root_positions[-1])[0, [0, 2]]) < 0.6
