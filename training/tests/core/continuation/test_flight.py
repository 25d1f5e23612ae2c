# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in the air falls as bodies do, lands, and is left alone where he does not fall."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.mass import mass_centre
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.continuation.flight import fallen, no_faster

FPS, KNOWN = 30.0, 6


def flight(lift=2.5, gravity=9.81, frames=40):
    """A stiff body that leaves the ground at such a speed, m/s, until it is down again."""
    times = np.arange(frames) / FPS
    high = np.maximum(lift * times - 0.5 * gravity * times**2, 0.0)
    roots = np.zeros((frames, 3))
    roots[:, 1] = SKELETON.root_height + high
    turns = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(SKELETON), 1))
    return Motion(SKELETON, turns, roots, FPS, np.repeat(high[:, None] < 0.05, 2, axis=1))


def heights(motion):
    return mass_centre(SKELETON, motion.positions())[:, 1]


def cut(motion, made=None):
    """What is known and what follows, its last frame first; made: heights of the hips there."""
    given, after = motion.slice(0, KNOWN), motion.slice(KNOWN - 1, None)
    if made is not None:
        roots = np.array(after.root_positions)
        roots[:, 1] = made
        after = replace(after, root_positions=roots, contacts=np.ones_like(after.contacts))
    return given, after


@pytest.mark.parametrize("late", [0.0, 0.15], ids=["down at once", "too high"])
def test_the_centre_of_mass_is_on_a_parabola_until_a_foot_is_down(late):
    motion = flight()
    given, after = cut(motion, SKELETON.root_height + late)
    made, air = fallen(given, after), np.flatnonzero(heights(motion) > heights(motion)[0] + 0.001)
    last = air[-1] - KNOWN + 1
    np.testing.assert_allclose(heights(made)[: last + 1], heights(motion)[KNOWN - 1 :][: last + 1])
    assert not made.contacts[1:last].any()
    down = made.root_positions[last + 1 :, 1] - SKELETON.root_height
    assert down.max() < 0.02 + late * (late > 0.0)
    assert down.min() > -0.2  # the knees give, and the feet stay up by them
    assert abs(made.root_positions[-1, 1] - after.root_positions[-1, 1]) < late + 0.01
    steps = np.diff(made.root_positions[:, 1])
    assert np.abs(np.diff(steps)).max() * FPS**2 < 60.0


def test_what_follows_a_fall_as_it_should_is_kept():
    given, after = cut(flight())
    made = fallen(given, after)
    up = heights(after) > heights(after)[-1] + 0.02
    np.testing.assert_allclose(heights(made)[up], heights(after)[up], atol=1e-9)


@pytest.mark.parametrize("gravity", [0.0, 2.0, 30.0], ids=["hangs", "swings", "keyed"])
def test_who_does_not_fall_is_left_alone(gravity):
    given, after = cut(flight(gravity=gravity))
    assert fallen(given, after) is after


def test_who_stands_is_left_alone():
    given, after = cut(flight(lift=0.0))
    assert fallen(given, after) is after


def test_nobody_is_lowered_faster_than_he_falls():
    gap = np.full(40, 1.0)  # as the network has it, metres
    lowered = np.minimum(np.arange(40) / 6.0, 1.0)  # down within .2 s
    found = no_faster(lowered, gap, 0.0, FPS, gives=True)
    falls = 0.5 * 9.81 * (np.arange(40) / FPS) ** 2
    np.testing.assert_allclose(found[:13], np.minimum(lowered, falls)[:13])
    assert 1.05 < found.max() < 1.3  # knees give
    speeds = np.diff(found) * FPS
    assert np.abs(np.diff(speeds)).max() < 2.5  # 4.4 m/s are not lost in one frame
    assert found[-1] == pytest.approx(1.0, abs=0.02)
    stiff = no_faster(lowered, gap, 0.0, FPS, gives=False)
    assert stiff.max() == pytest.approx(1.0)


def test_who_comes_down_as_fast_as_he_falls_is_left_so():
    gap = np.full(40, 0.3)
    lowered = 0.3 * np.minimum(np.arange(40) / 20.0, 1.0)
    assert no_faster(lowered, gap, 0.0, FPS, gives=True) is lowered
