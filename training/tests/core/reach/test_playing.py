# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a gap is played: as it is, slower at an end, or slower altogether."""

import numpy as np
import pytest

from quaternet_addon.core.reach.playing import Playing

DURATIONS = [0.1, 0.5, 1.0, 4.0]


def rates_of(playing):
    times = np.linspace(0.0, playing.duration, 1001)
    shown = playing.shown(times)
    assert shown[0] == 0.0 and shown[-1] == pytest.approx(playing.seconds)
    return np.diff(shown) / np.diff(times)


@pytest.mark.parametrize("duration", DURATIONS)
def test_a_gap_is_played_as_it_is(duration):
    playing = Playing(duration)
    assert playing.seconds == duration
    np.testing.assert_allclose(rates_of(playing), 1.0)


@pytest.mark.parametrize("duration", DURATIONS)
def test_who_rests_in_the_pose_is_played_slower_towards_the_end_only(duration):
    rates = rates_of(Playing(duration, rests=True))
    assert rates[0] == pytest.approx(1.0) and rates[-1] < 1e-3
    assert (np.diff(rates) < 1e-9).all()


@pytest.mark.parametrize("duration", DURATIONS)
def test_who_leaves_a_stand_in_haste_is_played_slower_at_the_start_too(duration):
    rates = rates_of(Playing(duration, rests=True, leaves=1.0))
    assert rates[0] < 1e-3 and rates[-1] < 1e-3
    assert rates.max() == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("still", [0.0, 0.5, 1.0])
def test_more_time_than_is_foretold_is_used_all_of_it(still):
    """Evenly by who stands; who moves goes on as he does, and slows down within 0.6 s."""
    rates = rates_of(Playing(4.0, most=3.0, still=still))
    assert rates.min() > 0.7
    assert rates[0] == pytest.approx(1.0 if still < 1.0 else 0.75, abs=1e-3)
    assert np.abs(np.diff(rates)).max() * 1000.0 / 4.0 < 4.0  # a second: no step
    np.testing.assert_allclose(rates[200:], rates[-1], atol=1e-6)
