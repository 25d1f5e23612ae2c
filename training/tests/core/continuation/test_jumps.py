# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyed jumps on the spot, cut where knees or feet are at their fastest.

Who only goes on as in the frame before the cut bends the knees backward, and goes through the
floor.
"""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest

from quaternet_addon.core.batch.modes.continuation import continuation as of_a_batch
from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from training.continuation.keyed_jump import AIR, FPS, LANDED, LOW, OFF, bends, drawn, jump, soles

FLOOR = 0.002  # metres that soles may give


@lru_cache(maxsize=1)
def model():
    return load_model(DEFAULT_MODEL)


@pytest.mark.parametrize("foot_lock", [False, True])
def test_knees_that_stretch_at_take_off_stop_at_straight(foot_lock):
    context = jump(OFF)
    motion = Continuation(model(), context, duration=3.0, foot_lock=foot_lock, ground=None).run()
    assert bends(context)[-2].min() > 40.0  # it stretches fast
    assert bends(motion).min() > -1.0
    assert soles(motion)[3:10].min() > 0.1  # it jumps


def test_who_jumps_on_the_spot_lands_there():
    """The legs' stretching takes the centre of mass back, which is not the body's way."""
    context = jump(OFF)
    motion = Continuation(model(), context, duration=3.0, ground=None).run()
    way = motion.root_positions - context.root_positions[-1]
    assert np.abs(way[:, [0, 2]]).max() < 0.15
    feet = toe_positions(motion)[-1] - toe_positions(context)[-1]
    assert np.abs(feet[:, [0, 2]]).max() < 0.1


@pytest.mark.parametrize("frames", [LOW, OFF, OFF + AIR // 3, LANDED])
def test_feet_stay_over_the_floor_and_knees_bend_forward(frames):
    motion = Continuation(model(), jump(frames), duration=2.0, ground=None).run()
    assert soles(motion).min() > -FLOOR
    assert bends(motion).min() > -1.0


def test_who_lands_bends_the_knees_and_comes_up_again():
    motion = Continuation(model(), jump(LANDED), duration=2.0, ground=None).run()
    knees = bends(motion)
    assert 40.0 < knees[:6].max() < 110.0
    assert knees[30:].max() < 30.0
    assert motion.root_positions[-1, 1] > 0.97


@pytest.mark.parametrize(("height", "up"), [(0.5, 18), (1.0, 12), (1.0, 18)])
def test_who_is_cut_on_top_of_a_drawn_jump_falls_and_is_not_pulled_down(height, up):
    """Curves keep a body in the air for longer than anybody is, so it was down within .2 s."""
    rise = drawn(height, up)
    context = jump(len(rise), rise)
    motion = Continuation(model(), context, duration=2.0, ground=None).run()
    hips = np.concatenate([context.root_positions[-1:], motion.root_positions])[:, 1]
    speeds = np.diff(hips) * FPS
    assert speeds.min() > -np.sqrt(2.0 * 9.81 * height) - 0.3
    assert (np.diff(speeds) * FPS)[: int(0.3 * FPS)].min() > -80.0  # before: 93 to 158
    assert soles(motion)[30:].max() < 0.05  # it has landed
    assert np.abs(np.diff(bends(motion), axis=0)).max() < 25.0  # before: up to 32


@pytest.mark.parametrize("floor", [0.06, -0.04])
def test_batches_find_the_floor_that_the_source_stands_on(floor):
    """As the window does: files whose balls rest higher than those of our skeleton exist."""
    context = jump(40).moved([0.0, floor, 0.0])
    clip = SimpleNamespace(random_seed=0, fps=FPS, settings={"duration": 1.0})
    character = SimpleNamespace(name="File", skeleton=context.skeleton, context=context)
    made = of_a_batch(model(), clip, character, ())
    assert made.ground == pytest.approx(floor, abs=1e-3)
    assert np.abs(soles(made.run()) - floor).max() < 0.01
