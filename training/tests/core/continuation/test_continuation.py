# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue motion: seams, seeds, places, proportions, rates, and walks that go on walking.

The shipped models make the contexts: a walk of the walk model's is one that nobody recorded.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import measure_skate, toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.proportions import fit
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.continuation.continuation import Continuation, _network_frames
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, ContinuationModel, load_model
from quaternet_addon.core.maths.quaternion import angle
from quaternet_addon.core.maths.turns import mirror_image
from quaternet_addon.core.networks.model_file import WeightsError, load_weights
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model


@lru_cache(maxsize=1)
def model():
    return load_model(DEFAULT_MODEL)


@lru_cache(maxsize=4)
def walk(fps=30.0, speed=1.3, radius=None):
    """Two seconds out of the middle of a walk, straight or round, and what really follows."""
    points = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 9.0 * max(1.0, speed)]])
    if radius:
        angle = np.linspace(0.0, 6.0, 120)
        points = radius * np.stack([1.0 - np.cos(angle), 0.0 * angle, np.sin(angle)], -1)
    path = Path(points)
    motion = Walk(load_walk_model(), path, speed=speed, fps=fps).run()
    start = int(1.5 * fps)
    stop = start + int(2.0 * fps) + 1
    return motion.slice(start, stop), motion.slice(stop, None)


def stand(frames=61):
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    return Motion(QUATERNET_SKELETON, rotations, np.tile([0.3, 1.0, -0.2], (frames, 1)), 30.0)


def test_frames_follow_at_the_rate_that_is_asked_for():
    context, _ = walk()
    for fps, duration, frames in ((24.0, 1.0, 24), (30.0, 0.5, 15), (60.0, 2.0, 120)):
        motion = Continuation(model(), context, duration=duration, fps=fps).run()
        assert (len(motion), motion.fps) == (frames, fps)
        assert motion.contacts.shape == (frames, 2)
        assert np.allclose(np.linalg.norm(motion.rotations, axis=-1), 1.0)


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_no_jump_at_the_seam(fps):
    """The first frame lies where going straight on leads, within half a usual frame's change."""
    context, _ = walk(fps)
    motion = Continuation(model(), context, fps=fps).run()
    joined = np.concatenate([context.positions()[-3:], motion.positions()[:2]])
    jumps = np.linalg.norm(np.diff(joined, 2, axis=0), axis=-1).mean(-1)
    usual = np.linalg.norm(np.diff(context.positions(), axis=0), axis=-1).mean()
    assert jumps[1:].max() < 0.5 * usual
    usual = np.median(angle(context.rotations[1:], context.rotations[:-1]).max(-1))
    assert angle(motion.rotations[0], context.rotations[-1]).max() < 2.5 * usual


@pytest.mark.parametrize("speed", [0.8, 1.3, 3.0])
def test_walks_and_runs_go_on(speed):
    context, _ = walk(speed=speed)
    motion = Continuation(model(), context, duration=4.0).run()
    way = np.linalg.norm(motion.root_positions[-1] - motion.root_positions[-61]) / 2.0
    before = np.linalg.norm(context.root_positions[-1] - context.root_positions[0]) / 2.0
    assert 0.75 * before < way < 1.25 * before
    feet = toe_positions(motion)[-45:, :, 1]
    assert np.ptp(feet, axis=0).min() > 0.04  # both feet still leave the ground


@pytest.mark.parametrize("offset", [0, 8, 16])
def test_a_walk_known_for_less_than_a_cycle_goes_on_in_step(offset):
    """A stroll's cycle takes longer than the second that is known of it."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 9.0]]))
    whole = Walk(load_walk_model(), path, speed=1.0).run().slice(45 + offset, None)
    context, future = whole.slice(0, 31), whole.slice(31, 76)
    motion = Continuation(model(), context, duration=1.5).run()
    degrees = np.degrees(angle(motion.rotations, future.rotations)).mean(-1)
    assert degrees.max() < 7.0


def test_a_turn_goes_on_turning():
    context, _ = walk(speed=1.2, radius=2.0)
    motion = Continuation(model(), context, duration=3.0).run()
    before, after = (np.ptp(clip.headings()) / clip.duration for clip in (context, motion))
    assert 0.5 * before < after < 1.5 * before


def test_prediction_beats_standing_still_and_going_straight_on():
    context, future = walk()
    motion = Continuation(model(), context, duration=0.5).run()
    truth, last = future.positions()[:15], context.positions()[-2:]
    steps = np.arange(1, 16)[:, None, None]
    ours, still, straight = (
        np.linalg.norm(points - truth, axis=-1)[5:].mean()
        for points in (motion.positions(), last[-1:], last[-1:] + steps * np.diff(last, axis=0))
    )
    assert ours < 0.6 * min(still, straight)


def test_planted_feet_stay_where_they_stand_at_the_seam():
    """They do not slide; while the hips ease out of locked knees they may give 4 mm downward."""
    context = stand()
    motion = Continuation(model(), context, duration=1.0).run()
    before = toe_positions(context)[-1]
    assert motion.contacts[:10].all()
    away = np.abs(toe_positions(motion)[:10] - before)
    assert away[..., [0, 2]].max() < 0.001
    assert away[..., 1].max() < 0.004
    assert np.abs(motion.root_positions[0] - context.root_positions[-1]).max() < 0.002


def test_planted_feet_of_a_walk_do_not_skate():
    context, _ = walk()
    motion = Continuation(model(), context, duration=3.0).run()
    assert measure_skate(motion, motion.contacts).kimodo_ratio_5cm_20cms <= 0.03


def test_same_seed_same_frames_and_other_seeds_differ():
    context, _ = walk()
    first, again, other, third = (
        Continuation(model(), context, duration=2.0, seed=seed).run().positions()
        for seed in (3, 3, 4, 0)
    )
    assert np.array_equal(first, again)
    assert np.linalg.norm(first - other, axis=-1)[-1].mean() > 0.02
    assert np.linalg.norm(first - third, axis=-1)[-1].mean() > 0.02


def test_place_and_heading_of_the_context_make_no_difference():
    """But for float32, whose rounding the network feeds back for thirty frames."""
    context, _ = walk()
    here = Continuation(model(), context, duration=1.0).run()
    turned = context.turned(2.0)
    moved = replace(turned, root_positions=turned.root_positions + [3.0, 0.0, 5.0])
    there = Continuation(model(), moved, duration=1.0).run()
    expected = here.turned(2.0).positions() + [3.0, 0.0, 5.0]
    assert np.abs(there.positions() - expected).max() < 2e-3


@pytest.mark.parametrize("seed", [0, 3])
def test_the_mirror_image_of_a_motion_goes_on_as_the_mirror_image(seed):
    """But for float32, whose rounding the network feeds back for thirty frames."""
    context, _ = walk(radius=3.0)
    options = {"duration": 1.0, "seed": 0, "foot_lock": False}
    network = model().network(seed)
    parts = []
    for motion in (context, context.mirror()):
        way = Continuation(model(), motion, **options)
        made = [frame for frame, _ in zip(_frames(way, network), range(30), strict=False)]
        parts.append([np.array(part) for part in zip(*made, strict=True)])
    other = model().mirror
    (turns, heights, steps, _), image = parts
    np.testing.assert_allclose(mirror_image(image[0], other), turns, atol=1e-3)
    np.testing.assert_allclose(image[1], heights, atol=1e-3)
    np.testing.assert_allclose(image[2] * [1.0, -1.0, 1.0, -1.0], steps, atol=1e-3)


def _frames(way, network):
    return network.generate(*_network_frames(way._given_motion, way.model.moving))


def test_any_proportions():
    big = Skeleton(
        QUATERNET_SKELETON.names, QUATERNET_SKELETON.parents, 3.0 * QUATERNET_SKELETON.offsets, 3.0
    )
    context, _ = walk()
    small = Continuation(model(), context, duration=1.0).run()
    large = Continuation(model(), fit(context, big), duration=1.0).run()
    assert large.skeleton is big
    assert np.abs(large.positions() / 3.0 - small.positions()).max() < 2e-3


def test_the_ground_is_found_under_the_feet():
    context, _ = walk()
    raised = replace(context, root_positions=context.root_positions + [0.0, 0.7, 0.0])
    run = Continuation(model(), raised, duration=1.0, ground=None)
    expected = Continuation(model(), context, duration=1.0, ground=None).run().positions()
    assert abs(run.ground - 0.7) < 0.02
    assert np.abs(run.run().positions() - expected - [0.0, 0.7, 0.0]).max() < 2e-3


def test_little_context_is_said_and_one_frame_is_a_stand():
    context, _ = walk()
    assert Continuation(model(), context).warnings == ()
    short = Continuation(model(), context.slice(-6, None), duration=1.0)
    assert "0.17 s" in short.warnings[0]
    assert np.isfinite(short.run().rotations).all()
    single = Continuation(model(), stand(1), duration=1.0)
    assert "stand still" in single.warnings[0]
    assert np.abs(single.run().root_positions[:15] - [0.3, 1.0, -0.2]).max() < 0.05


def test_contexts_of_other_rates_lead_to_nearly_the_same():
    """24 fps of the same walk: poses between its frames are on straight lines, so not the same."""
    at_30 = Continuation(model(), walk(30.0)[0], duration=0.5).run()
    at_24 = Continuation(model(), walk(24.0)[0], duration=0.5).run()
    away = at_30.positions()[-1] - at_24.positions()[-1]
    assert np.linalg.norm(away - away[0], axis=-1).mean() < 0.06


def test_it_can_be_followed_and_stopped():
    context, _ = walk()
    fractions = list(Continuation(model(), context, duration=5.0))
    assert len(fractions) > 4
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    run = Continuation(model(), context, duration=5.0)
    next(iter(run))
    assert run.motion is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"duration": 0.0}, "duration"),
        ({"duration": np.nan}, "duration"),
        ({"fps": -1.0}, "frame rate"),
        ({"blend": -0.1}, "blend"),
        ({"ground": np.inf}, "ground"),
    ],
)
def test_bad_options_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        Continuation(model(), stand(), **options)


def test_bad_contexts_are_refused():
    with pytest.raises(ValueError, match="at least one frame"):
        Continuation(model(), stand().slice(0, 0))
    broken = stand()
    broken.rotations[3, 2] = np.nan
    with pytest.raises(ValueError, match="finite poses"):
        Continuation(model(), broken)
    other = Skeleton(("Hips", "Head"), (-1, 0), np.zeros((2, 3)), 1.0)
    pose = np.tile([1.0, 0.0, 0.0, 0.0], (5, 2, 1))
    with pytest.raises(ValueError, match="26 joints, got 2"):
        Continuation(model(), Motion(other, pose, np.zeros((5, 3)), 30.0))


def test_incomplete_models_are_refused():
    header, arrays = load_weights(DEFAULT_MODEL)
    with pytest.raises(WeightsError, match=r"without 'ranges'"):
        ContinuationModel(header, {k: v for k, v in arrays.items() if k != "ranges"})
    with pytest.raises(WeightsError, match=r"decode\.bias"):
        ContinuationModel(header, {**arrays, "decode.bias": arrays["decode.bias"][:-1]})
    with pytest.raises(WeightsError, match="without 'fps'"):
        ContinuationModel({k: v for k, v in header.items() if k != "fps"}, arrays)
