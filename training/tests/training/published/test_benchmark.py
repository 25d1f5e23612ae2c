# SPDX-License-Identifier: GPL-3.0-or-later
"""The published short-term protocol: windows, errors, and the baseline's known figures."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from quaternet_addon.core.maths.quaternion import (
    quaternion_to_matrix,
    rotation_vector_to_quaternion,
)
from training.commands import evaluate
from training.data.dataset import join_takes, save_dataset
from training.data.from_expmap import (
    CMU_BENCHMARK,
    CMU_SKELETON,
    H36M_BENCHMARK,
    H36M_SKELETON,
    prepare_cmu_expmap,
)
from training.published import benchmark
from training.published.benchmark import (
    HORIZONS,
    benchmark_windows,
    errors,
    euler_error,
    geodesic_error,
    horizons,
    position_error,
    score,
    window_starts,
    zero_velocity,
)

CMU = Path(__file__).resolve().parents[5] / "shared" / "data" / "cmu_expmap"


def _takes(skeleton, lengths, subject, actions, benchmark, fps):
    random = np.random.default_rng(0)
    clips = []
    for number, (action, length) in enumerate(zip(actions, lengths, strict=True)):
        vectors = 0.3 * random.normal(size=(length, len(skeleton), 3)).cumsum(0) / 10.0
        rotations = rotation_vector_to_quaternion(vectors)
        name = f"{subject}/{action}_{number}"
        clips.append((name, subject, action, rotations, np.zeros((length, 3))))
    return join_takes(skeleton, fps, clips, benchmark=benchmark)


def _cmu(lengths, actions):
    return _takes(CMU_SKELETON, lengths, "test", actions, CMU_BENCHMARK, 120.0)


def test_cmu_windows_start_where_the_published_code_starts_them():
    starts = window_starts("cmu-expmap", [289], 8)
    # RandomState(1234567890).randint(0, 289 - 75), eight times
    assert [s for _, s in starts] == [130, 102, 47, 140, 51, 33, 171, 105]


def test_every_cmu_take_has_a_generator_of_its_own():
    starts = window_starts("cmu-expmap", [289, 289], 8)
    assert starts[:8] == [(0, s) for _, s in starts[8:]]


def test_h36m_takes_take_turns_and_stay_clear_of_the_first_16_frames_and_the_last_100():
    starts = window_starts("h36m", [400, 700], 8)
    assert [take for take, _ in starts] == [0, 1] * 4
    random = np.random.RandomState(1234567890)
    expected = [random.randint(16, length - 150) for _ in range(4) for length in (400, 700)]
    assert [start for _, start in starts] == expected


def test_256_seeds_are_128_of_each_h36m_take_drawn_as_the_8():
    starts = window_starts("h36m", [400, 700], 256)
    assert [take for take, _ in starts] == [0, 1] * 128
    random = np.random.RandomState(1234567890)
    expected = [random.randint(16, length - 150) for _ in range(128) for length in (400, 700)]
    assert [start for _, start in starts] == expected
    assert starts[:8] == window_starts("h36m", [400, 700], 8)


@pytest.mark.parametrize(
    ("name", "lengths"), [("h36m", [400]), ("cmu-expmap", [75]), ("h36m", []), ("h36m", [400, 166])]
)
def test_takes_that_are_no_benchmark_are_refused(name, lengths):
    with pytest.raises(ValueError, match=r"Expected .*takes.* got"):
        window_starts(name, lengths, 8)


def test_h36m_predicts_every_second_frame():
    dataset = _takes(H36M_SKELETON, [800, 900], "S5", ["walking"] * 2, H36M_BENCHMARK, 50.0)
    windows, left_out = benchmark_windows(dataset, ["S5"], 8)
    start = window_starts("h36m", [400, 450], 8)[0][1]
    expected = dataset.rotations[2 * start : 2 * (start + 150) : 2]
    np.testing.assert_array_equal(windows["walking"].prefixes[0], expected[:50])
    np.testing.assert_array_equal(windows["walking"].targets[0], expected[50:])
    assert len(left_out) == 14 and "walking" not in left_out


def test_what_is_absent_or_too_short_is_named_and_left_out_of_the_average():
    dataset = _cmu([400, 120], ["walking", "running"])
    windows, left_out = benchmark_windows(dataset, ["test"], 8)
    assert list(windows) == ["walking"]
    assert "76 frames" in left_out["running"] and "got none" in left_out["soccer"]
    scores = score(dataset, windows, zero_velocity)["euler"]
    assert scores["average"] == scores["actions"]["walking"]


def test_an_unknown_subject_is_refused_with_the_known_ones():
    for subjects, said in ((["S5"], "got 'S5'"), ([""], "got ''"), ([], "got none")):
        with pytest.raises(ValueError, match=f"one of the subjects test, {said}"):
            benchmark_windows(_cmu([400], ["walking"]), subjects, 8)


def _published_angles(vectors):
    """Rotation vectors to angles as Martinez et al. describe them: from R[0, 2] of R(v)."""
    R = quaternion_to_matrix(rotation_vector_to_quaternion(vectors))
    middle = -np.arcsin(R[..., 0, 2])
    cosine = np.cos(middle)
    first = np.arctan2(R[..., 1, 2] / cosine, R[..., 2, 2] / cosine)
    third = np.arctan2(R[..., 0, 1] / cosine, R[..., 0, 0] / cosine)
    return np.stack([first, middle, third], -1)


def test_error_is_that_of_the_published_angles_of_the_files_vectors():
    vectors = np.random.default_rng(1).normal(size=(2, 30, 12, 3))
    # prepare negates the vectors: the files' matrices act on rows.
    ours = euler_error(*rotation_vector_to_quaternion(-vectors))
    angles = [_published_angles(v)[:, 1:].reshape(30, -1) for v in vectors]
    np.testing.assert_allclose(ours, np.linalg.norm(angles[0] - angles[1], axis=-1), atol=1e-9)


def test_first_joint_counts_in_neither_error():
    q = rotation_vector_to_quaternion(np.random.default_rng(2).normal(size=(5, 4, 3)))
    other = q.copy()
    other[:, 0] = rotation_vector_to_quaternion(np.ones(3))
    assert euler_error(other, q).max() == 0.0 and geodesic_error(other, q).max() < 1e-6


def test_degrees_are_the_mean_angle_of_the_joints():
    q = np.tile([1.0, 0.0, 0.0, 0.0], (1, 5, 1))
    other = q.copy()
    other[0, 1] = rotation_vector_to_quaternion(np.array([0.0, np.radians(40.0), 0.0]))
    np.testing.assert_allclose(geodesic_error(other, q), [10.0], atol=1e-6)


def _turned_elbow(skeleton, joint):
    """Rest poses, and the same with one joint turned by 90 degrees about a bone's normal."""
    rest = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(skeleton), 1))
    bone = skeleton.offsets[joint + 1]
    axis = np.cross(bone, [0.0, 0.0, 1.0] if abs(bone[2]) < abs(bone).max() else [0.0, 1.0, 0.0])
    other = rest.copy()
    other[0, joint] = rotation_vector_to_quaternion(np.pi / 2.0 * axis / np.linalg.norm(axis))
    return rest, other


def test_positions_are_in_mm_seen_from_hips_that_do_not_turn():
    elbow = H36M_SKELETON.names.index("LeftToeBase")
    rest, other = _turned_elbow(H36M_SKELETON, elbow)
    away = position_error(H36M_SKELETON, other, rest)[0]
    end = 74.999949
    assert away[elbow + 1] == pytest.approx(end * np.sqrt(2.0)) and np.count_nonzero(away) == 1
    other[:, 0] = rotation_vector_to_quaternion(np.ones(3))
    np.testing.assert_allclose(position_error(H36M_SKELETON, other, rest)[0], away)


def test_mean_position_error_is_over_all_joints_and_over_those_predicted_there():
    elbow = H36M_SKELETON.names.index("LeftToeBase")
    rest, other = _turned_elbow(H36M_SKELETON, elbow)
    found = errors(H36M_SKELETON, "h36m", other, rest)
    assert found["mpjpe_mm"][0] * 32 == pytest.approx(found["mpjpe_22_mm"][0] * 22)
    assert "mpjpe_22_mm" not in errors(CMU_SKELETON, "cmu-expmap", *_turned_elbow(CMU_SKELETON, 5))


def test_h36m_joints_left_out_are_fixed_or_where_another_one_is():
    random = np.random.default_rng(4)
    turns = rotation_vector_to_quaternion(0.3 * random.normal(size=(1, 32, 3)))
    turns[:, 0] = [1.0, 0.0, 0.0, 0.0]
    places = H36M_SKELETON.forward_kinematics(turns, np.zeros((1, 3)))[0][0]
    kept = np.delete(places, benchmark._H36M_ALONE, 0)
    rest = H36M_SKELETON.forward_kinematics(turns * 0 + [1.0, 0, 0, 0], np.zeros((1, 3)))[0][0]
    for joint in benchmark._H36M_ALONE:
        copied = np.linalg.norm(kept - places[joint], axis=-1).min() < 1e-6
        assert copied or np.allclose(places[joint], rest[joint])
    assert len(kept) == 22


def test_h36m_is_reported_to_four_seconds_and_the_cmu_split_to_one():
    assert max(horizons("h36m")) == 4000 and max(horizons("cmu-expmap")) == 1000
    actions = ["walking", "walking"]
    dataset = _takes(H36M_SKELETON, [800, 900], "S5", actions, H36M_BENCHMARK, 50.0)
    windows, _ = benchmark_windows(dataset, ["S5"], 256)
    row = score(dataset, windows, zero_velocity)["euler"]["actions"]["walking"]
    last = euler_error(windows["walking"].prefixes[:, -1], windows["walking"].targets[:, 99])
    assert row["4000"] == pytest.approx(last.mean())


def test_a_recording_on_both_sides_is_refused_by_its_names():
    data = [_cmu([400], ["walking"]), _cmu([400], ["walking"])]
    clips = [
        (f"{side}/walking_{n}", side, "walking", d.rotations, d.root_positions)
        for n, (side, d) in enumerate(zip(("train", "test"), data, strict=True))
    ]
    both = join_takes(CMU_SKELETON, 120.0, clips, benchmark=CMU_BENCHMARK)
    with pytest.raises(ValueError, match="train/walking_0 is test/walking_1"):
        evaluate.evaluate_short_term(both, None, 8, zero_velocity)


@pytest.mark.skipif(not CMU.is_dir(), reason="needs ../shared/data")
def test_zero_velocity_gives_the_published_figures_of_the_cmu_split():
    dataset = prepare_cmu_expmap(CMU, report=lambda _: None)
    figures = evaluate.evaluate_short_term(dataset, None, 8, zero_velocity)
    expected = {
        "walking": (0.41, 0.60, 0.83, 0.95),
        "running": (0.56, 0.99, 1.38, 1.46),
        "basketball": (0.49, 0.82, 1.40, 1.64),
        "jumping": (0.36, 0.62, 1.48, 1.68),
        "soccer": (0.27, 0.48, 0.92, 1.10),
        "washwindow": (0.34, 0.57, 0.90, 1.09),
    }
    for action, published in expected.items():
        got = [figures["actions"][action][ms] for ms in ("80", "160", "320", "400")]
        np.testing.assert_allclose(got, published, atol=0.0051)
    mean = [figures["average"][str(ms)] for ms in HORIZONS]
    np.testing.assert_allclose(mean, [0.41, 0.68, 1.15, 1.32, 1.56, 1.84], atol=0.0051)


def test_command_prints_both_tables_and_writes_the_json(tmp_path, capsys):
    data, out = tmp_path / "data.npz", tmp_path / "figures.json"
    save_dataset(data, _cmu([400, 300], ["walking", "running"]))
    parser = argparse.ArgumentParser()
    evaluate.register(parser.add_subparsers())
    command = f"evaluate short-term --data {data} --baseline zero-velocity --json {out}"
    arguments = parser.parse_args(command.split())
    arguments.run(arguments)
    text = capsys.readouterr().out
    assert "mean Euler error" in text and "degrees" in text and "MPJPE, mm" in text
    assert "left out: soccer" in text
    figures = json.loads(out.read_text())
    assert set(figures["actions"]["walking"]) == {"80", "160", "320", "400", "560", "1000"}
    assert figures["average"]["80"] > 0.0 and figures["seeds"] == 8


def test_data_without_a_benchmark_is_refused():
    dataset = _takes(CMU_SKELETON, [400], "test", ["walking"], None, 120.0)
    for subject in ("test", None):
        with pytest.raises(ValueError, match="prepare h36m or cmu-expmap"):
            evaluate.evaluate_short_term(dataset, subject, 8, zero_velocity)
