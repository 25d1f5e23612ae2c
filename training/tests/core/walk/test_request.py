# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits that a refusal names hold: who takes them at their word is not refused."""

import re

import numpy as np
import pytest

from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model


def straight(length):
    return Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))


@pytest.mark.parametrize("size", [0.53, 1.15, 1.17, 2.3])
def test_a_length_that_is_told_to_be_enough_is_enough_and_what_was_got_is_less(size):
    """Once: at least one step, 0.35 m, got 0.35 m. And so are speeds."""
    model = load_model(DEFAULT_MODEL)
    skeleton = model.skeleton.scaled(size)

    def told(length, speed=1.0):
        with pytest.raises(ValueError, match="Expected") as caught:
            Walk(model, straight(length), speed=speed, skeleton=skeleton)
        return [float(n) for n in re.findall(r"(\d+\.?\d*)(?: and| m)", str(caught.value))]

    least, _, got = told(0.2999 * size)
    assert got < least
    Walk(model, straight(least), skeleton=skeleton)
    slowest, fastest, *_ = told(5.0, speed=0.01)
    for speed in (slowest, fastest):
        Walk(model, straight(9.0), speed=speed, skeleton=skeleton)
