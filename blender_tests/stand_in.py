# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk without a model: random smooth poses that use every joint, for tests of what follows."""

import numpy as np

FRAMES = 24


def random_walk(module):
    """A class with the interface of ``core.locomotion.Walk``, on the installed add-on's core."""
    motion, quaternion = module("core.motion"), module("core.quaternion")

    class RandomWalk:
        last = None
        joints = None  # names of joints that move; None: all

        def __init__(self, model, path, **options):
            self.path, self.options = path, options
            self.skeleton, self.fps = options["skeleton"], options["fps"]
            self.report = {}
            RandomWalk.last = self

        def __iter__(self):
            for step in range(10):
                yield step / 10.0
            self.motion = self._motion(np.random.default_rng(self.options["seed"]))

        def _motion(self, random):
            joints = len(self.skeleton)
            vectors = _smooth(random, (FRAMES, joints, 3)) * 0.9
            if self.joints is not None:
                still = [name not in self.joints for name in self.skeleton.names]
                vectors[:, still] = 0.0
            rotations = quaternion.rotation_vector_to_quaternion(vectors)
            roots = _smooth(random, (FRAMES, 3)) + np.array([0.5, self.skeleton.root_height, 1.0])
            return motion.Motion(self.skeleton, rotations, roots, self.fps)

    return RandomWalk


def _smooth(random, shape):
    """Sums of slow sines with random phases, about 1 in size."""
    times = np.linspace(0.0, 2.0, shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    waves = [
        random.normal(size=shape[1:]) * np.sin(times * rate + random.uniform(0, 6.3, shape[1:]))
        for rate in (1.0, 2.0, 3.0)
    ]
    return sum(waves) / np.sqrt(3.0)
