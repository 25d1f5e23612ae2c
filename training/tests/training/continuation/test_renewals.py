# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of new plans: what counts as one, and a jerk there is seen."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation.network import RENEWED
from training.continuation.renewals import changes, measured

STEP = 0.05  # metres


def glide(frames, jerks):
    """Hips that go at one speed, and by `STEP` more from these frames on."""
    way = 0.01 * np.arange(frames)
    for frame in jerks:
        way += STEP * np.maximum(np.arange(frames) - frame + 1, 0)
    pose = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    return Motion(QUATERNET_SKELETON, pose, way[:, None] * [1.0, 0.0, 0.0] + [0.0, 1.0, 0.0], 30.0)


def test_a_change_of_velocity_is_found_in_its_frame():
    whole = glide(80, [20 + RENEWED])
    found = changes(whole.slice(0, 20), whole.slice(20, None))
    assert found[RENEWED] == pytest.approx(30.0 * STEP)
    assert np.delete(found, RENEWED).max() < 1e-9


def test_jerks_at_new_plans_are_told_from_others():
    whole = glide(80, [20 + 2 * RENEWED])
    jerky = changes(whole.slice(0, 20), whole.slice(20, None))[None]
    smooth = np.zeros_like(jerky)
    at_plans = measured(jerky, smooth)
    assert at_plans["most"] == pytest.approx(30.0 * STEP)
    assert at_plans["others"] == pytest.approx(0.0, abs=1e-9)
    elsewhere = measured(np.roll(jerky, 3, axis=1), jerky)
    assert elsewhere["most"] == pytest.approx(0.0, abs=1e-9)
    assert elsewhere["others"] > 0.5 * 30.0 * STEP
    assert elsewhere["recorded"] > 0.0
