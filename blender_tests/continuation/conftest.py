# SPDX-License-Identifier: GPL-3.0-or-later
"""A rig whose motion is continued."""

import bpy
import pytest
from support import rigs
from support.swinging import NOW, swing


@pytest.fixture
def rig(steady):
    """An animated rig at frame 60 of its action; continuations go on steadily."""
    obj = rigs.make("mixamo")
    swing(obj)
    bpy.context.scene.frame_set(NOW)
    return obj
