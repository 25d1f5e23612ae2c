# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clips on one axis: everything along time stays in its clip, as if it were alone."""

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import fill_short_runs, segments
from quaternet_addon.core.maths.quaternion import make_continuous
from quaternet_addon.core.maths.ragged import Ragged
from quaternet_addon.core.maths.smoothing import bridged, smooth_maximum, smoothed

LENGTHS = (1, 40, 2, 3, 17, 1, 60)


@pytest.fixture
def clips():
    return Ragged(LENGTHS)


@pytest.fixture
def random():
    return np.random.default_rng(8)


def masks(random, clips):
    """Runs of any length, and clips that are all True or all False, next to each other."""
    mask = np.repeat(random.random(len(clips)) < 0.5, random.integers(1, 6, len(clips)))
    mask = mask[: len(clips)].copy()
    mask[clips.starts[1] : clips.stops[1]] = True
    mask[clips.starts[2] : clips.stops[2]] = True
    mask[clips.starts[4] : clips.stops[4]] = False
    return mask


def test_runs_end_where_clips_do(clips, random):
    for _ in range(20):
        mask = masks(random, clips)
        runs = clips.runs(mask)
        parts = zip(clips.split(mask), clips.starts, strict=True)
        alone = [segments(part) + start for part, start in parts]
        expected = np.concatenate(alone)
        np.testing.assert_array_equal(np.stack([runs.start, runs.stop], -1), expected)
        begins, ends = runs.inside
        np.testing.assert_array_equal(begins, ~np.isin(expected[:, 0], clips.starts))
        np.testing.assert_array_equal(ends, ~np.isin(expected[:, 1], clips.stops))
        frames = [np.arange(start, stop) for start, stop in expected]
        np.testing.assert_array_equal(runs.frames, np.concatenate(frames))
        np.testing.assert_array_equal(runs.of, np.repeat(np.arange(len(runs)), runs.lengths))


@pytest.mark.parametrize("percent", [0.0, 20.0, 50.0, 100.0])
def test_percentiles_of_runs_are_numpys(clips, random, percent):
    runs, values = clips.runs(masks(random, clips)), random.normal(size=(len(clips), 3))
    found = runs.percentile(values[runs.frames], percent)
    for start, stop, row in zip(runs.start, runs.stop, found, strict=True):
        expected = np.percentile(values[start:stop], percent, axis=0)
        np.testing.assert_allclose(row, expected, atol=1e-12)
    highest = runs.maximum(values[runs.frames, 0])
    pairs = zip(runs.start, runs.stop, strict=True)
    np.testing.assert_array_equal(highest, [values[a:b, 0].max() for a, b in pairs])


def test_means_of_runs_are_numpys(clips, random):
    runs, values = clips.runs(masks(random, clips)), random.normal(size=(len(clips), 2))
    weights = random.uniform(0.1, 1.0, len(clips))
    found = runs.mean(values[runs.frames], weights[runs.frames])
    for start, stop, row in zip(runs.start, runs.stop, found, strict=True):
        expected = np.average(values[start:stop], axis=0, weights=weights[start:stop])
        np.testing.assert_allclose(row, expected, atol=1e-12)
    flat = runs.mean(values[runs.frames, 1], weights[runs.frames])
    np.testing.assert_allclose(flat, found[:, 1], atol=1e-12)


def test_without_a_run_there_is_nothing(clips):
    runs = clips.runs(np.zeros(len(clips), bool))
    assert len(runs) == len(runs.frames) == len(runs.maximum(np.zeros(0))) == 0
    assert runs.percentile(np.zeros((0, 3)), 50.0).shape == (0, 3)
    assert runs.mean(np.zeros((0, 3)), np.zeros(0)).shape == (0, 3)


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.5, 3.0])
def test_smoothing_is_that_of_each_clip_alone(clips, random, seconds):
    values = random.normal(size=len(clips))
    for smooth in (smoothed, smooth_maximum):
        together = smooth(values, seconds, 30.0, clips)
        alone = [smooth(part, seconds, 30.0) for part in clips.split(values)]
        np.testing.assert_array_equal(together, np.concatenate(alone))
    columns = random.normal(size=(len(clips), 2))
    together = smoothed(columns, seconds, 30.0, clips)
    alone = [smoothed(part, seconds, 30.0) for part in clips.split(columns[:, 1])]
    np.testing.assert_array_equal(together[:, 1], np.concatenate(alone))


def test_smoothing_is_a_weighted_mean(random):
    values, window = random.normal(size=(50, 2)), np.hanning(2 * 6 + 3)[1:-1]
    padded = np.pad(values, ((6, 6), (0, 0)), "edge")
    expected = [np.convolve(c, window / window.sum(), "valid") for c in padded.T]
    np.testing.assert_allclose(smoothed(values, 0.2, 30.0), np.transpose(expected), atol=1e-14)


def test_a_smoothed_clip_goes_on_as_it_ends(random):
    values = random.normal(size=50)
    weights = np.hanning(2 * 6 + 3)[1:-1]
    expected = np.convolve(np.pad(values, 6, mode="edge"), weights / weights.sum(), "valid")
    np.testing.assert_allclose(smoothed(values, 0.2, 30.0), expected, atol=1e-12)


def test_what_is_unknown_is_bridged_within_its_clip(clips, random):
    for _ in range(20):
        known, values = masks(random, clips), random.normal(size=len(clips))
        together = bridged(values, known, clips)
        np.testing.assert_array_equal(together[known], values[known])
        for part, here, seen in zip(*map(clips.split, (together, values, known)), strict=True):
            np.testing.assert_allclose(part, bridged(here, seen), atol=1e-12)
            assert seen.any() or not part.any()
            edges = np.flatnonzero(seen)
            if len(edges):
                assert (part[: edges[0]] == here[edges[0]]).all()
                assert (part[edges[-1] :] == here[edges[-1]]).all()


def test_gradients_are_numpys_in_each_clip(clips, random):
    values = random.normal(size=(len(clips), 2, 2))
    for part, here in zip(*map(clips.split, (clips.gradient(values), values)), strict=True):
        expected = np.gradient(here, axis=0) if len(here) > 1 else np.zeros_like(here)
        np.testing.assert_allclose(part, expected, atol=1e-12)


def test_short_runs_are_filled_in_each_clip_by_its_own_measure(clips, random):
    shortest = random.integers(1, 6, len(LENGTHS))
    for value in (True, False):
        mask = masks(random, clips)
        alone = [part.copy() for part in clips.split(mask)]
        for part, count in zip(alone, shortest, strict=True):
            for start, stop in segments(part == value):
                if start > 0 and stop < len(part) and stop - start < count:
                    part[start:stop] = not value
        fill_short_runs(mask, value, shortest, clips)
        np.testing.assert_array_equal(mask, np.concatenate(alone))


def test_signs_of_quaternions_are_chosen_in_each_clip(clips, random):
    q = random.normal(size=(len(clips), 3, 4))
    together = make_continuous(q, clips.starts)
    alone = [make_continuous(part) for part in clips.split(q)]
    np.testing.assert_array_equal(together, np.concatenate(alone))
