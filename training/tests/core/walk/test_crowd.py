# SPDX-License-Identifier: GPL-3.0-or-later
"""A crowd walks as its members walk alone."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.walk import crowd as crowds
from quaternet_addon.core.walk import finish
from quaternet_addon.core.walk.crowd import Crowd
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

MODEL = load_model()


def line(start, end):
    return Path(np.array([start, end], float))


WISHES = (
    Itinerary(),
    Itinerary(standing_start=False, standing_end=False),
    Itinerary(face=(4.0, 1.5, 3.0)),
    Itinerary(wait=0.7),
    Itinerary(loop=True, strides=2),
)


def walks(count, shortest=1.5):
    """Walks of different lengths, speeds, rates, seeds, bodies and wishes."""
    tall = replace(
        MODEL.skeleton,
        offsets=1.3 * MODEL.skeleton.offsets,
        root_height=1.3 * MODEL.skeleton.root_height,
    )
    return [
        Walk(
            MODEL,
            line((i, 0, 0), (i, 0, shortest + 0.37 * i)),
            speed=0.9 + 0.1 * (i % 7),
            seed=i,
            fps=(24.0, 30.0, 60.0)[i % 3],
            skeleton=tall if i % 4 == 3 else None,
            in_place=i % 5 == 4,
            foot_lock=i % 11 != 10,
            itinerary=WISHES[i % len(WISHES)],
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [1, 2, 9, 33])
def test_a_crowd_walks_as_its_members_walk_alone(count):
    together = Crowd(walks(count)).run()
    for alone, motion in zip(walks(count), together, strict=True):
        expected = alone.run()
        assert len(motion) == len(expected) and motion.fps == expected.fps
        # metres and quaternions: batched products round differently, frame upon frame
        np.testing.assert_allclose(motion.rotations, expected.rotations, atol=1e-5)
        np.testing.assert_allclose(motion.root_positions, expected.root_positions, atol=1e-5)
        np.testing.assert_allclose(motion.positions(), expected.positions(), atol=1e-5)
        np.testing.assert_array_equal(motion.contacts, expected.contacts)


@pytest.mark.parametrize("together", [1, 500, 10_000])
def test_walks_are_finished_together_as_each_alone(monkeypatch, together):
    """Beyond the network nothing is rounded otherwise: however many go in one go."""
    random, ours, theirs = np.random.default_rng(3), walks(12), walks(12)
    states = [sway(walk, random) for walk in ours]
    for walk, its in zip(theirs, states, strict=True):
        assert finished([walk], [its])[-1] == 1.0
    monkeypatch.setattr(finish, "TOGETHER", together)
    shares = finished(ours, states)
    assert shares == sorted(shares) and shares[-1] == 1.0
    for mine, alone in zip(ours, theirs, strict=True):
        for name in ("motion", "raw", "travelling"):
            a, b = getattr(mine, name), getattr(alone, name)
            np.testing.assert_allclose(a.rotations, b.rotations, atol=1e-9)
            np.testing.assert_allclose(a.root_positions, b.root_positions, atol=1e-9)
            np.testing.assert_array_equal(a.contacts, b.contacts)
        assert mine.report == pytest.approx(alone.report, abs=1e-9)


def finished(walks, states):
    """The shares that finishing walks gives; each walk gets its result."""
    steps, shares = finish.finish(walks, states), []
    while True:
        try:
            shares.append(next(steps))
        except StopIteration as end:
            for walk, result in zip(walks, end.value, strict=True):
                walk.store(result)
            return shares


def sway(walk, random):
    """States of a body that the network never made: stiff, swaying, with its own contacts."""
    frames = len(walk.plan.phase)
    noise = random.normal(size=(frames, MODEL.start_state.shape[-1])).cumsum(axis=0)
    states = MODEL.start_state[0] + 0.01 * noise / np.sqrt(np.arange(1, frames + 1))[:, None]
    states[:, -2] = 0.5 + np.sin(walk.plan.phase)
    states[:, -1] = 0.5 - np.sin(walk.plan.phase)
    return states.astype(np.float32)


def test_a_crowd_larger_than_a_batch_is_split(monkeypatch):
    monkeypatch.setattr(crowds, "BATCH", 4)
    together = Crowd(walks(9)).run()
    for alone, motion in zip(walks(9), together, strict=True):
        np.testing.assert_allclose(motion.positions(), alone.run().positions(), atol=1e-5)


def test_the_same_crowd_gives_the_same_bits():
    first, second = Crowd(walks(6)).run(), Crowd(walks(6)).run()
    for one, other in zip(first, second, strict=True):
        assert (one.rotations == other.rotations).all()


@pytest.mark.parametrize("chosen", [[5], [9, 0], [3, 7, 1], [12, 11, 10, 9, 8, 7, 6, 5, 4]])
def test_a_walk_has_the_same_bits_in_any_crowd(chosen):
    """Clips of a batch are made with what is left to do: no byte may tell with whom."""
    all_of_them, ours = walks(13), walks(13)
    Crowd(all_of_them, steady=True).run()
    Crowd([ours[index] for index in chosen], steady=True).run()
    for index in chosen:
        for name in ("rotations", "root_positions", "contacts"):
            one, other = (getattr(w[index].motion, name) for w in (all_of_them, ours))
            np.testing.assert_array_equal(one, other)


def test_progress_grows_to_one():
    fractions = list(Crowd(walks(5)))
    assert fractions == sorted(fractions) and fractions[0] > 0.0 and fractions[-1] == 1.0


def test_one_model_for_all():
    with pytest.raises(ValueError, match="one and the same model"):
        Crowd([*walks(1), Walk(load_model(), line((0, 0, 0), (0, 0, 2)))])
    with pytest.raises(ValueError, match="at least one walk"):
        Crowd([])
