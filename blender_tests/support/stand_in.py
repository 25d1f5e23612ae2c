# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk without a model: random smooth poses that use every joint, for tests of what follows."""

import dataclasses

import numpy as np

FRAMES = 24


def random_walk(module):
    """A class with the interface of ``core.walk.walk.Walk``, on the installed add-on's core."""
    motion, quaternion = module("core.body.motion"), module("core.maths.quaternion")

    class RandomWalk:
        last = None
        joints = None  # names of joints that move; None: all

        def __init__(self, model, path, **options):
            self.path, self.options = path, options
            self.skeleton, self.fps = options["skeleton"], options["fps"]
            self.report, self.unchanged, self.is_sketch = {}, 0, False
            RandomWalk.last = self

        def reuse(self, earlier, sketch=False):
            """Nothing of an earlier walk."""

        def __iter__(self):
            for step in range(10):
                yield step / 10.0
            self.motion = self._motion(np.random.default_rng(self.options["seed"]))
            down = np.arange(FRAMES)[:, None] // 6 % 2 == np.arange(2)
            self.travelling = dataclasses.replace(self.motion, contacts=down)

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


def steady_continuation(module):
    """A class like ``core.continuation.continuation.Continuation``: all goes on as before."""
    motion, quaternion = module("core.body.motion"), module("core.maths.quaternion")

    class SteadyContinuation:
        last = None

        def __init__(self, model, context, **options):
            self.context, self.options, self.warnings = context, options, ()
            self.count = round(options["duration"] * options["fps"])
            SteadyContinuation.last = self

        def __iter__(self):
            yield 0.5
            context, options = self.context, self.options
            before = context.slice(max(0, len(context) - 2), None)
            first, last = before.rotations[0], before.rotations[-1]
            turn = quaternion.quaternion_to_rotation_vector(
                quaternion.multiply(last, quaternion.conjugate(first))
            )
            # another seed goes on a little faster
            rate = context.fps * (1.0 + 0.1 * options["seed"])
            times = np.arange(1, self.count + 1) / options["fps"] * rate
            turns = quaternion.rotation_vector_to_quaternion(times[:, None, None] * turn)
            step = before.root_positions[-1] - before.root_positions[0]
            self.motion = motion.Motion(
                options["skeleton"],
                quaternion.multiply(turns, last[None]),
                before.root_positions[-1] + times[:, None] * step,
                options["fps"],
            )
            yield 1.0

    return SteadyContinuation


def spinning_dance(module):
    """A class like ``core.dance.dance.Dance``: the rest pose turns on the spot."""
    motion, quaternion = module("core.body.motion"), module("core.maths.quaternion")

    class SpinningDance:
        last = None

        def __init__(self, model, **options):
            self.options, self.warnings = options, ("spinning",)
            SpinningDance.last = self

        def __iter__(self):
            yield 0.5
            options, skeleton = self.options, self.options["skeleton"]
            context = options.get("context")
            count = round(options["duration"] * options["fps"]) + (context is None)
            turns = np.arange(count) * (0.05 + 0.01 * options["seed"])
            rotations = np.tile([1.0, 0.0, 0.0, 0.0], (count, len(skeleton), 1))
            heading = options.get("heading", 0.0)
            rotations[:, 0] = quaternion.yaw_to_quaternion(heading + turns)
            origin = np.asarray(options.get("origin", np.zeros(3)))
            if context is not None:
                origin = context.root_positions[-1] * [1.0, 0.0, 1.0]
            roots = np.tile(origin + [0.0, skeleton.root_height, 0.0], (count, 1))
            self.motion = motion.Motion(skeleton, rotations, roots, options["fps"])
            yield 1.0

    return SpinningDance


def _smooth(random, shape):
    """Sums of slow sines with random phases, about 1 in size."""
    times = np.linspace(0.0, 2.0, shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    waves = [
        random.normal(size=shape[1:]) * np.sin(times * rate + random.uniform(0, 6.3, shape[1:]))
        for rate in (1.0, 2.0, 3.0)
    ]
    return sum(waves) / np.sqrt(3.0)
