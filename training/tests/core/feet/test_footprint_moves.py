# SPDX-License-Identifier: GPL-3.0-or-later
"""A footprint that is moved is stood on; the body follows, and the rest of the walk stays."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import segments, toe_positions
from quaternet_addon.core.feet.footprint_moves import (
    FARTHEST,
    moves_of,
    text_of,
    within_reach,
)
from quaternet_addon.core.feet.moving_footprints import move_footprints
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.storyboard import footprints
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

AWAY = np.array([0.22, 0.12])
LEFT, NUMBER = 0, 3


@pytest.fixture(scope="module")
def walked():
    return walk()


def walk(**options):
    path = Path(np.array([[0.0, 0, 0], [0, 0, 9]]))
    return Walk(load_model(DEFAULT_MODEL), path, fps=24.0, **options).run()


@pytest.fixture(scope="module")
def moved(walked):
    return move_footprints(walked, {(LEFT, NUMBER): AWAY})


def places(motion):
    found = {}
    for foot in range(2):
        mine = [p for p in footprints(motion) if p.foot == foot]
        found.update({(foot, number): p.place[[0, 2]] for number, p in enumerate(mine)})
    return found


def test_the_footprint_is_where_it_was_moved_to_and_the_others_stay(walked, moved):
    before, after = places(walked), places(moved)
    assert before.keys() == after.keys()
    for key, place in before.items():
        wanted = place + AWAY if key == (LEFT, NUMBER) else place
        np.testing.assert_allclose(after[key], wanted, atol=0.002)  # a 50th of a foot's length


def test_planted_feet_do_not_slide(moved):
    balls = toe_positions(moved)[..., [0, 2]]
    for foot in range(2):
        for start, stop in segments(moved.contacts[:, foot]):
            assert np.ptp(balls[start:stop, foot], axis=0).max() < 0.001


def test_the_body_comes_along_and_comes_back(walked, moved):
    start, stop = segments(walked.contacts[:, LEFT])[NUMBER]
    away = (moved.root_positions - walked.root_positions)[:, [0, 2]]
    middle = away[(start + stop) // 2]
    assert 0.2 < middle @ AWAY / (AWAY @ AWAY) < 0.8  # one foot of two is elsewhere
    far = np.r_[0 : start - 100, stop + 100 : len(walked)]
    assert len(far) and np.array_equal(moved.rotations[far], walked.rotations[far])
    assert np.array_equal(moved.root_positions[far], walked.root_positions[far])


def test_joints_do_not_jump(walked, moved):
    """The step is .25 m longer than those of 1.4 m/s: as long as those of 2 m/s.

    Toes turn fastest, where they leave the ground: by 500 to 1,100 degrees a second in people.
    """

    def fastest(motion):
        turn = np.abs((motion.rotations[1:] * motion.rotations[:-1]).sum(-1)).clip(0.0, 1.0)
        return np.degrees(2.0 * np.arccos(turn)).max() * motion.fps

    assert fastest(moved) < 1.1 * max(fastest(walked), fastest(walk(speed=2.0)))


def test_what_is_too_far_is_as_far_as_a_body_can_follow(walked):
    legs = walked.skeleton.leg_length
    far = move_footprints(walked, {(LEFT, NUMBER): np.array([5.0, 0.0])})
    away = places(far)[LEFT, NUMBER] - places(walked)[LEFT, NUMBER]
    np.testing.assert_allclose(away, [FARTHEST * legs, 0.0], atol=0.01)
    assert np.allclose(within_reach(np.array([0.1, 0.0]), legs), [0.1, 0.0])


def test_nothing_moved_is_the_walk_itself(walked):
    assert move_footprints(walked, {}) is walked
    assert move_footprints(walked, {(1, 99): AWAY}) is walked


def test_text_round_trip_and_broken_text():
    moves = {(0, 3): np.array([0.1, -0.2]), (1, 12): np.array([0.0, 0.05])}
    again = moves_of(text_of(moves))
    assert again.keys() == moves.keys()
    assert all(np.allclose(again[key], moves[key]) for key in moves)
    assert moves_of("") == {} and text_of({}) == ""
    for broken in ("X3 0 0", "L3 0", "L-1 0 0", "L1 nan 0", "L1 0 0 0", "3"):
        with pytest.raises(ValueError, match="Expected"):
            moves_of(broken)
