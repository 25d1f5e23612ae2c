# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks keep to path, speed, rig, rate and seed; what cannot be walked is refused in words."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import measure_skate, segments, toe_positions
from quaternet_addon.core.body.joint_range import clamp_rotations
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.body.trajectory import trajectory_of
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.networks.model_file import WeightsError, load_weights, save_weights
from quaternet_addon.core.walk.features import control_count
from quaternet_addon.core.walk.itinerary import FASTEST, SLOWEST, Itinerary
from quaternet_addon.core.walk.model import DEFAULT_MODEL, LocomotionModel, PoseStepper, load_model
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk

STYLES = ("first", "second", "third")
HIDDEN, CONTROLS = 12, 8


def random_arrays(seed=0):
    """A model file's arrays with random weights, near the rest pose; it walks as it can."""
    random = np.random.default_rng(seed)
    state, joints = 4 * 26 + 5, 26

    def weights(*shape):
        return random.normal(size=shape) * 0.3 / np.sqrt(shape[-1])

    arrays = {"pose.fc.weight": weights(state, HIDDEN), "pose.fc.bias": np.zeros(state)}
    arrays["pose.fc.bias"][: 4 * joints : 4] = 1.0
    for layer, inputs in ((0, state + CONTROLS), (1, HIDDEN)):
        arrays |= gru(f"pose.rnn.{{}}_l{layer}", inputs, HIDDEN, weights)
    for direction in ("", "_reverse"):
        arrays |= gru(f"pace.rnn.{{}}_l0{direction}", 4, HIDDEN, weights)
    arrays["pose.fc1.weight"] = weights(CONTROLS, control_count(len(STYLES)))
    arrays["pose.fc2.weight"] = weights(CONTROLS, CONTROLS)
    arrays |= {f"pose.fc{i}.bias": np.zeros(CONTROLS) for i in (1, 2)}
    arrays |= {"pose.h0": np.zeros((2, 1, HIDDEN)), "pace.h0": np.zeros((2, 1, HIDDEN))}
    arrays |= {"pace.fc.weight": 0.1 * weights(4, 2 * HIDDEN), "pace.fc.bias": [1.3, 6, 1, 0]}
    start = np.zeros((len(STYLES), state))
    start[:, : 4 * joints : 4], start[:, -2:] = 1.0, 1.0
    return arrays | {
        "hips_mean": np.array([0.0, 0.98, 0.0]),
        "hips_std": np.full(3, 0.02),
        "range_lowest": np.full((joints, 3), -0.5),
        "range_highest": np.full((joints, 3), 0.5),
        "start_state": start,
        "start_hidden": np.zeros((len(STYLES), 2, HIDDEN)),
    }


def gru(name, inputs, hidden, weights):
    return {
        name.format("weight_ih"): weights(3 * hidden, inputs),
        name.format("weight_hh"): weights(3 * hidden, hidden),
        name.format("bias_ih"): np.zeros(3 * hidden),
        name.format("bias_hh"): np.zeros(3 * hidden),
    }


def header():
    return {
        "kind": "locomotion",
        "fps": 30.0,
        "styles": list(STYLES),
        "default_style": 0,
        "skeleton": {
            "names": list(QUATERNET_SKELETON.names),
            "parents": list(QUATERNET_SKELETON.parents),
            "offsets": QUATERNET_SKELETON.offsets.tolist(),
            "root_height": QUATERNET_SKELETON.root_height,
        },
    }


def float32(arrays):
    return {name: np.asarray(array, np.float32) for name, array in arrays.items()}


@pytest.fixture(scope="module")
def model():
    return LocomotionModel(header(), float32(random_arrays()))


@pytest.fixture(scope="module")
def shipped():
    if not DEFAULT_MODEL.is_file():
        pytest.skip(f"there is no shipped model at {DEFAULT_MODEL}")
    return load_model()


def straight(length=3.0, rise=0.0):
    return Path(np.array([[1.0, 0.0, -1.0], [1.0, rise, length - 1.0]]))


def ring(radius=1.5, tilt=0.0):
    turn = np.linspace(0.0, 2.0 * np.pi, 90, endpoint=False)
    x, z = radius * (1.0 - np.cos(turn)), radius * np.sin(turn)
    return Path(np.stack([x, tilt * z, z], -1), closed=True)


def scaled(factor):
    canonical = QUATERNET_SKELETON
    return Skeleton(canonical.names, canonical.parents, factor * canonical.offsets, factor * 1.0)


# -- what comes out


def test_a_walk_yields_growing_fractions_and_ends_with_one(model):
    walk = Walk(model, straight())
    assert walk.motion is None
    fractions = list(walk)
    assert fractions == sorted(fractions) and fractions[-1] == 1.0 and fractions[0] > 0.0
    assert len(fractions) > 3  # a caller can cancel in between
    assert walk.motion is not None


def test_an_abandoned_walk_can_be_begun_again(model):
    walk = Walk(model, straight())
    next(iter(walk))
    assert walk.motion is None
    whole, fresh = walk.run(), Walk(model, straight()).run()
    np.testing.assert_array_equal(whole.rotations, fresh.rotations)


def test_two_walks_at_once_do_not_disturb_each_other(model):
    alone = [Walk(model, straight(), seed=seed).run() for seed in (1, 2)]
    walks = [Walk(model, straight(), seed=seed) for seed in (1, 2)]
    runs = [iter(walk) for walk in walks]
    while [next(run, None) for run in runs] != [None, None]:
        pass
    for walk, expected in zip(walks, alone, strict=True):
        np.testing.assert_array_equal(walk.motion.rotations, expected.rotations)


@pytest.mark.parametrize("fps", [12.0, 23.976, 24.0, 60.0])
def test_the_result_has_the_asked_rate_and_lasts_as_long_at_every_rate(model, fps):
    motion, usual = (Walk(model, straight(), fps=rate).run() for rate in (fps, 30.0))
    assert motion.fps == fps
    assert motion.duration == pytest.approx(usual.duration, abs=1.0 / min(fps, 30.0))
    assert np.linalg.norm(motion.root_positions[-1] - usual.root_positions[-1]) < 0.05


def test_equal_seeds_are_equal_and_others_differ(model):
    first, again, other = (Walk(model, straight(), seed=seed).run() for seed in (7, 7, 8))
    np.testing.assert_array_equal(first.rotations, again.rotations)
    np.testing.assert_array_equal(first.root_positions, again.root_positions)
    assert len(first) != len(other) or np.abs(first.rotations - other.rotations).max() > 1e-3


def test_any_integer_is_a_seed(model):
    for seed in (-1, 2**40, np.int64(3)):
        assert np.isfinite(Walk(model, straight(1.0), seed=seed).run().rotations).all()


@pytest.mark.parametrize("factor", [0.01, 0.5, 1.0, 20.0])
def test_another_size_of_body_walks_its_own_size_of_path_the_same_way(model, factor):
    skeleton, path = scaled(factor), Path(factor * straight().points)
    tempo = np.sqrt(factor) if 0.1 < 0.84 * factor < 7.0 else 1.0  # else it is another unit
    options = {"speed": 1.2 * factor / tempo, "fps": 30.0 / tempo}
    motion = Walk(model, path, skeleton=skeleton, foot_lock=False, **options).run()
    usual = Walk(model, straight(), speed=1.2, foot_lock=False).run()
    assert motion.skeleton is skeleton
    # Rounding of float32 controls, fed back for some 120 frames.
    np.testing.assert_allclose(motion.positions() / factor, usual.positions(), atol=2e-3)


def test_quaternions_come_out_unit_and_without_flips(model):
    motion = Walk(model, straight()).run()
    np.testing.assert_allclose(np.linalg.norm(motion.rotations, axis=-1), 1.0, atol=1e-9)
    assert (motion.rotations[1:] * motion.rotations[:-1]).sum(-1).min() > 0.0
    assert motion.contacts.shape == (len(motion), 2) and motion.contacts.dtype == bool


def test_the_report_counts_frames_seconds_and_metres(model):
    walk = Walk(model, straight(3.0), fps=24.0)
    walk.run()
    assert walk.report["frames"] == len(walk.motion)
    assert walk.report["seconds"] == walk.motion.duration
    assert walk.report["path_length"] == pytest.approx(3.0)
    assert 0.0 <= walk.report["skate_kimodo"] <= 1.0


def test_joints_stay_in_the_range_of_the_model(model):
    wild = float32(random_arrays())
    wild["pose.fc.weight"] = wild["pose.fc.weight"] * 40.0
    wild = LocomotionModel(header(), wild)
    motion = Walk(wild, straight(), foot_lock=False).run()
    assert np.isfinite(motion.positions()).all()
    turns = 2.0 * np.arccos(np.clip(np.abs(motion.rotations[:, 1:, 0]), 0.0, 1.0))
    assert turns.max() <= np.sqrt(3.0) * 0.5 + 1e-6  # the range's far corner


def test_in_place_keeps_the_poses_and_takes_out_the_travel(model):
    there, here = (Walk(model, straight(3.0), in_place=flag).run() for flag in (False, True))
    np.testing.assert_array_equal(here.rotations, there.rotations)
    assert np.linalg.norm(there.root_positions[-1] - there.root_positions[0]) > 2.5
    assert np.ptp(here.root_positions[:, [0, 2]], axis=0).max() < 0.3
    np.testing.assert_array_equal(here.root_positions[0], there.root_positions[0])
    np.testing.assert_allclose(here.root_positions[:, 1], there.root_positions[:, 1], atol=1e-12)


def test_in_place_on_a_slope_does_not_climb(model):
    walk = Walk(model, straight(3.0, rise=1.0), in_place=True, foot_lock=False)
    assert np.ptp(walk.run().root_positions[:, 1]) < 0.2


def test_a_closed_path_is_walked_once_round_or_as_often_as_asked(model):
    once, twice = (Walk(model, ring(), laps=laps) for laps in (1, 2))
    for walk, laps in ((once, 1), (twice, 2)):
        motion = walk.run()
        ends = motion.root_positions[[0, -1]][:, [0, 2]]
        assert np.linalg.norm(ends[1] - ends[0]) < 0.2
        headings = trajectory_of(motion).headings
        assert headings[-1] - headings[0] == pytest.approx(2.0 * np.pi * laps, abs=0.3)


@pytest.mark.parametrize("laps", [1, 4])
def test_the_body_follows_the_height_of_its_path_lap_after_lap(model, laps):
    path = ring(radius=1.5, tilt=0.2)
    flat = Walk(model, ring(radius=1.5), laps=laps, foot_lock=False).run()
    tilted = Walk(model, path, laps=laps, foot_lock=False).run()
    climb = tilted.root_positions[:, 1] - flat.root_positions[:, 1]
    below = 0.2 * flat.root_positions[:, 2]  # the plane under the hips
    # Hips sway by some centimetres and the smoothed ring shrinks by three: 1 to 2 cm of height.
    assert np.abs(climb - below).max() < 0.03


def test_the_foot_lock_plants_feet_and_leaving_it_out_does_not(shipped):
    locked, raw = (Walk(shipped, straight(), foot_lock=flag) for flag in (True, False))
    locked.run()
    assert raw.run() is raw.raw
    np.testing.assert_array_equal(locked.raw.rotations, raw.motion.rotations)
    assert locked.report["maximum_contact_speed"] < 1e-3
    assert raw.report["maximum_contact_speed"] > 0.1


# -- what the shipped model does


@pytest.mark.parametrize("speed", [0.7, 1.4, 3.0])
def test_the_shipped_walk_begins_and_ends_standing_on_two_feet(shipped, speed):
    path = straight(6.0)
    motion = Walk(shipped, path, speed=speed).run()
    steps = np.linalg.norm(np.diff(motion.root_positions[:, [0, 2]], axis=0), axis=-1)
    assert steps[:3].mean() * motion.fps < 0.25 and steps[-3:].mean() * motion.fps < 0.25
    assert motion.contacts[0].all() and motion.contacts[-1].all()
    away = motion.root_positions[[0, -1]] - path.position(np.array([0.0, 6.0]))
    assert np.linalg.norm(away[:, [0, 2]], axis=-1).max() < 0.15


def test_the_shipped_walk_stays_upright_on_its_path_and_steps(shipped):
    motion = Walk(shipped, straight(6.0), speed=1.3).run()
    head = motion.positions()[:, motion.skeleton.index("Head")]
    hips = motion.root_positions
    up = (head - hips)[:, 1] / np.linalg.norm(head - hips, axis=-1)
    assert up.min() > np.cos(np.radians(25.0))
    assert np.abs(hips[:, 0] - 1.0).max() < 0.15
    for foot in range(2):
        assert len(segments(motion.contacts[:, foot])) >= 4
    assert measure_skate(motion, motion.contacts).maximum_contact_speed < 0.05
    assert toe_positions(motion)[..., 1].min() > 0.0


def test_the_shipped_header_names_data_and_licences(shipped):
    assert shipped.header["data"]
    for source in shipped.header["data"]:
        assert source["licence"] and source["credit"] and source["name"]


# -- what is refused


@pytest.mark.parametrize("speed", [0.0, -1.0, SLOWEST / 1.01, FASTEST * 1.01, np.nan, np.inf])
def test_speeds_that_nobody_walks_at_are_refused_with_the_limits(model, speed):
    with pytest.raises(ValueError, match=r"between 0\.4 and 4\.5 m/s.*got"):
        Walk(model, straight(), speed=speed)


def test_limits_of_speed_grow_with_the_legs(model):
    with pytest.raises(ValueError, match=r"between 0\.57 and 6\.3 m/s .* legs of 1\.7 m"):
        Walk(model, straight(9.0), speed=0.5, skeleton=scaled(2.0))
    Walk(model, straight(9.0), speed=6.0, skeleton=scaled(2.0))


def test_a_path_shorter_than_a_step_is_refused_with_both_lengths(model):
    with pytest.raises(
        ValueError, match=r"at least one step, 0\.3 m .* legs of 0\.8\d m, got 0\.25 m"
    ):
        Walk(model, straight(0.25))
    with pytest.raises(ValueError, match=r"at least one step, 0\.6 m .* got 0\.5 m"):
        Walk(model, straight(0.5), itinerary=Itinerary(loop=True))
    with pytest.raises(ValueError, match="Make the curve longer"):
        Walk(model, straight(2.0), speed=30.0, skeleton=scaled(10.0))
    Walk(model, straight(0.31)).run()


def test_a_walk_of_hours_is_refused_before_anything_is_measured_along_its_path(model):
    with pytest.raises(ValueError, match=r"at most 100000 frames, got 1e\+09 m in .* the units"):
        Walk(model, straight(1e9))
    with pytest.raises(ValueError, match="at most 100000 frames"):
        Walk(model, ring(), laps=100_000)
    with pytest.raises(ValueError, match="at most 100000 frames"):
        Walk(model, straight(), itinerary=Itinerary(duration=5000.0))


@pytest.mark.parametrize("fps", [0.0, -24.0, np.nan, np.inf])
def test_frame_rates_that_are_none_are_refused_at_once(model, fps):
    with pytest.raises(ValueError, match="frame rate above zero"):
        Walk(model, straight(), fps=fps)


@pytest.mark.parametrize("laps", [0, -1, 1.5])
def test_laps_that_are_none_are_refused(model, laps):
    with pytest.raises(ValueError, match=f"whole number of laps, 1 or more, got {laps}"):
        Walk(model, ring(), laps=laps)


def test_a_path_of_nan_or_of_one_point_never_becomes_a_walk():
    for points in (np.full((3, 3), np.nan), np.zeros((4, 3)), np.zeros((0, 3))):
        with pytest.raises(ValueError, match="expected"):
            Path(points)


@pytest.mark.parametrize(
    "missing", ["pose.fc.weight", "pose.fc2.bias", "pace.fc.bias", "start_state", "hips_std",
                "pose.rnn.weight_hh_l0", "range_lowest"],
)  # fmt: skip
def test_a_model_without_one_of_its_arrays_is_refused_by_name(missing):
    arrays = float32(random_arrays())
    del arrays[missing]
    with pytest.raises(WeightsError, match=missing.rpartition(".")[2]):
        LocomotionModel(header(), arrays)


@pytest.mark.parametrize("missing", ["fps", "skeleton", "styles"])
def test_a_model_without_one_of_its_header_entries_is_refused_by_name(missing):
    entries = header()
    del entries[missing]
    with pytest.raises(WeightsError, match=missing):
        LocomotionModel(entries, float32(random_arrays()))


def test_a_model_file_of_another_kind_is_refused(tmp_path):
    save_weights(tmp_path / "m.npz", {**header(), "kind": "dance"}, random_arrays())
    with pytest.raises(WeightsError, match=r"'locomotion'.*'dance'"):
        load_model(tmp_path / "m.npz")


def test_a_saved_model_walks_like_the_one_in_memory(tmp_path, model):
    save_weights(tmp_path / "m.npz", header(), random_arrays(), np.float32)
    loaded = load_model(tmp_path / "m.npz")
    np.testing.assert_array_equal(
        Walk(loaded, straight(1.0)).run().rotations, Walk(model, straight(1.0)).run().rotations
    )
    assert load_weights(tmp_path / "m.npz")[0]["styles"] == list(STYLES)


# -- parts


def test_the_stepper_feeds_unit_quaternions_and_probabilities_back(model):
    stepper = PoseStepper(model, np.eye(3)[1])
    encoded = model.encode_controls(np.random.default_rng(0).normal(size=(5, control_count(3))))
    for controls in encoded:
        state = stepper.step(controls)
        lengths = np.linalg.norm(state[: 4 * 26].reshape(26, 4), axis=-1)
        np.testing.assert_allclose(lengths, 1.0, atol=1e-6)
        assert ((state[-2:] > 0.0) & (state[-2:] < 1.0)).all()


def test_controls_are_encoded_frame_by_frame_alike(model):
    features = np.random.default_rng(0).normal(size=(9, control_count(3)))
    together = model.encode_controls(features)
    for frame in range(9):
        alone = model.encode_controls(features[frame : frame + 1])[0]
        np.testing.assert_allclose(together[frame], alone, atol=1e-6)


def test_clamping_leaves_what_is_inside_and_stops_at_the_range():
    vectors = np.array([[[0.1, -0.2, 0.3], [0.9, 0.0, -0.9]]])
    limits = np.full((2, 3), 0.5)
    out = clamp_rotations(2.0 * rotation_vector_to_quaternion(vectors), -limits, limits)
    expected = np.array([[[0.1, -0.2, 0.3], [0.5, 0.0, -0.5]]])
    assert np.max(angle(out, rotation_vector_to_quaternion(expected))) < 1e-9


def test_a_walk_leaves_its_path_and_its_model_as_they_were(model):
    path = straight()
    points, state = path.points.copy(), model.start_state.copy()
    Walk(model, path, seed=3).run()
    np.testing.assert_array_equal(path.points, points)
    np.testing.assert_array_equal(model.start_state, state)
    assert replace(Walk(model, path).run(), fps=30.0).fps == 30.0
