# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes of a body that goes straight ahead, faster and slower, in its rest pose."""

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON

FPS = 30.0


def take(*speeds):
    """A body that goes ahead at such speeds, (frames, m/s) after (frames, m/s)."""
    steps = np.concatenate([np.full(frames, speed / FPS) for frames, speed in speeds])
    roots = np.zeros((len(steps), 3))
    roots[:, 1], roots[:, 2] = QUATERNET_SKELETON.root_height, np.cumsum(steps)
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(roots), len(QUATERNET_SKELETON), 1))
    return Motion(QUATERNET_SKELETON, rotations, roots, FPS)
