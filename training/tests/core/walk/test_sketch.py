# SPDX-License-Identifier: GPL-3.0-or-later
"""Sketches are near the walk itself wherever they are made, and not made elsewhere."""

import numpy as np
import pytest

from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model


@pytest.fixture(scope="module")
def model():
    return load_model(DEFAULT_MODEL)


def path(x=0.0, further=0.0):
    """A wave of 9 m whose last point is moved."""
    along = np.linspace(0.0, 1.0, 120)
    wave = 0.9 * np.sin(2.0 * np.pi * along) + x * along**3
    return Path(np.stack([wave, 0.0 * along, -(9.0 + further) * along], -1))


def follow(model, earlier, to, sketch):
    walk = Walk(model, to, fps=24.0)
    walk.reuse(earlier, sketch=sketch)
    walk.run()
    return walk


@pytest.fixture(scope="module")
def first(model):
    walk = Walk(model, path(), fps=24.0)
    walk.run()
    return walk


@pytest.mark.parametrize(("x", "further"), [(0.05, 0.0), (0.2, 0.0), (0.0, 0.2), (0.4, 0.1)])
def test_a_sketch_is_near_the_walk_itself(model, first, x, further):
    sketch = follow(model, first, path(x, further), True)
    walk = follow(model, first, path(x, further), False)
    assert sketch.is_sketch and not walk.is_sketch
    assert len(sketch.motion) == len(walk.motion)
    away = np.linalg.norm(sketch.motion.positions() - walk.motion.positions(), axis=-1)
    assert away.mean() < 0.02 and np.percentile(away, 95) < 0.05
    assert (sketch.motion.contacts == walk.motion.contacts).mean() > 0.95


def test_on_a_slope_a_sketch_is_near_the_walk_itself(model):
    def slope(x):
        level = path(x)
        return Path(level.points + [0.0, 0.1, 0.0] * level.points[:, 2:])

    first = Walk(model, slope(0.0), fps=24.0)
    first.run()
    sketch, walk = (follow(model, first, slope(0.2), sketch) for sketch in (True, False))
    assert sketch.is_sketch
    away = np.linalg.norm(sketch.motion.positions() - walk.motion.positions(), axis=-1)
    assert away.mean() < 0.02 and np.percentile(away, 95) < 0.05


def test_feet_of_a_sketch_are_planted(model, first):
    motion = follow(model, first, path(0.3), True).motion
    planted = motion.contacts[1:] & motion.contacts[:-1]
    feet = [motion.skeleton.index(side + "ToeBase") for side in ("Left", "Right")]
    steps = np.linalg.norm(np.diff(motion.positions()[:, feet], axis=0), axis=-1)
    assert planted.mean() > 0.5
    assert steps[planted].mean() < 0.004


@pytest.mark.parametrize(("x", "further"), [(0.0, 3.0), (4.0, 0.0), (0.0, -1.5)])
def test_far_away_the_network_is_asked(model, first, x, further):
    walk = follow(model, first, path(x, further), True)
    assert not walk.is_sketch and walk.reusable is not None


def test_no_walk_goes_on_from_a_sketch(model, first):
    sketch = follow(model, first, path(0.1), True)
    assert sketch.is_sketch and sketch.reusable is None
    again = follow(model, sketch, path(0.2), True)
    assert not again.is_sketch
    alone = Walk(model, path(0.2), fps=24.0)
    alone.run()
    np.testing.assert_array_equal(again.motion.rotations, alone.motion.rotations)


def test_the_same_path_gives_the_same_walk(model, first):
    sketch = follow(model, first, path(), True)
    np.testing.assert_allclose(sketch.motion.rotations, first.motion.rotations, atol=1e-5)
