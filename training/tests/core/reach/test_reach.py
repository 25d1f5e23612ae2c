# SPDX-License-Identifier: GPL-3.0-or-later
"""Reach: the way into keyed poses is seamless, exact, planted, and the same for the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.reach.features import GROUPS, groups_of
from quaternet_addon.core.reach.model import ReachModel, load_model
from quaternet_addon.core.reach.reach import Key, Reach

FPS = 30.0


@pytest.fixture(scope="module")
def model():
    return load_model()


def sway(frames=80, skeleton=QUATERNET_SKELETON, seed=0):
    """A body whose joints swing slowly and whose hips travel: a Motion at 30 fps."""
    random = np.random.default_rng(seed)
    sizes = 0.25 * random.normal(size=(len(skeleton), 3))
    phases = random.uniform(0.0, 6.0, (len(skeleton), 3))
    times = np.arange(frames)[:, None, None] / FPS
    turns = sizes * np.sin(2.0 * times + phases)
    turns[:, [skeleton.index(name) for name in ("LHipJoint", "RHipJoint")]] = 0.0
    roots = np.zeros((frames, 3))
    roots[:, 1] = skeleton.root_height
    roots[:, 2] = 0.6 * np.arange(frames) / FPS
    return Motion(skeleton, rotation_vector_to_quaternion(turns), roots, FPS)


def key_of(motion, frame, now, **how):
    return Key(motion.slice(frame, frame + 1), (frame - now) / motion.fps, **how)


def reached(model, motion, frames=(60,), now=29, **how):
    keys = [key_of(motion, frame, now) for frame in frames]
    return Reach(model, motion.slice(0, now + 1), keys, **how)


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 60.0])
def test_the_last_frame_is_the_key_at_any_rate(model, fps):
    """24 and 25 fps: the key lies between two frames of the model; 31 frames are 24.8 there."""
    motion = sway()
    frames = 29 + 30  # a second: a whole frame at every rate
    made = reached(model, motion, (frames,), fps=fps).run()
    assert len(made) == fps
    assert np.degrees(angle(made.rotations[-1], motion.rotations[frames])).max() < 1e-4
    np.testing.assert_allclose(made.root_positions[-1], motion.root_positions[frames], atol=1e-7)


def test_a_key_between_two_frames_leaves_the_frames_around_it_near(model):
    motion = sway()
    keys = [Key(motion.slice(45, 46), 0.51), Key(motion.slice(60, 61), 1.0)]
    way = Reach(model, motion.slice(0, 30), keys, fps=30.0)
    made = way.run()
    assert len(made) == 30
    before, after = made.positions()[14], made.positions()[15]  # 0.5 and 0.533 s
    there = keys[0].pose.positions()[0]
    step = np.linalg.norm(after - before, axis=-1).max()
    assert np.linalg.norm(there - before, axis=-1).max() < step + 0.01


@pytest.mark.parametrize("seed", [0, 4])
def test_the_motion_is_left_and_the_keys_are_passed_without_a_jump(model, seed):
    """Second differences stay below 1 cm a frame squared on average: walks have 0.55."""
    motion = sway()
    way = reached(model, motion, (50, 70), seed=seed, foot_lock=False)
    points = np.concatenate([motion.positions()[27:30], way.run().positions()])
    bends = np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).mean(-1)
    assert bends.max() < 0.01


def test_seeds_vary_and_the_same_seed_is_the_same(model):
    motion = sway()
    first, other, again = (reached(model, motion, seed=s).run() for s in (0, 7, 0))
    assert np.abs(first.positions() - other.positions())[10:20].max() > 0.005
    np.testing.assert_array_equal(first.rotations, again.rotations)
    assert np.abs(first.positions() - other.positions())[-1].max() < 1e-6


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_any_size_of_body_makes_the_same_motion_of_its_size(model, scale):
    motion = sway()
    small = replace(
        motion,
        skeleton=motion.skeleton.scaled(scale),
        root_positions=scale * motion.root_positions,
    )
    made, other = (reached(model, m, foot_lock=False).run() for m in (motion, small))
    # The network computes in float32: sizes that differ in the last digit come out so.
    np.testing.assert_allclose(other.positions(), scale * made.positions(), atol=scale * 1e-4)


def test_turning_and_moving_the_world_turns_and_moves_the_motion(model):
    motion = sway()
    turned = motion.turned(1.1)
    turned = replace(turned, root_positions=turned.root_positions + [3.0, 0.0, -2.0])
    made = reached(model, motion, foot_lock=False).run().turned(1.1)
    other = reached(model, turned, foot_lock=False).run()
    moved = other.positions() - [3.0, 0.0, -2.0]
    np.testing.assert_allclose(moved, made.positions(), atol=1e-4)


def standing(frames=40):
    """A body that stands, then the same with its hips lower: feet where they were."""
    rest = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    roots = np.tile([0.0, 1.0, 0.0], (frames, 1))
    return Motion(QUATERNET_SKELETON, rest, roots, FPS)


def test_feet_that_stand_at_both_ends_stay(model):
    motion = standing()
    rotations = motion.rotations.copy()
    arm = motion.skeleton.index("LeftArm")
    rotations[-1, arm] = rotation_vector_to_quaternion(np.array([0.0, 0.0, 1.0]))
    motion = replace(motion, rotations=rotations)
    made = reached(model, motion, (39,), now=9).run()
    away = toe_positions(made) - toe_positions(motion)[:1]
    assert np.abs(away[..., [0, 2]]).max() < 0.01


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_what_a_partial_key_holds_is_exact(model, group):
    motion = sway()
    holds = tuple(number == group for number in range(len(GROUPS)))
    way = Reach(model, motion.slice(0, 30), [key_of(motion, 60, 29, holds=holds)], foot_lock=False)
    made = way.run()
    if group == 0:
        np.testing.assert_allclose(made.root_positions[-1], motion.root_positions[60], atol=1e-7)
        return
    joints = np.flatnonzero(groups_of(motion.skeleton) == group)
    turned = angle(made.rotations[-1, joints], motion.rotations[60, joints])
    assert np.degrees(turned).max() < 1e-4


def test_a_single_frame_before_is_enough(model):
    motion = sway()
    made = Reach(model, motion.slice(29, 30), [key_of(motion, 60, 29)]).run()
    assert np.isfinite(made.rotations).all() and len(made) == 31


@pytest.mark.parametrize(
    ("seconds", "said"), [((0.01,), "s from one pose"), ((9.0,), "s from one pose"), ((), "a pose")]
)
def test_what_cannot_be_reached_is_refused(model, seconds, said):
    motion = sway()
    keys = [Key(motion.slice(60, 61), value) for value in seconds]
    with pytest.raises(ValueError, match=said):
        Reach(model, motion.slice(0, 30), keys)


def test_long_gaps_and_too_fast_ones_say_so(model):
    motion = sway()
    far = replace(motion, root_positions=motion.root_positions + [20.0, 0.0, 0.0])
    way = Reach(model, motion.slice(0, 30), [Key(far.slice(60, 61), 2.0)])
    assert any("faster than a body runs" in text for text in way.warnings)
    assert any("is a guess" in text for text in way.warnings)


def test_a_stand_that_is_to_be_far_away_soon_says_that_feet_glide(model):
    motion = sway()
    here = motion.root_positions - motion.root_positions[60] + motion.root_positions[29]
    for away, glides in ((0.5, False), (2.0, True)):
        there = replace(motion, root_positions=here + [away, 0.0, 0.0])
        way = Reach(model, motion.slice(0, 30), [Key(there.slice(60, 61), 0.67)])
        said = [text for text in way.warnings if "feet will glide" in text]
        assert bool(said) == glides
    later = int(said[0].split()[-3])  # "Key it 20 frames later."
    way = Reach(model, motion.slice(0, 30), [Key(there.slice(60, 61), 0.67 + later / 30.0)])
    assert not any("feet will glide" in text for text in way.warnings)


@pytest.mark.parametrize("seed", [0, 5])
def test_the_mirror_image_of_a_gap_is_filled_with_the_mirror_image(model, seed):
    """Of whole keys and of those of one arm; of each network that a seed makes."""
    motion = sway()
    for holds, other in (((True,) * 7,) * 2, (_only("left arm"), _only("right arm"))):
        made, image = (
            Reach(
                model,
                moves.slice(0, 30),
                [key_of(moves, 60, 29, holds=held)],
                seed=seed,
                foot_lock=False,
            ).run()
            for moves, held in ((motion, holds), (motion.mirror(), other))
        )
        np.testing.assert_allclose(image.positions(), made.mirror().positions(), atol=1e-4)


def _only(group):
    return tuple(name == group for name in GROUPS)


def test_a_model_that_turns_one_side_only_reaches_too(model):
    arm = model.skeleton.index("LeftArm")
    moving = [joint for joint in model.moving if joint != arm]
    header = {**model.header, "architecture": {**model.header["architecture"], "moving": moving}}
    motion = sway()
    made = reached(ReachModel(header, _narrower(model, arm)), motion, foot_lock=False).run()
    assert np.abs(made.positions()[-1] - motion.positions()[60]).max() < 1e-5


def _narrower(model, joint):
    """The model's arrays without the inputs and outputs of a joint."""
    arrays, place, count = dict(model._arrays), model.moving.index(joint), len(model.moving)
    first = [6 * place + n for n in range(6)]
    gone = [*first, *(6 * count + 1 + 6 * count * n + f for n in range(3) for f in first)]
    gone += [4 * 6 * count + 1 + 9 + f for f in first]
    for name in ("mean", "deviation", "first.weight"):
        arrays[name] = np.delete(arrays[name], gone, axis=-1)
    outputs = [3 * place + n for n in range(3)]
    for name in ("decode.weight", "decode.bias"):
        arrays[name] = np.delete(arrays[name], outputs, axis=0)
    return arrays
