# SPDX-License-Identifier: GPL-3.0-or-later
"""A crowd walks as its members walk alone, and keeps its distance where time allows it."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.walk import crowd as crowds
from quaternet_addon.core.walk import finish
from quaternet_addon.core.walk.crowd import RATE, Crowd, Timing, keep_apart, walk_way
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


def test_progress_grows_to_one():
    fractions = list(Crowd(walks(5)))
    assert fractions == sorted(fractions) and fractions[0] > 0.0 and fractions[-1] == 1.0


def test_one_model_for_all():
    with pytest.raises(ValueError, match="one and the same model"):
        Crowd([*walks(1), Walk(load_model(), line((0, 0, 0), (0, 0, 2)))])
    with pytest.raises(ValueError, match="at least one walk"):
        Crowd([])


def straight(start, end, speed=1.0):
    """A way at constant speed, without a body."""
    start, end = np.array(start, float), np.array(end, float)
    length = np.linalg.norm(end - start)

    def way(factor):
        steps = max(1, int(np.ceil(length / (speed * factor) * RATE)))
        return start + np.linspace(0.0, 1.0, steps + 1)[:, None] * (end - start)

    return way


CROSSING = [straight((-5, 0), (5, 0)), straight((0, -5), (0, 5))]


def least_distance(ways, timings):
    """Found frame by frame, another way than the planner's."""
    tracks = []
    for way, timing in zip(ways, timings, strict=True):
        track = way(timing.factor)
        tracks.append([track[0]] * round(timing.delay * RATE) + list(track))
    end = max(map(len, tracks))
    places = [np.array([t[min(i, len(t) - 1)] for t in tracks]) for i in range(end)]
    return min(np.linalg.norm(p[a] - p[b]) for p in places for a in range(len(p)) for b in range(a))


def test_bodies_that_would_meet_pass_one_another():
    assert least_distance(CROSSING, [Timing()] * 2) < 0.1
    timetable = keep_apart(CROSSING, 0.8)
    assert timetable.conflicts == () and timetable.closest >= 0.8
    assert timetable.closest == pytest.approx(least_distance(CROSSING, timetable.timings))
    assert timetable.timings[0] == Timing()  # the first one goes as it was asked to


def test_bodies_that_never_meet_are_left_alone():
    ways = [straight((x, 0), (x, 5)) for x in range(4)]
    timetable = keep_apart(ways, 0.9)
    assert timetable.timings == (Timing(),) * 4 and timetable.closest == pytest.approx(1.0)


def test_a_star_of_many_bodies_is_solved():
    angles = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    circle = 6.0 * np.stack([np.cos(angles), np.sin(angles)], -1)
    # Not straight across: two bodies on one line cannot pass each other at any time.
    ways = [straight(circle[i], 0.8 * circle[(i + 5) % 12], 1 + i % 3 / 5) for i in range(12)]
    assert least_distance(ways, [Timing()] * 12) < 0.5
    timetable = keep_apart(ways, 0.6, longest_delay=20.0)
    assert timetable.conflicts == ()
    assert least_distance(ways, timetable.timings) >= 0.6


def test_who_stands_in_the_way_goes_first():
    # The second body starts on the first one's path and leaves it: no delay of its own helps.
    ways = [straight((0, 0), (10, 0), 3.0), straight((2, 0), (2, 8), 0.5)]
    timetable = keep_apart(ways, 0.7, factors=(1.0,))
    assert timetable.conflicts == ()
    assert timetable.timings[0].delay > 0.0 and timetable.timings[1] == Timing()


def test_what_cannot_be_solved_is_reported():
    ways = [straight((0, 0), (5, 0)), straight((5, 0), (0, 0)), straight((0, 9), (5, 9))]
    timetable = keep_apart(ways, 0.6)
    (conflict,) = timetable.conflicts
    assert (conflict.first, conflict.second) == (0, 1)
    assert conflict.distance < 0.6 and conflict.distance == timetable.closest
    assert least_distance(ways, timetable.timings) == pytest.approx(conflict.distance)


def test_the_timetable_is_the_same_every_time():
    assert keep_apart(CROSSING * 3, 0.5) == keep_apart(CROSSING * 3, 0.5)


@pytest.mark.parametrize("distance", [-1.0, float("nan"), float("inf")])
def test_a_distance_is_a_number_of_metres(distance):
    with pytest.raises(ValueError, match="Expected a distance of 0 m or more"):
        keep_apart(CROSSING, distance)


def test_few_bodies_need_no_timetable():
    assert keep_apart([], 0.5).timings == ()
    assert keep_apart(CROSSING[:1], 0.5).closest == np.inf


def test_a_way_is_where_the_walk_goes():
    walk = Walk(MODEL, line((0, 0, 0), (0, 0, 4)))
    way = walk_way(walk.plan, walk.scale)
    hips = walk.run().root_positions[:, [0, 2]]
    for second in range(int(walk.motion.duration)):
        # the hips sway about the way: by some centimetres
        assert np.linalg.norm(hips[30 * second] - way[int(RATE) * second]) < 0.12


def test_a_delayed_walk_is_where_its_timing_says():
    path, delay = line((0, 0, 0), (0, 0, 4)), 1.5
    late = Walk(MODEL, path, itinerary=Itinerary(wait=delay))
    early, delayed = (walk_way(walk.plan, walk.scale) for walk in (Walk(MODEL, path), late))
    frames = round(delay * RATE)
    assert abs(len(delayed) - len(early) - frames) <= 1
    np.testing.assert_allclose(delayed[frames:][: len(early) - 1], early[:-1], atol=0.02)
    assert np.ptp(delayed[: frames - 5], axis=0).max() < 0.02
