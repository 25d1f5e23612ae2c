# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks are carried like the people they are of, and one person differs from take to take."""

import numpy as np
import pytest

from quaternet_addon.core.walk.likeness import COLUMNS, likeness, take
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.people import cast
from quaternet_addon.core.walk.walk import Walk, load_model

LINE = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 9.0]])


@pytest.fixture(scope="module")
def model():
    return load_model()


def arms(model, seed, speed=1.4):
    """Mean places ``(J, 3)`` of the joints over the hips in the middle of a walk."""
    motion = Walk(model, Path(LINE), speed=speed, seed=seed).run()
    places = motion.positions() - motion.root_positions[:, None]
    return places[len(motion) // 3 : 2 * len(motion) // 3].mean(0)


def test_who_is_not_known_has_nothing_missing_and_seed_0_is_no_other_take(model):
    assert not likeness(("somebody",)).any()
    assert not take(0).any()
    known = likeness(model.styles)
    assert known.shape == (len(model.styles), len(COLUMNS)) and known.any(1).sum() == 15
    assert (known[:, COLUMNS.index("step width cm")] >= 0.0).all()


def test_takes_are_as_far_apart_as_takes_and_no_arm_comes_into_the_body():
    drawn = np.array([take(seed) for seed in range(1, 200)])
    assert (np.abs(drawn[:, :4].mean(0)) < 0.5).all()
    assert np.abs(drawn).max() < 5.0  # degrees, centimetres
    assert drawn[:, COLUMNS.index("arms out")].min() >= -1.0


def test_two_seeds_of_one_person_are_two_takes(model):
    same = [s for s in range(20) if _walker(model, s) == _walker(model, 0)][:2]
    apart = np.linalg.norm(arms(model, same[0]) - arms(model, same[1]), axis=-1)
    assert 0.5 < 100.0 * apart.mean() < 2.5  # by less than .2 before


def _walker(model, seed):
    return cast(model.people, seed, 1.4, model.default_style).walker
