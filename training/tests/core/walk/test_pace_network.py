# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pace network has answered once is known, and is nobody's to change."""

import numpy as np
import pytest

from quaternet_addon.core.walk.model import load_model
from quaternet_addon.core.walk.pace_network import path_features


def features(bend):
    distances = np.linspace(0.0, 9.0, 46)
    return path_features(bend * np.sin(distances), distances, 9.0, 1.3, True, True)


def test_an_answer_is_the_same_before_and_after_others():
    network = load_model().pace
    first = [values.copy() for values in network.run(features(0.2))]
    other = network.run(features(0.3))
    for values, again, changed in zip(first, network.run(features(0.2)), other, strict=True):
        np.testing.assert_array_equal(again, values)
        assert np.abs(changed - values).max() > 1e-6


def test_an_answer_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        load_model().pace.run(features(0.2))[0][:] = 0.0
