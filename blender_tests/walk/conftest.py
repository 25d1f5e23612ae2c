# SPDX-License-Identifier: GPL-3.0-or-later
"""Live, which is off again after each test."""

import pytest


@pytest.fixture
def live(module):
    found = module("blender.walk.live")
    yield found
    found.stop()
