# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk that takes over what it has in common with an earlier one is the walk from scratch."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from quaternet_addon.core.walk import reuse
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import PoseStepper, Walk, load_model

# Controls may differ by 1e-6 before the change; the pose network damps that.
SAME = 1e-5


@pytest.fixture(scope="module")
def model():
    return load_model()


def wave(knots, moved=(), length=30.0, heights=()):
    """A line through knots 2 m apart, each changing only the two stretches beside it."""
    z = np.linspace(0.0, length, knots)
    x, y = 0.8 * np.sin(0.9 * z), np.zeros(knots)
    for index, by in moved:
        x[index] += by
    for index, height in heights:
        y[index] = height
    fine = np.unique(np.concatenate([np.linspace(a, b, 21) for a, b in pairwise(z)]))
    return Path(np.stack([np.interp(fine, z, x), np.interp(fine, z, y), fine], -1))


def follow(model, first, second, again=None, **options):
    """The walk along ``second`` after the one along ``first``, and the same from scratch."""
    earlier = Walk(model, first, **options)
    earlier.run()
    options = options | (again or {})
    walk, whole = Walk(model, second, **options), Walk(model, second, **options)
    walk.reuse(earlier)
    walk.run()
    whole.run()
    return walk, whole, earlier


def assert_same(walk, whole, atol=SAME):
    for mine, theirs in ((walk.motion, whole.motion), (walk.raw, whole.raw)):
        assert len(mine) == len(theirs)
        np.testing.assert_allclose(mine.rotations, theirs.rotations, atol=atol)
        np.testing.assert_allclose(mine.root_positions, theirs.root_positions, atol=atol)
        np.testing.assert_array_equal(mine.contacts, theirs.contacts)
    assert walk.report["skate_kimodo"] == pytest.approx(whole.report["skate_kimodo"], abs=1e-3)


@pytest.mark.parametrize("fps", [24.0, 30.0, 23.976, 60.0])
def test_after_a_move_of_the_last_point_the_tail_is_enough(model, fps):
    walk, whole, earlier = follow(model, wave(16), wave(16, [(15, 0.4)]), fps=fps)
    assert_same(walk, whole)
    assert 0.5 * len(whole.motion) < walk.unchanged < len(whole.motion)
    kept = slice(0, walk.unchanged)
    np.testing.assert_array_equal(walk.motion.rotations[kept], earlier.motion.rotations[kept])
    assert np.abs(walk.motion.rotations[-30] - earlier.motion.rotations[-30]).max() > 1e-3


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 3},
        {"in_place": True},
        {"foot_lock": False},
        {"speed": 2.8},
        {"itinerary": Itinerary(standing_start=False, standing_end=False)},
        {
            "itinerary": Itinerary(
                start=3.0, stops=((10.0, 1.0),), factors=((0.0, 1.0), (30.0, 0.6))
            )
        },
    ],
)
def test_with_other_options_too(model, options):
    walk, whole, _ = follow(model, wave(16), wave(16, [(14, -0.3)]), **options)
    assert_same(walk, whole)


def test_on_other_proportions_and_uphill(model):
    offsets = model.skeleton.offsets * 0.8
    small = replace(model.skeleton, offsets=offsets, root_height=0.8 * model.skeleton.root_height)
    hills = [(k, 0.2 * (k % 3)) for k in range(16)]
    walk, whole, _ = follow(
        model, wave(16, heights=hills), wave(16, [(15, 0.5)], heights=hills), skeleton=small
    )
    assert_same(walk, whole)
    assert walk.unchanged


def test_a_point_that_is_only_raised_counts(model):
    walk, whole, earlier = follow(model, wave(16), wave(16, heights=[(15, 0.4)]))
    assert_same(walk, whole)
    assert (
        walk.unchanged
        and walk.motion.root_positions[-1, 1] > 0.3 + earlier.motion.root_positions[-1, 1]
    )


def test_a_longer_and_a_shorter_path(model):
    longer, shorter = wave(17, length=32.0), wave(15, length=28.0)
    for first, second in ((wave(16), longer), (wave(16), shorter)):
        walk, whole, _ = follow(model, first, second)
        assert_same(walk, whole)
        assert len(walk.motion) == len(whole.motion)


def test_many_moves_in_a_row_do_not_add_up(model):
    earlier = Walk(model, wave(16))
    earlier.run()
    for step in range(1, 13):
        path = wave(16, [(13 + step % 3, 0.05 * step)])
        walk = Walk(model, path)
        walk.reuse(earlier)
        walk.run()
        earlier = walk
    whole = Walk(model, path)
    whole.run()
    assert_same(walk, whole)


@pytest.mark.parametrize(
    ("first", "second", "again"),
    [
        (wave(16), wave(16, [(0, 0.3)]), {}),
        (wave(16), wave(16), {"speed": 1.6}),
        (wave(16), wave(16), {"seed": 5}),
        (wave(16), wave(16), {"fps": 25.0}),
        (wave(16), wave(16), {"itinerary": Itinerary(standing_start=False)}),
        (wave(16), wave(16), {"itinerary": Itinerary(loop=True)}),
        (wave(16), wave(16), {"itinerary": Itinerary(face=(3.0, 1.6, 9.0))}),
        (wave(16), wave(3, length=5.0), {}),
    ],
)
def test_what_differs_from_the_start_is_made_from_scratch(model, first, second, again):
    walk, whole, _ = follow(model, first, second, again)
    assert walk.unchanged == 0
    assert_same(walk, whole, atol=SAME)


def test_the_network_steps_through_the_tail_only(model, monkeypatch):
    steps, step = [], PoseStepper.step
    monkeypatch.setattr(PoseStepper, "step", lambda *args: steps.append(1) or step(*args))
    walk, whole, _ = follow(model, wave(16), wave(16, [(15, 0.4)]))
    frames = len(whole.controls())
    tail = len(steps) - 2 * frames
    assert 0 < tail < 0.5 * frames
    assert_same(walk, whole)


def test_where_the_two_ways_to_the_seam_disagree_all_feet_are_planted_anew(model, monkeypatch):
    monkeypatch.setattr("quaternet_addon.core.walk.finish.agree", lambda *args: False)
    walk, whole, _ = follow(model, wave(16), wave(16, [(15, 0.4)]))
    assert walk.unchanged == 0
    assert_same(walk, whole)


def test_a_disagreement_is_seen(model):
    walk = Walk(model, wave(8, length=14.0))
    motion = walk.run()
    tail = motion.slice(50, None)
    assert reuse.agree(tail, motion, 50, motion.fps)
    bent = replace(tail, root_positions=tail.root_positions + [0.0, 1e-6, 0.0])
    assert not reuse.agree(bent, motion, 50, motion.fps)


def test_the_plan_of_the_beginning_does_not_depend_on_the_end(model):
    short, long = Walk(model, wave(11, length=20.0)), Walk(model, wave(16))
    controls = long.controls()
    long.reusable = reuse.Reusable(controls, None, (), None)
    assert reuse.shared_frames(short, long, short.controls()) > 200
