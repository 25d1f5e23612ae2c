# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand is alive, quietly, and nothing else changes."""

from dataclasses import replace

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.walk.idle import enlivened, leaning_over, stillness

FRAMES, FPS = 300, 30.0
TIMES = np.arange(FRAMES) / FPS


def standing():
    rotations = np.zeros((FRAMES, len(SKELETON), 4))
    rotations[..., 0] = 1.0
    return Motion(SKELETON, rotations, np.tile([0.0, 1.0, 0.0], (FRAMES, 1)), FPS)


def alive(share=1.0, seed=0, heading=0.0):
    shares = np.broadcast_to(share, FRAMES)
    asked = (standing(), shares, TIMES, np.full(FRAMES, heading), seed, 1.0)
    (made,) = enlivened(*([values] for values in asked))
    return made


def test_a_stand_sways_by_what_people_do():
    away = 100.0 * (alive().root_positions - [0.0, 1.0, 0.0])
    assert 0.4 < away[:, 0].std() < 2.0
    assert 0.2 < away[:, 2].std() < 1.2
    assert np.ptp(away[:, 1]) == 0.0
    spectrum = np.abs(np.fft.rfft(away[:, 0] * np.hanning(FRAMES))) ** 2
    hertz = np.fft.rfftfreq(FRAMES, 1.0 / FPS)
    assert 0.2 < (hertz * spectrum).sum() / spectrum.sum() < 0.65


def test_it_sways_across_the_body_whichever_way_it_faces():
    ahead, aside = alive(), alive(heading=0.5 * np.pi)
    np.testing.assert_allclose(aside.root_positions[:, 2], -ahead.root_positions[:, 0], atol=1e-9)


def test_moving_frames_stay_as_they_are():
    share = stillness(np.concatenate([np.zeros(100), np.full(200, 1.2)]), FPS)
    assert share[50] > 0.99
    before, after = standing(), alive(share)
    np.testing.assert_allclose(after.rotations[130:], before.rotations[130:], atol=1e-12)
    np.testing.assert_array_equal(after.root_positions[130:], before.root_positions[130:])


def test_seeds_differ_and_repeat():
    assert np.abs(alive(seed=1).root_positions - alive(seed=2).root_positions).max() > 0.005
    np.testing.assert_array_equal(alive(seed=1).rotations, alive(seed=1).rotations)


def test_nothing_jumps():
    places = alive().positions()
    assert np.linalg.norm(np.diff(places, axis=0), axis=-1).max() * FPS < 0.25


def test_the_weight_goes_over_the_foot_that_stays_before_the_other_lifts():
    contacts = np.ones((FRAMES, 2), bool)
    contacts[100:115, 0] = False  # the left one steps first
    share = (np.arange(FRAMES) < 100).astype(float)
    before = replace(standing(), contacts=contacts)
    shift = leaning_over(before, share, np.zeros(FRAMES)).root_positions[:, 0]
    assert shift[99] < -0.015  # the right foot is at -X
    assert np.abs(shift[:80]).max() == np.abs(shift[120:]).max() == 0.0
    walking = leaning_over(before, 0.0 * share, np.zeros(FRAMES)).root_positions
    np.testing.assert_array_equal(walking, before.root_positions)


def test_stillness_ends_in_time_and_not_at_once():
    speeds = np.where(np.arange(FRAMES) < 150, 0.0, 0.8)  # as a turn on the spot begins
    share = stillness(speeds, FPS)
    assert (share[150:] == 0.0).all()
    assert share[:120].min() > 0.95
    assert np.abs(np.diff(share)).max() < 0.25  # at once: 0.5
    assert (stillness(np.zeros(FRAMES), FPS) == 1.0).all()
