# SPDX-License-Identifier: GPL-3.0-or-later
"""A small dataset of swinging limbs, for tests that train."""

import numpy as np

from quaternet_addon.core.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.skeleton import Skeleton
from training.dataset import join_takes

SKELETON = Skeleton(
    ("Hips", "LeftUpLeg", "LeftLeg", "RightUpLeg", "RightLeg", "Head"),
    (-1, 0, 1, 0, 3, 0),
    np.array([[0, 0, 0], [0.1, 0, 0], [0, -0.4, 0], [-0.1, 0, 0], [0, -0.4, 0], [0, 0.6, 0]]),
    0.8,
)


def swinging_limbs(takes=6, frames=160, benchmark=True):
    """A Dataset of periodic motion at 50 fps whose head never turns."""
    random, clips = np.random.default_rng(3), []
    for number in range(takes):
        time = np.arange(frames)[:, None, None] / 50.0
        rate, phase = random.uniform(3.0, 8.0, (2, 1, len(SKELETON), 3))
        vectors = 0.4 * np.sin(rate * time + phase)
        vectors[:, -1] = 0.0
        subject = "test" if number == takes - 1 else "train"
        rotations = rotation_vector_to_quaternion(vectors)
        roots = np.concatenate([0.02 * time[:, 0], 0.8 + 0.0 * time[:, 0], 1.2 * time[:, 0]], -1)
        clips.append((f"{subject}/swing_{number}", subject, "walking", rotations, roots))
    about = {"name": "cmu-expmap", "fps": 25.0, "stride": 2, "leading": 0} if benchmark else None
    return join_takes(SKELETON, 50.0, clips, benchmark=about)
