# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds are people who were recorded at the asked speed."""

from itertools import pairwise

import numpy as np
import pytest

from quaternet_addon.core.walk.people import Cast, Person, blended, cast, read_people
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, load_model

PEOPLE = (
    Person(walk=(0.7, 1.2), run=(2.2, 4.8), aside=True),
    Person(walk=(1.0, 1.8)),
    Person(walk=(1.4, 1.9), cadence=1.1),
    Person(run=(3.4, 3.5)),
    Person(walk=(0.6, 2.0), styled=True),
)


def casts(speed, seeds=range(12)):
    return [cast(PEOPLE, seed, speed, 0) for seed in seeds]


def test_seeds_walk_as_people_recorded_at_that_speed_and_as_all_of_them():
    assert {c.walker for c in casts(0.8)} == {0}
    assert {c.walker for c in casts(1.1)} == {0, 1}
    assert {c.walker for c in casts(1.8)} == {1, 2}
    assert {c.walker for c in casts(0.4)} == {0, 1, 2}  # nobody is so slow: who come nearest


def test_seed_0_is_the_default_where_it_was_recorded():
    assert cast(PEOPLE, 0, 1.1, 1).walker == 1
    assert cast(PEOPLE, 0, 0.8, 1).walker == 0


def test_neighbouring_seeds_are_different_people():
    walkers = [c.walker for c in casts(1.1)]
    assert all(a != b for a, b in pairwise(walkers))


def test_a_run_has_a_runner_who_also_walks_into_it():
    runs = casts(3.4)
    assert {c.runner for c in runs} == {0, 3}
    for c in runs:  # the other runner was never seen to walk: somebody brisk leads him in
        assert c.walker == 0 if c.runner == 0 else c.walker in {1, 2}


def test_backward_and_sideways_go_those_who_were_recorded_so():
    assert {cast(PEOPLE, seed, 0.8, 1, aside=True).walker for seed in range(4)} == {0}


def test_weights_of_styles_go_over_with_the_gait_and_add_up():
    weights = Cast(1, 3).style(np.array([0.0, 0.5, 1.0]), 5)
    np.testing.assert_allclose(weights.sum(-1), 1.0)
    assert weights[0, 1] == 1.0
    assert weights[2, 3] == 1.0


def test_a_file_without_people_has_none_and_one_with_them_is_read():
    assert read_people({}) == ()
    entry = {"walk": [0.7, 1.2], "run": None, "cadence": 0.9, "styled": True}
    assert read_people({"people": [entry]}) == (Person((0.7, 1.2), None, 0.9, True),)


def test_a_named_style_is_one_hot_and_several_are_blended_by_weight():
    names = ("Female 1", "b", "c", "d", "e")
    assert blended(PEOPLE, names, "woman").weights == (1.0, 0.0, 0.0, 0.0, 0.0)
    both = blended(PEOPLE, names, {"b": 1.0, "c": 3.0})
    assert both.weights == (0.0, 0.25, 0.75, 0.0, 0.0)
    np.testing.assert_allclose(both.cadence, 0.25 + 0.75 * 1.1)
    assert both.style(np.zeros(4), 5).shape == (4, 5)


def test_a_style_that_is_none_is_told_with_those_that_there_are():
    with pytest.raises(ValueError, match="out of Female 1, b"):
        blended(PEOPLE[:2], ("Female 1", "b"), "zombie")
    with pytest.raises(ValueError, match="above zero"):
        blended(PEOPLE[:2], ("Female 1", "b"), {"b": 0.0})


def test_seeds_choose_from_several_people_where_nobody_was_recorded_so_slowly():
    """At 0.5 m/s it was one person, whatever the seed; the slowest went 0.65 to 0.76 m/s."""
    people = load_model(DEFAULT_MODEL).people
    walkers = {cast(people, seed, 0.5, 0).walker for seed in range(8)}
    assert len(walkers) == 4
    slowest = sorted(p.walk[0] for p in people if p.walk and not p.styled)[:4]
    assert all(people[n].walk[0] <= slowest[-1] for n in walkers)
