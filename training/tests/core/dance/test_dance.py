# SPDX-License-Identifier: GPL-3.0-or-later
"""Dances: plans, steering, seams, options, and that the shipped model keeps dancing."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from tiny_data import drawn_motion, lstm_arrays

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.body.states import encode
from quaternet_addon.core.dance.arms import clear_torso, depth
from quaternet_addon.core.dance.dance import DEFAULT_MODEL, Dance, load_model, to_motion
from quaternet_addon.core.dance.features import (
    AHEAD,
    CODE_FRAMES,
    MOVING,
    Codebook,
    pack,
    plan_features,
    unpack,
    window_features,
)
from quaternet_addon.core.dance.model import DanceModel, Dancers
from quaternet_addon.core.dance.plan import Plan, walked
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.networks.model_file import WeightsError

FRAME, CODES, VECTOR = 4 * len(MOVING) + 6, 12, 4
STYLES = ["slow", "slow", "fast"]


@pytest.fixture(scope="module")
def model():
    """A model of random weights whose codes are windows of a drawn motion."""
    random = np.random.default_rng(3)
    frames = pack(encode(drawn_motion(80)), QUATERNET_SKELETON, 30.0)
    features = window_features(frames, QUATERNET_SKELETON, 30.0)
    basis = random.normal(size=(features.shape[1], VECTOR)) / 20.0
    hidden, plan = 8, AHEAD * VECTOR + 2
    arrays = {
        **lstm_arrays(random, FRAME + plan, hidden),
        **{
            name: array
            for name, array in lstm_arrays(random, VECTOR, hidden, "prior.").items()
            if name.endswith("l0")
        },
        "head.weight": 0.3 * random.normal(size=(FRAME, hidden)),
        "head.bias": np.zeros(FRAME),
        "prior_head.weight": random.normal(size=(CODES, hidden)),
        "prior_head.bias": np.zeros(CODES),
        "frame_mean": frames.mean(0),
        "frame_std": np.maximum(frames.std(0), 0.05),
        "code_mean": features.mean(0),
        "code_basis": basis,
        "code_vectors": ((features - features.mean(0)) @ basis)[:: len(features) // CODES][:CODES],
        "code_steps": 0.1 * random.normal(size=(CODES, 3)),
        "range_lowest": np.full((len(MOVING), 3), -1.0),
        "range_highest": np.full((len(MOVING), 3), 1.0),
        "hips_range": np.array([0.5, 1.1]),
        "start_frames": np.stack([frames[16:20]] * 3),
        "start_codes": random.integers(CODES, size=(3, 2)),
    }
    header = {
        "fps": 30.0,
        "skeleton": asdict(QUATERNET_SKELETON),
        "architecture": {"moving": MOVING, "start_styles": STYLES},
    }
    return DanceModel(header, {n: np.asarray(a, np.float32) for n, a in arrays.items()})


def small(motion):
    """The canonical skeleton at 0.6 of its size."""
    skeleton = motion.skeleton
    return replace(skeleton, offsets=0.6 * skeleton.offsets, root_height=0.6 * skeleton.root_height)


def test_frames_hold_the_moving_joints_and_the_way():
    motion = drawn_motion()
    states = encode(motion)
    back = unpack(pack(states, motion.skeleton, 30.0), motion.skeleton, 30.0)
    np.testing.assert_allclose(angle(back.rotations, states.rotations), 0.0, atol=1e-6)
    np.testing.assert_allclose(back.root_velocity, states.root_velocity, atol=1e-12)
    np.testing.assert_allclose(back.turn, states.turn, atol=1e-12)


def test_a_second_neck_joint_goes_into_the_head():
    motion = drawn_motion(4)
    neck, second, head = (motion.skeleton.index(n) for n in ("Neck", "Neck1", "Head"))
    rotations = np.array(motion.rotations)
    rotations[:, second] = rotations[:, neck]
    states = encode(replace(motion, rotations=rotations))
    back = unpack(pack(states, motion.skeleton, 30.0), motion.skeleton, 30.0)
    root = np.zeros((4, 3))
    wanted, got = (
        motion.skeleton.forward_kinematics(s.rotations, root)[1][:, head] for s in (states, back)
    )
    np.testing.assert_allclose(angle(wanted, got), 0.0, atol=1e-6)


def test_the_plan_is_a_curve_without_jumps():
    vectors = np.random.default_rng(0).normal(size=(9, VECTOR))
    windows = np.lib.stride_tricks.sliding_window_view(vectors, AHEAD + 2, axis=0)
    plan = plan_features(np.moveaxis(windows, -1, 1)).reshape(-1, AHEAD * VECTOR + 2)
    curve = plan[:, :-2]
    assert np.abs(np.diff(curve, axis=0)).max() < 0.25 * np.ptp(vectors)
    # What comes is what will be: one code later the second part has become the first.
    np.testing.assert_allclose(
        curve[CODE_FRAMES:, :VECTOR], curve[:-CODE_FRAMES, VECTOR : 2 * VECTOR], atol=1e-12
    )


def test_a_window_is_of_the_code_whose_centre_is_nearest(model):
    points = model.book.vectors[[3, 5]]
    features = np.linalg.lstsq(model.book.basis.T, points.T, rcond=None)[0].T + model.book.mean
    assert list(model.book.nearest(features)) == [3, 5]


def test_the_same_seed_dances_the_same_and_another_one_differently(model):
    first, again, other = (Dance(model, duration=2.0, seed=s).run() for s in (4, 4, 5))
    np.testing.assert_array_equal(first.rotations, again.rotations)
    assert np.abs(first.positions() - other.positions()).max() > 0.02


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_a_dance_has_the_asked_duration_at_any_rate(model, fps):
    dance = Dance(model, duration=1.5, fps=fps)
    fractions = list(dance)
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert len(dance.motion) == round(1.5 * fps) + 1 and dance.motion.fps == fps
    assert dance.motion.contacts.shape == (len(dance.motion), 2)
    assert dance.report["frames"] == len(dance.motion)


def test_hips_stay_within_the_radius_of_a_small_character_too(model):
    skeleton = small(drawn_motion(2))
    dance = Dance(model, duration=20.0, radius=0.5, skeleton=skeleton, origin=(3.0, 0.0, -1.0))
    away = dance.run().root_positions[:, [0, 2]] - [3.0, -1.0]
    free = Dance(model, duration=20.0, radius=None, skeleton=skeleton).run().root_positions
    assert np.linalg.norm(away, axis=-1).max() <= 0.5 + 0.05  # the first frame is a step away
    assert np.linalg.norm(free[:, [0, 2]], axis=-1).max() > 0.6


def test_hips_stay_within_the_heights_of_the_data(model):
    heights = Dance(model, duration=5.0, foot_lock=False).run().root_positions[:, 1]
    assert heights.min() >= 0.5 and heights.max() <= 1.1


def even_plan(steps, speeds=(1.0, 1.0)):
    """A plan of two codes with even chances, that go their steps and move at their speeds."""
    book = Codebook(np.zeros(360), np.zeros((360, 1)), np.zeros((2, 1)), np.array(steps))
    shapes = {"weight_ih_l0": (4, 1), "weight_hh_l0": (4, 1), "bias_ih_l0": 4, "bias_hh_l0": 4}
    arrays = {f"prior.{name}": np.zeros(shape) for name, shape in shapes.items()}
    arrays |= {"prior_head.weight": np.zeros((2, 1)), "prior_head.bias": np.zeros(2)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Codebook, "speeds", lambda *_: np.array(speeds))
        return Plan(
            arrays,
            book,
            np.zeros((1, 1), int),
            [np.random.default_rng(0)],
            fps=30.0,
            temperature=1.0,
            radius=2.0,
        )


def test_far_out_codes_that_lead_back_are_drawn():
    plan = even_plan([[0.0, 0.3, 0.0], [0.0, -0.3, 0.0]])
    where = {"pending": np.zeros((1, 0), int), "headings": np.zeros(1)}
    middle = [plan.draw(np.zeros((1, 2)), **where)[0] for _ in range(200)]
    edge = [plan.draw(np.array([[0.0, 1.9]]), **where)[0] for _ in range(200)]
    assert 60 < sum(middle) < 140  # even chances
    assert sum(edge) > 195  # backward


def test_nobody_stands_still_for_two_seconds():
    plan = even_plan(np.zeros((2, 3)), (0.0, 1.0))
    here = np.zeros((1, 2)), np.zeros(1), np.zeros((1, 0), int)
    drawn = [plan.draw(*here)[0] for _ in range(2000)]
    runs = "".join(map(str, drawn)).split("1")
    assert max(map(len, runs)) * CODE_FRAMES / 30.0 < 2.0
    assert 0.3 < np.mean(drawn) < 0.9  # both are danced


def test_the_speed_of_a_code_is_that_of_its_windows():
    frames = pack(encode(drawn_motion(80)), QUATERNET_SKELETON, 30.0)
    features = window_features(frames, QUATERNET_SKELETON, 30.0)
    mean, basis = features.mean(0), np.eye(features.shape[1])
    speeds = Codebook(mean, basis, features[:3] - mean, np.zeros((3, 3))).speeds(30.0)
    still = Codebook(mean, basis, 0.0 * features[:1], np.zeros((1, 3))).speeds(30.0)
    assert (speeds > 0.1).all() and (speeds < 3.0).all()
    assert still[0] < 0.5 * speeds.min()  # the mean of all windows hardly moves


def test_steps_add_up_as_a_decoded_motion_does(model):
    motion = drawn_motion(9)
    states = encode(motion)
    place, heading = motion.root_positions[:1, [0, 2]], np.zeros(1)
    heading += states.turn[0]
    start = heading + float(np.arctan2(0.0, 1.0))
    from quaternet_addon.core.body.states import heading as heading_of

    facing = start + heading_of(motion.rotations[:1, 0])
    for velocity, turn in zip(states.root_velocity[1:], states.turn[1:], strict=True):
        place, facing = walked(place, facing, np.array([[*velocity, turn]]))
    np.testing.assert_allclose(place[0], motion.root_positions[-1, [0, 2]], atol=1e-9)


def test_exact_windows_start_as_stepping_does_and_then_differ(model):
    plain, exact = (
        Dance(model, duration=6.0, exact_windows=exact, foot_lock=False).run()
        for exact in (False, True)
    )
    # Until a window is full both have seen the same. Float32 sums differ, and feed back.
    np.testing.assert_allclose(plain.rotations[:60], exact.rotations[:60], atol=1e-3)
    assert np.abs(plain.rotations - exact.rotations).max() > 1e-6


def test_many_dances_side_by_side_are_those_danced_alone(model):
    seeds = 1, 2, 3

    def dancers(seeds):
        count = len(seeds)
        return Dancers(
            model,
            np.repeat(model.start_frames[:1], count, 0),
            np.repeat(model.start_codes[:1], count, 0),
            [np.random.default_rng(s) for s in seeds],
            headings=np.zeros(count),
            temperature=1.0,
            radius=2.0,
            exact=False,
        )

    together = dancers(seeds)
    batch = [together.dance_code()[0] for _ in range(6)]
    for index, seed in enumerate(seeds):
        alone = dancers([seed])
        for frames in batch:
            np.testing.assert_allclose(frames[index], alone.dance_code()[0][0], atol=1e-4)


@pytest.mark.parametrize("fps", [24.0, 30.0, 50.0])
def test_a_dance_goes_on_from_the_rigs_own_frames_without_a_jump(model, fps):
    context = drawn_motion(int(2 * fps), fps=fps).turned(1.0)
    context = replace(context, root_positions=context.root_positions + [5.0, 0.0, 2.0])
    dance = Dance(model, duration=2.0, context=context, fps=fps, foot_lock=False)
    motion = dance.run()
    assert len(motion) == round(2.0 * fps) and not dance.warnings
    own = np.linalg.norm(np.diff(context.positions()[-5:], axis=0), axis=-1).max()
    seam = np.linalg.norm(motion.positions()[0] - context.positions()[-1], axis=-1).max()
    assert seam < 2.0 * own + 1e-3


def test_a_single_pose_is_context_enough_and_it_says_so(model):
    dance = Dance(model, duration=1.0, context=drawn_motion(1))
    assert len(dance.run()) == 30
    assert "the first pose is held" in dance.warnings[0]


def test_starts_are_chosen_by_index_name_or_style(model):
    assert model.starts == ("slow 1", "slow 2", "fast 1") and model.styles == ("slow", "fast")
    by = [Dance(model, duration=1.0, start=s, seed=1).run() for s in (2, "fast 1")]
    np.testing.assert_array_equal(by[0].rotations, by[1].rotations)
    Dance(model, start="slow")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": 0.0}, r"temperature from 0\.2"),
        ({"temperature": np.nan}, r"temperature from 0\.2"),
        ({"radius": 0.1}, r"radius of 0\.5 m or more"),
        ({"duration": 0.0}, r"a duration above zero, got 0\.0"),
        ({"fps": -1.0}, "a frame rate above zero"),
        ({"start": 3}, "a start from 0 to 2"),
        ({"start": "waltz"}, "one of the styles 'slow', 'fast', got 'waltz'"),
    ],
)
def test_what_cannot_be_danced_is_refused_with_what_can(model, options, message):
    with pytest.raises(ValueError, match=message):
        Dance(model, **options)


def test_a_model_with_an_array_missing_or_misshapen_is_refused(model):
    without = {name: array for name, array in model.arrays.items() if name != "prior_head.bias"}
    with pytest.raises(WeightsError, match=r"prior_head\.bias"):
        DanceModel(model.header, without)
    with pytest.raises(WeightsError, match="hips_range"):
        DanceModel(model.header, {**model.arrays, "hips_range": np.zeros(3, np.float32)})


def test_joints_stay_within_the_range_of_the_data(model):
    frames = np.tile(model.start_frames[0, 0], (2, 1))
    frames[:, 4:8] = [0.0, 1.0, 0.0, 0.0]  # a thigh half a turn round
    motion = to_motion(model, frames, np.zeros((2, 2)), np.zeros(2))
    thigh = motion.rotations[:, motion.skeleton.index(MOVING[1])]
    assert angle(thigh, np.array([1.0, 0.0, 0.0, 0.0])).max() < np.sqrt(3.0) + 1e-6


shipped = pytest.mark.skipif(not DEFAULT_MODEL.is_file(), reason="no dance model is shipped yet")


@pytest.fixture(scope="module")
def dancer():
    return load_model()


@shipped
def test_the_shipped_model_has_a_hundred_starts_of_several_styles(dancer):
    assert len(dancer.starts) >= 100 and len(dancer.styles) >= 4
    assert DEFAULT_MODEL.stat().st_size < 10e6


@shipped
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_shipped_model_goes_on_dancing_on_the_ground(dancer, seed):
    motion = Dance(dancer, duration=30.0, seed=seed).run()
    body = motion.positions() - motion.root_positions[:, None]
    speeds = np.linalg.norm(np.diff(body, axis=0), axis=-1).mean(-1) * motion.fps
    means = np.convolve(speeds, np.full(60, 1.0 / 60.0), mode="valid")
    assert means.min() > 0.05  # m/s over 2 s; recordings dance at 0.45 on the average
    assert means.max() < 2.0
    assert motion.root_positions[:, 1].min() > 0.3
    assert np.linalg.norm(motion.root_positions[:, [0, 2]], axis=-1).max() < 3.05


@shipped
def test_rounding_does_not_drive_two_dances_apart(dancer):
    made = []
    for nudge in (0.0, 1e-5):
        dance = Dance(dancer, duration=20.0, seed=3, foot_lock=False)
        dance._frames = dance._frames + nudge
        made.append(dance.run())
    apart = angle(made[0].rotations, made[1].rotations).max(-1)
    assert apart.max() < 2e-3  # radians; keys of two platforms agree within 1e-3


def test_eight_seeds_begin_in_eight_ways(dancer):
    """The nearest two of the first poses are half a recorded dance's spread (14 cm) apart."""
    first = []
    for seed in range(8):
        points = Dance(dancer, duration=0.5, seed=seed, foot_lock=False).run().positions()[0]
        first.append(points - points[:1])
    away = np.linalg.norm(np.array(first)[:, None] - first, axis=-1).mean(-1)
    assert away[np.triu_indices(8, 1)].min() > 0.07


def test_a_kind_of_dance_stands_for_all_its_styles(dancer):
    begun = {Dance(dancer, duration=1.0, start="salsa", seed=s)._codes.tobytes() for s in range(4)}
    assert len(begun) == 4


def test_codes_that_were_danced_often_lately_are_drawn_no_more(dancer):
    plan = Plan(
        dancer.arrays,
        dancer.book,
        np.full((1, 24), 7),
        [np.random.default_rng(0)],
        fps=dancer.fps,
        temperature=1.0,
        radius=None,
    )
    lost = plan._tired()[0]
    assert lost[7] == lost.max() > 4.0 and np.median(lost) == 0.0


def test_arms_keep_out_of_the_torso_and_others_stay_as_they_are(dancer):
    rest = np.tile([1.0, 0.0, 0.0, 0.0], (60, len(dancer.skeleton), 1))
    roots = np.tile([0.0, 1.0, 0.0], (60, 1))
    motion = Motion(dancer.skeleton, rest.copy(), roots, 30.0)
    np.testing.assert_array_equal(clear_torso(motion).rotations, rest)
    bent = rest.copy()
    for joint, turn in (("LeftArm", (0.0, -2.0, -0.4)), ("LeftForeArm", (0.0, -2.4, 0.0))):
        angles = np.sin(np.linspace(0.0, np.pi, 60))[:, None] * turn
        bent[:, dancer.skeleton.index(joint)] = rotation_vector_to_quaternion(angles)
    motion = Motion(dancer.skeleton, bent, roots, 30.0)
    assert depth(motion)[:, 0].max() > 0.03
    made = clear_torso(motion)
    assert depth(made).max() < 0.005
    np.testing.assert_array_equal(made.positions()[[0, -1]], motion.positions()[[0, -1]])
    right = [i for i, name in enumerate(dancer.skeleton.names) if name.startswith("Right")]
    np.testing.assert_array_equal(made.rotations[:, right], motion.rotations[:, right])


def test_feet_on_their_way_do_not_slide_over_the_floor():
    """The bar of the quality table, on two dances of a few seconds."""
    found = []
    for seed in (1, 2):
        made = Dance(load_model(DEFAULT_MODEL), duration=6.0, seed=seed)
        made.run()
        found.append(made.report["skate_kimodo"])
        assert made.report["maximum_contact_speed"] < 0.02
    assert np.mean(found) <= 0.12
