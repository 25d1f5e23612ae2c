# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops fall on the beat on which people start and stop."""

import numpy as np
import pytest

from quaternet_addon.core.walk.rhythm import START_PHASE, STOP_PHASE, Rhythm, moving_spans

FPS, RATE, STAND = 30.0, 5.5, 20


def walk(seconds, stops=()):
    """Speeds, distances and phases of a walk at 1.2 m/s from stand to stand."""
    frames = int(seconds * FPS)
    speeds = np.full(frames, 1.2)
    ramp = np.linspace(0.05, 1.2, 30)
    speeds[:30], speeds[-30:] = ramp, ramp[::-1]
    for stop in stops:
        speeds[stop - 30 : stop], speeds[stop + 20 : stop + 50] = ramp[::-1], ramp
        speeds[stop : stop + 20] = 0.0
    speeds = np.concatenate([np.zeros(STAND), speeds, np.zeros(STAND)])
    return speeds, np.cumsum(speeds) / FPS, np.arange(len(speeds)) * RATE / FPS


def off_beat(phase, beat):
    return abs((phase - beat + 0.5 * np.pi) % np.pi - 0.5 * np.pi)


def passing(speeds, span):
    fast = np.flatnonzero(speeds[slice(*span)] >= 0.36) + span[0]
    return fast[0], fast[-1]


@pytest.mark.parametrize("seconds", [2.5, 4.0, 4.3, 9.1])
@pytest.mark.parametrize("foot", [0, 1])
def test_a_walk_starts_and_stops_on_its_beat(seconds, foot):
    speeds, distances, phases = walk(seconds)
    out = Rhythm(foot).aligned(phases, speeds, distances, 1.2, (True, True))
    (span,) = moving_spans(distances)
    away, stop = passing(speeds, span)
    assert off_beat(out[away], START_PHASE) < 0.02
    assert off_beat(out[stop], STOP_PHASE) < 0.02
    feet = round((out[away] - START_PHASE) / np.pi) % 2
    assert feet == foot
    assert (np.diff(out) > 0.0).all()


def test_only_the_last_steps_before_a_stop_change_their_rate():
    speeds, distances, phases = walk(9.1)
    out = Rhythm().aligned(phases, speeds, distances, 1.2, (True, True))
    np.testing.assert_allclose(np.diff(out)[STAND + 5 : STAND + 60], RATE / FPS)
    rate = np.diff(out)[STAND + 5 :] * FPS
    assert rate.min() > 0.85 * RATE
    assert rate.max() < 1.15 * RATE


def test_every_halt_on_the_way_is_a_stop_and_a_start():
    speeds, distances, phases = walk(9.0, stops=[140])
    out = Rhythm().aligned(phases, speeds, distances, 1.2, (True, True))
    first, second = moving_spans(distances)
    for span in (first, second):
        away, stop = passing(speeds, span)
        assert off_beat(out[away], START_PHASE) < 0.02
        assert off_beat(out[stop], STOP_PHASE) < 0.02


def test_a_walk_cut_from_a_longer_one_keeps_its_phase():
    speeds, distances, phases = walk(5.0)
    out = Rhythm().aligned(phases, speeds, distances, 1.2, (False, False))
    np.testing.assert_array_equal(out, phases)


def test_cadence_is_that_of_the_walk_and_a_run_has_everybodys():
    steps = Rhythm(cadence=0.9).steps(np.ones(3), np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(steps, [0.9, 0.9425, 0.985])


@pytest.mark.parametrize("lead", [0, 1])
def test_sidesteps_start_with_the_leading_foot_and_close_with_the_other(lead):
    speeds, distances, phases = walk(9.1)
    leads = np.full(len(phases), lead)
    out = Rhythm(1 - lead).aligned(phases, speeds, distances, 1.2, (True, True), leads)
    away, stop = passing(speeds, *moving_spans(distances))
    for phase, beat in ((out[away], START_PHASE), (out[stop], STOP_PHASE)):
        turned = (phase - beat - np.pi * lead) / (2.0 * np.pi)
        assert turned == pytest.approx(round(turned), abs=0.01)
    assert (np.diff(out) > 0.0).all()


@pytest.mark.parametrize("lead", [0, 1])
@pytest.mark.parametrize("seconds", [2.2, 2.8, 3.4, 5.0])
def test_the_last_sidestep_closes(lead, seconds):
    """However short the way: the other foot than the one that leads."""
    speeds, distances, phases = walk(seconds)
    leads = np.full(len(speeds), lead)
    out = Rhythm().aligned(phases, speeds, distances, 1.2, (True, True), leads)
    stop = passing(speeds, moving_spans(distances)[0])[1]
    after = (out[stop] - STOP_PHASE - np.pi * lead) % (2.0 * np.pi)
    assert min(after, 2.0 * np.pi - after) < 0.05
    assert (np.diff(out) > 0.0).all()


def test_a_slow_stop_is_on_its_beat_while_feet_still_leave_the_ground():
    speeds, _, phases = walk(4.0)
    slow = 0.4 * speeds / 1.2
    out = Rhythm().aligned(phases, slow, np.cumsum(slow) / FPS, 0.4, (True, True))
    passes = np.flatnonzero(slow >= 0.7 * 0.4)[-1]
    assert off_beat(out[passes], STOP_PHASE) < 0.05
