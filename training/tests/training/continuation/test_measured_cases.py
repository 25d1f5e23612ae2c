# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Continue Motion failed: runs that turned too far or hung, a freeze, second jumps."""

from pathlib import Path

import numpy as np
import pytest

from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import load_model
from training.continuation.by_class import ALIVE, TURNED, flights
from training.data.recorded import recorded

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no motion capture in {DATA}")
SECOND = 30  # frames


def went_on(path, frame, seconds=3.0, seed=0):
    """What is known up to a frame, what was recorded after it, what ours makes of it."""
    clip = max(recorded(DATA, path), key=len)
    context = clip.slice(max(0, frame - 2 * SECOND), frame + 1)
    truth = clip.slice(frame + 1, frame + 1 + round(seconds * SECOND))
    made = Continuation(load_model(), context, duration=seconds, seed=seed).run()
    return context, truth, made


def stride(motion):
    """How far the ankles come apart along the body's heading, back and forth together, metres."""
    points, facing = motion.positions(), motion.headings()
    left, right = (motion.skeleton.index(name) for name in ("LeftFoot", "RightFoot"))
    apart = points[:, left] - points[:, right]
    return np.ptp(np.sin(facing) * apart[:, 0] + np.cos(facing) * apart[:, 2])


def lively(motion):
    """Mean speed of the joints, m/s."""
    return np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1).mean() * motion.fps


def test_a_run_that_turned_45_degrees_turns_as_far():
    _, truth, made = went_on("accad/Male1_C12_RunTurnLeft45.bvh", 31, seconds=1.0)
    turned = made.headings()[-1] - truth.headings()[len(made) - 1]
    assert abs(np.degrees((turned + np.pi) % (2.0 * np.pi) - np.pi)) < TURNED


def test_its_legs_do_not_hang():
    """A stride of 13 frames, of which 32 are known: they came apart by half as much after 1 s."""
    context, _, made = went_on("accad/Male1_C12_RunTurnLeft45.bvh", 31, seconds=2.0)
    known = stride(context.slice(-13, None))
    for start in range(0, 47, 13):
        assert stride(made.slice(start, start + 13)) > 0.8 * known, start


@pytest.mark.parametrize("seed", range(4))
def test_who_has_landed_stands_up_and_stays_up(seed):
    """Recorded: up .3 to .85 s after the feet are down, and no crouch after that."""
    _, _, made = went_on("more/cmu/other/13_42.bvh", 45, seed=seed)
    tall = made.root_positions[:, 1] / made.skeleton.root_height
    low = np.argmin(tall[:SECOND])
    assert tall[low + 20 :].min() > 0.9


@pytest.mark.parametrize("seed", range(4))
def test_a_salsa_does_not_freeze(seed):
    context, _, made = went_on("cmu/dance/60_14.bvh", 60, seed=seed)
    for second in range(3):
        part = made.slice(SECOND * second, SECOND * (second + 1))
        assert lively(part) > 2.0 * ALIVE * lively(context), second


@pytest.mark.parametrize("seed", range(4))
def test_a_jump_is_not_jumped_again(seed):
    context, truth, made = went_on("cmu/other/91_51.bvh", 50, seconds=2.0, seed=seed)
    assert flights(context, made) <= flights(context, truth)
