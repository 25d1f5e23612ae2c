# SPDX-License-Identifier: GPL-3.0-or-later
"""A dance that goes on from a rig's own motion."""

import numpy as np
import pytest
from tiny_data import kick

from quaternet_addon.core.dance.dance import Dance, load_model
from quaternet_addon.core.feet.knees import knee_bends


@pytest.mark.parametrize("foot_lock", [False, True])
def test_a_knee_that_stretches_fast_stops_at_straight(foot_lock):
    """Carried on at its speed it bent backward by 25 degrees, planted by 28."""
    dance = Dance(load_model(), duration=1.0, context=kick(), foot_lock=foot_lock)
    bends = np.degrees(knee_bends(dance.run()))
    assert bends[:10].min() > -0.1
